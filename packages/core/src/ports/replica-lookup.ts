import type { Lfn } from '../domain/index.js';

/** What the catalog knows of a name, for the gateway's own decisions: shown only to those who may write there. */
export type Registration =
  | { readonly registered: false }
  | {
      readonly registered: true;
      /**
       * `hidden`: a file in a state that ordinary questions do not see (Trash …); DIRAC's managers judge it as if it were not there.
       * `unsettled`: a file, and a brief answer left open whether it is seen.
       */
      readonly what: 'file' | 'hidden' | 'directory' | 'unsettled';
      /** Every SE with a replica in any status; none of a directory. */
      readonly storageElements: readonly string[];
    };

export interface LookupOptions {
  /**
   * Spares a catalog behind a service a round trip: of names of which some are files and some are not, files may be `unsettled`. Default false.
   */
  readonly brief?: boolean;
}

/**
 * Tells which names are registered and where, whoever asks: the PUT rule needs it (a stored replica is never overwritten).
 *
 * Contract: one bulk call; every asked LFN is in the answer, or the call throws; hidden files and directories count as registered.
 */
export interface ReplicaLookup {
  lookUpReplicas(lfns: readonly Lfn[], options?: LookupOptions): Promise<ReadonlyMap<Lfn, Registration>>;
}
