import type { BulkResult, Lfn } from '../domain/index.js';
import { failure, type Failure } from '../errors/index.js';
import type { FileMetadata } from '../ports/index.js';
import type { Download, TransferOptions } from '../storage/types.js';
import { groupByStorageElement } from './look-up.js';
import { Outcomes, settled } from './outcomes.js';
import type { DataManagerDependencies, GetOutcome } from './types.js';

type GetRequest = Pick<Download, 'lfn' | 'path' | 'overwrite'>;

/** Downloads from the first StorageElement that gives a copy equal to what the catalog says; the next one is tried after a failure. */
export async function getFiles(
  dependencies: DataManagerDependencies,
  requests: readonly GetRequest[],
  options: TransferOptions = {},
): Promise<BulkResult<GetOutcome, Lfn>> {
  const { catalog } = dependencies;
  const byLfn = new Map(requests.map((request) => [request.lfn, request]));
  const outcomes = new Outcomes<GetOutcome>(byLfn.keys());
  const metadata = outcomes.take(outcomes.open, await settled(outcomes.open, () => catalog.getFileMetadata(outcomes.open)));
  const replicas = outcomes.take(outcomes.open, await settled(outcomes.open, () => catalog.getReplicas(outcomes.open)));
  const left = new Map([...replicas].map(([lfn, where]) => [lfn, [...where.keys()]]));
  const lastFault = new Map<Lfn, Failure>();

  for (;;) {
    const next = outcomes.open.map((lfn) => [lfn, left.get(lfn)?.shift()] as const);
    for (const [lfn, name] of next) {
      if (name === undefined) outcomes.fail(lfn, lastFault.get(lfn) ?? failure('no-such-file', `${lfn} has no replica`));
    }
    const attempts = groupByStorageElement(next.filter((pair): pair is [Lfn, string] => pair[1] !== undefined));
    if (attempts.size === 0) return outcomes.build();
    for (const [name, lfns] of attempts) {
      const downloads = lfns.flatMap((lfn) => downloadOf(byLfn.get(lfn), metadata.get(lfn)));
      const result = await settled(lfns, () => dependencies.storageElement(name).get(downloads, options));
      result.successful.forEach((received, lfn) => outcomes.succeed(lfn, { ...received, storageElement: name }));
      result.failed.forEach((fault, lfn) => lastFault.set(lfn, fault));
    }
  }
}

function downloadOf(request: GetRequest | undefined, facts: FileMetadata | undefined): Download[] {
  if (request === undefined || facts === undefined) return [];
  const checksum = facts.checksumType === 'Adler32' && facts.checksum !== '' ? { checksum: facts.checksum } : {};
  return [{ ...request, expected: { sizeBytes: facts.sizeBytes, ...checksum } }];
}
