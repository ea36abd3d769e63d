import type { Lfn, PresignedUrl } from '../domain/index.js';
import type { HttpAnswer, HttpClient } from '../http/index.js';
import { withRetries, type RetryPolicy } from './retry.js';
import { errorOf, s3CodeOf, storeError } from './s3-error.js';

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

/** Starts a GET; only the head of the answer has been read. */
export async function openObject(
  { http }: RequestTools,
  lfn: Lfn,
  { signed, signal }: { readonly signed: PresignedUrl; readonly signal?: AbortSignal | undefined },
): Promise<HttpAnswer> {
  const answer = await http.send({ method: 'GET', url: signed.url, headers: signed.headers, signal });
  if (answer.status !== 200) throw await errorOf(answer, lfn);
  return answer;
}
