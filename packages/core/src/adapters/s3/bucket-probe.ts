import { bucketFor, type StorageElement } from '../../domain/index.js';
import type { CredentialsProvider } from '../../ports/index.js';
import { openStoreClient, reasonOf } from './s3-client.js';

/** What a probe of a StorageElement found out. */
export type BucketFinding = { readonly usable: true } | { readonly usable: false; readonly reason: string };

/** Asks the store of a StorageElement whether its bucket is there for its keys (HeadBucket). */
export type BucketProbe = (element: StorageElement) => Promise<BucketFinding>;

/** A probe for start-up checks: wrong host, certificate, key or bucket are named before a user meets them. */
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
    const { sdk, client } = await openStoreClient(element, keys, timeoutSeconds);
    try {
      await client.send(new sdk.HeadBucketCommand({ Bucket: bucketFor(element, undefined) }));
      return { usable: true };
    } catch (fault) {
      return { usable: false, reason: reasonOf(fault) };
    } finally {
      client.destroy();
    }
  };
}
