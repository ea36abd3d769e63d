import type { BulkResult, Lfn } from '../domain/index.js';

/** What a listing of the store says of an object. */
export interface ListedObject {
  readonly sizeBytes: number;
  /** Without quotes, as the store gives it: of an object sent by one PUT its MD5 at most stores, of one sent in parts never. */
  readonly etag: string;
}

/** Fewer names of a directory are not listed: a page of a listing takes a store as long as several HEADs. */
export const fewestListed = 4;

/**
 * What is stored under many names, by a few listings of their directories instead of one HEAD per name; in this process (direct access) or
 * by the gateway.
 *
 * Contract:
 * - answers each name with what is stored under it, or with undefined where nothing is: then a listing passed its place;
 * - a failure says that the listing does not tell: ask for that name alone (HEAD). Names that are few in their directory fail so
 *   (`unsupported-operation`), and those a listing would take too long to reach (`too-many-items`);
 * - permission is asked as for `head_object`; a name that is not permitted fails with the refusal;
 * - throws when the whole request fails, as `UrlSource.presign` does.
 */
export interface StoredObjects {
  listed(storageElement: string, lfns: readonly Lfn[]): Promise<BulkResult<ListedObject | undefined, Lfn>>;
}
