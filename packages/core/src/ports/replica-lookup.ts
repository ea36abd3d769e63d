import type { Lfn } from '../domain/index.js';

/** What the catalog knows of a name, for the gateway's own decisions: never shown to a user. */
export type Registration =
  | { readonly registered: false }
  /** `storageElements`: every SE with a replica in any status. A directory of that name counts as registered, with none. */
  | { readonly registered: true; readonly storageElements: readonly string[] };

/**
 * Tells which names are registered and where, whoever asks: the PUT rule needs it (a stored replica is never overwritten).
 *
 * Contract: one bulk call; every asked LFN is in the answer, or the call throws; hidden (Trash) files count as registered.
 */
export interface ReplicaLookup {
  lookUpReplicas(lfns: readonly Lfn[]): Promise<ReadonlyMap<Lfn, Registration>>;
}
