import type { BulkResult, Lfn } from '../domain/index.js';
import { failure, type Failure } from '../errors/index.js';
import { groupByStorageElement, requirePermission, requireRegistered } from './look-up.js';
import { Outcomes, settled } from './outcomes.js';
import type { DataManagerDependencies } from './types.js';

/**
 * Removes objects first and the catalog entry last: an entry without objects can be removed again, an object without entry is lost. Where a
 * replica stays, so does the entry, and the failure names what is left.
 */
export async function removeFiles(dependencies: DataManagerDependencies, lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>> {
  const { catalog } = dependencies;
  const outcomes = new Outcomes<true>(lfns);
  await requireRegistered(catalog, outcomes);
  await requirePermission(catalog, 'removeFile', outcomes);
  const replicas = outcomes.take(outcomes.open, await settled(outcomes.open, () => catalog.getReplicas(outcomes.open)));
  const pairs = [...replicas].flatMap(([lfn, where]) => [...where.keys()].map((name) => [lfn, name] as const));
  const kept = new Map<Lfn, string[]>();
  for (const [name, group] of groupByStorageElement(pairs)) {
    const result = await settled(group, () => dependencies.storageElement(name).remove(group));
    for (const lfn of group) {
      if (!result.successful.has(lfn)) kept.set(lfn, [...(kept.get(lfn) ?? []), `${name} (${reasonOf(result.failed.get(lfn))})`]);
    }
  }
  for (const [lfn, where] of kept) {
    outcomes.fail(
      lfn,
      failure(
        'storage-unavailable',
        `${lfn} stays in the catalog, since it could not be removed from ${where.join(', ')}; run the same command again`,
      ),
    );
  }
  const gone = outcomes.open;
  for (const lfn of outcomes.take(gone, await settled(gone, () => catalog.removeFiles(gone))).keys()) outcomes.succeed(lfn, true);
  return outcomes.build();
}

function reasonOf(fault: Failure | undefined): string {
  return fault?.message ?? 'no answer';
}
