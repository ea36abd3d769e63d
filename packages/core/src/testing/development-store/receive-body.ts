import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Caller } from './authenticate.js';
import { decodeAwsChunked } from './aws-chunked.js';
import type { CheckName } from './checks.js';
import { checksumDigest, type Digest, hashDigest } from './digests.js';
import { S3Error, type S3ErrorCode } from './errors.js';
import type { StoreContext } from './store-context.js';
import type { StoreRequest } from './store-request.js';

/** A body that is complete, verified and on the disk; whoever receives it moves or removes the file. */
export interface ReceivedBody {
  readonly path: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
}

/** What a sender said of a body. */
export interface Expectation {
  readonly digest: Digest;
  readonly expected: Buffer;
  readonly check: CheckName;
  readonly code: S3ErrorCode;
  readonly message: string;
}

/** The body of a PUT: unframed if need be, compared with everything its headers say. */
export async function receiveRequestBody(
  request: StoreRequest,
  caller: Caller,
  { context, headers }: { context: StoreContext; headers: ReadonlyMap<string, string> },
): Promise<ReceivedBody> {
  const { checks } = context;
  const streaming = caller.payloadHash.startsWith('STREAMING-');
  const length = request.headers.get(streaming ? 'x-amz-decoded-content-length' : 'content-length');
  checks.ensure('content-length', length !== undefined, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  const framed = (request.headers.get('content-encoding') ?? '').split(',').some((coding) => coding.trim() === 'aws-chunked');
  checks.ensure(
    'raw-chunks',
    streaming || !framed,
    'NotImplemented',
    'A body framed as aws-chunked must be declared in x-amz-content-sha256.',
  );
  const source = streaming ? decodeAwsChunked(request, caller, context) : request.body;
  const expectations = expectationsOf(headers);
  if (/^[0-9a-f]{64}$/.test(caller.payloadHash)) {
    expectations.push({
      digest: hashDigest('sha256'),
      expected: Buffer.from(caller.payloadHash, 'hex'),
      check: 'content-sha256',
      code: 'XAmzContentSHA256Mismatch',
      message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
    });
  }
  return receiveBody(source, expectations, context);
}

/** Headers of a request, or fields of a form, that say what the body is. */
export function expectationsOf(headers: ReadonlyMap<string, string>): Expectation[] {
  const expectations: Expectation[] = [];
  for (const [name, value] of headers) {
    const md5 = name === 'content-md5';
    if (!md5 && !/^x-amz-checksum-(?!algorithm$|mode$|type$)/.test(name)) continue;
    expectations.push({
      digest: md5 ? hashDigest('md5') : checksumDigest(name),
      expected: Buffer.from(value, 'base64'),
      check: md5 ? 'content-md5' : 'checksum-header',
      code: 'BadDigest',
      message: `The ${name} you specified did not match what we received.`,
    });
  }
  return expectations;
}

/** Writes a body to a temporary file, synced; nothing stays when it breaks off or is not what was expected. */
export async function receiveBody(
  source: AsyncIterable<Buffer>,
  expectations: readonly Expectation[],
  { temporary, checks }: StoreContext,
): Promise<ReceivedBody> {
  const path = join(temporary, randomUUID());
  const md5 = hashDigest('md5');
  let size = 0;
  try {
    const file = await open(path, 'wx');
    try {
      for await (const bytes of source) {
        for (const digest of [md5, ...expectations.map((expectation) => expectation.digest)]) digest.update(bytes);
        await file.writeFile(bytes);
        size += bytes.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    for (const { digest, expected, check, code, message } of expectations)
      checks.ensure(check, digest.value().equals(expected), code, message);
    return { path, size, md5: md5.value().toString('hex') };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** A small XML body as text. */
export async function receiveText(
  request: StoreRequest,
  caller: Caller,
  { context, headers }: { context: StoreContext; headers: ReadonlyMap<string, string> },
): Promise<string> {
  const expectations = expectationsOf(headers);
  const sha256 = hashDigest('sha256');
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const bytes of request.body) {
    size += bytes.length;
    if (size > 2 * 1024 * 1024) throw new S3Error('MalformedXML', 'The XML is too long.');
    for (const digest of [sha256, ...expectations.map((expectation) => expectation.digest)]) digest.update(bytes);
    pieces.push(bytes);
  }
  for (const { digest, expected, check, code, message } of expectations) {
    context.checks.ensure(check, digest.value().equals(expected), code, message);
  }
  const declared = /^[0-9a-f]{64}$/.test(caller.payloadHash) ? caller.payloadHash : undefined;
  const right = declared === undefined || sha256.value().toString('hex') === declared;
  context.checks.ensure('content-sha256', right, 'XAmzContentSHA256Mismatch', 'The body has another SHA-256 than declared.');
  return Buffer.concat(pieces).toString('utf8');
}
