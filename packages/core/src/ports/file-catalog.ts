import type { BulkResult, Identity, Lfn, LfnDirectory } from '../domain/index.js';

export interface NewFile {
  readonly lfn: Lfn;
  readonly sizeBytes: number;
  /** Adler-32, eight hexadecimal digits. */
  readonly checksum: string;
  /** 8-4-4-4-12 hexadecimal digits, upper case, as DIRAC makes them. */
  readonly guid: string;
  readonly storageElement: string;
  /** Storage URL of the first replica. */
  readonly pfn: string;
}

export interface ReplicaOf {
  readonly lfn: Lfn;
  readonly storageElement: string;
  /** Needed when adding, ignored when removing. */
  readonly pfn: string;
}

export interface FileMetadata {
  readonly sizeBytes: number;
  readonly checksum: string;
  readonly checksumType: 'Adler32' | 'MD5';
  readonly guid: string;
  readonly owner: string;
  readonly ownerGroup: string;
  /** POSIX permission bits, `0o644`. */
  readonly mode: number;
  readonly status: string;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

export interface DirectoryMetadata {
  readonly owner: string;
  readonly ownerGroup: string;
  /** POSIX permission bits, `0o755`. */
  readonly mode: number;
  /** Left out where the catalog does not know: of directories that are older than its record of it. */
  readonly createdAt?: Date;
  /** When its owner, group or mode was changed last: what is put into it changes nothing. */
  readonly modifiedAt?: Date;
}

export interface DirectoryListing {
  readonly files: ReadonlyMap<Lfn, FileMetadata>;
  readonly directories: readonly LfnDirectory[];
}

/** What is changed of files and directories: DIRAC's `changePathMode`, `changePathOwner` or `changePathGroup`. Modes are 0 to 0o777. */
export type PathChange = { readonly mode: number } | { readonly owner: string } | { readonly ownerGroup: string };

/**
 * The file catalog as one user sees it: every call is judged for that user. Bulk only; an item's fault is a `Failure`
 * (`no-such-file`, `permission-denied`, `file-exists`, `conflict`, `catalog-unavailable` …), a fault of the whole call is thrown.
 *
 * Contract:
 * - `addFiles` makes missing directories, owned by the caller; adding the same file again (same size, checksum, GUID and
 *   StorageElement) succeeds, anything else under that name is `conflict`, and so is a GUID that belongs to another LFN;
 * - `addReplicas` of a replica that is there succeeds; of a missing file is `no-such-file`;
 * - `removeFiles` removes entry and replicas; a missing name is `no-such-file`;
 * - `removeReplicas` of a missing replica succeeds; the last replica may go, the file stays;
 * - `removeDirectories` removes empty ones; one that holds anything is `conflict`; a missing name, or that of a file, is `no-such-file`;
 * - `changePaths` takes any proper name for an owner or a group, since it knows nobody; with `recursive` it also changes what stands below a
 *   directory. There DIRAC's service judges the directory alone; a catalog of ours refuses the whole item for one entry it may not change, and
 *   the one that only reads DIRAC's database refuses every change (`unsupported-operation`);
 * - each item is all or nothing. The client of a gateway makes several requests of a long call: limits hold for each of them, and what the
 *   earlier ones did stays done when a later one fails.
 */
export interface FileCatalog {
  addFiles(files: readonly NewFile[]): Promise<BulkResult<true, Lfn>>;
  removeFiles(lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>>;
  addReplicas(replicas: readonly ReplicaOf[]): Promise<BulkResult<true, Lfn>>;
  removeReplicas(replicas: readonly ReplicaOf[]): Promise<BulkResult<true, Lfn>>;
  /** Storage URL by StorageElement name. */
  getReplicas(lfns: readonly Lfn[]): Promise<BulkResult<ReadonlyMap<string, string>, Lfn>>;
  getFileMetadata(lfns: readonly Lfn[]): Promise<BulkResult<FileMetadata, Lfn>>;
  /**
   * The LFN each GUID belongs to; one that nobody has is absent. Not judged, as in DIRAC (`getLFNForGUID`): a conflict has to name the other
   * file.
   */
  findByGuid(guids: readonly string[]): Promise<ReadonlyMap<string, Lfn>>;
  /** A name that is a file's is `no-such-file`. */
  getDirectoryMetadata(directories: readonly LfnDirectory[]): Promise<BulkResult<DirectoryMetadata, LfnDirectory>>;
  /** True for a file or directory of that name. */
  exists(lfns: readonly Lfn[]): Promise<BulkResult<boolean, Lfn>>;
  listDirectory(directories: readonly LfnDirectory[]): Promise<BulkResult<DirectoryListing, LfnDirectory>>;
  createDirectories(directories: readonly Lfn[]): Promise<BulkResult<true, Lfn>>;
  removeDirectories(directories: readonly Lfn[]): Promise<BulkResult<true, Lfn>>;
  changePaths(
    paths: readonly LfnDirectory[],
    change: PathChange,
    options?: { readonly recursive?: boolean },
  ): Promise<BulkResult<true, LfnDirectory>>;
  /** Of these permissions, does the user have them? The same answer the gateway would get. */
  hasAccess(method: string, lfns: readonly Lfn[]): Promise<BulkResult<boolean, Lfn>>;
}

/** Opens the catalog on behalf of one user. */
export interface FileCatalogs {
  catalogFor(identity: Identity): FileCatalog;
}
