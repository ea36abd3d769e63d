import type { BulkResult, Lfn, PresignRequest } from '../domain/index.js';
import type { ListedObject, ObjectLister, StoredObjects } from '../ports/index.js';
import { collectOutcomes } from './collect-outcomes.js';
import type { DirectUrlSourceDependencies } from './direct-url-source.js';
import { listTargets } from './list-targets.js';
import { resolveTargets } from './resolve-targets.js';

export interface DirectStoredObjectsDependencies extends Pick<DirectUrlSourceDependencies, 'registry' | 'vo'> {
  readonly lister: ObjectLister;
}

/** Listings with credentials this process has itself; see {@link createDirectUrlSource}. */
export function createDirectStoredObjects({ registry, lister, vo }: DirectStoredObjectsDependencies): StoredObjects {
  return {
    async listed(storageElement, lfns) {
      const request: PresignRequest = { storageElement, method: 'head_object', items: lfns.map((lfn) => ({ lfn })) };
      const resolved = resolveTargets(request, { registry, vo, holder: 'self' });
      return collectOutcomes(request, await listTargets(resolved.passed, lister), [resolved]) as BulkResult<ListedObject | undefined, Lfn>;
    },
  };
}
