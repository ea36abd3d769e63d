import type { Lfn } from '../domain/index.js';
import type { Failure } from '../errors/index.js';

export interface TreeFile {
  readonly sizeBytes: number;
  /** Adler-32, where it is known. */
  readonly checksum?: string;
}

/** What is below a directory, local or of the File Catalog. Paths are relative to it, with `/` between their segments. */
export interface Tree {
  readonly files: ReadonlyMap<string, TreeFile>;
  readonly directories: ReadonlySet<string>;
  /** Names that are no regular file or directory, and directories that could not be read: nobody knows what is below them. */
  readonly faults: ReadonlyMap<string, Failure>;
}

/** Which names of a tree are meant. */
export interface Selection {
  readonly file: (path: string) => boolean;
  /** False when nothing below it can be meant. */
  readonly directory: (path: string) => boolean;
}

export interface PlannedTransfer {
  readonly path: string;
  readonly sizeBytes: number;
  /** Why it is sent: the destination has none, one of another size, one of another checksum, or all are to be replaced. */
  readonly why: 'new' | 'size' | 'checksum' | 'asked';
}

/** What makes a destination like its source. Every selected file of the source is in exactly one of the lists. */
export interface TreePlan {
  /** Directories to be made, upper ones first. */
  readonly directories: readonly string[];
  readonly transfers: readonly PlannedTransfer[];
  /** Files of the destination that the source does not have. */
  readonly deletions: readonly string[];
  readonly unchanged: readonly string[];
  readonly faults: ReadonlyMap<string, Failure>;
}

/** Something that was done, by its place in both trees. */
export interface TreeOutcome {
  readonly action: 'upload' | 'download' | 'delete' | 'make-directory';
  /** Relative to both roots. */
  readonly path: string;
  readonly lfn: Lfn;
  /** Of a file that was sent. */
  readonly sizeBytes?: number;
  readonly checksum?: string;
  readonly storageElement?: string;
}

export interface TreeResult {
  readonly done: readonly TreeOutcome[];
  /** By relative path. */
  readonly failed: ReadonlyMap<string, Failure>;
}
