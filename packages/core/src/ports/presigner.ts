import type { ObjectKey, Presigned, PresignItem, S3Method, StorageElement } from '../domain/index.js';

declare const authorizedBrand: unique symbol;

/** Everything a signature needs, for one LFN. */
export interface TargetFacts {
  readonly storageElement: StorageElement;
  readonly bucket: string;
  readonly key: ObjectKey;
  readonly method: S3Method;
  readonly upload: 'post' | 'put';
  /** Which keys sign: a separate write-only key is used for uploads by PUT where the SE has one. */
  readonly signWith: 'main' | 'write-only';
  readonly item: PresignItem;
  /** Copies: where the object is read, under the same key. */
  readonly source?: { readonly storageElement: StorageElement; readonly bucket: string };
  readonly expirationSeconds: number;
  /** Instant the URL must not outlive, when what permits it ends by itself. */
  readonly notAfter?: Date;
}

/**
 * A target for which a decision was taken. Only the authorisation steps in `presign/` can make one (the brand is not
 * exported as a value), so that nothing can be signed without it.
 */
export type AuthorizedTarget = TargetFacts & { readonly [authorizedBrand]: true };

/**
 * Signs. Local computation without any request to a store.
 *
 * Contract: uses the target's key, bucket, method and expiration exactly; every header it binds is in the answer;
 * shortens the lifetime to what the credentials have left and says so in `expiresAt`.
 */
export interface Presigner {
  presign(target: AuthorizedTarget, now: Date): Promise<Presigned>;
}
