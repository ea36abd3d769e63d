import { S3Error } from '../errors.js';
import {
  cannedAcl,
  type ObjectOperation,
  type Reply,
  requireKeyLength,
  requireRights,
  storedHeaders,
  writeCondition,
  xmlReply,
} from '../operation.js';
import { receiveBody, receiveRequestBody } from '../receive-body.js';
import { openCopySource } from './copy-source.js';

/** PutObject. */
export async function putObject(operation: ObjectOperation): Promise<Reply> {
  const { caller, context, bucket, key, headers } = operation;
  requireRights(caller, 'write', context);
  requireKeyLength(key, context);
  const acl = cannedAcl(headers.get('x-amz-acl'), context);
  const allow = writeCondition(headers, context);
  allow(context.objects.find(bucket, key));
  const body = await receiveRequestBody(operation);
  const record = {
    key,
    size: body.size,
    etag: body.md5,
    lastModified: context.clock.now().toISOString(),
    acl,
    headers: storedHeaders(headers),
  };
  context.objects.put(bucket, record, { path: body.path, allow });
  return { status: 200, headers: { etag: `"${record.etag}"` } };
}

/** CopyObject, from an object the caller may read. */
export async function copyObject(operation: ObjectOperation): Promise<Reply> {
  const { caller, context, bucket, key, headers } = operation;
  requireRights(caller, 'write', context);
  requireKeyLength(key, context);
  const source = await openCopySource(operation);
  const directive = headers.get('x-amz-metadata-directive') ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') throw new S3Error('InvalidArgument', 'Unknown metadata directive.');
  const body = await receiveBody(source.bytes, [], context);
  const record = {
    key,
    size: body.size,
    etag: body.md5,
    lastModified: context.clock.now().toISOString(),
    acl: cannedAcl(headers.get('x-amz-acl'), context),
    headers: directive === 'REPLACE' ? storedHeaders(headers) : source.record.headers,
  };
  context.objects.put(bucket, record, { path: body.path });
  return xmlReply([
    'CopyObjectResult',
    [
      ['LastModified', record.lastModified],
      ['ETag', `"${record.etag}"`],
    ],
  ]);
}

/** DeleteObject: there or not, afterwards it is gone. */
export function deleteObject({ caller, context, bucket, key }: ObjectOperation): Reply {
  requireRights(caller, 'write', context);
  requireKeyLength(key, context);
  context.objects.remove(bucket, key);
  return { status: 204 };
}
