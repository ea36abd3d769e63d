import type { BulkResult, Lfn } from '../domain/index.js';
import { failure, type ErrorCode, type Failure } from '../errors/index.js';
import type { FileMetadata } from '../ports/index.js';
import type { Download, TransferOptions } from '../storage/types.js';
import { groupByStorageElement } from './look-up.js';
import { Outcomes, refuseRepeats, settled } from './outcomes.js';
import type { DataManagerDependencies, GetOutcome, GetRequest } from './types.js';

/** Downloads from the first StorageElement that gives a copy equal to what the catalog says; the next one is tried after a failure. */
export async function getFiles(
  dependencies: DataManagerDependencies,
  requests: readonly GetRequest[],
  options: TransferOptions = {},
): Promise<BulkResult<GetOutcome, Lfn>> {
  const { catalog } = dependencies;
  refuseRepeats(requests.map(({ lfn }) => lfn));
  const byLfn = new Map(requests.map((request) => [request.lfn, request]));
  const outcomes = new Outcomes<GetOutcome>(byLfn.keys());
  const asked = outcomes.open;
  const [facts, places] = await Promise.all([
    settled(asked, () => catalog.getFileMetadata(asked)),
    settled(asked, () => catalog.getReplicas(asked)),
  ]);
  const metadata = outcomes.take(asked, facts);
  const replicas = outcomes.take(outcomes.open, places);
  const left = new Map([...replicas].map(([lfn, where]) => [lfn, firstOf([...where.keys()], byLfn.get(lfn)?.storageElement)]));
  const faults = new Map<Lfn, [string, Failure][]>();

  for (;;) {
    const next = outcomes.open.map((lfn) => [lfn, left.get(lfn)?.shift()] as const);
    for (const [lfn, name] of next) {
      if (name === undefined) outcomes.fail(lfn, summaryOf(lfn, faults.get(lfn) ?? []));
    }
    const attempts = groupByStorageElement(next.filter((pair): pair is [Lfn, string] => pair[1] !== undefined));
    if (attempts.size === 0) return outcomes.build();
    for (const [name, lfns] of attempts) {
      const downloads = lfns.flatMap((lfn) => downloadOf(byLfn.get(lfn), metadata.get(lfn)));
      const result = await settled(lfns, () => dependencies.storageElement(name).get(downloads, options));
      result.successful.forEach((received, lfn) => outcomes.succeed(lfn, { ...received, storageElement: name }));
      result.failed.forEach((fault, lfn) => {
        if (hopeless.has(fault.code)) outcomes.fail(lfn, fault);
        else faults.set(lfn, [...(faults.get(lfn) ?? []), [name, fault]]);
      });
    }
  }
}

function firstOf(names: readonly string[], preferred: string | undefined): string[] {
  return [...names.filter((name) => name === preferred), ...names.filter((name) => name !== preferred)];
}

/** Faults that no other StorageElement can help. */
const hopeless: ReadonlySet<ErrorCode> = new Set(['local-file', 'cancelled']);

/** Why no StorageElement gave a copy: the code of the first, the reasons of all. */
function summaryOf(lfn: Lfn, faults: readonly (readonly [string, Failure])[]): Failure {
  const [first, ...others] = faults;
  if (first === undefined) return failure('no-such-file', `${lfn} has no replica`);
  return others.length === 0 ? first[1] : failure(first[1].code, faults.map(([name, { message }]) => `${name}: ${message}`).join('; '));
}

function downloadOf(request: GetRequest | undefined, facts: FileMetadata | undefined): Download[] {
  if (request === undefined || facts === undefined) return [];
  const checksum = facts.checksumType === 'Adler32' && facts.checksum !== '' ? { checksum: facts.checksum } : {};
  const { lfn, path, overwrite = false } = request;
  return [{ lfn, path, overwrite, expected: { sizeBytes: facts.sizeBytes, ...checksum } }];
}
