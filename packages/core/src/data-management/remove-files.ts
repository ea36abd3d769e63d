import type { BulkResult, Lfn } from '../domain/index.js';
import { failure, failureOf, ourCommand, type Failure } from '../errors/index.js';
import type { FileCatalog } from '../ports/index.js';
import { groupByStorageElement, requirePermission, requireRegistered } from './look-up.js';
import { Outcomes, settled } from './outcomes.js';
import { removeEntries } from './remove-entries.js';
import type { DataManagerDependencies } from './types.js';

/** Replicas of each file: storage URL by StorageElement. */
type Replicas = ReadonlyMap<Lfn, ReadonlyMap<string, string>>;

/**
 * Removes objects first and the catalog entry last: an entry without objects can be removed again, an object without entry is lost. Where one
 * replica cannot be removed from the outset, none is. Where one stays all the same, so does the entry of the file, without those that are
 * gone; the failure says what is left, and how to finish.
 */
export async function removeFiles(dependencies: DataManagerDependencies, lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>> {
  const { catalog } = dependencies;
  const outcomes = new Outcomes<true>(lfns);
  await requireRegistered(catalog, outcomes);
  await requirePermission(catalog, 'removeFile', outcomes);
  const replicas = outcomes.take(outcomes.open, await settled(outcomes.open, () => catalog.getReplicas(outcomes.open)));
  refuseClosed(dependencies, replicas, outcomes);
  const open = new Set(outcomes.open);
  const kept = await removeStored(dependencies, new Map([...replicas].filter(([lfn]) => open.has(lfn))));
  await tellKept(catalog, { replicas, kept, outcomes });
  const { gone, failed } = await removeEntries(catalog, outcomes.open);
  for (const lfn of gone) outcomes.succeed(lfn, true);
  for (const [lfn, { message }] of failed) {
    const left = `${lfn} is removed from storage, but the catalog still lists it: ${message}. To finish: ${ourCommand('rm', lfn)}`;
    outcomes.fail(lfn, failure('registration-failed', left));
  }
  return outcomes.build();
}

/** What a StorageElement refuses whatever the file is known before anything is removed. */
function refuseClosed({ storageElement }: DataManagerDependencies, replicas: Replicas, outcomes: Outcomes<true>): void {
  const faults = new Map<string, Failure>();
  for (const name of new Set([...replicas.values()].flatMap((where) => [...where.keys()]))) {
    try {
      storageElement(name).requireOpen('Remove');
    } catch (thrown) {
      faults.set(name, failureOf(thrown));
    }
  }
  for (const [lfn, where] of replicas) {
    const closed = [...where.keys()].filter((name) => faults.has(name));
    if (closed.length === 0) continue;
    const reasons = closed.map((name) => `${name} (${faults.get(name)!.message})`).join(', ');
    const others = [...where.keys()].filter((name) => !faults.has(name));
    const remedy =
      others.length === 0 ? '' : `. Replicas at ${others.join(', ')} are removed by: ${ourCommand('replica', 'rm', lfn, 'SE')}`;
    outcomes.fail(
      lfn,
      failure(faults.get(closed[0]!)!.code, `${lfn} stays in the catalog and nothing was removed, since ${reasons} forbids it${remedy}`),
    );
  }
}

/** Removes the stored files; gives the reasons of those that stay. */
async function removeStored({ storageElement }: DataManagerDependencies, replicas: Replicas): Promise<Map<Lfn, Map<string, Failure>>> {
  const kept = new Map<Lfn, Map<string, Failure>>();
  const pairs = [...replicas].flatMap(([lfn, where]) => [...where.keys()].map((name) => [lfn, name] as const));
  for (const [name, group] of groupByStorageElement(pairs)) {
    const result = await settled(group, () => storageElement(name).remove(group));
    for (const lfn of group) {
      if (result.successful.has(lfn)) continue;
      const fault = result.failed.get(lfn) ?? failure('storage-unavailable', 'no answer');
      kept.set(lfn, (kept.get(lfn) ?? new Map<string, Failure>()).set(name, fault));
    }
  }
  return kept;
}

/** Nobody should look for replicas that are gone: as in DIRAC, their entries go, and that of the file stays with the others. */
async function tellKept(
  catalog: FileCatalog,
  {
    replicas,
    kept,
    outcomes,
  }: { readonly replicas: Replicas; readonly kept: ReadonlyMap<Lfn, ReadonlyMap<string, Failure>>; readonly outcomes: Outcomes<true> },
): Promise<void> {
  const gone = [...kept].flatMap(([lfn, faults]) =>
    [...(replicas.get(lfn) ?? [])].filter(([name]) => !faults.has(name)).map(([storageElement, pfn]) => ({ lfn, storageElement, pfn })),
  );
  // Should this fail, the same command ends it too: what is gone is removed again, and then its entry.
  for (const [name, lfns] of groupByStorageElement(gone.map(({ lfn, storageElement }) => [lfn, storageElement] as const)))
    await settled(lfns, () => catalog.removeReplicas(gone.filter(({ storageElement }) => storageElement === name)));
  for (const [lfn, faults] of kept) {
    const reasons = [...faults].map(([name, { message }]) => `${name} (${message})`).join(', ');
    const done = gone.filter((entry) => entry.lfn === lfn).map(({ storageElement }) => storageElement);
    const removed = done.length === 0 ? '' : `; it is removed from ${done.join(', ')}`;
    outcomes.fail(
      lfn,
      failure(
        'storage-unavailable',
        `${lfn} stays in the catalog, since it could not be removed from ${reasons}${removed}. To finish: ${ourCommand('rm', lfn)}`,
      ),
    );
  }
}
