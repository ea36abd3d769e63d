import type { AuthorizedTarget, TargetFacts } from './presigner.js';

/**
 * Creates multipart uploads at the store, in this process.
 *
 * Contract: one request for one target of `create_multipart_upload`; throws `upload-unsafe` where parts could not be signed as
 * `partsSignedWith` says, `storage-unavailable` or `storage-refused` when the store gives no upload id.
 */
export interface UploadStarter {
  start(target: AuthorizedTarget, terms: { readonly now: Date; readonly partsSignedWith: TargetFacts['signWith'] }): Promise<string>;
}
