import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientCertificate } from '../../dirac-protocol/index.js';
import { DiracS3Error } from '../../errors/index.js';
import type { Clock } from '../../ports/index.js';
import { decodePem, encodePem, parseProxyFile } from '../../x509/index.js';
import type { GridCredentialPlaces } from './grid-credentials.js';
import { readPrivateFile } from './private-file.js';

/** What a client of DIRAC services shows. */
export interface GridCertificate {
  readonly certificate: ClientCertificate;
  /** True for a host certificate: it counts as such only when the client says so. */
  readonly asHost: boolean;
  /** The same certificates in DER. */
  readonly chain: readonly Uint8Array[];
  /** End of validity: a chain is as good as its shortest part. */
  readonly notAfter: Date;
  /** The file it was read from. */
  readonly file: string;
}

export interface ReadGridCredentialsOptions {
  readonly userId: number | undefined;
  readonly clock: Clock;
}

/**
 * Reads the first proxy or host certificate there is; undefined where a token is to be sent instead.
 *
 * @throws unauthenticated: there is none, it is expired, or others can read it
 */
export async function readGridCertificate(
  places: GridCredentialPlaces,
  { userId, clock }: ReadGridCredentialsOptions,
): Promise<GridCertificate | undefined> {
  if (places.show === 'token') return undefined;
  return places.show === 'proxy' ? readFirstProxy(places, { userId, clock }) : inTime(await readHost(places), clock);
}

async function readFirstProxy({ proxyFiles }: GridCredentialPlaces, options: ReadGridCredentialsOptions): Promise<GridCertificate> {
  for (const place of proxyFiles) {
    const proxy = await readProxy(place, options);
    if (proxy !== undefined) return proxy;
  }
  const tried = proxyFiles.map(({ path }) => path).join(', ');
  throw new DiracS3Error('unauthenticated', `there is no proxy (looked for ${tried || 'none: this platform has no user ids'})`);
}

/**
 * The proxy in a file; undefined when there is no such file.
 *
 * @throws unauthenticated: it is expired, malformed, somebody else's, or others can read it; the message names the file and the fault
 */
export async function readProxy(
  { path, named }: GridCredentialPlaces['proxyFiles'][number],
  { userId, clock }: ReadGridCredentialsOptions,
): Promise<GridCertificate | undefined> {
  const pem = await readPrivateFile(path, { what: 'the proxy', owner: userId, closed: 0o077, named });
  return pem === undefined ? undefined : inTime({ ...parsePem(pem, path), asHost: false }, clock);
}

function inTime(found: GridCertificate, clock: Clock): GridCertificate {
  const { file, notAfter } = found;
  if (notAfter.getTime() > clock.now().getTime()) return found;
  throw new DiracS3Error('unauthenticated', `the certificate in ${file} is out of date since ${notAfter.toISOString()}`);
}

async function readHost({ hostCertificates }: GridCredentialPlaces): Promise<GridCertificate> {
  for (const { certFile, keyFile } of hostCertificates) {
    const key = await readPrivateFile(keyFile, { what: 'the key', closed: 0o007, named: true });
    const cert = key === undefined ? undefined : await readPlain(certFile);
    if (key !== undefined && cert !== undefined)
      return { ...parsePem(certFile === keyFile ? key : `${cert}\n${key}`, certFile), asHost: true };
  }
  const tried = hostCertificates.map(({ certFile }) => certFile).join(', ');
  throw new DiracS3Error(
    'unauthenticated',
    `there is no host certificate with its key (looked for ${tried || 'none: no place is configured'})`,
  );
}

/**
 * PEM of every authority in a directory of hashed names (`<hash>.0`); files that hold no certificate are passed over. The first of the
 * directories that exists counts, as in DIRAC.
 *
 * @throws unauthenticated when there is none, or nothing in it
 */
export async function readAuthorities({ authorityDirectories }: GridCredentialPlaces): Promise<readonly string[]> {
  for (const directory of authorityDirectories) {
    const names = await readdir(directory).catch(() => undefined);
    if (names === undefined) continue;
    const texts = await Promise.all(names.filter((name) => /\.\d$/.test(name)).map((name) => readPlain(join(directory, name))));
    const authorities = [...new Set(texts.flatMap((text) => certificatesOf(text ?? '')))].filter(isCertificate);
    if (authorities.length > 0) return authorities;
    throw new DiracS3Error('unauthenticated', `the directory of certificate authorities ${directory} has none (<hash>.0)`);
  }
  throw new DiracS3Error(
    'unauthenticated',
    `there is no directory of certificate authorities (looked for ${authorityDirectories.join(', ')})`,
  );
}

function certificatesOf(text: string): string[] {
  const found = decodePem(text, 'CERTIFICATE');
  return typeof found === 'string' ? [] : found.map((der) => encodePem('CERTIFICATE', der));
}

async function readPlain(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** The certificates in their order and the one key, which is that of the first. */
function parsePem(pem: string, file: string): Pick<GridCertificate, 'certificate' | 'chain' | 'notAfter' | 'file'> {
  try {
    const { certificatesPem, keyPem, chain, notAfter } = parseProxyFile(pem);
    return { certificate: { certChainPem: certificatesPem, keyPem }, chain, notAfter, file };
  } catch (thrown) {
    if (!(thrown instanceof DiracS3Error)) throw thrown;
    throw new DiracS3Error('unauthenticated', `${file} cannot be used: ${thrown.message}`);
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== '';
  } catch {
    return false;
  }
}
