import type { TransferOptions } from '../storage/types.js';

/**
 * How the bytes went: `none` – they were there already, registered or not; `server-side` – the store copied by itself; `stream` – through the
 * memory of this process; `local-file` – through a file on its disk, as DIRAC does it.
 */
export type ReplicationMethod = 'none' | 'server-side' | 'stream' | 'local-file';

export interface ReplicateOptions extends TransferOptions {
  /** Where the new replicas go. */
  readonly storageElement: string;
  /** The only source; left out, every StorageElement with a replica, those of the destination's own site first. */
  readonly source?: string;
  /** Copy through a file in this directory, and not otherwise. */
  readonly localCache?: string;
}

export interface ReplicateOutcome {
  readonly storageElement: string;
  /** Where the bytes came from; undefined when none moved. */
  readonly source: string | undefined;
  readonly method: ReplicationMethod;
  readonly sizeBytes: number;
  readonly pfn: string;
  /** Seconds it took to copy, of all files that were copied with this one. */
  readonly replicateSeconds: number;
  readonly registerSeconds: number;
}
