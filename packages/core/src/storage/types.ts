import type { BulkResult, Lfn, PresignedUrl, StatusKind } from '../domain/index.js';

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
  readonly source: { readonly path: string } | { readonly stream: NodeJS.ReadableStream } | { readonly replica: ReplicaSource };
  /** Adler-32 the caller knows already; a difference refuses the upload. */
  readonly expectedChecksum?: string;
  /** Replace an existing object. Default false: an existing one is `file-exists`. */
  readonly overwrite?: boolean;
  /** GUID it will be registered with: kept in its journal, for whoever goes on with it. */
  readonly guid?: string;
}

/** Bytes of known size and sum that are read from elsewhere while they are sent, and never touch the disk. */
export interface ReplicaSource {
  readonly sizeBytes: number;
  /** Adler-32 that what comes must have. */
  readonly checksum: string;
  /** Reads all of it, or a range; may be called again when a request has to be repeated, and for several ranges at a time. */
  chunks(range?: ByteRange): AsyncGenerator<Buffer, void>;
}

/** Bytes of a stored file; `start` counts from 0. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  /** Left out, the whole file. */
  readonly range?: ByteRange | undefined;
  /** ETag the file must still have, where it has one; another one is `checksum-mismatch`. */
  readonly etag?: string | undefined;
}

/** A stored file that is being read: its body must be read to the end, or destroyed. */
export interface OpenReplica {
  /** Of what comes. */
  readonly sizeBytes: number;
  /** Adler-32 the store knows of it. */
  readonly checksum: string | undefined;
  chunks(): AsyncGenerator<Buffer, void>;
  destroy(): void;
}

/** A copy that a store makes by itself, of the object of that name at another StorageElement. */
export interface StoreCopy {
  readonly lfn: Lfn;
  readonly sizeBytes: number;
  /** Adler-32 that is stored with the source: what the copy will carry too. */
  readonly checksum: string;
  /** Of the source, as its store gave it. */
  readonly etag: string;
}

export interface StoredObject {
  readonly sizeBytes: number;
  readonly checksum: string;
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
  /** Told what makes a transfer less than it could be, and does not stop it; the same text may come for each file. */
  readonly onWarning?: (text: string) => void;
  /** What stops is kept, for whoever goes on with it; false: nothing of it stays, here or at the store. Default true. */
  readonly resumable?: boolean;
  readonly signal?: AbortSignal;
  /** Files at a time. Default 4, of files of at most 4 MiB 16. */
  readonly parallel?: number;
  /** Bytes per second that all transfers of the call may move together. Default: no limit. */
  readonly limitRateBytesPerSecond?: number;
}

/**
 * A StorageElement, whatever kind of store is behind it: what use cases work with. A fault of one LFN is a `Failure` of that LFN; what
 * concerns the whole call is thrown.
 */
export interface StorageElementClient {
  readonly name: string;
  /** The protocol of its storage URLs, as in DIRAC's lists of protocols. */
  readonly protocol: 's3' | 'file';
  /** Whether this process reaches the store itself. */
  readonly access: 'direct' | 'via-gateway';
  /** @throws access-not-allowed when its state, or its list of VOs, forbids that kind of operation */
  requireOpen(kind: StatusKind): void;
  /** True when a file of that name is there; only a store that says "no" makes it false, anything else is a failure. */
  exists(lfns: readonly Lfn[]): Promise<BulkResult<boolean, Lfn>>;
  isFile(lfns: readonly Lfn[]): Promise<BulkResult<boolean, Lfn>>;
  getMetadata(lfns: readonly Lfn[]): Promise<BulkResult<ObjectMetadata, Lfn>>;
  put(uploads: readonly Upload[], options?: TransferOptions): Promise<BulkResult<StoredObject, Lfn>>;
  get(downloads: readonly Download[], options?: TransferOptions): Promise<BulkResult<ReceivedFile, Lfn>>;
  /** Opens one file for reading, to be sent elsewhere. Nothing is verified: that is for whoever takes the bytes. */
  open(lfn: Lfn, options?: OpenOptions): Promise<OpenReplica>;
  /**
   * Copies files of another StorageElement of the same store, within reach of the same key, without their bytes leaving it, and replaces what
   * is there. `unsupported-operation` where the two do not fit. Undefined where the store cannot.
   */
  readonly copyFrom?: (from: string, copies: readonly StoreCopy[], options?: TransferOptions) => Promise<BulkResult<StoredObject, Lfn>>;
  /** Removing what is not there succeeds. */
  remove(lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>>;
  /** Long-lived GET URLs for another application (purpose `external`). @throws unsupported-protocol where there are none */
  accessUrl(
    lfns: readonly Lfn[],
    options?: { readonly expirationSeconds?: number; readonly downloadName?: string },
  ): Promise<BulkResult<PresignedUrl, Lfn>>;
  /** The name DIRAC registers a replica under (its "PFN"), computed locally. */
  storageUrl(lfn: Lfn): string;
  /** Closes idle connections. */
  close(): void;
}

/** An S3 StorageElement for library users: the same whether access is direct or through the gateway. */
export interface S3StorageElement extends StorageElementClient {
  readonly protocol: 's3';
}
