import type { HttpAnswer } from '../http/index.js';
import { getRanges } from './get-ranges.js';
import { refuseTaken } from './landing-file.js';
import { metadataOf } from './object-metadata.js';
import { openObject } from './object-requests.js';
import type { RateLimit } from './rate-limit.js';
import { receiveObject, refuseSize } from './receive-object.js';
import { withRetries } from './retry.js';
import { longer, type S3Tools } from './s3-tools.js';
import type { SignedUrls } from './signed-urls.js';
import type { Download, ObjectMetadata, ReceivedFile, TransferOptions } from './types.js';

/** One download; a whole one again when the store failed in the middle. */
export async function getObject(
  tools: S3Tools,
  download: Download,
  {
    urls,
    signal,
    onProgress,
    onWarning,
    resumable = true,
    rate,
  }: TransferOptions & { readonly urls: SignedUrls; readonly rate: RateLimit },
): Promise<ReceivedFile> {
  const { lfn, path, overwrite = false, expected = {} } = download;
  await refuseTaken(path, { overwrite });
  return withRetries(async () => {
    const answer = await urls.use(lfn, (signed) => openObject(tools, lfn, { signed, signal }));
    const progress = onProgress && { onProgress };
    const large = largeObjectOf(answer, tools.rangeBytes);
    if (large === undefined)
      return receiveObject(answer, download, { unique: tools.newUnique(), rate, ...(signal && { signal }), ...progress });
    // Its size and ETag were wanted; the bytes come in ranges.
    answer.destroy();
    refuseSize(lfn, large.sizeBytes, expected.sizeBytes);
    const more = { resumable, ...(signal && { signal }), ...(onWarning && { onWarning }), ...progress };
    return getRanges({ ...tools, retry: longer(tools.retry) }, download, { stored: large, rate, ...more });
  }, tools.retry);
}

/** What is to be fetched in ranges: large, and with an ETag that tells its bytes from others. */
function largeObjectOf(answer: HttpAnswer, rangeBytes: number): (ObjectMetadata & { readonly etag: string }) | undefined {
  const length = Number(answer.headers['content-length']);
  const { etag } = answer.headers;
  if (!(length > rangeBytes) || etag === undefined || !/^"[^"]+"$/.test(etag)) return undefined;
  return { ...metadataOf(answer), etag };
}
