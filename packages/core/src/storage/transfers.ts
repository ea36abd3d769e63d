import { readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lfnFault, type Lfn } from '../domain/index.js';
import { isLocked } from './transfer-lock.js';
import { isSameSource, readJournal, shortHash, sourceMarkOf, type TransferRecord } from './transfer-journal.js';

/** A transfer that stopped before it was done, or is under way. */
export interface KnownTransfer {
  /** Eight hexadecimal digits that tell it from others on this machine. */
  readonly id: string;
  readonly direction: 'upload' | 'download';
  readonly storageElement: string;
  readonly lfn: Lfn;
  /** The local file: the source of an upload, or where a download will appear. Absolute. */
  readonly path: string;
  readonly beganAt: Date;
  readonly sizeBytes: number;
  /** As the journal says; what the store or the disk really has is looked at when it goes on. */
  readonly doneBytes: number;
  /**
   * `active`: a process is at work on it; `stopped`: it can go on; `lost`: it cannot, as the source is gone or has changed, or the bytes that
   * came are gone.
   */
  readonly state: 'active' | 'stopped' | 'lost';
  /** It replaces what has the name. */
  readonly overwrite: boolean;
  /** GUID an upload is to be registered with, where it is known. */
  readonly guid: string | undefined;
  /** File of its journal, which names it to `abortTransfer`. */
  readonly journal: string;
}

/** Where to look: directories with local files, and the directory given as `stateDirectory` to the StorageElements. */
export interface TransferPlaces {
  readonly directories?: readonly string[];
  /** Below these directories, too; symbolic links are not followed. */
  readonly recursive?: boolean;
  readonly stateDirectory?: string | undefined;
}

const journalName = /^\..+\.dirac-s3-(?:[0-9a-f]{8}-)?transfer$/;

/**
 * Every transfer of this user with a journal in these places, the oldest first. A journal of somebody else counts for nothing: it would name
 * what is to be sent and where. Entries of the index whose journal is gone are removed.
 */
export async function listTransfers({ directories = [], recursive = false, stateDirectory }: TransferPlaces): Promise<KnownTransfer[]> {
  const journals = new Set<string>();
  for (const directory of directories) {
    for await (const journal of journalsIn(await realpath(directory).catch(() => directory), recursive)) journals.add(journal);
  }
  for (const name of stateDirectory === undefined ? [] : await readdir(stateDirectory).catch(() => [])) {
    if (/^[0-9a-f]{24}\.json$/.test(name)) await indexed(join(stateDirectory!, name), journals);
  }
  const known = await Promise.all([...journals].map(knownTransfer));
  return known.filter((transfer) => transfer !== undefined).sort((one, other) => one.beganAt.getTime() - other.beganAt.getTime());
}

async function* journalsIn(directory: string, recursive: boolean): AsyncGenerator<string> {
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const path = join(directory, entry.name);
    if (entry.isFile() && journalName.test(entry.name)) yield path;
    else if (recursive && entry.isDirectory()) yield* journalsIn(path, recursive);
  }
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
  if (known === undefined || lfnFault(known.record.lfn) !== undefined) return undefined;
  const { record, done } = known;
  const { sizeBytes, pieceBytes } = extentOf(record);
  // Whoever moved the directory moved the file with its journal.
  const path = join(dirname(journal), basename(record.path));
  const active = await isLocked(lockOf(journal));
  return {
    id: shortHash(journal).slice(0, 8),
    direction: record.direction,
    storageElement: record.storageElement,
    lfn: record.lfn as Lfn,
    path,
    beganAt: new Date(record.beganAt),
    sizeBytes,
    doneBytes: Math.min(sizeBytes, done.size * pieceBytes),
    state: active ? 'active' : (await canGoOn(record, { path, journal })) ? 'stopped' : 'lost',
    overwrite: record.overwrite === true,
    guid: record.direction === 'upload' ? record.guid : undefined,
    journal,
  };
}

function extentOf(record: TransferRecord): { sizeBytes: number; pieceBytes: number } {
  return record.direction === 'upload'
    ? { sizeBytes: record.source.sizeBytes, pieceBytes: record.partBytes }
    : { sizeBytes: record.sizeBytes, pieceBytes: record.rangeBytes };
}

async function canGoOn(record: TransferRecord, { path, journal }: Pick<KnownTransfer, 'path' | 'journal'>): Promise<boolean> {
  const facts = await stat(record.direction === 'upload' ? path : partOf(journal)).catch(() => undefined);
  if (facts?.size !== extentOf(record).sizeBytes) return false;
  return record.direction === 'download' || isSameSource(record.source, sourceMarkOf(facts));
}

export function lockOf(journal: string): string {
  return journal.replace(/transfer$/, 'lock');
}

/** The bytes of a download that is not done. */
export function partOf(journal: string): string {
  return journal.replace(/transfer$/, 'part');
}
