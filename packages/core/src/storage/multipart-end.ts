import type { NewMultipartUpload } from '../ports/index.js';
import { completeUpload } from './multipart-requests.js';
import { headOf } from './multipart-work.js';
import type { RequestTools } from './object-requests.js';
import { differenceOf, type PutOptions } from './put-group.js';
import { mayPassLater } from './retry-transfer.js';
import { withRetries } from './retry.js';
import { isRefusal } from './s3-error.js';
import type { UploadSession } from './upload-session.js';

/** What the parts of an upload make together. */
export type WholeObject = Omit<NewMultipartUpload, 'partBytes' | 'copied'>;

export interface MultipartEnd {
  readonly session: UploadSession;
  readonly parts: readonly { readonly number: number; readonly etag: string }[];
  readonly object: WholeObject;
}

/** Makes an object of the parts. */
export async function endMultipart(
  tools: RequestTools,
  { session, parts, object }: MultipartEnd,
  { signal, heads }: Pick<PutOptions, 'signal' | 'heads'>,
): Promise<void> {
  const { lfn } = object;
  const url = session.url('complete_multipart_upload', lfn);
  try {
    const complete = (): Promise<void> => url.use((signed) => completeUpload(tools.http, lfn, { signed, signal, parts }));
    await withRetries(complete, { ...tools.retry, signal }, mayPassLater);
  } catch (thrown) {
    // The answer may be lost of an end that was reached: then what the store has decides.
    if (signal?.aborted === true) throw thrown;
    const stored = await headOf(tools, { upload: object, options: { heads } }).catch((fault: unknown) => {
      // An upload that is gone was ended or is lost: until the store says which, it can be called neither.
      throw isRefusal(thrown, 'NoSuchUpload') ? fault : thrown;
    });
    if (stored === undefined || differenceOf(lfn, object, stored) !== undefined) throw thrown;
  }
}
