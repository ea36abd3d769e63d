import { baseNameOf, type BulkResult, type Lfn } from '../domain/index.js';
import { failure, failureOf } from '../errors/index.js';
import type { NewFile } from '../ports/index.js';
import type { StoredObject, TransferOptions, Upload } from '../storage/types.js';
import { guidOfFile, parseGuid } from './guid.js';
import { groupByStorageElement, requirePermission } from './look-up.js';
import { Outcomes, refuseRepeats, settled } from './outcomes.js';
import { removeFiles } from './remove-files.js';
import { sizeOfRegularFile } from './source-file-size.js';
import type { DataManagerDependencies, PutOutcome, PutRequest } from './types.js';

/** Column width of the File Catalog (`FC_Files.FileName`). */
const maxBaseName = 128;

/**
 * DIRAC's order (`DataManager.putAndRegister`), with everything that can refuse before the first byte moves: names, local files, catalog,
 * permission. Then upload and read back, and only then register.
 */
export async function putAndRegister(
  dependencies: DataManagerDependencies,
  requests: readonly PutRequest[],
  options: TransferOptions = {},
): Promise<BulkResult<PutOutcome, Lfn>> {
  refuseRepeats(requests.map(({ lfn }) => lfn));
  const byLfn = new Map(requests.map((request) => [request.lfn, request]));
  const outcomes = new Outcomes<PutOutcome>(byLfn.keys());
  const guids = await checkRequests(byLfn, outcomes);
  await requirePermission(dependencies.catalog, 'addFile', outcomes);
  await clearTheWay(dependencies, byLfn, outcomes);
  const stored = await uploadAll(dependencies, byLfn, { outcomes, options });
  const files = [...stored].map(([lfn, object]): NewFile & PutOutcome => ({
    lfn,
    sizeBytes: object.sizeBytes,
    checksum: object.checksum,
    pfn: object.pfn,
    guid: guids.get(lfn) ?? '',
    storageElement: byLfn.get(lfn)?.storageElement ?? '',
  }));
  await registerAll(dependencies, files, outcomes);
  return outcomes.build();
}

/** What is wrong with a request is known before anybody is asked. Gives the GUID of each good one. */
async function checkRequests(requests: ReadonlyMap<Lfn, PutRequest>, outcomes: Outcomes<PutOutcome>): Promise<Map<Lfn, string>> {
  const guids = new Map<Lfn, string>();
  for (const [lfn, { source, guid }] of requests) {
    try {
      if (Buffer.byteLength(baseNameOf(lfn)) > maxBaseName) {
        outcomes.fail(lfn, failure('invalid-lfn', `${lfn}: the catalog holds file names of at most ${maxBaseName} bytes`));
        continue;
      }
      if ((await sizeOfRegularFile(source.path)) === 0) {
        outcomes.fail(lfn, failure('local-file', `${source.path} is empty; DIRAC does not register empty files`));
        continue;
      }
      guids.set(lfn, guid === undefined ? await guidOfFile(source.path) : parseGuid(guid));
    } catch (thrown) {
      outcomes.fail(lfn, failureOf(thrown, 'local-file'));
    }
  }
  return guids;
}

/** A registered name is refused, or removed first where the caller wants to overwrite. */
async function clearTheWay(
  dependencies: DataManagerDependencies,
  requests: ReadonlyMap<Lfn, PutRequest>,
  outcomes: Outcomes<PutOutcome>,
): Promise<void> {
  const asked = outcomes.open;
  if (asked.length === 0) return;
  const taken = [...outcomes.take(asked, await dependencies.catalog.exists(asked))].filter(([, there]) => there).map(([lfn]) => lfn);
  const replaced = taken.filter((lfn) => requests.get(lfn)?.overwrite === true);
  for (const lfn of taken) {
    if (!replaced.includes(lfn)) outcomes.fail(lfn, failure('file-exists', `${lfn} is in the catalog already`));
  }
  if (replaced.length > 0) outcomes.take(replaced, await removeFiles(dependencies, replaced));
}

async function uploadAll(
  { storageElement }: DataManagerDependencies,
  requests: ReadonlyMap<Lfn, PutRequest>,
  { outcomes, options }: { outcomes: Outcomes<PutOutcome>; options: TransferOptions },
): Promise<Map<Lfn, StoredObject>> {
  const stored = new Map<Lfn, StoredObject>();
  const open = outcomes.open.flatMap((lfn) => requests.get(lfn) ?? []);
  for (const [name, lfns] of groupByStorageElement(open.map((request) => [request.lfn, request.storageElement] as const))) {
    const uploads = lfns.flatMap((lfn): Upload[] => {
      const request = requests.get(lfn);
      return request === undefined ? [] : [{ lfn, source: request.source, overwrite: request.overwrite ?? false }];
    });
    const result = await settled(lfns, () => storageElement(name).put(uploads, options));
    for (const [lfn, object] of outcomes.take(lfns, result)) stored.set(lfn, object);
  }
  return stored;
}

/** Registers stored objects. A refusal leaves the object where it is and says how to go on. */
export async function registerAll(
  { catalog }: DataManagerDependencies,
  files: readonly (NewFile & PutOutcome)[],
  outcomes: Outcomes<PutOutcome>,
): Promise<void> {
  const lfns = files.map(({ lfn }) => lfn);
  const result = await settled(lfns, () =>
    catalog.addFiles(
      files.map(({ lfn, sizeBytes, checksum, guid, storageElement, pfn }) => ({ lfn, sizeBytes, checksum, guid, storageElement, pfn })),
    ),
  );
  for (const { lfn, ...outcome } of files) {
    const fault = result.successful.has(lfn) ? undefined : (result.failed.get(lfn) ?? failure('catalog-unavailable', 'no answer'));
    if (fault === undefined) outcomes.succeed(lfn, outcome);
    else outcomes.fail(lfn, unregistered(lfn, outcome, fault.message));
  }
}

function unregistered(
  lfn: Lfn,
  { pfn, sizeBytes, checksum, guid, storageElement }: PutOutcome,
  reason: string,
): ReturnType<typeof failure> {
  return failure(
    'registration-failed',
    `${lfn} is stored as ${pfn} (${sizeBytes} bytes, Adler-32 ${checksum}) but not registered: ${reason}. ` +
      `To finish: dirac-s3 register ${lfn} ${storageElement} --guid ${guid}. To undo: dirac-s3 rm --unregistered ${lfn} ${storageElement}`,
  );
}
