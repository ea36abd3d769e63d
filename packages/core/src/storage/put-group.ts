import { sameAdler32, type BulkResult, type Lfn, type Presigned, type PresignItem } from '../domain/index.js';
import { DiracS3Error, failure, toError } from '../errors/index.js';
import { ConnectionFault } from '../http/index.js';
import type { UrlSource } from '../ports/index.js';
import { byLfn, transferEach } from './batches.js';
import { metadataOf } from './object-metadata.js';
import { headObject, type RequestTools } from './object-requests.js';
import { isRetryable, withRetries } from './retry.js';
import { errorOf } from './s3-error.js';
import { presignedOf, type SignedUrls } from './signed-urls.js';
import { keptBytes, openSource, type SourceFile } from './source-file.js';
import type { RateLimit } from './rate-limit.js';
import { storedMd5, withMd5 } from './stored-md5.js';
import type { ObjectMetadata, StoredObject, TransferOptions, Upload } from './types.js';
import { collected, uploadBodyOf } from './upload-body.js';

export interface PutTools extends RequestTools {
  readonly storageElement: string;
  readonly urls: UrlSource;
  /** How the bytes go: PUT where the URL stays in this process, a POST policy where somebody else signs (ADR-002). */
  readonly upload: 'post' | 'put';
  readonly temporaryDirectory: string | undefined;
  /** A text that occurs in no form. */
  readonly newBoundary: () => string;
  readonly storageUrl: (lfn: Lfn) => string;
}

export interface PutOptions extends Pick<TransferOptions, 'onProgress' | 'onWarning' | 'resumable' | 'signal'> {
  /** Where HEADs of the LFN come from. */
  readonly heads: SignedUrls;
  readonly rate: RateLimit;
}

/**
 * A group of uploads: look whether each name is free, sum the files, have all sizes and checksums bound by signatures in one question, then
 * send one after the other.
 */
export async function putGroup(tools: PutTools, uploads: readonly Upload[], options: PutOptions): Promise<BulkResult<StoredObject, Lfn>> {
  const wanted = byLfn(uploads);
  const sources = new Map<Lfn, SourceFile>();
  const { signal } = options;
  try {
    const ready = await transferEach([...wanted.keys()], { signal, parallel: 1 }, async (lfn) => {
      const upload = wanted.get(lfn)!;
      await refuseStored(tools, upload, options);
      const source = await openUpload(tools, upload, options);
      sources.set(lfn, source);
      return itemOf(tools, upload, source);
    });
    const signed = ready.successful.size === 0 ? undefined : sign(tools, [...ready.successful.values()]);
    return await transferEach([...wanted.keys()], { signal, parallel: 1 }, async (lfn) => {
      const fault = ready.failed.get(lfn);
      if (fault !== undefined || signed === undefined) throw toError(fault ?? failure('internal', `${lfn}: was not prepared`));
      return sendAndVerify(tools, { lfn, source: sources.get(lfn)!, signed: presignedOf(await signed, lfn) }, options);
    });
  } finally {
    for (const source of sources.values()) await source.close();
  }
}

export async function refuseStored(
  tools: Pick<PutTools, 'http' | 'retry' | 'storageElement'>,
  { lfn, overwrite = false }: Upload,
  { heads }: Pick<PutOptions, 'heads'>,
): Promise<void> {
  if (overwrite || (await headObject(tools, lfn, await heads.urlOf(lfn))) === undefined) return;
  throw new DiracS3Error('file-exists', `${lfn}: an object of that name is stored at ${tools.storageElement} already`);
}

async function openUpload(
  tools: PutTools,
  { lfn, source, expectedChecksum }: Upload,
  { signal, onProgress }: PutOptions,
): Promise<SourceFile> {
  const file = await openSource(source, {
    temporaryDirectory: tools.temporaryDirectory,
    signal,
    onProgress: (doneBytes, totalBytes) => onProgress?.({ lfn, phase: 'checksum', doneBytes, totalBytes }),
  });
  if (expectedChecksum === undefined || sameAdler32(expectedChecksum, file.checksum)) return file;
  await file.close();
  throw new DiracS3Error('checksum-mismatch', `${lfn}: the Adler-32 of the file is ${file.checksum}, not ${expectedChecksum}`);
}

function itemOf({ upload }: PutTools, { lfn, overwrite = false }: Upload, { sizeBytes, checksum }: SourceFile): PresignItem {
  return { lfn, sizeBytes, checksum, ...(upload === 'put' && !overwrite ? { ifNoneMatch: true } : {}) };
}

function sign({ urls, storageElement, upload }: PutTools, items: readonly PresignItem[]): Promise<BulkResult<Presigned>> {
  const signed = urls.presign({ storageElement, method: 'put_object', upload, items });
  // Whoever waits for it gets its fault.
  signed.catch(() => undefined);
  return signed;
}

interface Sending {
  readonly lfn: Lfn;
  readonly source: SourceFile;
  readonly signed: Presigned;
}

/** Sends, summing again, and reads size and checksums back: only what the store then has is called stored. */
async function sendAndVerify(tools: PutTools, sending: Sending, options: PutOptions): Promise<StoredObject> {
  const { lfn, source } = sending;
  let md5: string | undefined;
  const head = async (): Promise<DiracS3Error | undefined> => {
    const answer = await headObject(tools, lfn, await options.heads.urlOf(lfn));
    return differenceOf(lfn, { ...source, md5 }, answer && { ...metadataOf(answer), md5: storedMd5(answer) });
  };
  const fault = await send(tools, { ...sending, source: withMd5(source, (sum) => (md5 = sum)) }, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  // An answer may be lost, or be an error, after the object was stored: then what the store has decides.
  if (fault !== undefined && !isRetryable(fault)) throw fault as Error;
  const difference = fault === undefined ? await head() : await head().catch(() => fault as Error);
  if (difference !== undefined) throw (fault as Error | undefined) ?? difference;
  return { sizeBytes: source.sizeBytes, checksum: source.checksum, pfn: tools.storageUrl(lfn) };
}

/** Sent again only when nothing can have arrived. */
async function send(tools: PutTools, { lfn, source, signed }: Sending, { signal, onProgress, rate }: PutOptions): Promise<void> {
  const { sizeBytes } = source;
  const report = (doneBytes: number): void => onProgress?.({ lfn, phase: 'transfer', doneBytes, totalBytes: sizeBytes });
  // So little is in memory anyway, and on its way only when all of it has been taken from there.
  const isShort = sizeBytes <= keptBytes;
  const request = uploadBodyOf(signed, source, {
    boundary: tools.newBoundary(),
    before: (bytes) => rate.take(bytes, signal),
    ...(!isShort && { onProgress: report }),
  });
  const body = isShort ? { body: undefined, pieces: await collected(request.body) } : {};
  await withRetries(
    async () => {
      const answer = await tools.http.send({ ...request, ...body, url: signed.url, signal });
      if (answer.status < 200 || answer.status > 299) throw await errorOf(answer, lfn);
      await answer.discard();
    },
    tools.retry,
    (thrown) => thrown instanceof ConnectionFault && thrown.nothingSent,
  );
  if (isShort) report(sizeBytes);
}

/** How what the store has differs from what was sent. */
export function differenceOf(
  lfn: Lfn,
  { sizeBytes, checksum, md5 }: Pick<SourceFile, 'sizeBytes' | 'checksum'> & { readonly md5?: string | undefined },
  stored: (ObjectMetadata & { readonly md5?: string | undefined }) | undefined,
): DiracS3Error | undefined {
  if (stored === undefined) return new DiracS3Error('storage-unavailable', `${lfn}: the store took the object but does not have it`);
  if (stored.sizeBytes !== sizeBytes)
    return new DiracS3Error('size-mismatch', `${lfn}: ${sizeBytes} bytes were sent, the store has ${stored.sizeBytes}, and keeps them`);
  if (stored.checksum !== checksum)
    return new DiracS3Error(
      'checksum-mismatch',
      `${lfn}: the store has the checksum ${stored.checksum ?? '(none)'} instead of ${checksum}, and keeps the object`,
    );
  if (stored.md5 !== undefined && stored.md5 !== md5)
    return new DiracS3Error('checksum-mismatch', `${lfn}: the bytes changed on their way: the store has another MD5, and keeps the object`);
  return undefined;
}
