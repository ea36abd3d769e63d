import type { IncomingMessage } from 'node:http';
import type { Lfn, PresignedUrl } from '../domain/index.js';
import type { HttpClient } from './http-client.js';
import { metadataOf } from './object-metadata.js';
import { withRetries, type RetryPolicy } from './retry.js';
import { discard, errorOf } from './s3-answer.js';
import type { ObjectMetadata } from './types.js';

export interface RequestTools {
  readonly http: HttpClient;
  readonly retry: RetryPolicy;
}

/** HEAD of an object; undefined when the store says it is not there. */
export async function headObject({ http, retry }: RequestTools, lfn: Lfn, signed: PresignedUrl): Promise<ObjectMetadata | undefined> {
  return withRetries(async () => {
    const response = await http.send({ method: 'HEAD', url: signed.url, headers: signed.headers });
    if (response.statusCode === 404) return void (await discard(response));
    if (response.statusCode !== 200) throw await errorOf(response, lfn);
    await discard(response);
    return metadataOf(response);
  }, retry);
}

/** DELETE of an object. Deleting what is not there succeeds, in S3 as here. */
export async function deleteObject({ http, retry }: RequestTools, lfn: Lfn, signed: PresignedUrl): Promise<true> {
  return withRetries(async () => {
    const response = await http.send({ method: 'DELETE', url: signed.url, headers: signed.headers });
    if (response.statusCode !== 204 && response.statusCode !== 200 && response.statusCode !== 404) throw await errorOf(response, lfn);
    await discard(response);
    return true as const;
  }, retry);
}

/** Starts a GET; only the answer's head has been read. */
export async function openObject(
  { http, retry }: RequestTools,
  lfn: Lfn,
  { signed, signal }: { signed: PresignedUrl; signal?: AbortSignal | undefined },
): Promise<IncomingMessage> {
  return withRetries(async () => {
    const response = await http.send({ method: 'GET', url: signed.url, headers: signed.headers, signal });
    if (response.statusCode !== 200) throw await errorOf(response, lfn);
    return response;
  }, retry);
}
