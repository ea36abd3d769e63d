import { appendFile, mkdir, open, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCodeOf } from '../http/index.js';

/** What identifies the file that is sent: another one under its name is another transfer. */
export interface SourceMark {
  readonly sizeBytes: number;
  readonly modifiedMilliseconds: number;
  readonly inode: number;
}

/** Of what `stat` says of a file. */
export function sourceMarkOf(facts: { readonly size: number; readonly mtimeMs: number; readonly ino: number }): SourceMark {
  return { sizeBytes: facts.size, modifiedMilliseconds: facts.mtimeMs, inode: facts.ino };
}

export function isSameSource(one: SourceMark, other: SourceMark): boolean {
  return (['sizeBytes', 'modifiedMilliseconds', 'inode'] as const).every((name) => one[name] === other[name]);
}

export interface UploadJournal {
  readonly version: 1;
  readonly direction: 'upload';
  readonly storageElement: string;
  readonly lfn: string;
  readonly path: string;
  readonly beganAt: string;
  readonly source: SourceMark;
  readonly checksum: string;
  readonly partBytes: number;
  /** Adler-32 of each part in order; behind a colon its MD5, which some versions did not write. */
  readonly parts: readonly string[];
  readonly uploadId: string;
  /** Bound to the user it was made for, and worth nothing to anybody else (port `MultipartUploads`). */
  readonly uploadToken: string | undefined;
  /** Replaces what is stored under the name. */
  readonly overwrite?: boolean;
  /** GUID it is to be registered with. */
  readonly guid?: string;
}

/** What a journal knows of a part, hexadecimal. */
export interface NotedSums {
  readonly adler: string;
  readonly md5: string | undefined;
}

/** Of a part as it was when the upload began. */
export function notedSums({ parts }: UploadJournal, number: number): NotedSums {
  const [adler = '', md5 = ''] = (parts[number - 1] ?? '').split(':');
  return { adler, md5: /^[0-9a-f]{32}$/.test(md5) ? md5 : undefined };
}

export interface DownloadJournal {
  readonly version: 1;
  readonly direction: 'download';
  readonly storageElement: string;
  readonly lfn: string;
  readonly path: string;
  readonly beganAt: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly checksum: string | undefined;
  readonly rangeBytes: number;
  /** Replaces what has the name. */
  readonly overwrite?: boolean;
}

export type TransferRecord = UploadJournal | DownloadJournal;

/** A piece that is done: a part the store has, or a range that is on disk; `check` is its ETag or Adler-32. */
export interface DonePiece {
  readonly number: number;
  readonly check: string;
}

export interface TransferFiles {
  readonly journal: string;
  readonly lock: string;
  /** Downloads: where the bytes go until all are there. */
  readonly part: string;
}

/**
 * The files of a transfer, beside the local file it writes or reads; a file can be sent to several places at once, so those of an upload bear
 * a mark of where it goes.
 */
export async function transferFilesOf(
  path: string,
  upload?: { readonly storageElement: string; readonly lfn: string },
): Promise<TransferFiles> {
  const directory = await realpath(dirname(path)).catch(() => dirname(path));
  const mark = upload === undefined ? '' : `${shortHash(JSON.stringify([upload.storageElement, upload.lfn])).slice(0, 8)}-`;
  const stem = join(directory, `.${basename(path)}.dirac-s3-${mark}`);
  return { journal: `${stem}transfer`, lock: `${stem}lock`, part: `${stem}part` };
}

export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/** What a journal holds. */
export interface Noted {
  readonly record: TransferRecord;
  readonly done: ReadonlyMap<number, string>;
}

/** Where a transfer notes what it has done. */
export interface Journal {
  /** Begins anew. */
  begin(record: TransferRecord): Promise<void>;
  done(piece: DonePiece): Promise<void>;
  /** Undefined: there is nothing to go on with. */
  read(): Promise<Noted | undefined>;
  remove(): Promise<void>;
}

/** Of a transfer that cannot have one: it notes nothing. */
export const noJournal: Journal = {
  begin: () => Promise.resolve(),
  done: () => Promise.resolve(),
  read: () => Promise.resolve(undefined),
  remove: () => Promise.resolve(),
};

/**
 * What a transfer has done so far, in a file of mode 0600: a line of JSON that says what it is, then a line per piece that is done. It holds
 * neither keys nor URLs. A last line that was cut off by the end of a process counts as not written. No transfer fails for its journal: what
 * cannot be written is told as a warning, and nothing more is noted.
 */
export class TransferJournal implements Journal {
  readonly #path: string;
  readonly #index: string | undefined;
  readonly #onWarning: (text: string) => void;
  #lost = false;

  constructor(path: string, stateDirectory: string | undefined, onWarning: (text: string) => void = () => undefined) {
    this.#path = path;
    this.#index = stateDirectory && join(stateDirectory, `${shortHash(path)}.json`);
    this.#onWarning = onWarning;
  }

  async begin(record: TransferRecord): Promise<void> {
    await this.#note(() => replaceFile(this.#path, `${JSON.stringify(record)}\n`));
    if (this.#index === undefined || this.#lost) return;
    const directory = dirname(this.#index);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await replaceFile(this.#index, `${JSON.stringify({ journal: this.#path })}\n`);
    } catch (cause) {
      this.#onWarning(
        `${directory} cannot be written (${systemCodeOf(cause)}): what is interrupted will be found only from the directory of its file`,
      );
    }
  }

  async done(piece: DonePiece): Promise<void> {
    await this.#note(() => appendFile(this.#path, `${JSON.stringify(piece)}\n`, { mode: 0o600 }));
  }

  read(): Promise<Noted | undefined> {
    return readJournal(this.#path);
  }

  async #note(write: () => Promise<void>): Promise<void> {
    if (this.#lost) return;
    try {
      await write();
    } catch (cause) {
      this.#lost = true;
      this.#onWarning(journalWarning(this.#path, cause));
    }
  }

  async remove(): Promise<void> {
    // An entry whose journal is gone is removed when it is next met.
    if (this.#index !== undefined) await rm(this.#index, { force: true }).catch(() => undefined);
    await rm(this.#path, { force: true }).catch((cause: unknown) => {
      this.#onWarning(`${this.#path} cannot be removed (${systemCodeOf(cause)})`);
    });
  }
}

export function journalWarning(path: string, cause: unknown): string {
  return `no journal can be written in ${dirname(path)} (${systemCodeOf(cause)}): a transfer that is interrupted there begins anew`;
}

/** Undefined for what is not there, is another user's, or is no journal of this version: then there is nothing to resume. */
export async function readJournal(path: string): Promise<Noted | undefined> {
  const [head = '', ...lines] = (await readOwn(path).catch(() => '')).split('\n');
  const record = parse(head) as (Omit<TransferRecord, 'version'> & { version?: number }) | undefined;
  if (record?.version !== 1 || !['upload', 'download'].includes(record.direction)) return undefined;
  const done = new Map<number, string>();
  for (const line of lines) {
    const piece = parse(line) as Partial<DonePiece> | undefined;
    if (typeof piece?.number === 'number' && typeof piece.check === 'string') done.set(piece.number, piece.check);
  }
  return { record: record as TransferRecord, done };
}

function parse(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  // Whoever has the lock of the transfer writes alone; what a process left that died here is replaced, never followed.
  const temporary = `${path}.new`;
  try {
    await rm(temporary, { force: true });
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/** In a directory that others write to, anybody can lay down a journal: nothing it says is believed. */
async function readOwn(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return isOwnFile(await file.stat()) ? await file.readFile('utf8') : '';
  } finally {
    await file.close();
  }
}

/** A regular file of the user of this process. */
export function isOwnFile(facts: Pick<Stats, 'uid' | 'isFile'>): boolean {
  return facts.isFile() && (process.geteuid === undefined || process.geteuid() === facts.uid);
}
