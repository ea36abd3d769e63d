import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { bucketFor, originOf, type StorageElement } from '../../domain/index.js';
import { redact } from '../../errors/index.js';
import type { CredentialsProvider } from '../../ports/index.js';

/** What a probe of a StorageElement found out. */
export type BucketFinding = { readonly usable: true } | { readonly usable: false; readonly reason: string };

/** Asks the store of a StorageElement whether its bucket is there for its keys (HeadBucket). */
export type BucketProbe = (element: StorageElement) => Promise<BucketFinding>;

/**
 * A probe for start-up checks: wrong host, certificate, key or bucket are named before a user meets them. The SDK's client is loaded when the
 * first probe runs, as it takes longer to load than a gateway to start.
 */
export function createBucketProbe({
  credentials,
  timeoutSeconds = 10,
}: {
  credentials: CredentialsProvider;
  timeoutSeconds?: number;
}): BucketProbe {
  return async (element) => {
    const keys = credentials.credentialsOf(element.name, 'main');
    if (keys === undefined) return { usable: false, reason: 'no credentials are configured here' };
    const { HeadBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
    const client = new S3Client({
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
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucketFor(element, undefined) }));
      return { usable: true };
    } catch (fault) {
      return { usable: false, reason: reasonOf(fault) };
    } finally {
      client.destroy();
    }
  };
}

async function trust({ caFile }: StorageElement): Promise<{ ca?: string[] }> {
  return caFile === undefined ? {} : { ca: [...rootCertificates, await readFile(caFile, 'utf8')] };
}

/** HTTP status of an S3 answer in words an operator can act on; HEAD answers carry no error document. */
function reasonOf(fault: unknown): string {
  const status = (fault as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (status === 403) return 'the store refuses these credentials for the bucket (403)';
  if (status === 404) return 'the store has no such bucket (404)';
  if (status === 301) return 'the bucket is in another region (301)';
  if (status !== undefined) return `the store answered ${status}`;
  const { code, message = 'unknown fault' } = fault as { code?: string; message?: string };
  // The SDK wraps the errors of Node; their code is left in the text.
  return `the store cannot be reached (${code ?? /\bE[A-Z]{4,}\b/.exec(message)?.[0] ?? redact(message)})`;
}
