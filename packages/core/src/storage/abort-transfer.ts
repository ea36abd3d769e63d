import { rm } from 'node:fs/promises';
import { failureOf, DiracS3Error, type Failure } from '../errors/index.js';
import type { RequestTools } from './object-requests.js';
import { cleanOrphans, type CleanedOrphans, type OrphanPlace } from './clean-orphans.js';
import { abandonUpload, type GiveUpTools } from './multipart-give-up.js';
import { toolsOf as s3ToolsOf, type S3StorageElementOptions } from './s3-tools.js';
import { readJournal, TransferJournal, type UploadJournal } from './transfer-journal.js';
import { lockTransfer } from './transfer-lock.js';
import { listTransfers, lockOf, partOf, type KnownTransfer, type TransferPlaces } from './transfers.js';
import type { MultipartUploads } from '../ports/index.js';
import type { SessionTools } from './upload-session.js';

export type AbortTools = RequestTools & SessionTools & { readonly multipart: MultipartUploads | undefined };

/** What `abortTransfer` needs of a StorageElement; `http.close()` when it is not needed any more. */
export function createAbortTools(options: S3StorageElementOptions): AbortTools {
  return s3ToolsOf(options);
}

export interface AbortOptions {
  readonly stateDirectory?: string | undefined;
  /** What it needs to abort an upload at its StorageElement; asked for uploads only. */
  readonly toolsOf: (storageElement: string) => AbortTools | Promise<AbortTools>;
  /** Forgets an upload even where it cannot be aborted: its parts stay at the store until the store's own rules remove them. */
  readonly forget?: boolean;
}

/**
 * Ends a transfer for good: aborts its upload at the store, or removes the bytes that came, and then its journal.
 *
 * @throws local-file while a process is at work on it; what the store, the gateway or the permission refuses, and then the journal stays
 */
export async function abortTransfer(
  { journal, path }: Pick<KnownTransfer, 'journal' | 'path'>,
  { stateDirectory, toolsOf, forget = false }: AbortOptions,
): Promise<void> {
  const unlock = await lockTransfer(lockOf(journal), path);
  try {
    const record = (await readJournal(journal))?.record;
    if (record?.direction === 'upload') {
      await abortAtStore(record, toolsOf).catch((thrown: unknown) => {
        if (!forget) throw thrown;
      });
    } else await rm(partOf(journal), { force: true });
    await new TransferJournal(journal, stateDirectory, (text) => {
      throw new DiracS3Error('local-file', text);
    }).remove();
  } finally {
    await unlock();
  }
}

async function abortAtStore(record: UploadJournal, toolsOf: AbortOptions['toolsOf']): Promise<void> {
  await abandonUpload(withMultipart(await toolsOf(record.storageElement)), record);
}

/** @throws unsupported-operation where the StorageElement is reached without uploads in parts */
function withMultipart({ multipart, ...tools }: AbortTools): GiveUpTools {
  if (multipart !== undefined) return { ...tools, multipart };
  throw new DiracS3Error('unsupported-operation', `${tools.storageElement} is reached without uploads in parts, so none can be aborted`);
}

export interface CleanedTransfers {
  readonly aborted: readonly KnownTransfer[];
  readonly failed: ReadonlyMap<KnownTransfer, Failure>;
  /** Of each place, in the order given. */
  readonly orphans: readonly CleanedOrphans[];
}

export interface CleanOptions extends AbortOptions {
  /** Transfers that began later are left alone, unless they are lost. Default: none is. */
  readonly before?: Date;
  /** Default: nowhere. */
  readonly orphans?: readonly OrphanPlace[];
  /** Tells what would be aborted, and aborts nothing. */
  readonly dryRun?: boolean;
}

/**
 * Aborts every transfer nobody is at work on that is lost or began before `before` (left out: whenever it began), and then the orphaned uploads of
 * the places named; one that cannot be aborted does not stop the others.
 *
 * @throws what `toolsOf` throws for a place, and unsupported-operation for one without uploads in parts, before anything is done
 */
export async function cleanTransfers(
  places: TransferPlaces,
  { before, orphans = [], dryRun = false, ...options }: CleanOptions,
): Promise<CleanedTransfers> {
  const searches: { readonly place: OrphanPlace; readonly tools: GiveUpTools }[] = [];
  for (const place of orphans) searches.push({ place, tools: withMultipart(await options.toolsOf(place.storageElement)) });
  const aborted: KnownTransfer[] = [];
  const failed = new Map<KnownTransfer, Failure>();
  for (const transfer of await listTransfers(places)) {
    if (!isStale(transfer, before)) continue;
    try {
      if (!dryRun) await abortTransfer(transfer, options);
      aborted.push(transfer);
    } catch (thrown) {
      failed.set(transfer, failureOf(thrown));
    }
  }
  const known = new Set(await uploadIdsOf(places));
  const cleaned: CleanedOrphans[] = [];
  for (const { place, tools } of searches) cleaned.push(await cleanOrphans(place, { tools, known, dryRun }));
  return { aborted, failed, orphans: cleaned };
}

/** Uploads that can be gone on with from here. */
async function uploadIdsOf(places: TransferPlaces): Promise<string[]> {
  const journals = await Promise.all((await listTransfers(places)).map(({ journal }) => readJournal(journal)));
  return journals.flatMap((journal) => (journal?.record.direction === 'upload' ? [journal.record.uploadId] : []));
}

function isStale({ state, beganAt }: Pick<KnownTransfer, 'state' | 'beganAt'>, before: Date | undefined): boolean {
  return state === 'lost' || (state === 'stopped' && (before === undefined || beganAt < before));
}
