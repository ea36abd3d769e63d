import { rm } from 'node:fs/promises';
import { failureOf, DiracS3Error, type Failure } from '../errors/index.js';
import type { RequestTools } from './object-requests.js';
import { abandonUpload } from './multipart-give-up.js';
import { toolsOf as s3ToolsOf, type S3StorageElementOptions } from './s3-tools.js';
import { readJournal, TransferJournal } from './transfer-journal.js';
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
  readonly toolsOf: (storageElement: string) => AbortTools;
}

/**
 * Ends a transfer for good: aborts its upload at the store, or removes the bytes that came, and then its journal.
 *
 * @throws local-file while a process is at work on it; what the store, the gateway or the permission refuses, and then the journal stays
 */
export async function abortTransfer({ journal, path }: KnownTransfer, { stateDirectory, toolsOf }: AbortOptions): Promise<void> {
  const unlock = await lockTransfer(lockOf(journal), path);
  try {
    const record = (await readJournal(journal))?.record;
    if (record?.direction === 'upload') {
      const { multipart, ...tools } = toolsOf(record.storageElement);
      if (multipart === undefined)
        throw new DiracS3Error(
          'unsupported-operation',
          `${record.storageElement} is reached without uploads in parts, so none can be aborted`,
        );
      await abandonUpload({ ...tools, multipart }, record);
    } else await rm(partOf(journal), { force: true });
    await new TransferJournal(journal, stateDirectory).remove();
  } finally {
    await unlock();
  }
}

export interface CleanedTransfers {
  readonly aborted: readonly KnownTransfer[];
  readonly failed: ReadonlyMap<KnownTransfer, Failure>;
}

/** Aborts every transfer nobody is at work on and that began before `before`; one that cannot be aborted does not stop the others. */
export async function cleanTransfers(
  places: TransferPlaces,
  { before, ...options }: AbortOptions & { before?: Date },
): Promise<CleanedTransfers> {
  const aborted: KnownTransfer[] = [];
  const failed = new Map<KnownTransfer, Failure>();
  for (const transfer of await listTransfers(places)) {
    if (transfer.active || (before !== undefined && transfer.beganAt >= before)) continue;
    try {
      await abortTransfer(transfer, options);
      aborted.push(transfer);
    } catch (thrown) {
      failed.set(transfer, failureOf(thrown));
    }
  }
  return { aborted, failed };
}
