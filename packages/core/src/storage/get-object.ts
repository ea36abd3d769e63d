import { fetchObject } from './fetch-object.js';
import { getRanges } from './get-ranges.js';
import { refuseTaken } from './landing-file.js';
import type { RateLimit } from './rate-limit.js';
import { refuseSize } from './receive-object.js';
import { withRetries } from './retry.js';
import { longer, type S3Tools } from './s3-tools.js';
import type { SignedUrls } from './signed-urls.js';
import type { Download, ReceivedFile, TransferOptions } from './types.js';

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
  const watched = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return withRetries(
    async () => {
      const options = { unique: tools.newUnique(), rate, ...watched };
      const fetched = await urls.use(lfn, (signed) => fetchObject({ tools, download, signed, options }));
      if (!('large' in fetched)) return fetched;
      refuseSize(lfn, fetched.large.sizeBytes, expected.sizeBytes);
      const more = { resumable, ...watched, ...(onWarning && { onWarning }) };
      return getRanges({ ...tools, retry: longer(tools.retry) }, download, { stored: fetched.large, rate, ...more });
    },
    { ...tools.retry, signal },
  );
}
