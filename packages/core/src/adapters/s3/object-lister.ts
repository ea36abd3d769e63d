import { BulkResultBuilder, bulkMap, type ObjectKey } from '../../domain/index.js';
import { DiracS3Error, failure, failureOf, type Failure } from '../../errors/index.js';
import { fewestListed, type Clock, type CredentialsProvider, type ListedObject, type ObjectLister } from '../../ports/index.js';
import { compareKeys, later, placeBefore } from './key-order.js';
import type { ListingPage } from './listing-document.js';
import { createListingRequests, type PageQuestion } from './listing-requests.js';

export interface ObjectListerOptions {
  readonly credentials: CredentialsProvider;
  readonly clock: Clock;
  /** Entries of a page at most: 1 to 1000, which is the most S3 gives, and the default. */
  readonly pageKeys?: number;
}

/**
 * Entries of a page for each name that is still open. Mostly nothing else stands between them, and the first page ends with the last of them: Ceph looks
 * up each object of a listing that is being written just then, one by one, as the next names of the same upload are. Then others do stand there, and a
 * page of ten names is no longer than that is worth.
 */
const entriesPerKey = { first: 1, later: 10 };
/** Directories that are listed for one question: those of which most names are asked for. */
const mostDirectories = 16;
/** Directories listed at a time. */
const parallelListings = 4;

/**
 * Lists by ListObjectsV2, signed by this process. Each page begins at the first key that is not decided yet, so that whatever else is in a
 * directory costs little; what is in sub-directories, a row for each of them.
 */
export function createObjectLister({ credentials, clock, pageKeys = 1000 }: ObjectListerOptions): ObjectLister & { close(): void } {
  const requests = createListingRequests({ credentials, clock });
  return {
    async list(place, keys) {
      const answer = new BulkResultBuilder<ListedObject | undefined, ObjectKey>(keys);
      const { worthIt, rest } = directoriesOf(answer.pending());
      rest.forEach((fault, key) => answer.fail(key, fault));
      // A store that refuses or does not answer one listing is not asked for the others.
      let broken: Failure | undefined;
      await bulkMap(
        worthIt.keys(),
        async (prefix) => {
          const wanted = worthIt.get(prefix)!;
          const listing = new DirectoryListing(prefix, wanted, pageKeys);
          try {
            if (broken === undefined) await listing.read((question) => requests.page(place, question));
          } catch (thrown) {
            broken ??= failureOf(thrown, 'storage-unavailable');
          }
          for (const key of wanted) {
            const told = listing.told(key) ?? {
              fault: broken ?? failure('too-many-items', `/${key}: too much is stored before it to list`),
            };
            if ('fault' in told) answer.fail(key, told.fault);
            else answer.succeed(key, told.object);
          }
        },
        { parallel: parallelListings },
      );
      return answer.build();
    },
    close: () => requests.close(),
  };
}

/** Names with others between them need more pages than their number tells; beyond twice of it HEADs are cheaper. The first page, a short one, is not of these. */
function mostPages(keys: number, pageKeys: number): number {
  return 3 + 2 * Math.ceil(keys / pageKeys);
}

interface Directories {
  /** Keys by prefix: the name of their directory with its slash. */
  readonly worthIt: ReadonlyMap<string, readonly ObjectKey[]>;
  readonly rest: ReadonlyMap<ObjectKey, Failure>;
}

/** Which directories are worth a listing. */
function directoriesOf(keys: readonly ObjectKey[]): Directories {
  const all = new Map<string, ObjectKey[]>();
  for (const key of keys) {
    const prefix = key.slice(0, key.lastIndexOf('/') + 1);
    const known = all.get(prefix);
    if (known === undefined) all.set(prefix, [key]);
    else known.push(key);
  }
  const full = [...all].filter(([, { length }]) => length >= fewestListed).sort(([, one], [, other]) => other.length - one.length);
  const worthIt = new Map(full.slice(0, mostDirectories));
  const rest = new Map<ObjectKey, Failure>();
  for (const [prefix, names] of all) {
    if (worthIt.has(prefix)) continue;
    for (const key of names)
      rest.set(
        key,
        names.length < fewestListed
          ? failure('unsupported-operation', `/${key}: too few names of its directory were asked for to list it`)
          : failure('too-many-items', `/${key}: names of more than ${mostDirectories} directories were asked for`),
      );
  }
  return { worthIt, rest };
}

type Told = { readonly object: ListedObject | undefined } | { readonly fault: Failure };

/** What listings tell of some keys of one directory. */
class DirectoryListing {
  readonly #prefix: string;
  /** In the order of the listing. */
  readonly #wanted: readonly ObjectKey[];
  readonly #pageKeys: number;
  readonly #told = new Map<ObjectKey, Told>();

  constructor(prefix: string, keys: readonly ObjectKey[], pageKeys: number) {
    this.#prefix = prefix;
    this.#wanted = [...keys].sort(compareKeys);
    this.#pageKeys = pageKeys;
  }

  /** Undefined where no page has come to the place of the key. */
  told(key: ObjectKey): Told | undefined {
    return this.#told.get(key);
  }

  /** @throws storage-unavailable, storage-refused; what was read before is told */
  async read(pageOf: (question: PageQuestion) => Promise<ListingPage>): Promise<void> {
    let passed = '';
    const most = mostPages(this.#wanted.length, this.#pageKeys);
    for (let pages = 0; pages < most; pages += 1) {
      const next = this.#wanted[this.#told.size];
      if (next === undefined) return;
      const perKey = pages === 0 ? entriesPerKey.first : entriesPerKey.later;
      const maxKeys = Math.min(this.#pageKeys, perKey * (this.#wanted.length - this.#told.size));
      const page = await pageOf({ prefix: this.#prefix, startAfter: later(placeBefore(next), passed), maxKeys });
      this.#take(page);
      if (page.passed === undefined) return;
      if (compareKeys(page.passed, passed) <= 0) throw new DiracS3Error('storage-unavailable', 'the listing does not go on');
      passed = page.passed;
    }
  }

  #take({ objects, unclear, passed }: ListingPage): void {
    for (const key of this.#wanted.slice(this.#told.size)) {
      if (passed !== undefined && compareKeys(key, passed) > 0) return;
      this.#told.set(key, unclear.has(key) ? { fault: blankOrPlus(key) } : { object: objects.get(key) });
    }
  }
}

function blankOrPlus(key: ObjectKey): Failure {
  return failure('unsupported-operation', `/${key}: the listing does not tell blanks and pluses apart`);
}
