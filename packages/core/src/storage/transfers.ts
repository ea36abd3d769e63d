import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isLocked } from './transfer-lock.js';
import { readJournal, type TransferRecord } from './transfer-journal.js';

/** A transfer that stopped before it was done, or is under way. */
export interface KnownTransfer {
  readonly direction: 'upload' | 'download';
  readonly storageElement: string;
  readonly lfn: string;
  /** The local file: the source of an upload, or where a download will appear. */
  readonly path: string;
  readonly beganAt: Date;
  readonly sizeBytes: number;
  /** As the journal says; what the store or the disk really has is looked at when it goes on. */
  readonly doneBytes: number;
  /** A process is at work on it. */
  readonly active: boolean;
  /** File of its journal, which names it to `discardTransfer` and `S3StorageElement.abortTransfer`. */
  readonly journal: string;
}

/** Where to look: directories with local files, and the directory given as `stateDirectory` to the StorageElements. */
export interface TransferPlaces {
  readonly directories?: readonly string[];
  readonly stateDirectory?: string | undefined;
}

const journalName = /^\..+\.dirac-s3-(?:[0-9a-f]{8}-)?transfer$/;

/** Every transfer with a journal in these places, the oldest first. Entries of the index whose journal is gone are removed. */
export async function listTransfers({ directories = [], stateDirectory }: TransferPlaces): Promise<KnownTransfer[]> {
  const journals = new Set<string>();
  for (const directory of directories) {
    for (const name of await namesIn(directory)) if (journalName.test(name)) journals.add(join(directory, name));
  }
  for (const name of stateDirectory === undefined ? [] : await namesIn(stateDirectory)) {
    if (/^[0-9a-f]{24}\.json$/.test(name)) await indexed(join(stateDirectory!, name), journals);
  }
  const known = await Promise.all([...journals].map(knownTransfer));
  return known.filter((transfer) => transfer !== undefined).sort((one, other) => one.beganAt.getTime() - other.beganAt.getTime());
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function indexed(entry: string, journals: Set<string>): Promise<void> {
  const text = await readFile(entry, 'utf8').catch(() => '');
  const journal = /"journal":("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  const path = journal === undefined ? undefined : (JSON.parse(journal) as string);
  if (path !== undefined && (await readJournal(path)) !== undefined) journals.add(path);
  else await rm(entry, { force: true });
}

async function knownTransfer(journal: string): Promise<KnownTransfer | undefined> {
  const known = await readJournal(journal);
  if (known === undefined) return undefined;
  const { record, done } = known;
  const { sizeBytes, pieceBytes } = extentOf(record);
  return {
    direction: record.direction,
    storageElement: record.storageElement,
    lfn: record.lfn,
    path: record.path,
    beganAt: new Date(record.beganAt),
    sizeBytes,
    doneBytes: Math.min(sizeBytes, done.size * pieceBytes),
    active: await isLocked(lockOf(journal)),
    journal,
  };
}

function extentOf(record: TransferRecord): { sizeBytes: number; pieceBytes: number } {
  return record.direction === 'upload'
    ? { sizeBytes: record.source.sizeBytes, pieceBytes: record.partBytes }
    : { sizeBytes: record.sizeBytes, pieceBytes: record.rangeBytes };
}

export function lockOf(journal: string): string {
  return journal.replace(/transfer$/, 'lock');
}

/** The bytes of a download that is not done. */
export function partOf(journal: string): string {
  return join(dirname(journal), journal.slice(dirname(journal).length + 1).replace(/transfer$/, 'part'));
}
