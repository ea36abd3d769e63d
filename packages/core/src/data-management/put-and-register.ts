import { baseNameOf, bulkMap, maxObjectBytes, type BulkResult, type Lfn } from '../domain/index.js';
import { DiracS3Error, failure, ourCommand, type Failure } from '../errors/index.js';
import type { NewFile } from '../ports/index.js';
import type { StoredObject, TransferOptions, Upload } from '../storage/types.js';
import { settleFailedUploads } from './failed-uploads.js';
import { guidOfFile, parseGuid } from './guid.js';
import { groupByStorageElement, requirePermission } from './look-up.js';
import { Outcomes, refuseRepeats, settled } from './outcomes.js';
import { readReplaced, withdraw, type ReplacedFile, type Replacement } from './replaced-files.js';
import { registrationsOf } from './registrations.js';
import { refuseUnregistrable } from './replicate.js';
import { sizeOfRegularFile } from './source-file-size.js';
import type { DataManagerDependencies, PutOutcome, PutRequest } from './types.js';

/** Files looked at at a time. */
const lookedAtOnce = 8;

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
  const ready = await checkRequests(dependencies, requests, outcomes);
  const replaced = await requireAccepted(dependencies, ready, outcomes);
  const old = await readReplaced(dependencies.catalog, replacementsOf(dependencies, replaced, { ready, outcomes }), outcomes);
  let registering = Promise.resolve();
  try {
    for (const [name, lfns] of groupByStorageElement(outcomes.open.map((lfn) => [lfn, ready.get(lfn)!.storageElement] as const))) {
      for (const some of registrationsOf(lfns.map((lfn) => ready.get(lfn)!))) {
        const register = await upload(dependencies, { name, requests: some, old }, { outcomes, options });
        await registering;
        // While some are registered, the next are sent.
        registering = register();
        registering.catch(() => undefined);
      }
    }
  } finally {
    await registering;
  }
  return outcomes.build();
}

/** A request whose file was looked at. */
interface ReadyRequest extends PutRequest {
  readonly guid: string;
  readonly sizeBytes: number;
}

/** What is wrong with a request is known before anybody is asked, and before anything is removed to make room. */
async function checkRequests(
  dependencies: DataManagerDependencies,
  requests: readonly PutRequest[],
  outcomes: Outcomes<PutOutcome>,
): Promise<ReadonlyMap<Lfn, ReadyRequest>> {
  const byLfn = new Map(requests.map((request) => [request.lfn, request]));
  const check = async (lfn: Lfn): Promise<ReadyRequest> => {
    const request = byLfn.get(lfn)!;
    // An alias is registered as what it stands for, as in DIRAC: the catalog must not depend on one process's words.
    const element = dependencies.storageElement(request.storageElement);
    element.requireOpen('Write');
    refuseUnregistrable(dependencies, element);
    return { ...request, storageElement: element.name, ...(await checkFile(request)) };
  };
  const { successful, failed } = await bulkMap(byLfn.keys(), check, { parallel: lookedAtOnce });
  failed.forEach((fault, lfn) => outcomes.fail(lfn, fault));
  return successful;
}

async function checkFile({ lfn, source: { path }, guid }: PutRequest): Promise<{ guid: string; sizeBytes: number }> {
  if (Buffer.byteLength(baseNameOf(lfn)) > maxBaseName)
    throw new DiracS3Error('invalid-lfn', `${lfn}: the catalog holds file names of at most ${maxBaseName} bytes`);
  const sizeBytes = await sizeOfRegularFile(path);
  if (sizeBytes === 0) throw new DiracS3Error('local-file', `${path} is empty; DIRAC does not register empty files`);
  if (sizeBytes > maxObjectBytes)
    throw new DiracS3Error('local-file', `${path} has ${sizeBytes} bytes; no store takes more than ${maxObjectBytes}`);
  return { guid: guid === undefined ? await guidOfFile(path) : parseGuid(guid), sizeBytes };
}

/** What the catalog would refuse, asked in one go: each question is a way there and back before the first byte moves. Gives the names to be replaced. */
async function requireAccepted(
  { catalog }: DataManagerDependencies,
  ready: ReadonlyMap<Lfn, ReadyRequest>,
  outcomes: Outcomes<PutOutcome>,
): Promise<readonly Lfn[]> {
  const asked = outcomes.open;
  if (asked.length === 0) return [];
  const answers = Promise.all([catalog.exists(asked), catalog.findByGuid(asked.map((lfn) => ready.get(lfn)!.guid))]);
  // Their fault is told only to those who may add a file there.
  answers.catch(() => undefined);
  await requirePermission(catalog, 'addFile', outcomes);
  if (outcomes.open.length === 0) return [];
  const [existing, owners] = await answers;
  const replaced = requireFreeNames(existing, ready, outcomes);
  requireFreeGuids(owners, ready, outcomes);
  return replaced;
}

/** A registered name is refused, unless the caller wants to overwrite it. Gives the names to be replaced. */
function requireFreeNames(
  existing: BulkResult<boolean, Lfn>,
  requests: ReadonlyMap<Lfn, PutRequest>,
  outcomes: Outcomes<PutOutcome>,
): readonly Lfn[] {
  const taken = [...outcomes.take(outcomes.open, existing)].filter(([, there]) => there).map(([lfn]) => lfn);
  const replaced = taken.filter((lfn) => requests.get(lfn)?.overwrite === true);
  for (const lfn of taken) {
    if (!replaced.includes(lfn)) outcomes.fail(lfn, failure('file-exists', `${lfn} is in the catalog already`));
  }
  return replaced;
}

/** The catalog takes a GUID once: a second file of the same content is refused before it is uploaded, not after. */
function requireFreeGuids(
  registered: ReadonlyMap<string, Lfn>,
  ready: ReadonlyMap<Lfn, ReadyRequest>,
  outcomes: Outcomes<PutOutcome>,
): void {
  const owners = new Map(registered);
  for (const { lfn, guid } of outcomes.open.map((open) => ready.get(open)!)) {
    const owner = owners.get(guid) ?? lfn;
    owners.set(guid, owner);
    if (owner !== lfn)
      outcomes.fail(
        lfn,
        failure('conflict', `${lfn}: the GUID ${guid}, which is made of the content, belongs to ${owner}; the GUID "new" makes another`),
      );
  }
}

/** Everything else is in order: what is still to be replaced, and where. */
function replacementsOf(
  { storageElement }: DataManagerDependencies,
  replaced: readonly Lfn[],
  { ready, outcomes }: { readonly ready: ReadonlyMap<Lfn, ReadyRequest>; readonly outcomes: Outcomes<PutOutcome> },
): ReadonlyMap<Lfn, Replacement> {
  const open = new Set(outcomes.open);
  const still = replaced.filter((lfn) => open.has(lfn)).map((lfn) => ready.get(lfn)!);
  return new Map(
    still.map(({ lfn, storageElement: name }) => [
      lfn,
      { storageElement: name, entryGoesFirst: storageElement(name).access === 'via-gateway' },
    ]),
  );
}

interface Group {
  readonly name: string;
  readonly requests: readonly ReadyRequest[];
  /** Of these and other names. */
  readonly old: ReadonlyMap<Lfn, ReplacedFile>;
}

/**
 * Stores, and gives the step that registers. The entry of a file that is replaced is taken away as late as can be: after the upload, or right before it where the
 * gateway would refuse to sign. An upload that fails leaves the old file (see failed-uploads).
 */
async function upload(
  { catalog, storageElement }: DataManagerDependencies,
  { name, requests, old }: Group,
  { outcomes, options }: { readonly outcomes: Outcomes<PutOutcome>; readonly options: TransferOptions },
): Promise<() => Promise<void>> {
  const element = storageElement(name);
  const replaced = new Map(requests.flatMap(({ lfn }) => (old.has(lfn) ? [[lfn, old.get(lfn)!]] : [])));
  const first = element.access === 'via-gateway' && options.signal?.aborted !== true ? replaced : new Map<Lfn, ReplacedFile>();
  const withdrawn = new Set(outcomes.take([...first.keys()], await withdraw(catalog, name, first)).keys());
  const open = new Set(outcomes.open);
  const going = requests.filter(({ lfn }) => open.has(lfn));
  const lfns = going.map(({ lfn }) => lfn);
  const uploads = going.map(({ lfn, source, guid, overwrite = false }): Upload => ({ lfn, source, guid, overwrite }));
  const result = await settled(lfns, () => element.put(uploads, options));
  const failed = await settleFailedUploads(unstored(lfns, result), { catalog, element, storageElement: name, replaced, withdrawn });
  const stored = outcomes.take(lfns, { successful: result.successful, failed });
  return async () => {
    const last = new Map([...replaced].filter(([lfn]) => stored.has(lfn) && !withdrawn.has(lfn)));
    const gone = await withdraw(catalog, name, last);
    for (const lfn of last.keys()) {
      if (gone.successful.has(lfn)) continue;
      outcomes.fail(lfn, entryStands(lfn, stored.get(lfn)!, gone.failed.get(lfn)));
      stored.delete(lfn);
    }
    const files = going.flatMap(({ lfn, guid }) => {
      const object = stored.get(lfn);
      return object === undefined ? [] : [{ lfn, ...object, guid, storageElement: name }];
    });
    await registerAll({ catalog }, files, outcomes);
  };
}

/** The failures, and one for each name that was not answered for. */
function unstored(lfns: readonly Lfn[], { successful, failed }: BulkResult<StoredObject, Lfn>): ReadonlyMap<Lfn, Failure> {
  const left = lfns.filter((lfn) => !successful.has(lfn));
  return new Map(left.map((lfn) => [lfn, failed.get(lfn) ?? failure('storage-unavailable', `${lfn}: no answer`)]));
}

function entryStands(lfn: Lfn, { pfn, sizeBytes, checksum }: StoredObject, reason: Failure | undefined): Failure {
  return failure(
    'registration-failed',
    `${lfn} is stored as ${pfn} (${sizeBytes} bytes, Adler-32 ${checksum}), but the catalog still describes the file it replaces: ` +
      `${reason?.message ?? 'no answer'}. To finish: the same command again. To remove the file: ${ourCommand('rm', lfn)}`,
  );
}

/** Registers stored objects. A refusal leaves the object where it is and says how to go on. */
export async function registerAll(
  { catalog }: Pick<DataManagerDependencies, 'catalog'>,
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
    else outcomes.fail(lfn, unregistered(lfn, outcome, fault));
  }
}

function unregistered(lfn: Lfn, { pfn, sizeBytes, checksum, guid, storageElement }: PutOutcome, reason: Failure): Failure {
  // A GUID that belongs to another file would be refused again.
  const sameGuid = reason.code === 'conflict' ? [] : ['--guid', guid];
  const finish = ourCommand('register', lfn, storageElement, ...sameGuid);
  const undo = ourCommand('rm', '--unregistered', lfn, storageElement);
  return failure(
    'registration-failed',
    `${lfn} is stored as ${pfn} (${sizeBytes} bytes, Adler-32 ${checksum}) but not registered: ${reason.message}. ` +
      `To finish: ${finish}. To undo: ${undo}`,
  );
}
