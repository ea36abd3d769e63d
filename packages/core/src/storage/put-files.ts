import { stat } from 'node:fs/promises';
import { maxUploadBytes, singleResult, type BulkResult, type Lfn } from '../domain/index.js';
import { transferEach } from './batches.js';
import { NoMultipart } from './multipart-begin.js';
import type { MultipartOptions } from './multipart-work.js';
import { putGroup } from './put-group.js';
import { putMultipart } from './put-multipart.js';
import { longer, type S3Tools } from './s3-tools.js';
import type { StoredObject, Upload } from './types.js';

/** A large file goes in parts, where they are permitted; everything else in one request per file. */
export async function putFiles(
  tools: S3Tools,
  uploads: readonly Upload[],
  options: MultipartOptions,
): Promise<BulkResult<StoredObject, Lfn>> {
  const { multipart } = tools;
  const [upload] = uploads;
  if (multipart === undefined || upload === undefined || uploads.length > 1 || !('path' in upload.source))
    return putGroup(tools, uploads, options);
  const { source } = upload;
  const facts = await stat(source.path).catch(() => undefined);
  if (facts === undefined || facts.size <= tools.partBytes) return putGroup(tools, uploads, options);
  const { lfn } = upload;
  const inParts = (): Promise<StoredObject> =>
    putMultipart({ ...tools, multipart, retry: longer(tools.retry) }, { ...upload, source }, options);
  const result = await transferEach([lfn], options, async () => {
    try {
      return await inParts();
    } catch (thrown) {
      if (!(thrown instanceof NoMultipart) || facts.size > maxUploadBytes) throw thrown;
      return singleResult(await putGroup(tools, uploads, options));
    }
  });
  return result;
}
