import type { Lfn, ObjectKey } from '../domain/index.js';
import type { Failure } from '../errors/index.js';
import type { ListedObject, ObjectLister, TargetFacts } from '../ports/index.js';
import type { StepResult } from './types.js';

/** Third step of a question about what is stored: the store is asked in bulk. All targets are in one bucket. */
export async function listTargets(
  targets: ReadonlyMap<Lfn, TargetFacts>,
  lister: ObjectLister,
): Promise<StepResult<ListedObject | undefined>> {
  const passed = new Map<Lfn, ListedObject | undefined>();
  const refused = new Map<string, Failure>();
  const [place] = targets.values();
  if (place === undefined) return { passed, refused };
  const lfns = new Map<ObjectKey, Lfn>([...targets].map(([lfn, { key }]) => [key, lfn]));
  const { successful, failed } = await lister.list(place, [...lfns.keys()]);
  successful.forEach((object, key) => passed.set(lfns.get(key)!, object));
  failed.forEach((fault, key) => refused.set(lfns.get(key)!, fault));
  return { passed, refused };
}
