import type { BulkResult, Lfn, PresignedUrl } from '../domain/index.js';

/** What the store says about an object. */
export interface ObjectMetadata {
  readonly sizeBytes: number;
  /** Adler-32 from `x-amz-meta-checksum`, where DIRAC writes it; undefined when the object has none. */
  readonly checksum: string | undefined;
  readonly etag: string | undefined;
  readonly modifiedAt: Date | undefined;
  /** Further user metadata without the `x-amz-meta-` prefix. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Upload {
  readonly lfn: Lfn;
  /** Regular file to send, or a stream, which is spooled to a temporary file first: the checksum goes before the body. */
  readonly source: { readonly path: string } | { readonly stream: NodeJS.ReadableStream };
  /** Adler-32 the caller knows already; a difference refuses the upload. */
  readonly expectedChecksum?: string;
  /** Replace an existing object. Default false: an existing one is `file-exists`. */
  readonly overwrite?: boolean;
}

export interface StoredObject {
  readonly sizeBytes: number;
  readonly checksum: string;
  /** `s3://host[:port]/bucket/lfn`. */
  readonly pfn: string;
}

export interface Download {
  readonly lfn: Lfn;
  /** File to write; its directory must exist. It appears only when every byte is there and verified. */
  readonly path: string;
  /** What the catalog says; compared with what arrives. */
  readonly expected?: { readonly sizeBytes?: number; readonly checksum?: string };
  /** Replace an existing local file. Default false. */
  readonly overwrite?: boolean;
}

export interface ReceivedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly checksum: string;
  /** False when neither the store nor the catalog knew a checksum to compare with. */
  readonly verified: boolean;
}

export interface Progress {
  readonly lfn: Lfn;
  readonly phase: 'checksum' | 'transfer';
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
}

export interface TransferOptions {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** Files at a time. Default 4. */
  readonly parallel?: number;
}

/** An S3 StorageElement for library users: the same whether access is direct or through the gateway. */
export interface S3StorageElement {
  readonly name: string;
  readonly access: 'direct' | 'via-gateway';
  /** True when an object of that key is there; only a store that says "no" (404) makes it false, anything else is a failure. */
  exists(lfns: readonly Lfn[]): Promise<BulkResult<boolean, Lfn>>;
  /** Same as {@link S3StorageElement.exists}: S3 has no directories. */
  isFile(lfns: readonly Lfn[]): Promise<BulkResult<boolean, Lfn>>;
  getMetadata(lfns: readonly Lfn[]): Promise<BulkResult<ObjectMetadata, Lfn>>;
  put(uploads: readonly Upload[], options?: TransferOptions): Promise<BulkResult<StoredObject, Lfn>>;
  get(downloads: readonly Download[], options?: TransferOptions): Promise<BulkResult<ReceivedFile, Lfn>>;
  /** Removing what is not there succeeds, as S3 itself answers. */
  remove(lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>>;
  /** Long-lived GET URLs for another application (purpose `external`). */
  accessUrl(
    lfns: readonly Lfn[],
    options?: { readonly expirationSeconds?: number; readonly downloadName?: string },
  ): Promise<BulkResult<PresignedUrl, Lfn>>;
  /** `s3://host[:port]/bucket/lfn`, computed locally. */
  storageUrl(lfn: Lfn): string;
  /** Closes idle connections. */
  close(): void;
}
