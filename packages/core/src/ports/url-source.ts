import type { BulkResult, Presigned, PresignRequest } from '../domain/index.js';

/**
 * Where a storage client gets its URLs: signed in this process (direct access) or by the gateway. The one seam between
 * the two ways in; everything after it is the same.
 *
 * Contract: answers every item of the request under its LFN as asked; throws when the whole request fails.
 */
export interface UrlSource {
  presign(request: PresignRequest): Promise<BulkResult<Presigned>>;
}
