import { bulkMap, type BulkResult, type Lfn } from '../domain/index.js';
import { failureOf, type Failure } from '../errors/index.js';
import type { FoundUpload } from '../ports/index.js';
import { giveUp, type GiveUpTools } from './multipart-give-up.js';

/** Where to look for uploads that no journal here knows: their process or their host is gone. */
export interface OrphanPlace {
  readonly storageElement: string;
  /** Names of uploads, or of directories above them. */
  readonly lfns: readonly Lfn[];
  /** Younger ones are left alone: somebody may be at work on them elsewhere. */
  readonly begunBefore: Date;
}

/** An upload that was found at the store, and that no journal here knows. */
export type OrphanedUpload = Pick<FoundUpload, 'lfn' | 'uploadId' | 'begunAt'> & { readonly storageElement: string };

export interface CleanedOrphans {
  readonly aborted: readonly OrphanedUpload[];
  readonly failed: ReadonlyMap<OrphanedUpload, Failure>;
  /** Names below which none could be looked for. */
  readonly notLooked: ReadonlyMap<Lfn, Failure>;
}

/** Aborted at a time. */
const parallelAborts = 8;

function nothingFound(lfns: readonly Lfn[], thrown: unknown): BulkResult<readonly FoundUpload[], Lfn> {
  return { successful: new Map(), failed: new Map(lfns.map((lfn) => [lfn, failureOf(thrown)])) };
}

interface CleanTools {
  readonly tools: GiveUpTools;
  /** Ids of uploads with a journal, left alone. */
  readonly known: ReadonlySet<string>;
  /** Tells what would be aborted, and aborts nothing. */
  readonly dryRun?: boolean;
}

/** Looks again until nothing new is found, as an answer tells of so many and no more. */
export async function cleanOrphans(
  { storageElement, lfns, begunBefore }: OrphanPlace,
  { tools, known, dryRun = false }: CleanTools,
): Promise<CleanedOrphans> {
  const aborted: OrphanedUpload[] = [];
  const failed = new Map<OrphanedUpload, Failure>();
  const tried = new Set(known);
  for (;;) {
    const looked = await tools.multipart.find(storageElement, lfns).catch((thrown: unknown) => nothingFound(lfns, thrown));
    const found = [...looked.successful.values()].flat().filter(({ uploadId, begunAt }) => !tried.has(uploadId) && begunAt < begunBefore);
    const orphans = new Map(found.map((upload) => [upload.uploadId, upload]));
    if (orphans.size === 0) return { aborted, failed, notLooked: looked.failed };
    const abort = async (uploadId: string): Promise<void> => (dryRun ? undefined : giveUp(tools, orphans.get(uploadId)!));
    const gone = await bulkMap(orphans.keys(), abort, { parallel: parallelAborts });
    for (const [uploadId, { lfn, begunAt }] of orphans) {
      const orphan = { storageElement, lfn, uploadId, begunAt };
      const fault = gone.failed.get(uploadId);
      if (fault === undefined) aborted.push(orphan);
      else failed.set(orphan, fault);
      tried.add(uploadId);
    }
  }
}
