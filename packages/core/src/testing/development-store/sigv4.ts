import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { StoreRequest } from './store-request.js';
import { decodeUri, encodeUri } from './uri.js';

/** Signature Version 4, written from "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API Reference. */
export const algorithm = 'AWS4-HMAC-SHA256';

export interface Scope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
}

/** What a request says about its own signature. */
export interface Claim {
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** `YYYYMMDD'T'HHMMSS'Z'` */
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
  readonly signature: string;
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

export function scopeText({ date, region, service, terminator }: Scope): string {
  return [date, region, service, terminator].join('/');
}

export function signingKey(secretAccessKey: string, scope: Scope): Buffer {
  return [scope.date, scope.region, scope.service, scope.terminator].reduce(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}

export function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

export function requestSignature(request: StoreRequest, claim: Claim, key: Buffer): string {
  return sign(key, [algorithm, claim.timestamp, scopeText(claim.scope), sha256Hex(canonicalRequest(request, claim))].join('\n'));
}

function canonicalRequest(request: StoreRequest, claim: Claim): string {
  const query = request.query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeUri(name), encodeUri(value)] as const)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return [
    request.method,
    encodeUri(decodeUri(request.rawPath), { keepSlash: true }),
    query,
    ...claim.signedHeaders.map((name) => `${name}:${request.headers.get(name) ?? ''}`),
    '',
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares in a time that does not tell how much was right. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

/** The instant a timestamp of SigV4 names, in milliseconds; undefined when it is none. */
export function parseTimestamp(timestamp: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}
