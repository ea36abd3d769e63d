import { rm } from 'node:fs/promises';
import { combineAdler32, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { BodyClient } from '../http/index.js';
import type { Clock, UrlSource } from '../ports/index.js';
import { runAdaptive } from './adaptive-pool.js';
import { fetchRange } from './fetch-range.js';
import { FreshUrl } from './fresh-url.js';
import { localFault } from './local-fault.js';
import type { RequestTools } from './object-requests.js';
import { stoppedFault } from './open-journal.js';
import { piecesOf, type Piece } from './part-plan.js';
import { RangeFile } from './range-file.js';
import type { RateLimit } from './rate-limit.js';
import { compareChecksums } from './receive-object.js';
import { mayPassLater } from './retry-transfer.js';
import { withRetries } from './retry.js';
import { StoreRefusal } from './s3-error.js';
import { noJournal, TransferJournal, transferFilesOf, type DownloadJournal, type Journal, type TransferFiles } from './transfer-journal.js';
import { lockTransfer } from './transfer-lock.js';
import type { Download, ObjectMetadata, ReceivedFile, TransferOptions } from './types.js';

export interface RangeTools extends RequestTools {
  readonly bodies: BodyClient;
  readonly urls: UrlSource;
  readonly clock: Clock;
  readonly storageElement: string;
  readonly rangeBytes: number;
  readonly mostRanges: number;
  readonly stateDirectory: string | undefined;
  readonly monotonic: () => number;
}

export interface RangeOptions extends Pick<TransferOptions, 'onProgress' | 'onWarning' | 'resumable' | 'signal'> {
  /** What the store said of the object in its first answer; its ETag is what every range must match. */
  readonly stored: ObjectMetadata & { readonly etag: string };
  readonly rate: RateLimit;
}

/** The object was replaced in the middle: what arrived of the old one is worth nothing. */
export class ObjectChanged extends DiracS3Error {}

interface Work {
  readonly download: Download;
  readonly files: TransferFiles;
  readonly journal: Journal;
  readonly options: RangeOptions;
}

/**
 * Fetches an object in ranges, several at a time, into one file of its size. What is on disk is kept in a journal with its Adler-32; the same
 * call goes on with it, in this process or a later one.
 *
 * @throws ObjectChanged when the store has another object by now; then nothing is left
 */
export async function getRanges(tools: RangeTools, download: Download, options: RangeOptions): Promise<ReceivedFile> {
  const { lfn, path } = download;
  const files = await transferFilesOf(path);
  const unlock = await lockTransfer(files.lock, path).catch((cause: unknown) => {
    throw localFault(path, 'written', cause);
  });
  const journal = options.resumable === false ? noJournal : new TransferJournal(files.journal, tools.stateDirectory, options.onWarning);
  try {
    return await transfer(tools, { download, files, journal, options });
  } catch (thrown) {
    // Without a journal nobody could go on with it.
    if ((await journal.read()) === undefined) await forget(files, journal);
    throw options.signal?.aborted === true ? await stoppedFault(lfn, path, journal) : thrown;
  } finally {
    await unlock();
  }
}

async function transfer(tools: RangeTools, work: Work): Promise<ReceivedFile> {
  const { download, files, journal, options } = work;
  const { lfn, path, overwrite = false, expected = {} } = download;
  const { stored } = options;
  // Bytes damaged on their way are found by the sum of the whole only: everything is fetched again, once.
  for (let attempt = 1; ; attempt += 1) {
    const { file, done, pieces } = await openWork(tools, work);
    try {
      await fetchMissing(tools, work, { file, done, pieces });
      const checksum = pieces.reduce((sum, { number, length }) => combineAdler32(sum, done.get(number) ?? '', length), '00000001');
      const verified = compareChecksums(lfn, checksum, { 'the catalog': expected.checksum, 'the store': stored.checksum });
      await file.land({ overwrite });
      await journal.remove();
      return { path, sizeBytes: stored.sizeBytes, checksum, verified };
    } catch (thrown) {
      await file.close();
      const changed = thrown instanceof StoreRefusal && (thrown.status === 412 || thrown.status === 416);
      const damaged = thrown instanceof DiracS3Error && thrown.code === 'checksum-mismatch';
      if (!changed && !damaged) throw thrown;
      await forget(files, journal);
      if (changed) throw new ObjectChanged('storage-unavailable', `${lfn}: the object was replaced while it was fetched`);
      if (attempt > 1) throw thrown;
    }
  }
}

/** Removes what is there of a download. */
async function forget({ part }: TransferFiles, journal: Journal): Promise<void> {
  await rm(part, { force: true });
  await journal.remove();
}

interface Ranges {
  readonly file: RangeFile;
  readonly pieces: readonly Piece[];
  /** Adler-32 of the ranges that are on disk. */
  readonly done: Map<number, string>;
}

/** The file with what an earlier process verified of the same object, or a new one. */
async function openWork(tools: RangeTools, { download, files, journal, options: { stored, signal } }: Work): Promise<Ranges> {
  const { sizeBytes, etag, checksum } = stored;
  const known = await journal.read();
  const record = known?.record;
  const same =
    record?.direction === 'download' &&
    record.storageElement === tools.storageElement &&
    record.lfn === download.lfn &&
    record.sizeBytes === sizeBytes &&
    record.etag === etag &&
    record.checksum === checksum;
  const kept = same ? await RangeFile.open(files.part, download.path, { sizeBytes, keep: true }).catch(() => undefined) : undefined;
  if (same && kept !== undefined) {
    const pieces = piecesOf(sizeBytes, record.rangeBytes);
    const done = new Map<number, string>();
    for (const piece of pieces) {
      signal?.throwIfAborted();
      const noted = known?.done.get(piece.number);
      if (noted !== undefined && (await kept.adlerOf(piece)) === noted) done.set(piece.number, noted);
    }
    return { file: kept, pieces, done };
  }
  const file = await RangeFile.open(files.part, download.path, { sizeBytes, keep: false });
  const { rangeBytes } = tools;
  const fresh: DownloadJournal = {
    version: 1,
    direction: 'download',
    storageElement: tools.storageElement,
    lfn: download.lfn,
    path: download.path,
    beganAt: tools.clock.now().toISOString(),
    sizeBytes,
    etag,
    checksum,
    rangeBytes,
    ...(download.overwrite === true && { overwrite: true }),
  };
  await journal.begin(fresh);
  return { file, pieces: piecesOf(sizeBytes, rangeBytes), done: new Map() };
}

async function fetchMissing(
  tools: RangeTools,
  { download: { lfn }, journal, options }: Work,
  { file, pieces, done }: Ranges,
): Promise<void> {
  const { stored, signal, onProgress, rate } = options;
  const { sizeBytes, etag } = stored;
  let doneBytes = pieces.reduce((sum, { number, length }) => sum + (done.has(number) ? length : 0), 0);
  const report = (bytes: number): void => onProgress?.({ lfn, phase: 'transfer', doneBytes: (doneBytes += bytes), totalBytes: sizeBytes });
  report(0);
  const { urls, clock, storageElement } = tools;
  const url = new FreshUrl({ urls, clock, storageElement, method: 'get_object', item: () => ({ lfn: lfn satisfies Lfn }) });
  const missing = pieces.filter(({ number }) => !done.has(number));
  await runAdaptive(missing, { start: 2, most: tools.mostRanges, now: tools.monotonic }, async (piece) => {
    signal?.throwIfAborted();
    const fetchOnce = async (signed: Awaited<ReturnType<FreshUrl['get']>>): Promise<string> => {
      let arrived = 0;
      const onBytes = (bytes: number): void => {
        arrived += bytes;
        report(bytes);
      };
      try {
        return await fetchRange({
          http: tools.http,
          bodies: tools.bodies,
          lfn,
          signed,
          piece,
          etag,
          sizeBytes,
          file,
          rate,
          signal,
          onBytes,
        });
      } catch (thrown) {
        report(-arrived);
        throw thrown;
      }
    };
    const adler = await withRetries(() => url.use(fetchOnce), { ...tools.retry, signal }, mayPassLater);
    done.set(piece.number, adler);
    await journal.done({ number: piece.number, check: adler });
  });
}
