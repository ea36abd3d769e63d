import { sameAdler32, type BulkResult, type Lfn, type Presigned, type PresignedUrl, type PresignItem } from '../domain/index.js';
import { DiracS3Error, failureOf } from '../errors/index.js';
import { ConnectionFault } from '../http/index.js';
import type { ListedObject, UrlSource } from '../ports/index.js';
import { byLfn, together, transferEach } from './batches.js';
import type { Listings } from './listings.js';
import { metadataOf } from './object-metadata.js';
import { headObject, type RequestTools } from './object-requests.js';
import type { RateLimit } from './rate-limit.js';
import { isRetryable, withRetries } from './retry.js';
import { errorOf } from './s3-error.js';
import { presignedOf, type SignedUrls } from './signed-urls.js';
import { Slots } from './slots.js';
import { keptBytes, openSource, type SourceFile } from './source-file.js';
import { storedMd5, withMd5 } from './stored-md5.js';
import type { ObjectMetadata, StoredObject, TransferOptions, Upload } from './types.js';
import { collected, uploadBodyOf } from './upload-body.js';
import type { UploadWay } from './upload-way.js';

export interface PutTools extends RequestTools {
  readonly storageElement: string;
  readonly urls: UrlSource;
  readonly uploadWay: (lfn: Lfn) => Promise<UploadWay>;
  readonly listings: Listings;
  readonly temporaryDirectory: string | undefined;
  /** A text that occurs in no form. */
  readonly newBoundary: () => string;
  readonly storageUrl: (lfn: Lfn) => string;
}

export interface PutOptions extends Pick<TransferOptions, 'onProgress' | 'onWarning' | 'resumable' | 'signal'> {
  /** Where HEADs of the LFN come from. */
  readonly heads: SignedUrls;
  readonly rate: RateLimit;
  /** Files at a time, over all groups. Default: the group alone, one by one. */
  readonly slots?: Slots | undefined;
}

/**
 * A group of uploads: look which names are free, sum the files, have all sizes and checksums bound by signatures in one question, send them, and
 * look what the store has of them now.
 */
export async function putGroup(tools: PutTools, uploads: readonly Upload[], options: PutOptions): Promise<BulkResult<StoredObject, Lfn>> {
  const wanted = byLfn(uploads);
  const lfns = [...wanted.keys()];
  const sources = new Map<Lfn, SourceFile>();
  const { signal, slots = new Slots(1) } = options;
  const each = <Value>(names: readonly Lfn[], step: (lfn: Lfn) => Promise<Value>): Promise<BulkResult<Value, Lfn>> =>
    transferEach(names, { signal, parallel: names.length }, (lfn) =>
      slots.use(() => {
        signal?.throwIfAborted();
        return step(lfn);
      }),
    );
  const close = async (lfn: Lfn): Promise<void> => {
    const source = sources.get(lfn);
    sources.delete(lfn);
    // It was only read, and what is sent is sent.
    await source?.close().catch(() => undefined);
  };
  try {
    const listed = await tools.listings.of(uploads.filter(({ overwrite = false }) => !overwrite).map(({ lfn }) => lfn));
    const ready = await each(lfns, async (lfn) => {
      const upload = wanted.get(lfn)!;
      await refuseStored(tools, upload, { ...options, listed });
      const source = await openUpload(tools, upload, options);
      sources.set(lfn, source);
      return { upload, source };
    });
    const signed = await sign(tools, [...ready.successful.values()]).catch((thrown: unknown): BulkResult<Presigned> => {
      return { successful: new Map(), failed: new Map(lfns.map((lfn) => [lfn, failureOf(thrown)])) };
    });
    const sent = await each([...ready.successful.keys()], async (lfn) => {
      try {
        return await send(tools, { lfn, source: sources.get(lfn)!, signed: presignedOf(signed, lfn) }, options);
      } finally {
        await close(lfn);
      }
    });
    const verified = await verifyAll(tools, sent.successful, options);
    const nothing = new Map<Lfn, StoredObject>();
    return together(lfns, [{ ...ready, successful: nothing }, { ...sent, successful: nothing }, verified]);
  } finally {
    for (const lfn of [...sources.keys()]) await close(lfn);
  }
}

/** @throws file-exists */
export async function refuseStored(
  tools: Pick<PutTools, 'http' | 'retry' | 'storageElement'>,
  { lfn, overwrite = false }: Upload,
  { heads, listed }: Pick<PutOptions, 'heads'> & { readonly listed?: ReadonlyMap<Lfn, ListedObject | undefined> },
): Promise<void> {
  if (overwrite) return;
  const there = listed?.has(lfn) === true ? listed.get(lfn) : await headObject(tools, lfn, await heads.urlOf(lfn));
  if (there === undefined) return;
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

interface Ready {
  readonly upload: Upload;
  readonly source: SourceFile;
}

async function sign({ urls, storageElement, uploadWay }: PutTools, ready: readonly Ready[]): Promise<BulkResult<Presigned>> {
  const [first] = ready;
  if (first === undefined) return { successful: new Map(), failed: new Map() };
  const way = await uploadWay(first.upload.lfn);
  const items = ready.map(({ upload: { lfn, overwrite = false }, source: { sizeBytes, checksum } }): PresignItem => ({
    lfn,
    sizeBytes,
    checksum,
    ...(way === 'put' && !overwrite ? { ifNoneMatch: true } : {}),
  }));
  return urls.presign({ storageElement, method: 'put_object', upload: way, items });
}

interface Sending {
  readonly lfn: Lfn;
  readonly source: SourceFile;
  readonly signed: Presigned;
}

/** What went, and the MD5 of it. */
interface Sent extends Pick<SourceFile, 'sizeBytes' | 'checksum'> {
  readonly md5: string | undefined;
  /** An answer may be lost, or be an error, after the object was stored: then what the store has decides. */
  readonly fault?: Error;
}

/** Sends, summing again. @throws what says that nothing was stored */
async function send(tools: PutTools, { lfn, source, signed }: Sending, options: PutOptions): Promise<Sent> {
  const { sizeBytes, checksum } = source;
  let md5: string | undefined;
  try {
    await sendBody(tools, { lfn, signed, source: withMd5(source, (sum) => (md5 = sum)) }, options);
    return { sizeBytes, checksum, md5 };
  } catch (thrown) {
    if (!isRetryable(thrown)) throw thrown;
    return { sizeBytes, checksum, md5, fault: thrown as Error };
  }
}

/** Sent again only when nothing can have arrived. */
async function sendBody(tools: PutTools, { lfn, source, signed }: Sending, { signal, onProgress, rate }: PutOptions): Promise<void> {
  const { sizeBytes } = source;
  const report = (doneBytes: number): void => onProgress?.({ lfn, phase: 'transfer', doneBytes, totalBytes: sizeBytes });
  // So little is in memory anyway, and on its way only when all of it has been taken from there.
  const isShort = sizeBytes <= keptBytes;
  const request = uploadBodyOf(signed, source, {
    boundary: tools.newBoundary(),
    rate,
    signal,
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

/**
 * Reads size and checksums back: only what the store then has is called stored. A listing tells size and MD5 of many, and is believed once the first
 * of them was asked for alone, which tells the stored Adler-32 too; so is every one it does not tell the same of. Also after a cancellation: what was
 * stored is to be registered.
 */
async function verifyAll(
  tools: PutTools,
  sent: ReadonlyMap<Lfn, Sent>,
  { heads, slots = new Slots(1) }: PutOptions,
): Promise<BulkResult<StoredObject, Lfn>> {
  const look = async (lfn: Lfn, signed: Promise<PresignedUrl>): Promise<StoredObject> => {
    const { sizeBytes, checksum, md5 } = sent.get(lfn)!;
    const answer = await headObject(tools, lfn, await signed);
    const difference = differenceOf(lfn, { sizeBytes, checksum, md5 }, answer && { ...metadataOf(answer), md5: storedMd5(answer) });
    if (difference !== undefined) throw difference;
    return storedOf(tools, lfn, sent.get(lfn)!);
  };
  const [first, ...others] = [...sent].filter(([, { fault }]) => fault === undefined).map(([lfn]) => lfn);
  const listed = await tools.listings.of(others);
  const sample = first === undefined || listed.size === 0 ? undefined : look(first, heads.urlAlone(first));
  const believed = await sample?.then(
    () => true,
    () => false,
  );
  return transferEach([...sent.keys()], { parallel: sent.size }, async (lfn) => {
    if (sample !== undefined && lfn === first) return sample;
    const { sizeBytes, md5, fault } = sent.get(lfn)!;
    const told = listed.get(lfn);
    if (believed === true && told?.sizeBytes === sizeBytes && told.etag === md5) return storedOf(tools, lfn, sent.get(lfn)!);
    return slots.use(() =>
      look(lfn, heads.urlOf(lfn)).catch((thrown: unknown) => {
        throw fault ?? thrown;
      }),
    );
  });
}

function storedOf({ storageUrl }: PutTools, lfn: Lfn, { sizeBytes, checksum }: Sent): StoredObject {
  return { sizeBytes, checksum, pfn: storageUrl(lfn) };
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
