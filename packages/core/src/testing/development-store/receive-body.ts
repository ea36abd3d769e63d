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

/** What is needed to receive the body of a request: an operation has it all. */
interface Sent {
  readonly request: StoreRequest;
  readonly caller: Caller;
  readonly context: StoreContext;
  readonly headers: ReadonlyMap<string, string>;
}

/** The body of a PUT on the disk: unframed if need be, compared with everything its headers say. */
export async function receiveRequestBody(operation: Sent): Promise<ReceivedBody> {
  const { request, caller, context, headers } = operation;
  const length = request.headers.get(isStream(caller) ? 'x-amz-decoded-content-length' : 'content-length');
  context.checks.ensure('content-length', length !== undefined, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  return receiveBody(contentOf(operation), expectationsOf(headers, caller.payloadHash), context);
}

/** A small XML body as text, compared with everything its headers say. */
export async function receiveText(operation: Sent): Promise<string> {
  const { caller, context, headers } = operation;
  const expectations = expectationsOf(headers, caller.payloadHash);
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const bytes of contentOf(operation)) {
    size += bytes.length;
    if (size > 2 * 1024 * 1024) throw new S3Error('MalformedXML', 'The XML is too long.');
    for (const { digest } of expectations) digest.update(bytes);
    pieces.push(bytes);
  }
  requireExpected(expectations, context);
  return Buffer.concat(pieces).toString('utf8');
}

/** Writes a body to a temporary file, synced; nothing stays when it breaks off or is not what was expected. */
export async function receiveBody(
  source: AsyncIterable<Buffer>,
  expectations: readonly Expectation[],
  context: StoreContext,
): Promise<ReceivedBody> {
  const path = join(context.temporary, randomUUID());
  const md5 = hashDigest('md5');
  const digests = [md5, ...expectations.map(({ digest }) => digest)];
  let size = 0;
  try {
    const file = await open(path, 'wx');
    try {
      for await (const bytes of source) {
        for (const digest of digests) digest.update(bytes);
        await file.writeFile(bytes);
        size += bytes.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    requireExpected(expectations, context);
    return { path, size, md5: md5.value().toString('hex') };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Headers of a request, or fields of a form, that say what the body is. */
export function expectationsOf(headers: ReadonlyMap<string, string>, payloadHash = ''): Expectation[] {
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
  if (/^[0-9a-f]{64}$/.test(payloadHash)) {
    expectations.push({
      digest: hashDigest('sha256'),
      expected: Buffer.from(payloadHash, 'hex'),
      check: 'content-sha256',
      code: 'XAmzContentSHA256Mismatch',
      message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
    });
  }
  return expectations;
}

function requireExpected(expectations: readonly Expectation[], { checks }: StoreContext): void {
  for (const { digest, expected, check, code, message } of expectations)
    checks.ensure(check, digest.value().equals(expected), code, message);
}

function contentOf({ request, caller, context }: Sent): AsyncIterable<Buffer> {
  if (isStream(caller)) return decodeAwsChunked(request, caller, context);
  const codings = (request.headers.get('content-encoding') ?? '').split(',').map((coding) => coding.trim());
  const raw = codings.includes('aws-chunked');
  context.checks.ensure('raw-chunks', !raw, 'NotImplemented', 'A body framed as aws-chunked must be declared in x-amz-content-sha256.');
  return request.body;
}

function isStream({ payloadHash }: Caller): boolean {
  return payloadHash.startsWith('STREAMING-');
}
