import { failureOf, type BulkResult, type Failure, type Lfn } from '@dirac-s3/core';
import type { FileCatalog } from '@dirac-s3/core/ports';
import { filesBelow } from './catalog-tree.js';
import { askAbout, askAboutPaths } from './names.js';

/** Files at a time, as in DIRAC; Ctrl-C counts between them. */
const chunkSize = 100;

type Remove = (lfns: readonly Lfn[]) => Promise<BulkResult<true, Lfn>>;

interface Removal {
  readonly remove: Remove;
  readonly signal: AbortSignal;
}

/** Files by their names, a hundred at a time; those that were not begun when the user interrupted are in no part of the answer. */
export function removeFiles(names: readonly string[], { remove, signal }: Removal): Promise<BulkResult<true>> {
  return askAbout(names, (lfns) => inChunks(lfns, remove, signal));
}

/** Every file below some directories. A directory that cannot be read is a failure, and what was found beside it is removed all the same. */
export async function removeBelow(catalog: FileCatalog, names: readonly string[], { remove, signal }: Removal): Promise<BulkResult<true>> {
  return askAboutPaths<true>(names, async (roots) => {
    const { files, failed } = await filesBelow(catalog, roots, signal);
    const removed = await inChunks([...files.keys()], remove, signal);
    return { successful: removed.successful, failed: new Map([...failed, ...removed.failed]) };
  });
}

/** A fault before anything is removed is that of the whole; later it counts for its chunk alone, and what was removed stays said. */
async function inChunks(lfns: readonly Lfn[], remove: Remove, signal: AbortSignal): Promise<BulkResult<true, Lfn>> {
  const successful = new Map<Lfn, true>();
  const failed = new Map<Lfn, Failure>();
  for (let at = 0; at < lfns.length && !signal.aborted; at += chunkSize) {
    const chunk = lfns.slice(at, at + chunkSize);
    const part = await remove(chunk).catch((thrown: unknown): BulkResult<true, Lfn> => {
      if (at === 0) throw thrown;
      const fault = failureOf(thrown);
      return { successful: new Map(), failed: new Map(chunk.map((lfn) => [lfn, fault])) };
    });
    part.successful.forEach((_, lfn) => successful.set(lfn, true));
    part.failed.forEach((fault, lfn) => failed.set(lfn, fault));
  }
  return { successful, failed };
}
