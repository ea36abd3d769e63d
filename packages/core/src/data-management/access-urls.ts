import type { BulkResult, Lfn, PresignedUrl } from '../domain/index.js';
import { failure } from '../errors/index.js';
import { Outcomes } from './outcomes.js';
import type { AccessUrlOptions, DataManagerDependencies } from './types.js';

/** URLs for another application, of replicas that are registered at that StorageElement. */
export async function accessUrls(
  { catalog, storageElement }: DataManagerDependencies,
  lfns: readonly Lfn[],
  { storageElement: name, ...options }: AccessUrlOptions,
): Promise<BulkResult<PresignedUrl, Lfn>> {
  const element = storageElement(name);
  const outcomes = new Outcomes<PresignedUrl>(lfns);
  const replicas = outcomes.take(outcomes.open, await catalog.getReplicas(outcomes.open));
  for (const [lfn, where] of replicas) {
    if (!where.has(name) && !where.has(element.name)) outcomes.fail(lfn, failure('no-such-file', `${lfn} has no replica at ${name}`));
  }
  const open = outcomes.open;
  if (open.length > 0) for (const [lfn, url] of outcomes.take(open, await element.accessUrl(open, options))) outcomes.succeed(lfn, url);
  return outcomes.build();
}
