import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { S3Error } from '../errors.js';
import {
  cannedAcl,
  type ObjectOperation,
  type Reply,
  requireKeyLength,
  requireRights,
  storedHeaders,
  unquote,
  writeCondition,
  xmlReply,
} from '../operation.js';
import { receiveBody, receiveRequestBody, receiveText } from '../receive-body.js';
import { parameterOf } from '../store-request.js';
import type { Part, Upload } from '../upload-files.js';
import { elementsOf, elementText } from '../xml.js';
import { openCopySource } from './copy-source.js';

const smallestPart = 5 * 1024 * 1024;

export function createUpload({ caller, context, bucket, key, headers }: ObjectOperation): Reply {
  requireRights(caller, 'write', context);
  requireKeyLength(key, context);
  const { id } = context.uploads.create({
    bucket,
    key,
    initiated: context.clock.now().toISOString(),
    acl: cannedAcl(headers.get('x-amz-acl'), context),
    headers: storedHeaders(headers),
  });
  return xmlReply([
    'InitiateMultipartUploadResult',
    [
      ['Bucket', bucket],
      ['Key', key],
      ['UploadId', id],
    ],
  ]);
}

/** UploadPart and UploadPartCopy. */
export async function uploadPart(operation: ObjectOperation): Promise<Reply> {
  const { request, caller, context, headers } = operation;
  requireRights(caller, 'write', context);
  const upload = requireUpload(operation);
  const number = Number(parameterOf(request, 'partNumber'));
  const valid = Number.isInteger(number) && number >= 1 && number <= 10_000;
  context.checks.ensure('part-number', valid, 'InvalidArgument', 'Part number must be an integer between 1 and 10000.');
  const copied = headers.has('x-amz-copy-source');
  const body = copied ? await receiveBody((await openCopySource(operation)).bytes, [], context) : await receiveRequestBody(operation);
  const part = { number, size: body.size, etag: body.md5, lastModified: context.clock.now().toISOString() };
  if (!context.uploads.find(upload.id)) {
    await rm(body.path, { force: true });
    throw new S3Error('NoSuchUpload', 'The upload ended while the part came.');
  }
  context.uploads.putPart(upload.id, part, body.path);
  const etag = `"${part.etag}"`;
  if (!copied) return { status: 200, headers: { etag } };
  return xmlReply([
    'CopyPartResult',
    [
      ['LastModified', part.lastModified],
      ['ETag', etag],
    ],
  ]);
}

export function listParts(operation: ObjectOperation): Reply {
  const { caller, context, bucket, key } = operation;
  requireRights(caller, 'read', context);
  const { id } = requireUpload(operation);
  const parts = context.uploads.parts(id).map(
    ({ number, etag, size, lastModified }) =>
      [
        'Part',
        [
          ['PartNumber', number],
          ['LastModified', lastModified],
          ['ETag', `"${etag}"`],
          ['Size', size],
        ],
      ] as const,
  );
  return xmlReply(['ListPartsResult', [['Bucket', bucket], ['Key', key], ['UploadId', id], ['IsTruncated', false], ...parts]]);
}

export async function completeUpload(operation: ObjectOperation): Promise<Reply> {
  const { request, caller, context, bucket, key, headers } = operation;
  requireRights(caller, 'write', context);
  const uploadId = parameterOf(request, 'uploadId') ?? '';
  const completed = context.objects.find(bucket, key);
  const xml = await receiveText(operation);
  if (completed?.uploadId === uploadId) return completedReply(bucket, key, completed.etag);
  const upload = requireUpload(operation);
  const parts = chosenParts(xml, operation, upload);
  const allow = writeCondition(headers, context);
  allow(completed);
  const body = await receiveBody(bytesOf(parts), [], context);
  const digests = Buffer.from(parts.map((part) => part.etag).join(''), 'hex');
  const etag = `${createHash('md5').update(digests).digest('hex')}-${parts.length}`;
  const lastModified = context.clock.now().toISOString();
  const record = { key, size: body.size, etag, lastModified, acl: upload.acl, headers: upload.headers, uploadId };
  context.objects.put(bucket, record, { path: body.path, allow });
  context.uploads.remove(upload.id);
  return completedReply(bucket, key, etag);
}

export function abortUpload(operation: ObjectOperation): Reply {
  requireRights(operation.caller, 'write', operation.context);
  operation.context.uploads.remove(requireUpload(operation).id);
  return { status: 204 };
}

/** An upload belongs to the key it was begun for: a URL for one key must not reach into the upload of another. */
function requireUpload({ request, context, bucket, key }: ObjectOperation): Upload {
  const upload = context.uploads.find(parameterOf(request, 'uploadId') ?? '');
  const refusal = 'The specified upload does not exist.';
  if (!upload) throw new S3Error('NoSuchUpload', refusal);
  context.checks.ensure('upload-exists', upload.bucket === bucket && upload.key === key, 'NoSuchUpload', refusal);
  return upload;
}

function chosenParts(xml: string, { context: { checks, uploads } }: ObjectOperation, upload: Upload): Part[] {
  const wanted = elementsOf(xml, 'Part').map((part) => ({
    number: Number(elementText(part, 'PartNumber')),
    etag: unquote(elementText(part, 'ETag') ?? ''),
  }));
  if (wanted.length === 0) throw new S3Error('MalformedXML', 'The XML lists no parts.');
  const ascending = wanted.every(({ number }, index) => index === 0 || number > wanted[index - 1]!.number);
  checks.ensure('part-order', ascending, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
  const there = new Map(uploads.parts(upload.id).map((part) => [part.number, part]));
  const parts = wanted.flatMap(({ number, etag }) => {
    const part = there.get(number);
    checks.ensure('part-known', part?.etag === etag, 'InvalidPart', 'A part is not there, or has another ETag.');
    return part ?? [];
  });
  const large = parts.slice(0, -1).every((part) => part.size >= smallestPart);
  checks.ensure('part-size', large, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size.');
  return parts;
}

async function* bytesOf(parts: readonly Part[]): AsyncGenerator<Buffer> {
  for (const { path } of parts) yield* createReadStream(path) as AsyncIterable<Buffer>;
}

function completedReply(bucket: string, key: string, etag: string): Reply {
  return xmlReply([
    'CompleteMultipartUploadResult',
    [
      ['Bucket', bucket],
      ['Key', key],
      ['ETag', `"${etag}"`],
    ],
  ]);
}
