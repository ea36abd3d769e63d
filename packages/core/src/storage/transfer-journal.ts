import { appendFile, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** What identifies the file that is sent: another one under its name is another transfer. */
export interface SourceMark {
  readonly sizeBytes: number;
  readonly modifiedMilliseconds: number;
  readonly inode: number;
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
  /** Adler-32 and MD5 of each part in order, as `aaaaaaaa:mmmm…`. */
  readonly parts: readonly string[];
  readonly uploadId: string;
  /** Bound to the user it was made for, and worth nothing to anybody else (port `MultipartUploads`). */
  readonly uploadToken: string | undefined;
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

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/**
 * What a transfer has done so far, in a file of mode 0600: a line of JSON that says what it is, then a line per piece that is done. It holds
 * neither keys nor URLs. A last line that was cut off by the end of a process counts as not written.
 */
export class TransferJournal {
  readonly #path: string;
  readonly #index: string | undefined;

  constructor(path: string, stateDirectory: string | undefined) {
    this.#path = path;
    this.#index = stateDirectory && join(stateDirectory, `${shortHash(path)}.json`);
  }

  /** Begins anew. */
  async begin(record: TransferRecord): Promise<void> {
    await replaceFile(this.#path, `${JSON.stringify(record)}\n`);
    if (this.#index === undefined) return;
    await mkdir(dirname(this.#index), { recursive: true, mode: 0o700 });
    await replaceFile(this.#index, `${JSON.stringify({ journal: this.#path })}\n`);
  }

  async done(piece: DonePiece): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(piece)}\n`, { mode: 0o600 });
  }

  read(): Promise<{ readonly record: TransferRecord; readonly done: ReadonlyMap<number, string> } | undefined> {
    return readJournal(this.#path);
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
    if (this.#index !== undefined) await rm(this.#index, { force: true });
  }
}

/** Undefined for what is not there or is no journal of this version: then there is nothing to resume. */
export async function readJournal(path: string): Promise<{ record: TransferRecord; done: ReadonlyMap<number, string> } | undefined> {
  const [head = '', ...lines] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
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
