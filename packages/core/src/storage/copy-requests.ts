import type { Lfn, PresignedUrl } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { HttpAnswer, HttpClient } from '../http/index.js';
import { documentOf, elementText, unquoted } from './xml-answer.js';

interface Request {
  readonly signed: PresignedUrl;
  readonly signal?: AbortSignal | undefined;
}

/** CopyObject: the store copies by itself. */
export async function requestCopy(http: HttpClient, lfn: Lfn, request: Request): Promise<void> {
  await documentOf(await send(http, request), lfn, 'CopyObjectResult');
}

/** UploadPartCopy; gives the ETag of the part. */
export async function requestPartCopy(http: HttpClient, what: string, request: Request): Promise<string> {
  const etag = unquoted(elementText(await documentOf(await send(http, request), what, 'CopyPartResult'), 'ETag'));
  if (etag === '') throw new DiracS3Error('storage-unavailable', `${what}: the store gave no ETag`);
  return etag;
}

function send(http: HttpClient, { signed, signal }: Request): Promise<HttpAnswer> {
  return http.send({ method: signed.httpMethod, url: signed.url, headers: { ...signed.headers, 'content-length': '0' }, signal });
}
