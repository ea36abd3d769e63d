import type { z } from 'zod';
import { bulkMap, type BulkResult, type Lfn } from '../../domain/index.js';
import { DiracS3Error } from '../../errors/index.js';
import type { ListedObject, StoredObjects } from '../../ports/index.js';
import { listedObjectsAnswerSchema, restPaths } from '../../rest-api/index.js';
import { askInChunks } from './bulk-questions.js';
import type { RestClient } from './rest-client.js';

/** Listings by a gateway. One of an earlier version has none: then it is not asked a second time. */
export function gatewayStoredObjects(client: RestClient): StoredObjects {
  let isUnknown = false;
  return {
    async listed(storageElement, lfns) {
      if (isUnknown) return unsupported(lfns);
      try {
        return await askInChunks<Lfn, ListedEntry, ListedObject | undefined, Lfn>(lfns, {
          nameOf: (lfn) => lfn,
          ask: (chunk) =>
            client.post(restPaths.listObjects, { storageElement, lfns: chunk }, { answer: listedObjectsAnswerSchema, repeatable: true }),
          valueOf: ({ object }) => object ?? undefined,
        });
      } catch (thrown) {
        if (!(thrown instanceof DiracS3Error) || !pathIsUnknown.has(thrown.code)) throw thrown;
        isUnknown = true;
        return unsupported(lfns);
      }
    },
  };
}

/** What a gateway says of a path or a method it does not have; of names and StorageElements it says other things. */
const pathIsUnknown: ReadonlySet<string> = new Set(['not-found', 'method-not-allowed']);

function unsupported(lfns: readonly Lfn[]): Promise<BulkResult<ListedObject | undefined, Lfn>> {
  return bulkMap(lfns, (lfn) => {
    throw new DiracS3Error('unsupported-operation', `${lfn}: the gateway is of a version that does not list`);
  });
}

type ListedEntry = z.infer<typeof listedObjectsAnswerSchema>['successful'][number];
