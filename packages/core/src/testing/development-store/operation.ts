import type { FileHandle } from 'node:fs/promises';
import type { Caller } from './authenticate.js';
import { S3Error } from './errors.js';
import type { ObjectRecord } from './object-files.js';
import type { StoreContext } from './store-context.js';
import type { StoreRequest } from './store-request.js';
import { type XmlElement, xmlDocument } from './xml.js';

/** A request that is authenticated, on its way to the operation it asks for. */
export interface BucketOperation {
  readonly request: StoreRequest;
  readonly caller: Caller;
  readonly context: StoreContext;
  readonly bucket: string;
  /** Its headers, with the x-amz-* parameters a presigner moved into the query. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface ObjectOperation extends BucketOperation {
  readonly key: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | { readonly handle: FileHandle; readonly start: number; readonly length: number };
}

export function xmlReply(element: XmlElement, status = 200): Reply {
  return { status, headers: { 'content-type': 'application/xml' }, body: xmlDocument(element) };
}

/** @throws S3Error unless the caller has a key that may do this. */
export function requireRights({ credential }: Caller, right: 'read' | 'write' | 'administer', { checks }: StoreContext): void {
  checks.ensure('anonymous', credential !== undefined, 'AccessDenied', 'Access Denied.');
  const allowed = right === 'write' || credential?.rights !== 'write-only';
  checks.ensure('rights', allowed, 'AccessDenied', 'This key may only write.');
}

export function requireBucket(bucket: string, { objects, checks }: StoreContext): void {
  const exists = objects.hasBucket(bucket);
  if (exists) return;
  checks.ensure('bucket-exists', false, 'NoSuchBucket', 'The specified bucket does not exist.');
  objects.createBucket(bucket);
}

export function requireKeyLength(key: string, { checks }: StoreContext): void {
  checks.ensure('key-length', Buffer.byteLength(key) <= 1024, 'KeyTooLongError', 'Your key is too long.');
}

/** @throws S3Error for a list this store cannot enforce. */
export function cannedAcl(acl: string | undefined, { checks }: StoreContext): ObjectRecord['acl'] {
  if (acl === 'public-read') return acl;
  checks.ensure(
    'known-acl',
    acl === undefined || acl === 'private',
    'NotImplemented',
    'This store knows the lists private and public-read.',
  );
  return 'private';
}

const kept = ['content-type', 'cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'];

/** The headers that are stored with an object and given back. */
export function storedHeaders(headers: ReadonlyMap<string, string>): Record<string, string> {
  const stored: Record<string, string> = {};
  for (const [name, value] of headers) if (kept.includes(name) || name.startsWith('x-amz-meta-')) stored[name] = value;
  const codings = (stored['content-encoding'] ?? '').split(',').map((coding) => coding.trim());
  const encoding = codings.filter((coding) => coding !== '' && coding !== 'aws-chunked').join(',');
  delete stored['content-encoding'];
  return {
    'content-type': 'binary/octet-stream',
    ...stored,
    ...(encoding === '' ? {} : { 'content-encoding': encoding }),
  };
}

const knownAmzHeader =
  /^x-amz-(?:meta-.+|checksum-.+|date|content-sha256|security-token|acl|decoded-content-length|trailer|sdk-checksum-algorithm|user-agent|copy-source|copy-source-if-match|copy-source-range|metadata-directive)$/;

/** What is not understood is refused: an ignored header would let a client believe in a protection it does not have. */
export function refuseUnknownHeaders(headers: ReadonlyMap<string, string>): void {
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !knownAmzHeader.test(name))
      throw new S3Error('NotImplemented', `This store does not know the header ${name}.`);
  }
}

/** Conditions of a write, judged at the moment the object appears. */
export function writeCondition(
  headers: ReadonlyMap<string, string>,
  { checks }: StoreContext,
): (replaced: ObjectRecord | undefined) => void {
  const ifNoneMatch = headers.get('if-none-match');
  const ifMatch = headers.get('if-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw new S3Error('NotImplemented', 'A write takes If-None-Match: * only.');
  return (replaced) => {
    const free = ifNoneMatch === undefined || replaced === undefined;
    checks.ensure('if-none-match', free, 'PreconditionFailed', 'There is an object of that key.');
    if (ifMatch === undefined) return;
    checks.ensure('if-match', replaced !== undefined, 'NoSuchKey', 'There is no object of that key.');
    checks.ensure('if-match', unquote(ifMatch) === replaced?.etag, 'PreconditionFailed', 'The object of that key is another one.');
  };
}

export function unquote(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}
