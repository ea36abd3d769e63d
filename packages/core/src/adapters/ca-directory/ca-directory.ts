import { DiracS3Error } from '../../errors/index.js';
import type { Clock, Logger } from '../../ports/index.js';
import { createTrustStore, encodePem, type TrustStore } from '../../x509/index.js';
import { codeOf, readTrustFiles, type TrustFile } from './trust-files.js';

export interface CaDirectoryOptions {
  /** The directory, usually `/etc/grid-security/certificates`. */
  readonly path: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The directory is looked at again, on demand, when the last look is at least this many seconds old. Default 60. */
  readonly checkIntervalSeconds?: number;
}

/**
 * A grid CA directory with hashed names: authorities `<hash>.<n>`, revocation lists `<hash>.r<n>`, in PEM or DER. It follows the
 * directory without a restart. What cannot be used is logged; a file that was good before keeps its last contents, and the whole keeps
 * its last good state when the directory cannot be read or holds no authority any more.
 */
export interface CaDirectory {
  /** The trust store as of the last look. Rejects with `invalid-configuration` as long as there never was a good one. */
  current(): Promise<TrustStore>;
  /** PEM of every usable authority, roots and intermediates, for the `ca` option of TLS clients. Rejects as `current` does. */
  authoritiesPem(): Promise<string>;
  /** When the state in force was read, and why the directory as it is could not replace it (undefined: it did). */
  status(): { readonly loadedAt: Date | undefined; readonly fault: string | undefined };
}

interface Loaded {
  readonly store: TrustStore;
  readonly pem: string;
  readonly files: ReadonlyMap<string, TrustFile>;
  readonly at: Date;
}

export function createCaDirectory(options: CaDirectoryOptions): CaDirectory {
  const follower = new DirectoryFollower(options);
  return {
    current: async () => (await follower.loaded()).store,
    authoritiesPem: async () => (await follower.loaded()).pem,
    status: () => ({ loadedAt: follower.state?.at, fault: follower.fault }),
  };
}

class DirectoryFollower {
  readonly #options: CaDirectoryOptions;
  #checkedAt = -Infinity;
  #checking: Promise<void> | undefined;
  state: Loaded | undefined;
  fault: string | undefined;

  constructor(options: CaDirectoryOptions) {
    this.#options = options;
  }

  /** One look at a time, whoever asks. */
  async loaded(): Promise<Loaded> {
    const { clock, path, checkIntervalSeconds = 60 } = this.#options;
    const age = clock.now().getTime() - this.#checkedAt;
    // A clock set back must not stop the looking.
    if (this.#checking || age >= checkIntervalSeconds * 1000 || age < 0) {
      this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
      await this.#checking;
    }
    if (!this.state) throw new DiracS3Error('invalid-configuration', `CA directory ${path}: ${this.fault ?? 'never read'}`);
    return this.state;
  }

  async #check(): Promise<void> {
    const { path, clock } = this.#options;
    const now = clock.now();
    try {
      const files = await readTrustFiles(path, this.state?.files ?? new Map<string, TrustFile>());
      if (!this.state || isChanged(files, this.state.files)) this.#load(files, now);
      else this.#report(undefined);
    } catch (error) {
      this.#report(`it cannot be read (${codeOf(error)})`);
    }
    this.#checkedAt = now.getTime();
  }

  #load(files: ReadonlyMap<string, TrustFile>, at: Date): void {
    const { logger, path } = this.#options;
    const authorities = distinct(files, 'authority');
    if (authorities.length === 0) {
      this.#report('it holds no usable authority');
      return;
    }
    for (const [file, { fault, contents }] of files) {
      if (fault !== undefined)
        logger.warn({ path, file, fault, previousInForce: contents.length > 0 }, 'a file of the CA directory is unusable');
    }
    const revocations = distinct(files, 'revocation');
    const store = createTrustStore({ authorities, revocations, unreadableRevocationsOf: withoutList(files) });
    this.state = { store, pem: authorities.map((der) => encodePem('CERTIFICATE', der)).join(''), files, at };
    logger.info({ path, authorities: store.authorityCount, revocationLists: store.revocationCount }, 'CA directory read');
    this.#report(undefined);
  }

  /** A fault is said when it comes and when it goes, not at every look. */
  #report(fault: string | undefined): void {
    const { logger, path } = this.#options;
    if (fault !== undefined && fault !== this.fault)
      logger.error({ path, fault, lastGood: this.state?.at }, 'the CA directory cannot be used');
    this.fault = fault;
  }
}

function isChanged(files: ReadonlyMap<string, TrustFile>, before: ReadonlyMap<string, TrustFile>): boolean {
  return files.size !== before.size || [...files].some(([name, file]) => file.stamp !== before.get(name)?.stamp);
}

/** Directories list each authority under two hashes, OpenSSL's old and new: once is enough. */
function distinct(files: ReadonlyMap<string, TrustFile>, kind: TrustFile['kind']): Uint8Array[] {
  const all = [...files.values()].filter((file) => file.kind === kind).flatMap(({ contents }) => contents);
  return [...new Map(all.map((der) => [Buffer.from(der).toString('latin1'), der])).values()];
}

/** Authorities, by their hash, of lists that are there and were never readable. */
function withoutList(files: ReadonlyMap<string, TrustFile>): Uint8Array[] {
  const hashOf = (name: string) => name.slice(0, 8);
  const broken = new Set(
    [...files].filter(([, { kind, contents }]) => kind === 'revocation' && contents.length === 0).map(([name]) => hashOf(name)),
  );
  return [...files].filter(([name, { kind }]) => kind === 'authority' && broken.has(hashOf(name))).flatMap(([, { contents }]) => contents);
}
