import type { BulkResult, ObjectKey } from '../domain/index.js';
import type { TargetFacts } from './presigner.js';
import type { ListedObject } from './stored-objects.js';

/**
 * Lists directories of a bucket, in this process (ListObjectsV2), for the keys that are asked about and no others. It knows nothing of users:
 * whoever asks has decided about each key.
 *
 * Contract: answers each key once: with its object, or with undefined where a listing passed its place without it. Whatever a listing does
 * not tell for certain is a failure, never "absent": `unsupported-operation` and `too-many-items` where listing is not worth it,
 * `storage-unavailable` and `storage-refused` when the store cannot be asked or its answer is not as S3's.
 */
export interface ObjectLister {
  list(
    place: Pick<TargetFacts, 'storageElement' | 'bucket'>,
    keys: readonly ObjectKey[],
  ): Promise<BulkResult<ListedObject | undefined, ObjectKey>>;
}
