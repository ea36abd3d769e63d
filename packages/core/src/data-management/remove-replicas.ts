import type { BulkResult, Lfn } from '../domain/index.js';
import { failure, ourCommand } from '../errors/index.js';
import type { StorageElementClient } from '../storage/types.js';
import { otherNameOf, replicaAt, requirePermission, requireRegistered } from './look-up.js';
import { Outcomes, refuseRepeats, settled } from './outcomes.js';
import type { DataManagerDependencies } from './types.js';

/**
 * Removes the replicas at one StorageElement, as DIRAC's `removeReplica`: the stored file first, then its entry. A name without a replica there
 * is done; the only replica of a file is refused. A removal that is half done says so, and the same command finishes it.
 */
export async function removeReplicas(
  dependencies: DataManagerDependencies,
  lfns: readonly Lfn[],
  storageElement: string,
): Promise<BulkResult<true, Lfn>> {
  const { catalog } = dependencies;
  refuseRepeats(lfns);
  const element = dependencies.storageElement(storageElement);
  element.requireOpen('Remove');
  const outcomes = new Outcomes<true>(lfns);
  await requireRegistered(catalog, outcomes);
  await requirePermission(catalog, 'removeReplica', outcomes);
  const listed = new Map<Lfn, Listed>();
  for (const [lfn, where] of outcomes.take(outcomes.open, await settled(outcomes.open, () => catalog.getReplicas(outcomes.open)))) {
    const replica = replicaAt(where, [storageElement, element.name]);
    if (replica === undefined) outcomes.succeed(lfn, true);
    else if (where.size === 1) outcomes.fail(lfn, soleReplica(lfn, replica.name));
    else
      listed.set(lfn, {
        ...replica,
        keeps: otherNameOf(dependencies, element, { lfn, replicas: where, except: replica.name }) !== undefined,
      });
  }
  await removeStored(dependencies, { element, listed, outcomes });
  return outcomes.build();
}

interface Listed {
  readonly name: string;
  readonly pfn: string;
  /** Another replica is the same stored file by another name: only the entry goes. */
  readonly keeps: boolean;
}

async function removeStored(
  { catalog }: DataManagerDependencies,
  {
    element,
    listed,
    outcomes,
  }: {
    readonly element: StorageElementClient;
    readonly listed: ReadonlyMap<Lfn, Listed>;
    readonly outcomes: Outcomes<true>;
  },
): Promise<void> {
  const kept = [...listed].filter(([, { keeps }]) => keeps).map(([lfn]) => lfn);
  const asked = [...listed.keys()].filter((lfn) => !kept.includes(lfn));
  const stored = await settled(asked, () => element.remove(asked));
  const gone = [...kept, ...asked.filter((lfn) => stored.successful.has(lfn))];
  for (const lfn of asked) {
    if (stored.successful.has(lfn)) continue;
    const { code, message } = stored.failed.get(lfn) ?? failure('storage-unavailable', 'no answer');
    outcomes.fail(
      lfn,
      failure(
        code,
        `${lfn}: the replica at ${element.name} stays, file and entry: ${message}. To finish: ${ourCommand('replica', 'rm', lfn, element.name)}`,
      ),
    );
  }
  const entries = gone.map((lfn) => ({ lfn, storageElement: listed.get(lfn)!.name, pfn: listed.get(lfn)!.pfn }));
  const result = await settled(gone, () => catalog.removeReplicas(entries));
  for (const lfn of gone) {
    if (result.successful.has(lfn)) outcomes.succeed(lfn, true);
    else {
      const { message } = result.failed.get(lfn) ?? failure('catalog-unavailable', 'no answer');
      outcomes.fail(
        lfn,
        failure(
          'registration-failed',
          `${lfn} is removed from ${element.name}, but the catalog still lists it there: ${message}. ` +
            `To finish: ${ourCommand('replica', 'rm', lfn, element.name)}`,
        ),
      );
    }
  }
}

function soleReplica(lfn: Lfn, name: string): ReturnType<typeof failure> {
  return failure(
    'conflict',
    `${lfn}: ${name} has the only replica, which is not removed alone. To remove the file: ${ourCommand('rm', lfn)}`,
  );
}
