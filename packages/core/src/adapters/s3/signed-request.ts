import { originOf, s3Methods, type Endpoint, type S3MethodRow } from '../../domain/index.js';
import type { TargetFacts } from '../../ports/index.js';
import { attachmentNamed } from './content-disposition.js';
import { encodeKey } from './uri-encoding.js';

/** A request before it is signed: everything in it will be covered by the signature. */
export interface UnsignedRequest {
  readonly method: S3MethodRow['httpMethod'];
  /** `https:` or `http:`. */
  readonly protocol: string;
  /** Value of the Host header: the port only when it is not the default one of the scheme. */
  readonly host: string;
  /** Percent-encoded. */
  readonly path: string;
  /** Not encoded. */
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names, without `host`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Scheme, Host and path of the bucket: `/bucket` for path style, `` for virtual-host style. */
export function bucketPlaceOf({
  storageElement,
  bucket,
}: Pick<TargetFacts, 'storageElement' | 'bucket'>): Pick<UnsignedRequest, 'protocol' | 'host' | 'path'> {
  const endpoint: Endpoint = storageElement.publicEndpoint ?? storageElement.endpoint;
  const protocol = endpoint.secure ? 'https:' : 'http:';
  const host = originOf(endpoint).slice(`${protocol}//`.length);
  return storageElement.addressingStyle === 'path'
    ? { protocol, host, path: `/${encodeKey(bucket)}` }
    : { protocol, host: `${bucket}.${host}`, path: '' };
}

/** The request of a target that is signed as a URL. */
export function unsignedRequestOf(target: TargetFacts): UnsignedRequest {
  const { protocol, host, path } = bucketPlaceOf(target);
  // No spread before other properties, which takes V8 a hundred times as long: there are thousands of requests.
  return {
    protocol,
    host,
    path: `${path}/${encodeKey(target.key)}`,
    method: s3Methods[target.method].httpMethod,
    query: queryOf(target),
    headers: { ...uploadHeadersOf(target), ...copyHeadersOf(target), ...accessHeadersOf(target) },
  };
}

/** `x-amz-meta-*` of an upload, the Adler-32 where DIRAC looks for it (`S3Storage.py`). */
export function metadataHeadersOf({ item }: TargetFacts): Record<string, string> {
  const headers: Record<string, string> = {};
  if (item.checksum !== undefined) headers['x-amz-meta-checksum'] = item.checksum;
  for (const [name, value] of Object.entries(item.metadata ?? {})) headers[`x-amz-meta-${name}`] = value;
  return headers;
}

function queryOf({ method, item }: TargetFacts): Record<string, string> {
  const { partNumber, uploadId, downloadName } = item;
  return {
    ...(method === 'create_multipart_upload' && { uploads: '' }),
    ...(partNumber !== undefined && { partNumber: String(partNumber) }),
    ...(uploadId !== undefined && { uploadId }),
    ...(downloadName !== undefined && { 'response-content-disposition': attachmentNamed(downloadName) }),
  };
}

function uploadHeadersOf(target: TargetFacts): Record<string, string> {
  const { item } = target;
  const headers = metadataHeadersOf(target);
  if (item.sizeBytes !== undefined) headers['content-length'] = String(item.sizeBytes);
  if (item.contentType !== undefined) headers['content-type'] = item.contentType;
  if (item.ifNoneMatch === true) headers['if-none-match'] = '*';
  return headers;
}

/** What is copied (CopyObject, UploadPartCopy): all of it under the signature, so that nobody can copy anything else. */
function copyHeadersOf({ method, source, key, item: { sourceEtag, sourceRange } }: TargetFacts): Record<string, string> {
  if (source === undefined) return {};
  return {
    'x-amz-copy-source': `/${encodeKey(source.bucket)}/${encodeKey(key)}`,
    ...(method === 'copy_object' && { 'x-amz-metadata-directive': 'COPY' }),
    ...(sourceEtag !== undefined && { 'x-amz-copy-source-if-match': sourceEtag }),
    ...(sourceRange !== undefined && { 'x-amz-copy-source-range': `bytes=${sourceRange.from}-${sourceRange.to}` }),
  };
}

/**
 * Where a store honours unsigned `x-amz-*` headers, the access list of a new object is fixed by a signed one: beside it
 * such a store takes neither another `x-amz-acl` nor `x-amz-grant-*`. Elsewhere nothing is sent, since a bucket of AWS
 * that does without access lists refuses the header.
 */
function accessHeadersOf({ method, storageElement, signWith }: TargetFacts): Record<string, string> {
  const creates = signWith === 'write-only' || method === 'create_multipart_upload' || method === 'copy_object';
  return creates && storageElement.unsignedHeaders !== 'refused' ? { 'x-amz-acl': 'private' } : {};
}
