import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import type * as Sdk from '@aws-sdk/client-s3';
import { originOf, type S3Credentials, type StorageElement } from '../../domain/index.js';
import { redact } from '../../errors/index.js';

/** The SDK, and a client of the store of one StorageElement. */
export interface StoreClient {
  readonly sdk: typeof Sdk;
  readonly client: Sdk.S3Client;
}

/**
 * The SDK's client, for requests of this process that are rare. It is loaded when the first one is needed, as it takes longer to load than a
 * gateway to start. To be destroyed by whoever opened it.
 */
export async function openStoreClient(element: StorageElement, keys: S3Credentials, timeoutSeconds: number): Promise<StoreClient> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    endpoint: originOf(element.endpoint),
    region: element.region,
    forcePathStyle: element.addressingStyle === 'path',
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey.reveal(),
      ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken.reveal() }),
    },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
    requestHandler: { requestTimeout: timeoutSeconds * 1000, connectionTimeout: timeoutSeconds * 1000, httpsAgent: await trust(element) },
  });
  return { sdk, client };
}

async function trust({ caFile }: StorageElement): Promise<{ ca?: string[] }> {
  return caFile === undefined ? {} : { ca: [...rootCertificates, await readFile(caFile, 'utf8')] };
}

/** HTTP status the store answered with; undefined when it was not reached. */
export function statusOf(fault: unknown): number | undefined {
  return (fault as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** What kept a request about a bucket from its answer, in words an operator can act on; HEAD answers carry no error document. */
export function reasonOf(fault: unknown): string {
  const status = statusOf(fault);
  if (status === 403) return 'the store refuses these credentials for the bucket (403)';
  if (status === 404) return 'the store has no such bucket (404)';
  if (status === 301) return 'the bucket is in another region (301)';
  if (status !== undefined) return `the store answered ${status}`;
  const { code, message = 'unknown fault' } = fault as { code?: string; message?: string };
  // The SDK wraps the errors of Node; their code is left in the text.
  return `the store cannot be reached (${code ?? /\bE[A-Z]{4,}\b/.exec(message)?.[0] ?? redact(message)})`;
}
