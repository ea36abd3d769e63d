import type { BulkResult, Lfn, PresignedUrl } from '../domain/index.js';
import type { Clock, FileCatalog, FileMetadata } from '../ports/index.js';
import type { Download, ReceivedFile, StorageElementClient, TransferOptions } from '../storage/types.js';
import type { ReplicateOptions, ReplicateOutcome } from './replicate-types.js';

export interface DataManagerDependencies {
  /** The catalog as the user sees it. */
  readonly catalog: FileCatalog;
  /** Opens a StorageElement; throws `unknown-storage-element` for a name that is not configured. */
  readonly storageElement: (name: string) => StorageElementClient;
  /** Protocols under which replicas may be registered (`RegistrationProtocols`); left out, any. */
  readonly registrationProtocols?: readonly string[];
  /** Site of a StorageElement, where it is known: replicas come from the same site first. */
  readonly siteOf?: (storageElement: string) => string | undefined;
  /** For the times that are told. Default: the system's. */
  readonly clock?: Clock;
}

/** With a clock, given or the system's. */
export type Timed = DataManagerDependencies & { readonly clock: Clock };

export interface PutRequest {
  readonly lfn: Lfn;
  /** A regular, non-empty file. */
  readonly source: { readonly path: string };
  readonly storageElement: string;
  /** GUID to register, or `new` for another one; left out, DIRAC's own: the MD5 of the first 10 MiB. */
  readonly guid?: string;
  /**
   * Replace a registered file of that name. When the upload fails, the old file is kept: the message says how it stands.
   * Refused (`conflict`) while it has replicas at other StorageElements.
   */
  readonly overwrite?: boolean;
}

export interface PutOutcome {
  readonly storageElement: string;
  readonly sizeBytes: number;
  readonly checksum: string;
  readonly guid: string;
  readonly pfn: string;
}

export interface RegisterRequest {
  readonly lfn: Lfn;
  readonly storageElement: string;
  /** The GUID the upload was given; left out, a new one: DIRAC's needs the bytes. */
  readonly guid?: string;
}

export interface AccessUrlOptions {
  readonly storageElement: string;
  /** Lifetime in seconds; left out, the default of the StorageElement for purpose `external`. */
  readonly expirationSeconds?: number;
  /** The browser saves under this name. */
  readonly downloadName?: string;
}

export interface GetRequest extends Pick<Download, 'lfn' | 'path' | 'overwrite'> {
  /** Asked first, where it has a replica: there a download that was stopped goes on. */
  readonly storageElement?: string;
}

export interface GetOutcome extends ReceivedFile {
  readonly storageElement: string;
}

/** Use cases over catalog and storage. Each looks names up in the catalog first, as DIRAC's DataManager does. */
export interface DataManager {
  /**
   * Upload, verify, then register. Refused before any byte moves when the user may not add the file or the name is taken.
   * When the registration fails, the failure (`registration-failed`) says what is stored where and how to finish or undo it.
   */
  putAndRegister(requests: readonly PutRequest[], options?: TransferOptions): Promise<BulkResult<PutOutcome, Lfn>>;
  /** Retries a registration that failed after its upload: the object must be there with that size and checksum. */
  registerStored(requests: readonly RegisterRequest[]): Promise<BulkResult<PutOutcome, Lfn>>;
  /** From the first StorageElement that gives a verified copy; nothing unverified stays. */
  get(requests: readonly GetRequest[], options?: TransferOptions): Promise<BulkResult<GetOutcome, Lfn>>;
  /** Objects first, then the catalog entry; a half-done removal keeps the entry and says what is left. */
  remove(lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>>;
  /** Undoes an upload whose registration failed: removes the object of a name the catalog does not know. */
  removeUnregistered(lfns: readonly Lfn[], storageElement: string): Promise<BulkResult<true, Lfn>>;
  /**
   * A further replica of each file at one StorageElement: copied, read back, then registered. A source that fails or has another file than the
   * catalog says is passed over for the next one. A file that is registered there already is done.
   */
  replicate(lfns: readonly Lfn[], options: ReplicateOptions): Promise<BulkResult<ReplicateOutcome, Lfn>>;
  /** Removes the replicas at that StorageElement; never the only one of a file. A half-done removal says how to finish it. */
  removeReplicas(lfns: readonly Lfn[], storageElement: string): Promise<BulkResult<true, Lfn>>;
  replicas(lfns: readonly Lfn[]): Promise<BulkResult<ReadonlyMap<string, string>, Lfn>>;
  metadata(lfns: readonly Lfn[]): Promise<BulkResult<FileMetadata, Lfn>>;
  /** Access URL of a registered replica at that StorageElement. */
  accessUrl(lfns: readonly Lfn[], options: AccessUrlOptions): Promise<BulkResult<PresignedUrl, Lfn>>;
}
