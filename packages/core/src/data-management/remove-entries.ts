import type { Lfn } from '../domain/index.js';
import { failure, type ErrorCode, type Failure } from '../errors/index.js';
import type { FileCatalog } from '../ports/index.js';
import { settled } from './outcomes.js';

export interface RemovedEntries {
  readonly gone: ReadonlySet<Lfn>;
  readonly failed: ReadonlyMap<Lfn, Failure>;
  /** Those of the failed of which the catalog does not say whether they are gone. */
  readonly unknown: ReadonlySet<Lfn>;
}

/** Faults after which a call may have been done all the same. */
const noAnswer: ReadonlySet<ErrorCode> = new Set(['catalog-unavailable', 'gateway-unavailable', 'timeout', 'internal']);

/** Removes entries of files from the catalog. An answer that was lost is looked for: is the entry still there? */
export async function removeEntries(catalog: FileCatalog, lfns: readonly Lfn[]): Promise<RemovedEntries> {
  const { successful, failed } = await settled(lfns, () => catalog.removeFiles(lfns));
  const unsure = lfns.filter((lfn) => !successful.has(lfn) && noAnswer.has(failed.get(lfn)?.code ?? 'internal'));
  const there = await settled(unsure, () => catalog.exists(unsure));
  const gone = new Set(lfns.filter((lfn) => successful.has(lfn) || there.successful.get(lfn) === false));
  const left = lfns.filter((lfn) => !gone.has(lfn));
  return {
    gone,
    failed: new Map(left.map((lfn) => [lfn, failed.get(lfn) ?? failure('catalog-unavailable', `${lfn}: no answer`)])),
    unknown: new Set(unsure.filter((lfn) => !there.successful.has(lfn))),
  };
}
