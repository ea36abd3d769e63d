import { combineAdler32, maxUploadBytes, sameAdler32, singleResult, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { MultipartUpload, MultipartUploads } from '../ports/index.js';
import { runAdaptive } from './adaptive-pool.js';
import { abortUpload, completeUpload, listPartsPage, uploadPart, type ListedPart } from './multipart-requests.js';
import { metadataOf } from './object-metadata.js';
import { headObject, type RequestTools } from './object-requests.js';
import { PartFile, type PartSums } from './part-file.js';
import { partSizeOf, piecesOf, type Piece } from './part-plan.js';
import { differenceOf, refuseStored, type PutOptions } from './put-group.js';
import type { RateLimit } from './rate-limit.js';
import { mayPassLater } from './retry-transfer.js';
import { withRetries } from './retry.js';
import { StoreRefusal } from './s3-error.js';
import { TransferJournal, transferFilesOf, type UploadJournal } from './transfer-journal.js';
import { lockTransfer } from './transfer-lock.js';
import type { ObjectMetadata, StoredObject, Upload } from './types.js';
import { UploadSession, type SessionTools } from './upload-session.js';

export interface MultipartTools extends RequestTools, SessionTools {
  readonly multipart: MultipartUploads;
  readonly partBytes: number;
  readonly mostParts: number;
  readonly stateDirectory: string | undefined;
  readonly monotonic: () => number;
  readonly storageUrl: (lfn: Lfn) => string;
}

export interface MultipartOptions extends PutOptions {
  readonly rate: RateLimit;
}

/** The store, or the gateway in front of it, gives no uploads in parts for this StorageElement. */
export class NoMultipart extends DiracS3Error {}

type FileUpload = Upload & { readonly source: { readonly path: string } };

interface Work {
  readonly upload: FileUpload;
  readonly file: PartFile;
  readonly journal: TransferJournal;
  readonly options: MultipartOptions;
}

/**
 * Sends a file in parts: sums it, begins the upload, sends what the store does not have yet, and calls it stored when the store says its size
 * and checksum. What was done is kept in a journal, and the same call goes on with it, in this process or a later one.
 */
export async function putMultipart(tools: MultipartTools, upload: FileUpload, options: MultipartOptions): Promise<StoredObject> {
  const { lfn, source } = upload;
  const files = await transferFilesOf(source.path, { storageElement: tools.storageElement, lfn });
  const file = await PartFile.open(source.path);
  try {
    const unlock = await lockTransfer(files.lock, source.path);
    try {
      const journal = new TransferJournal(files.journal, tools.stateDirectory);
      return await transfer(tools, { upload, file, journal, options });
    } catch (thrown) {
      if (options.signal?.aborted !== true) throw thrown;
      throw new DiracS3Error('cancelled', `${lfn}: stopped before it was done; the same command again goes on where it stopped`);
    } finally {
      await unlock();
    }
  } finally {
    await file.close();
  }
}

async function transfer(tools: MultipartTools, work: Work): Promise<StoredObject> {
  // An upload that is gone at the store, or lost parts there, is begun anew once.
  for (let attempt = 1; ; attempt += 1) {
    const resumed = await resume(tools, work);
    if (resumed === 'stored') return finish(tools, work, (await readRecord(work))!);
    const { record, session, there } = resumed ?? (await begin(tools, work));
    try {
      await sendParts(tools, work, { record, session, there });
      return await finish(tools, work, record);
    } catch (thrown) {
      const gone = thrown instanceof StoreRefusal && ['NoSuchUpload', 'InvalidPart'].includes(thrown.s3Code ?? '');
      if (isChange(thrown)) await discard(tools, work, record);
      if (!gone || attempt > 1) throw thrown;
      await discard(tools, work, record);
    }
  }
}

function isChange(thrown: unknown): boolean {
  return thrown instanceof DiracS3Error && (thrown.code === 'checksum-mismatch' || thrown.code === 'size-mismatch');
}

interface Underway {
  readonly record: UploadJournal;
  readonly session: UploadSession;
  /** ETags of the parts the store has. */
  readonly there: ReadonlyMap<number, string>;
}

async function readRecord({ journal }: Work): Promise<UploadJournal | undefined> {
  const known = await journal.read();
  return known?.record.direction === 'upload' ? known.record : undefined;
}

/** What the journal knows, if it still fits; an upload of other bytes is aborted. */
async function resume(tools: MultipartTools, work: Work): Promise<Underway | 'stored' | undefined> {
  const { upload, file, journal, options } = work;
  const known = await journal.read();
  const record = await readRecord(work);
  if (known === undefined || record === undefined) return undefined;
  const same = record.storageElement === tools.storageElement && record.lfn === upload.lfn && sameMark(record, file);
  if (!same) {
    await discard(tools, work, record);
    return undefined;
  }
  const session = sessionOf(tools, record);
  try {
    await session.renew();
    const listed = await withRetries(
      () =>
        session.url('list_parts', upload.lfn).use((signed) => listPartsPage(tools.http, upload.lfn, { signed, signal: options.signal })),
      tools.retry,
      mayPassLater,
    );
    return { record, session, there: arrivedParts(record, known.done, listed) };
  } catch (thrown) {
    const gone = thrown instanceof StoreRefusal && thrown.status === 404;
    if (!gone) throw thrown;
    // Its end may have been reached by a process that never heard of it.
    if (differenceOf(upload.lfn, { sizeBytes: file.mark.sizeBytes, checksum: record.checksum }, await head(tools, work)) === undefined)
      return 'stored';
    await journal.remove();
    return undefined;
  }
}

/** A part counts when the store shows it with the size and the ETag of ours: its MD5, or what the store said when it came. */
function arrivedParts(
  record: UploadJournal,
  done: ReadonlyMap<number, string>,
  listed: { readonly parts: readonly ListedPart[]; readonly truncated: boolean },
): ReadonlyMap<number, string> {
  const there = new Map(listed.parts.map((part) => [part.number, part]));
  const last = Math.max(0, ...there.keys());
  return new Map(
    piecesOf(record.source.sizeBytes, record.partBytes).flatMap(({ number, length }) => {
      const part = there.get(number);
      const noted = done.get(number);
      // Beyond the page the store gave, the journal is believed; the end of the upload finds out what is missing.
      if (part === undefined) return listed.truncated && number > last && noted !== undefined ? [[number, noted] as const] : [];
      const ours = part.etag === noted || part.etag === sumsOf(record, number).md5;
      return ours && part.sizeBytes === length ? [[number, part.etag] as const] : [];
    }),
  );
}

function sameMark({ source }: UploadJournal, { mark }: PartFile): boolean {
  return (['sizeBytes', 'modifiedMilliseconds', 'inode'] as const).every((name) => source[name] === mark[name]);
}

function sumsOf({ parts }: UploadJournal, number: number): PartSums {
  const [adler = '', md5 = ''] = (parts[number - 1] ?? '').split(':');
  return { adler, md5 };
}

function sessionOf(tools: SessionTools & Pick<MultipartTools, 'multipart'>, { lfn, uploadId, uploadToken }: UploadJournal): UploadSession {
  return new UploadSession(tools, tools.multipart, { lfn: lfn as Lfn, uploadId, token: uploadToken, expiresAt: new Date(0) });
}

/** Best effort: an upload nobody may abort any more is left to the store's own rules. */
async function discard(tools: MultipartTools, { journal }: Pick<Work, 'journal'>, record: UploadJournal): Promise<void> {
  await abandonUpload(tools, record).catch(() => undefined);
  await journal.remove();
}

/** Aborts the upload of a journal at the store. */
export async function abandonUpload(
  tools: RequestTools & SessionTools & Pick<MultipartTools, 'multipart'>,
  record: UploadJournal,
): Promise<void> {
  const session = sessionOf(tools, record);
  await session.renew();
  const lfn = record.lfn as Lfn;
  await withRetries(
    () => session.url('abort_multipart_upload', lfn).use((signed) => abortUpload(tools.http, lfn, { signed })),
    tools.retry,
    mayPassLater,
  );
}

async function begin(tools: MultipartTools, work: Work): Promise<Underway> {
  const { upload, file, journal, options } = work;
  const { lfn, expectedChecksum } = upload;
  await refuseStored(tools, upload, options);
  const { sizeBytes } = file.mark;
  const partBytes = partSizeOf(sizeBytes, tools.partBytes);
  let doneBytes = 0;
  let checksum = '00000001';
  const parts: string[] = [];
  for (const piece of piecesOf(sizeBytes, partBytes)) {
    const onBytes = (bytes: number): void =>
      options.onProgress?.({ lfn, phase: 'checksum', doneBytes: (doneBytes += bytes), totalBytes: sizeBytes });
    const { adler, md5 } = await file.sums(piece, { signal: options.signal, onBytes });
    checksum = combineAdler32(checksum, adler, piece.length);
    parts.push(`${adler}:${md5}`);
  }
  if (expectedChecksum !== undefined && !sameAdler32(expectedChecksum, checksum))
    throw new DiracS3Error('checksum-mismatch', `${lfn}: the Adler-32 of the file is ${checksum}, not ${expectedChecksum}`);
  const begun = await beginUpload(tools, { lfn, sizeBytes, checksum });
  const record: UploadJournal = {
    version: 1,
    direction: 'upload',
    storageElement: tools.storageElement,
    lfn,
    path: upload.source.path,
    beganAt: tools.clock.now().toISOString(),
    source: file.mark,
    checksum,
    partBytes,
    parts,
    uploadId: begun.uploadId,
    uploadToken: begun.token,
  };
  await journal.begin(record);
  return { record, session: new UploadSession(tools, tools.multipart, begun), there: new Map() };
}

const refusalsOfParts: readonly string[] = ['upload-unsafe', 'unsupported-operation', 'not-found', 'method-not-allowed'];

async function beginUpload(tools: MultipartTools, wanted: { lfn: Lfn; sizeBytes: number; checksum: string }): Promise<MultipartUpload> {
  try {
    return singleResult(await tools.multipart.begin(tools.storageElement, [wanted]));
  } catch (thrown) {
    if (!(thrown instanceof DiracS3Error) || !refusalsOfParts.includes(thrown.code)) throw thrown;
    throw new NoMultipart('upload-unsafe', tooLarge(wanted.lfn, wanted.sizeBytes, tools.storageElement));
  }
}

/** What an operator has to do before a file of this size can be sent. */
export function tooLarge(lfn: Lfn, sizeBytes: number, storageElement: string): string {
  return (
    `${lfn}: ${sizeBytes} bytes need an upload in parts, as one request carries at most ${maxUploadBytes} (5 GiB); ${storageElement} permits ` +
    'none, because its store honours unsigned headers: its operator has to configure write-only keys, or UnsignedHeaders = refused where that holds'
  );
}

async function sendParts(
  tools: MultipartTools,
  { upload, file, journal, options }: Work,
  { record, session, there }: Underway,
): Promise<void> {
  const { lfn } = upload;
  const { signal, onProgress, rate } = options;
  const { sizeBytes } = record.source;
  const pieces = piecesOf(sizeBytes, record.partBytes);
  const etags = new Map(there);
  let doneBytes = pieces.reduce((sum, { number, length }) => sum + (there.has(number) ? length : 0), 0);
  const report = (bytes: number): void => onProgress?.({ lfn, phase: 'transfer', doneBytes: (doneBytes += bytes), totalBytes: sizeBytes });
  report(0);
  const sendPart = async (piece: Piece): Promise<void> => {
    const { adler, md5 } = sumsOf(record, piece.number);
    const url = session.url('upload_part', lfn, { partNumber: piece.number, sizeBytes: piece.length });
    const etag = await withRetries(
      () =>
        url.use(async (signed) => {
          let sent = 0;
          const before = async (bytes: number): Promise<void> => {
            await rate.take(bytes, signal);
            report(bytes);
            sent += bytes;
          };
          try {
            const body = (to: Parameters<typeof file.send>[0]): Promise<void> => file.send(to, piece, { adler, before });
            return await uploadPart(tools.http, `${lfn} (part ${piece.number})`, { signed, signal, body, length: piece.length, md5 });
          } catch (thrown) {
            report(-sent);
            throw thrown;
          }
        }),
      tools.retry,
      mayPassLater,
    );
    etags.set(piece.number, etag);
    await journal.done({ number: piece.number, check: etag });
  };
  const missing = pieces.filter(({ number }) => !there.has(number));
  await runAdaptive(missing, { start: 3, most: tools.mostParts, now: tools.monotonic }, async (piece) => {
    signal?.throwIfAborted();
    await sendPart(piece);
  });
  // Somebody else may have stored the name meanwhile.
  await refuseStored(tools, upload, options);
  const parts = pieces.map(({ number }) => ({ number, etag: etags.get(number) ?? '' }));
  const url = session.url('complete_multipart_upload', lfn);
  try {
    await withRetries(() => url.use((signed) => completeUpload(tools.http, lfn, { signed, signal, parts })), tools.retry, mayPassLater);
  } catch (thrown) {
    // The answer may be lost of an end that was reached: then what the store has decides.
    if (signal?.aborted === true) throw thrown;
    const stored = await head(tools, { upload, options }).catch(() => undefined);
    if (stored === undefined || differenceOf(lfn, { sizeBytes, checksum: record.checksum }, stored) !== undefined) throw thrown;
  }
}

async function head(
  tools: MultipartTools,
  { upload: { lfn }, options }: Pick<Work, 'upload' | 'options'>,
): Promise<ObjectMetadata | undefined> {
  const answer = await headObject(tools, lfn, await options.heads.urlOf(lfn));
  return answer && metadataOf(answer);
}

async function finish(tools: MultipartTools, work: Work, record: UploadJournal): Promise<StoredObject> {
  const { lfn } = work.upload;
  const { sizeBytes } = record.source;
  const difference = differenceOf(lfn, { sizeBytes, checksum: record.checksum }, await head(tools, work));
  if (difference !== undefined) throw difference;
  await work.journal.remove();
  return { sizeBytes, checksum: record.checksum, pfn: tools.storageUrl(lfn) };
}
