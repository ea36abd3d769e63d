import type { Lfn, PresignedUrl } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { HttpAnswer, HttpClient } from '../http/index.js';
import { withRetries, type RetryPolicy } from './retry.js';
import { errorOf, s3CodeOf, storeError } from './s3-error.js';
import type { OpenOptions } from './types.js';

export interface RequestTools {
  readonly http: HttpClient;
  readonly retry: RetryPolicy;
}

/** HEAD of an object; undefined when the store says it is not there. */
export function headObject({ http, retry }: RequestTools, lfn: Lfn, signed: PresignedUrl): Promise<HttpAnswer | undefined> {
  return withRetries(async () => {
    const answer = await http.send({ method: 'HEAD', url: signed.url, headers: signed.headers });
    if (answer.status !== 200 && answer.status !== 404) throw await errorOf(answer, lfn);
    await answer.discard();
    return answer.status === 404 ? undefined : answer;
  }, retry);
}

/** DELETE of an object. Deleting what is not there succeeds: most stores say 204 to it, some NoSuchKey. */
export function deleteObject({ http, retry }: RequestTools, lfn: Lfn, signed: PresignedUrl): Promise<true> {
  return withRetries(async () => {
    const answer = await http.send({ method: 'DELETE', url: signed.url, headers: signed.headers });
    if (answer.status === 204 || answer.status === 200) await answer.discard();
    else {
      const code = await s3CodeOf(answer);
      // Any other 404 may come from a wrong bucket, or from somebody who is no store.
      if (code !== 'NoSuchKey') throw storeError(lfn, answer.status, code);
    }
    return true as const;
  }, retry);
}

/**
 * Starts a GET of an object, or of a range of it; only the head of the answer has been read.
 *
 * @throws checksum-mismatch when the store has another object by now than the one with that ETag
 */
export async function openObject(
  { http }: Pick<RequestTools, 'http'>,
  lfn: Lfn,
  { signed, signal, range, etag }: OpenOptions & { readonly signed: PresignedUrl },
): Promise<HttpAnswer> {
  const asked = range && `${range.start}-${range.start + range.length - 1}`;
  const headers = { ...signed.headers, ...(asked && { range: `bytes=${asked}` }), ...(etag && { 'if-match': etag }) };
  const answer = await http.send({ method: 'GET', url: signed.url, headers, signal });
  if (etag !== undefined && answer.status === 412) {
    await answer.discard();
    throw new DiracS3Error('checksum-mismatch', `${lfn}: the object was replaced while it was read`);
  }
  if (answer.status !== 200 && (asked === undefined || answer.status !== 206)) throw await errorOf(answer, lfn);
  if (asked === undefined || (answer.status === 206 && answer.headers['content-range']?.startsWith(`bytes ${asked}/`) === true))
    return answer;
  answer.destroy();
  throw new DiracS3Error('storage-unavailable', `${lfn}: the store did not answer with the range asked for`);
}
