import { S3Error } from '../errors.js';
import type { ObjectRecord } from '../object-files.js';
import { type ObjectOperation, requireBucket, requireRights, unquote } from '../operation.js';
import { decodeUri } from '../uri.js';

/** The object `x-amz-copy-source` names, if it is still the one the condition names, and its bytes or the range of them that is asked for. */
export async function openCopySource({
  caller,
  context,
  headers,
}: ObjectOperation): Promise<{ record: ObjectRecord; bytes: AsyncIterable<Buffer> }> {
  requireRights(caller, 'read', context);
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeUri(headers.get('x-amz-copy-source') ?? '')) ?? [];
  if (bucket === undefined || key === undefined) throw new S3Error('InvalidArgument', 'x-amz-copy-source must be BUCKET/KEY.');
  requireBucket(bucket, context);
  const found = await context.objects.open(bucket, key);
  if (!found) throw new S3Error('NoSuchKey', 'The source of the copy does not exist.');
  const { record, handle } = found;
  const refuse = async (fault: S3Error): Promise<never> => {
    await handle.close();
    throw fault;
  };
  const ifMatch = headers.get('x-amz-copy-source-if-match');
  const same = ifMatch === undefined || unquote(ifMatch) === record.etag;
  if (!same && context.checks.enabled('copy-if-match'))
    await refuse(new S3Error('PreconditionFailed', 'The source of the copy is another object by now.'));
  const range = headers.get('x-amz-copy-source-range');
  const parts = /^bytes=(\d+)-(\d+)$/.exec(range ?? `bytes=0-${record.size - 1}`);
  const [start, end] = [Number(parts?.[1] ?? 0), Number(parts?.[2] ?? -1)];
  if (range !== undefined && (!parts || start > end || end >= record.size))
    await refuse(new S3Error('InvalidRange', 'The range is not inside the source of the copy.'));
  return { record, bytes: handle.createReadStream({ start, end: Math.max(start, end) }) };
}
