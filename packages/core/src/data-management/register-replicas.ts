import type { Lfn } from '../domain/index.js';
import { failure, ourCommand, type Failure } from '../errors/index.js';
import type { StorageElementClient } from '../storage/types.js';
import type { Copied } from './copy-files.js';
import { replicaAt } from './look-up.js';
import { settled, type Outcomes } from './outcomes.js';
import type { ReplicateOutcome } from './replicate-types.js';
import type { Timed } from './types.js';

export interface Registration {
  readonly destination: StorageElementClient;
  readonly copied: ReadonlyMap<Lfn, Copied>;
  readonly outcomes: Outcomes<ReplicateOutcome>;
}

/**
 * Registers replicas that are stored. Where the catalog refuses, it is asked whether it lists the replica all the same (an answer may be
 * lost); only what it certainly does not list is removed again.
 */
export async function registerReplicas({ catalog, clock }: Timed, { destination, copied, outcomes }: Registration): Promise<void> {
  const lfns = [...copied.keys()];
  if (lfns.length === 0) return;
  const { name } = destination;
  const started = clock.now().getTime();
  const result = await settled(lfns, () =>
    catalog.addReplicas(lfns.map((lfn) => ({ lfn, storageElement: name, pfn: copied.get(lfn)!.pfn }))),
  );
  const registerSeconds = (clock.now().getTime() - started) / 1000;
  const refused = lfns.filter((lfn) => !result.successful.has(lfn));
  const listed = await settled(refused, () => catalog.getReplicas(refused));
  const isListed = (lfn: Lfn): boolean => replicaAt(listed.successful.get(lfn), [name]) !== undefined;
  // What was there before this run is not this run's to remove.
  const stray = refused.filter((lfn) => listed.successful.has(lfn) && !isListed(lfn) && copied.get(lfn)!.method !== 'none');
  const removed = await settled(stray, () => destination.remove(stray));
  for (const lfn of lfns) {
    if (result.successful.has(lfn) || isListed(lfn)) outcomes.succeed(lfn, { storageElement: name, ...copied.get(lfn)!, registerSeconds });
    else outcomes.fail(lfn, unregistered(lfn, { name, reason: result.failed.get(lfn), removed: removed.successful.has(lfn) }));
  }
}

function unregistered(lfn: Lfn, { name, reason, removed }: { name: string; reason: Failure | undefined; removed: boolean }): Failure {
  const { code, message } = reason ?? failure('catalog-unavailable', 'no answer');
  if (removed) return failure(code, `${lfn}: the replica at ${name} was not registered and is removed again: ${message}`);
  return failure(
    'registration-failed',
    `${lfn} is stored at ${name} but not registered there: ${message}. To finish: ${ourCommand('replicate', lfn, '--to', name)}, ` +
      'which finds it and copies nothing',
  );
}
