import { resolve } from 'node:path';
import type { Lfn } from '../domain/index.js';
import { DiracS3Error, ourCommand } from '../errors/index.js';
import { journalWarning, noJournal, TransferJournal, transferFilesOf, type Journal } from './transfer-journal.js';
import { lockTransfer } from './transfer-lock.js';

interface JournalPlace {
  readonly storageElement: string;
  readonly lfn: Lfn;
  readonly stateDirectory: string | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
  readonly resumable?: boolean;
}

/**
 * The journal of the upload of a file, locked. Files are also sent from where nothing can be written: then there is none, which is told as a
 * warning.
 *
 * @throws local-file while another process has it
 */
export async function openUploadJournal(
  path: string,
  { stateDirectory, onWarning = () => undefined, resumable = true, ...place }: JournalPlace,
): Promise<{ readonly journal: Journal; readonly unlock: () => Promise<void> }> {
  const files = await transferFilesOf(path, place);
  try {
    const unlock = await lockTransfer(files.lock, path);
    return { journal: resumable ? new TransferJournal(files.journal, stateDirectory, onWarning) : noJournal, unlock };
  } catch (cause) {
    if (cause instanceof DiracS3Error) throw cause;
    onWarning(journalWarning(files.journal, cause));
    return { journal: noJournal, unlock: () => Promise.resolve() };
  }
}

/** What is said of a transfer that was stopped: the command that goes on with it, where something is kept of it. */
export async function stoppedFault(lfn: Lfn, path: string, journal: Journal): Promise<DiracS3Error> {
  const kept = (await journal.read()) !== undefined;
  const how = kept ? `to go on: ${ourCommand('transfers', 'resume', resolve(path))}` : 'nothing is kept of it';
  return new DiracS3Error('cancelled', `${lfn}: stopped before it was done; ${how}`);
}
