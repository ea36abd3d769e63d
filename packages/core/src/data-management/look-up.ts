import type { Lfn } from '../domain/index.js';
import { failure } from '../errors/index.js';
import type { FileCatalog } from '../ports/index.js';
import type { StorageElementClient } from '../storage/types.js';
import type { Outcomes } from './outcomes.js';
import type { DataManagerDependencies } from './types.js';

/** Fails the open names the catalog does not know, as DIRAC's DataManager does before anything else. */
export async function requireRegistered(catalog: FileCatalog, outcomes: Outcomes<unknown>): Promise<void> {
  const asked = outcomes.open;
  if (asked.length === 0) return;
  for (const [lfn, there] of outcomes.take(asked, await catalog.exists(asked))) {
    if (!there) outcomes.fail(lfn, failure('no-such-file', `${lfn} is not in the catalog`));
  }
}

/** Fails the open names for which the user lacks the right to a catalog method. */
export async function requirePermission(catalog: FileCatalog, method: string, outcomes: Outcomes<unknown>): Promise<void> {
  const asked = outcomes.open;
  if (asked.length === 0) return;
  for (const [lfn, granted] of outcomes.take(asked, await catalog.hasAccess(method, asked))) {
    if (!granted) outcomes.fail(lfn, failure('permission-denied', `${lfn}: the catalog does not grant ${method}`));
  }
}

/** Names by the StorageElement they are to be asked at. */
export function groupByStorageElement(pairs: Iterable<readonly [Lfn, string]>): Map<string, Lfn[]> {
  const groups = new Map<string, Lfn[]>();
  for (const [lfn, name] of pairs) {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [lfn]);
    else group.push(lfn);
  }
  return groups;
}

/** The replica under one of several names of a StorageElement: an alias is registered as what it stands for, but may not always have been. */
export function replicaAt(
  replicas: ReadonlyMap<string, string> | undefined,
  names: readonly string[],
): { readonly name: string; readonly pfn: string } | undefined {
  for (const name of names) {
    const pfn = replicas?.get(name);
    if (pfn !== undefined) return { name, pfn };
  }
  return undefined;
}

/**
 * Another registered name of the very place where a StorageElement has a file: a second name of one bucket makes no second replica, and what is
 * removed under one name is gone under both.
 */
export function otherNameOf(
  { storageElement }: Pick<DataManagerDependencies, 'storageElement'>,
  element: StorageElementClient,
  { lfn, replicas, except }: { readonly lfn: Lfn; readonly replicas: ReadonlyMap<string, string> | undefined; readonly except?: string },
): string | undefined {
  const here = element.storageUrl(lfn);
  const isHere = (name: string): boolean => {
    try {
      return storageElement(name).storageUrl(lfn) === here;
    } catch {
      // One that cannot be opened here is told apart by what is registered.
      return replicas?.get(name) === here;
    }
  };
  return [...(replicas?.keys() ?? [])].find((name) => name !== except && isHere(name));
}
