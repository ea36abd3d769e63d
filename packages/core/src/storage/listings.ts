import type { Lfn } from '../domain/index.js';
import type { ErrorCode } from '../errors/index.js';
import { fewestListed, type ListedObject, type StoredObjects } from '../ports/index.js';

/** What says of the store, or of the way to it, that it does not list. */
const noListings: ReadonlySet<ErrorCode> = new Set(['storage-refused', 'storage-unavailable', 'timeout']);

/** What listings tell of many names. Once one has failed as a whole none is asked for any more: each would be waited for as long. */
export class Listings {
  readonly #storageElement: string;
  #objects: StoredObjects | undefined;

  constructor(storageElement: string, objects: StoredObjects | undefined) {
    this.#storageElement = storageElement;
    this.#objects = objects;
  }

  /** Names it does not have are to be asked for one by one. */
  async of(lfns: readonly Lfn[]): Promise<ReadonlyMap<Lfn, ListedObject | undefined>> {
    if (this.#objects === undefined || lfns.length < fewestListed) return new Map();
    try {
      const { successful, failed } = await this.#objects.listed(this.#storageElement, lfns);
      if (successful.size === 0 && [...failed.values()].every(({ code }) => noListings.has(code))) this.#objects = undefined;
      return successful;
    } catch {
      this.#objects = undefined;
      return new Map();
    }
  }
}
