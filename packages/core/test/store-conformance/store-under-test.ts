import type { Keys } from './signer.js';

/** What the suite must know of a store. */
export interface StoreUnderTest {
  readonly name: StoreName;
  readonly origin: string;
  readonly region: string;
  readonly bucket: string;
  /** A second bucket of the same owner. */
  readonly anotherBucket: string;
  readonly credentials: Keys;
  /** A key that may write and not read. */
  readonly writeOnlyCredentials: Keys;
  /** A key of another user, who was given nothing. */
  readonly strangerCredentials?: Keys;
  /** Keys with a session token, where the store can have them. */
  readonly temporaryCredentials?: Keys;
}

export type StoreName = 'development' | 'ceph';
