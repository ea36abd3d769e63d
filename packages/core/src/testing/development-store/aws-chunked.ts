import { createHash } from 'node:crypto';
import type { Caller } from './authenticate.js';
import { ByteReader } from './byte-reader.js';
import { checksumDigest } from './digests.js';
import { S3Error } from './errors.js';
import { sameText, scopeText, sha256Hex, sign } from './sigv4.js';
import type { StoreContext } from './store-context.js';
import type { StoreRequest } from './store-request.js';

const schemes: Readonly<Record<string, { signed: boolean; trailer: boolean }>> = {
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { signed: true, trailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { signed: true, trailer: true },
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { signed: false, trailer: true },
};

/** The content of a body framed as aws-chunked, each chunk and the trailer verified ("Signature calculations for streaming uploads"). */
export async function* decodeAwsChunked(request: StoreRequest, caller: Caller, { checks }: StoreContext): AsyncGenerator<Buffer> {
  const scheme = schemes[caller.payloadHash];
  if (scheme === undefined || caller.chunks === undefined) throw new S3Error('NotImplemented', 'This store cannot decode such a stream.');
  const reader = new ByteReader(request.body);
  const signatures = new ChunkSignatures(caller.chunks);
  const trailer = request.headers.get('x-amz-trailer');
  const checksum = scheme.trailer && trailer !== undefined ? checksumDigest(trailer) : undefined;
  let length = 0;
  for (;;) {
    const { size, signature } = parseChunkHeader(await requiredLine(reader));
    const hash = createHash('sha256');
    let left = size;
    for await (const piece of reader.take(size)) {
      hash.update(piece);
      checksum?.update(piece);
      left -= piece.length;
      length += piece.length;
      yield piece;
    }
    if (left > 0) throw new S3Error('IncompleteBody', 'The body ends inside a chunk.');
    const matches = !scheme.signed || signatures.next(hash.digest('hex'), signature);
    checks.ensure('chunk-signature', matches, 'SignatureDoesNotMatch', 'The signature of a chunk does not match.');
    if (size === 0) break;
    if ((await requiredLine(reader)) !== '') throw new S3Error('IncompleteBody', 'A chunk is longer than it said.');
  }
  const trailers = await readTrailers(reader);
  if (scheme.trailer && scheme.signed) {
    const matches = signatures.trailer(trailers);
    checks.ensure('trailer-signature', matches, 'SignatureDoesNotMatch', 'The signature of the trailer does not match.');
  }
  const sums = checksum === undefined || trailers.get(trailer ?? '') === checksum.value().toString('base64');
  checks.ensure('trailer-checksum', sums, 'BadDigest', `The ${trailer} you specified did not match the calculated checksum.`);
  const declared = request.headers.get('x-amz-decoded-content-length');
  checks.ensure('decoded-length', declared === String(length), 'IncompleteBody', 'The body has not the x-amz-decoded-content-length.');
}

/** Each signature covers the one before it, back to the one of the request. */
class ChunkSignatures {
  readonly #key: Buffer;
  readonly #scope: string;
  #previous: string;

  constructor({ key, claim }: NonNullable<Caller['chunks']>) {
    this.#key = key;
    this.#scope = [claim.timestamp, scopeText(claim.scope)].join('\n');
    this.#previous = claim.signature;
  }

  next(chunkHash: string, signature: string): boolean {
    return this.#accept(['AWS4-HMAC-SHA256-PAYLOAD', this.#scope, this.#previous, sha256Hex(''), chunkHash], signature);
  }

  trailer(trailers: ReadonlyMap<string, string>): boolean {
    const signed = [...trailers].filter(([name]) => name !== 'x-amz-trailer-signature').map(([name, value]) => `${name}:${value}\n`);
    const text = ['AWS4-HMAC-SHA256-TRAILER', this.#scope, this.#previous, sha256Hex(signed.join(''))];
    return this.#accept(text, trailers.get('x-amz-trailer-signature') ?? '');
  }

  #accept(text: readonly string[], signature: string): boolean {
    this.#previous = sign(this.#key, text.join('\n'));
    return sameText(this.#previous, signature);
  }
}

async function requiredLine(reader: ByteReader): Promise<string> {
  const line = await reader.readUntil('\r\n', 4096);
  if (line === undefined) throw new S3Error('IncompleteBody', 'The body ends inside its frames.');
  return line.toString('latin1');
}

function parseChunkHeader(line: string): { size: number; signature: string } {
  const parts = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (!parts) throw new S3Error('IncompleteBody', 'The body is not framed as aws-chunked.');
  return { size: parseInt(parts[1]!, 16), signature: parts[2] ?? '' };
}

async function readTrailers(reader: ByteReader): Promise<Map<string, string>> {
  const trailers = new Map<string, string>();
  for (;;) {
    const line = (await reader.readUntil('\r\n', 4096))?.toString('latin1') ?? '';
    if (line === '') return trailers;
    const colon = line.indexOf(':');
    trailers.set(line.slice(0, colon).toLowerCase().trim(), line.slice(colon + 1).trim());
  }
}
