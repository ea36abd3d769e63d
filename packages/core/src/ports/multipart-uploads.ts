import type { BulkResult, Lfn } from '../domain/index.js';

export interface NewMultipartUpload {
  readonly lfn: Lfn;
  /** Of the whole object. */
  readonly sizeBytes: number;
  /** Of each part but the last, which is what is left: 5 MiB to 5 GiB, at most 10 000 parts. */
  readonly partBytes: number;
  /** Adler-32 of the whole object, eight hexadecimal digits: stored as `x-amz-meta-checksum` when the upload begins. */
  readonly checksum: string;
  /** All its parts will be copied inside the store (`upload_part_copy`): that is safe at every store. */
  readonly copied?: boolean | undefined;
}

/**
 * A multipart upload that was permitted and begun. Holds nothing secret: the token is worth nothing to anybody but the user it was made
 * for, and can be kept in a file until the upload is resumed.
 */
export interface MultipartUpload {
  readonly lfn: Lfn;
  /** As the store gave it. */
  readonly uploadId: string;
  /** What the gateway needs to sign requests of this upload; undefined under direct access. */
  readonly token: string | undefined;
  /** Instant from which nothing more is signed for it until it is renewed. */
  readonly expiresAt: Date;
}

/** An upload that was found unfinished. Its token is good for giving it up, and for nothing else. */
export interface FoundUpload extends MultipartUpload {
  /** As the store says. */
  readonly begunAt: Date;
}

/**
 * Begins multipart uploads, in this process (direct access) or by the gateway. Its requests (`upload_part`, `list_parts`,
 * `complete_multipart_upload`, `abort_multipart_upload`) are signed by the `UrlSource`, each item with `uploadId` and `uploadToken`.
 *
 * Contract:
 * - answers every upload under its LFN; a StorageElement where parts cannot be signed safely is `upload-unsafe`;
 * - `begin` asks for the permission to write as an upload by `put_object` does, and then creates the upload at the store;
 * - `renew` asks for the permission again, and answers the same upload with a later `expiresAt`; a token made for another user,
 *   StorageElement, LFN or upload is refused, an expired one is not, as long as it is younger than the limit of a session.
 * - `find` answers each name with the unfinished uploads of it and of names below it, the oldest first and a thousand at most: those the user
 *   might remove the file of. Whoever is at work on one is not known.
 */
export interface MultipartUploads {
  begin(storageElement: string, uploads: readonly NewMultipartUpload[]): Promise<BulkResult<MultipartUpload, Lfn>>;
  renew(storageElement: string, uploads: readonly MultipartUpload[]): Promise<BulkResult<MultipartUpload, Lfn>>;
  find(storageElement: string, lfns: readonly Lfn[]): Promise<BulkResult<readonly FoundUpload[], Lfn>>;
}
