import type { BulkResult, Lfn } from '../domain/index.js';
import { failure, ourCommand } from '../errors/index.js';
import { requirePermission } from './look-up.js';
import { Outcomes } from './outcomes.js';
import type { DataManagerDependencies } from './types.js';

/** Removes objects that no catalog entry speaks of (an upload whose registration failed). A registered name is refused: `remove` is for those. */
export async function removeUnregistered(
  { catalog, storageElement }: DataManagerDependencies,
  lfns: readonly Lfn[],
  name: string,
): Promise<BulkResult<true, Lfn>> {
  const element = storageElement(name);
  const outcomes = new Outcomes<true>(lfns);
  for (const [lfn, registered] of outcomes.take(outcomes.open, await catalog.exists(outcomes.open))) {
    if (registered)
      outcomes.fail(lfn, failure('file-exists', `${lfn} is in the catalog; remove it there too, with: ${ourCommand('rm', lfn)}`));
  }
  // With keys of one's own nobody else asks: whoever may add a file there may take its object away.
  await requirePermission(catalog, 'addFile', outcomes);
  const open = outcomes.open;
  if (open.length > 0) for (const lfn of outcomes.take(open, await element.remove(open)).keys()) outcomes.succeed(lfn, true);
  return outcomes.build();
}
