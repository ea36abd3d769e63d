import type { S3Method } from './s3-method.js';

/** Largest body of one PUT, part or POST ("Uploading objects", Amazon S3 User Guide): 5 GiB. */
export const maxUploadBytes = 5 * 1024 ** 3;

/** Largest object of a multipart upload ("Multipart upload limits", Amazon S3 User Guide): 10 000 parts of at most 5 GiB. */
export const maxObjectBytes = 10_000 * maxUploadBytes;

/** A presigned request without a body form: send `httpMethod` to `url` with exactly these headers. */
export interface PresignedUrl {
  readonly kind: 'url';
  readonly httpMethod: 'HEAD' | 'GET' | 'PUT' | 'DELETE' | 'POST';
  readonly url: string;
  /** Headers covered by the signature that the client must send as they stand (lower-case names, without `host`). */
  readonly headers: Readonly<Record<string, string>>;
  /** Instant after which the store refuses the URL. */
  readonly expiresAt: Date;
}

/** A presigned browser-style upload (POST policy): `multipart/form-data` of these fields in order, `file` last. */
export interface PresignedPost {
  readonly kind: 'post';
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}

export type Presigned = PresignedUrl | PresignedPost;

/**
 * What is asked for one LFN beside the method. Everything given here is bound by the signature.
 */
export interface PresignItem {
  readonly lfn: string;
  /** Uploads: exact number of bytes. Left out, a POST policy takes up to `maxSizeBytes`, and without it up to the store's 5 GiB. */
  readonly sizeBytes?: number;
  /** Uploads by POST policy, instead of `sizeBytes`: at most so many bytes. */
  readonly maxSizeBytes?: number;
  /** Uploads: Adler-32 as eight hexadecimal digits, stored as `x-amz-meta-checksum` as DIRAC does. */
  readonly checksum?: string;
  /** Uploads: further user metadata; names of letters, digits and `-`, printable ASCII values. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  /** Uploads by PUT: refuse to replace an existing object (`If-None-Match: *`, signed). */
  readonly ifNoneMatch?: boolean;
  /** Multipart: the upload this request belongs to. */
  readonly uploadId?: string;
  /** Multipart through the gateway: what shows that the upload was permitted to this user (see the port `MultipartUploads`). */
  readonly uploadToken?: string;
  /** Multipart: 1 … 10 000. */
  readonly partNumber?: number;
  /** Copies: where the replica of the same LFN is that is copied, at the same endpoint and within reach of the same keys. */
  readonly sourceStorageElement?: string;
  /** Copies: only when the source still has this ETag, as the store gave it. */
  readonly sourceEtag?: string;
  /** Copies of parts: first and last byte of the source, counted from 0; left out, all of it. */
  readonly sourceRange?: { readonly from: number; readonly to: number };
  /** Downloads handed to a person: save under this name instead of displaying (`Content-Disposition`). */
  readonly downloadName?: string;
}

/** One operation at one StorageElement for many LFNs. */
export interface PresignRequest {
  readonly storageElement: string;
  readonly method: S3Method;
  readonly items: readonly PresignItem[];
  /** `put_object` only: `post` (the default, safe at every store) or `put`. */
  readonly upload?: 'post' | 'put';
  readonly purpose?: 'transfer' | 'external';
  /** Lifetime asked for, in whole seconds; left out, the default of the purpose. */
  readonly expirationSeconds?: number;
}
