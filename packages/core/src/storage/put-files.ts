import { maxUploadBytes, singleResult, type BulkResult, type Lfn } from '../domain/index.js';
import { statOf } from '../local-files/index.js';
import { transferEach } from './batches.js';
import { NoMultipart } from './multipart-begin.js';
import type { MultipartOptions } from './multipart-work.js';
import { putGroup } from './put-group.js';
import { putMultipart } from './put-multipart.js';
import { putReplica } from './put-replica.js';
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
  if (multipart === undefined || upload === undefined || uploads.length > 1) return putGroup(tools, uploads, options);
  const { source } = upload;
  const sizeBytes = await sizeOf(source);
  if ('stream' in source || sizeBytes <= tools.partBytes) return putGroup(tools, uploads, options);
  const parts = { ...tools, multipart, retry: longer(tools.retry) };
  return transferEach([upload.lfn], options, async () => {
    try {
      if ('path' in source) return await putMultipart(parts, { ...upload, source }, options);
      return await putReplica(parts, { ...upload, source }, options);
    } catch (thrown) {
      if (!(thrown instanceof NoMultipart) || sizeBytes > maxUploadBytes) throw thrown;
      return singleResult(await putGroup(tools, uploads, options));
    }
  });
}

/** A stream has none until it is spooled, nor has what is not there. */
async function sizeOf(source: Upload['source']): Promise<number> {
  if ('replica' in source) return source.replica.sizeBytes;
  const facts = 'path' in source ? await statOf(source.path).catch(() => undefined) : undefined;
  return facts?.size ?? 0;
}
