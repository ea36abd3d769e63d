import { bulkMap, lfnFault, lfnOfObjectKey, type BulkResult, type Lfn, type PresignRequest } from '../domain/index.js';
import type { FoundUpload, StorageElementRegistry, TargetFacts, UnfinishedUpload, UploadFinder } from '../ports/index.js';
import { resolveTargets } from './resolve-targets.js';
import type { StepResult } from './types.js';

/** Uploads told of one name, so that an answer stays small; whoever clears those away asks again. */
export const mostTold = 1000;

/** Uploads looked at for one name: beyond it a narrower one has to be asked for. */
const mostLookedAt = 10_000;

/** Names looked for at a time: each is one request to the store, or a few. */
const parallelLooks = 4;

/** An unfinished upload under a proper name. */
export type NamedUpload = Pick<FoundUpload, 'lfn' | 'uploadId' | 'begunAt'>;

export interface LookedFor {
  /** As if each name were to be removed: that is what it comes to. */
  readonly request: PresignRequest;
  readonly resolved: StepResult<TargetFacts>;
  /** The oldest first. */
  readonly found: BulkResult<readonly NamedUpload[], Lfn>;
}

/** Asks the store for the unfinished uploads of each name and of names below it. Nobody's permission is asked. */
export async function lookForUploads(
  { storageElement, lfns }: { readonly storageElement: string; readonly lfns: readonly string[] },
  { registry, finder, vo }: { readonly registry: StorageElementRegistry; readonly finder: UploadFinder; readonly vo: string | undefined },
): Promise<LookedFor> {
  const request: PresignRequest = { storageElement, method: 'delete_object', items: lfns.map((lfn) => ({ lfn })) };
  const resolved = resolveTargets(request, { registry, vo, holder: 'self' });
  const found = await bulkMap(
    resolved.passed.keys(),
    async (lfn) => {
      const uploads = await finder.find(resolved.passed.get(lfn)!, mostLookedAt);
      return uploads.flatMap(named).sort((one, other) => one.begunAt.getTime() - other.begunAt.getTime());
    },
    { parallel: parallelLooks, fallback: 'storage-unavailable' },
  );
  return { request, resolved, found };
}

/** What has a key that no LFN can have was begun by somebody else. */
function named({ key, uploadId, begunAt }: UnfinishedUpload): NamedUpload[] {
  return lfnFault(`/${key}`) === undefined ? [{ lfn: lfnOfObjectKey(key), uploadId, begunAt }] : [];
}
