import { bucketFor, type StorageElement } from '../../domain/index.js';
import type { Clock, CredentialsProvider } from '../../ports/index.js';
import { openStoreClient, reasonOf } from './s3-client.js';
import { loadSdkSigner, signsAsReference, type ReferenceSource } from './signature-check.js';

/** What a probe of a StorageElement found out. */
export type BucketFinding = { readonly usable: true } | { readonly usable: false; readonly reason: string };

/** Looks whether we sign as the SDK does, then asks the store of a StorageElement whether its bucket is there for its keys (HeadBucket). */
export type BucketProbe = (element: StorageElement) => Promise<BucketFinding>;

/** A probe for start-up checks: wrong host, certificate, key or bucket are named before a user meets them. */
export function createBucketProbe({
  credentials,
  clock,
  timeoutSeconds = 10,
  reference = loadSdkSigner,
}: {
  readonly credentials: CredentialsProvider;
  readonly clock: Clock;
  readonly timeoutSeconds?: number;
  /** What our signatures must be equal to. Default: those of the SDK. */
  readonly reference?: ReferenceSource;
}): BucketProbe {
  return async (element) => {
    const keys = credentials.credentialsOf(element.name, 'main');
    if (keys === undefined) return { usable: false, reason: 'no credentials are configured here' };
    for (const own of [keys, credentials.credentialsOf(element.name, 'write-only')])
      if (own !== undefined && !(await signsAsReference(element, own, { now: clock.now(), reference })))
        return { usable: false, reason: signedOtherwise };
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

const signedOtherwise = 'this program and the AWS SDK sign one request differently, which is a bug: please report it';
