import type { BulkResult, Lfn } from '../domain/index.js';
import { failure } from '../errors/index.js';
import { newGuid, parseGuid } from './guid.js';
import { groupByStorageElement } from './look-up.js';
import { Outcomes, refuseRepeats, settled } from './outcomes.js';
import { registerAll } from './put-and-register.js';
import type { DataManagerDependencies, PutOutcome, RegisterRequest } from './types.js';

/** Registers objects that are stored already: what the store says of size and checksum is what the catalog gets. */
export async function registerStored(
  dependencies: DataManagerDependencies,
  requests: readonly RegisterRequest[],
): Promise<BulkResult<PutOutcome, Lfn>> {
  refuseRepeats(requests.map(({ lfn }) => lfn));
  const outcomes = new Outcomes<PutOutcome>(requests.map(({ lfn }) => lfn));
  const guids = new Map(requests.map(({ lfn, guid }) => [lfn, guid === undefined ? newGuid() : parseGuid(guid)]));
  const files = [];
  for (const [name, lfns] of groupByStorageElement(requests.map((request) => [request.lfn, request.storageElement] as const))) {
    const result = await settled(lfns, async () => dependencies.storageElement(name).getMetadata(lfns));
    for (const [lfn, { sizeBytes, checksum }] of outcomes.take(lfns, result)) {
      if (checksum === undefined) {
        outcomes.fail(
          lfn,
          failure('checksum-mismatch', `${lfn}: the object carries no checksum, so it cannot be told whether it is whole`),
        );
      } else {
        const element = dependencies.storageElement(name);
        const pfn = element.storageUrl(lfn);
        files.push({ lfn, sizeBytes, checksum, pfn, storageElement: element.name, guid: guids.get(lfn) ?? newGuid() });
      }
    }
  }
  await registerAll(dependencies, files, outcomes);
  return outcomes.build();
}
