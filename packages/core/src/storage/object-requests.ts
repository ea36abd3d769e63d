import type { Lfn, PresignedUrl } from '../domain/index.js';
import type { HttpAnswer, HttpClient } from '../http/index.js';
import { metadataOf } from './object-metadata.js';
import { withRetries, type RetryPolicy } from './retry.js';
import { errorOf } from './s3-error.js';
import type { ObjectMetadata } from './types.js';

export interface RequestTools {
  readonly http: HttpClient;
  readonly retry: RetryPolicy;
}

/** HEAD of an object; undefined when the store says it is not there. */
export function headObject({ http, retry }: RequestTools, lfn: Lfn, signed: PresignedUrl): Promise<ObjectMetadata | undefined> {
  return withRetries(async () => {
    const answer = await http.send({ method: 'HEAD', url: signed.url, headers: signed.headers });
    if (answer.status !== 200 && answer.status !== 404) throw await errorOf(answer, lfn);
    await answer.discard();
    return answer.status === 404 ? undefined : metadataOf(answer);
  }, retry);
}

/** DELETE of an object. Deleting what is not there succeeds: most stores say 204 to it, some 404. */
export function deleteObject({ http, retry }: RequestTools, lfn: Lfn, signed: PresignedUrl): Promise<true> {
  return withRetries(async () => {
    const answer = await http.send({ method: 'DELETE', url: signed.url, headers: signed.headers });
    if (answer.status !== 204 && answer.status !== 200) {
      const error = await errorOf(answer, lfn);
      if (error.code !== 'no-such-file') throw error;
    }
    await answer.discard();
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
