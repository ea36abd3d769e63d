import type { ObjectKey } from '../domain/index.js';
import type { TargetFacts } from './presigner.js';

/** An upload in parts that was begun, and neither completed nor aborted. */
export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** As the store says. */
  readonly begunAt: Date;
}

/**
 * Looks for uploads in parts at the store, in this process (ListMultipartUploads). It knows nothing of users: what it finds is for whoever
 * asks for it to judge.
 *
 * Contract: finds every unfinished upload of this key and of keys below it (`key/…`) in one bucket; throws `too-many-items` beyond
 * `most`, and `storage-unavailable` or `storage-refused` when the store cannot be asked.
 */
export interface UploadFinder {
  find(
    place: Pick<TargetFacts, 'storageElement' | 'bucket'> & { readonly key: ObjectKey },
    most: number,
  ): Promise<readonly UnfinishedUpload[]>;
}
