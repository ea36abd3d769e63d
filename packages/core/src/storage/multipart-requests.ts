import type { Lfn, PresignedUrl } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { BodyWriter, HttpClient } from '../http/index.js';
import { errorOf, isRefusal } from './s3-error.js';
import { storedMd5 } from './stored-md5.js';
import { documentOf, elementText, unquoted } from './xml-answer.js';

/** Answers to ListParts are at most so long: a thousand parts of some 250 bytes. */
const maxListBytes = 2 * 1024 * 1024;

export interface ListedPart {
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
}

interface Request {
  readonly signed: PresignedUrl;
  readonly signal?: AbortSignal | undefined;
}

interface StoredPart {
  readonly etag: string;
  /** The store's own MD5 of the part is ours. False where its ETags are something else; then only an MD5 that went before was verified, by the store. */
  readonly compared: boolean;
}

class OtherBytes extends DiracS3Error {}

/** True when the store has, or was sent, other bytes than the MD5 is of. */
export function isOtherBytes(thrown: unknown): boolean {
  return thrown instanceof OtherBytes || isRefusal(thrown, 'BadDigest');
}

/**
 * UploadPart. An MD5 that is known before goes with it as Content-MD5 (RFC 1864), for the store to verify; one that is known only after the body
 * is a function. Either is compared with the ETag where that is an MD5.
 */
export async function uploadPart(
  http: HttpClient,
  what: string,
  {
    signed,
    signal,
    body,
    length,
    md5,
  }: Request & { length: number; md5: string | (() => string); body: (to: BodyWriter) => Promise<void> },
): Promise<StoredPart> {
  const announced = typeof md5 === 'string' && { 'content-md5': Buffer.from(md5, 'hex').toString('base64') };
  const headers = { ...signed.headers, 'content-length': String(length), ...announced };
  const answer = await http.send({ method: signed.httpMethod, url: signed.url, headers, body, signal });
  if (answer.status !== 200) throw await errorOf(answer, what);
  await answer.discard();
  const etag = unquoted(answer.headers.etag ?? '');
  if (etag === '') throw new DiracS3Error('storage-unavailable', `${what}: the store gave no ETag`);
  const stored = storedMd5(answer);
  if (stored !== undefined && stored !== (typeof md5 === 'string' ? md5 : md5()))
    throw new OtherBytes('storage-unavailable', `${what}: the store received other bytes than were sent`);
  return { etag, compared: stored !== undefined };
}

/** ListParts, one page: stores give up to 1000 parts, and what comes after them stays unknown: no method signs `part-number-marker`. */
export async function listPartsPage(
  http: HttpClient,
  lfn: Lfn,
  { signed, signal }: Request,
): Promise<{ readonly parts: readonly ListedPart[]; readonly truncated: boolean }> {
  const answer = await http.send({ method: 'GET', url: signed.url, headers: signed.headers, signal });
  if (answer.status !== 200) throw await errorOf(answer, lfn);
  const text = (await answer.start(maxListBytes)).toString('utf8');
  if (!/<\/ListPartsResult>\s*$/.test(text)) throw new DiracS3Error('storage-unavailable', `${lfn}: the list of parts broke off`);
  const parts = [...text.matchAll(/<Part>(.*?)<\/Part>/gs)].flatMap(([, part = '']) => {
    const [number, sizeBytes] = [Number(elementText(part, 'PartNumber')), Number(elementText(part, 'Size'))];
    return Number.isInteger(number) && Number.isInteger(sizeBytes)
      ? [{ number, sizeBytes, etag: unquoted(elementText(part, 'ETag')) }]
      : [];
  });
  return { parts, truncated: elementText(text, 'IsTruncated') === 'true' };
}

/** CompleteMultipartUpload. Ceph's answer has an empty ETag, which says nothing. */
export async function completeUpload(
  http: HttpClient,
  lfn: Lfn,
  { signed, signal, parts }: Request & { readonly parts: readonly { readonly number: number; readonly etag: string }[] },
): Promise<void> {
  const rows = parts.map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>&quot;${etag}&quot;</ETag></Part>`);
  const xml = Buffer.from(`<CompleteMultipartUpload>${rows.join('')}</CompleteMultipartUpload>`);
  const answer = await http.send({
    method: 'POST',
    url: signed.url,
    headers: { ...signed.headers, 'content-length': String(xml.length) },
    body: (to) => to.write(xml),
    signal,
  });
  await documentOf(answer, lfn, 'CompleteMultipartUploadResult');
}

/** AbortMultipartUpload. What is not there (any more) is aborted. */
export async function abortUpload(http: HttpClient, lfn: Lfn, { signed, signal }: Request): Promise<void> {
  const answer = await http.send({ method: 'DELETE', url: signed.url, headers: signed.headers, signal });
  if (answer.status === 204 || answer.status === 200) return answer.discard();
  const refusal = await errorOf(answer, lfn);
  if (refusal.s3Code !== 'NoSuchUpload' && refusal.s3Code !== 'NoSuchKey') throw refusal;
}
