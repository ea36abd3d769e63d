import type { CatalogMethod, Identity, Lfn } from '../domain/index.js';

export interface PermissionQuestion {
  readonly identity: Identity;
  readonly method: CatalogMethod;
  readonly lfns: readonly Lfn[];
}

/** One answer. A refusal always says why, in words the user may read. */
export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/**
 * Decides whether an identity may do a catalog method on LFNs.
 *
 * Contract (the suite in `core/testing` holds every implementation to it):
 * - one call is one question about many LFNs, answered by a bounded number of round trips whatever their number;
 * - the answer is keyed by the LFN exactly as asked; a name missing from it is a refusal for the caller of this port;
 * - an error of the catalog is thrown (`catalog-unavailable`, `timeout`), never turned into a permission;
 * - the judgement depends on the arguments only, never on ambient state, and changes nothing.
 */
export interface PermissionChecker {
  checkPermission(question: PermissionQuestion): Promise<ReadonlyMap<Lfn, Verdict>>;
}
