import { sameAdler32, type Lfn, type PresignItem } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { ConnectionFault } from '../http/index.js';
import type { UrlSource } from '../ports/index.js';
import { headObject, type RequestTools } from './object-requests.js';
import { isRetryable, withRetries } from './retry.js';
import { errorOf } from './s3-error.js';
import { signOne, type SignedUrls } from './signed-urls.js';
import { openSource, type SourceFile } from './source-file.js';
import type { ObjectMetadata, StoredObject, TransferOptions, Upload } from './types.js';
import { uploadBodyOf } from './upload-body.js';

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

export interface PutOptions extends Pick<TransferOptions, 'onProgress' | 'signal'> {
  /** Where HEADs of the LFN come from. */
  readonly heads: SignedUrls;
}

/**
 * One upload: look whether the name is free, sum the file, have size and checksum bound by the signature, send while summing again, and read
 * size and checksum back. Only what the store then has is called stored.
 */
export async function putObject(tools: PutTools, upload: Upload, options: PutOptions): Promise<StoredObject> {
  const { lfn, overwrite = false } = upload;
  const head = async (): Promise<ObjectMetadata | undefined> => headObject(tools, lfn, await options.heads.urlOf(lfn));
  if (!overwrite && (await head()) !== undefined)
    throw new DiracS3Error('file-exists', `${lfn}: an object of that name is stored at ${tools.storageElement} already`);
  const source = await openUpload(tools, upload, options);
  try {
    const fault = await send(tools, upload, { source, options }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    // An answer may be lost, or be an error, after the object was stored: then what the store has decides.
    if (fault !== undefined && !isRetryable(fault)) throw fault as Error;
    const stored = fault === undefined ? await head() : await head().catch(() => undefined);
    const difference = differenceOf(lfn, source, stored);
    if (difference !== undefined) throw fault ?? difference;
    return { sizeBytes: source.sizeBytes, checksum: source.checksum, pfn: tools.storageUrl(lfn) };
  } finally {
    await source.close();
  }
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

/** Sent again only when nothing can have arrived. */
async function send(
  tools: PutTools,
  { lfn, overwrite = false }: Upload,
  { source, options: { signal, onProgress } }: { readonly source: SourceFile; readonly options: PutOptions },
): Promise<void> {
  const { sizeBytes, checksum } = source;
  const item: PresignItem = { lfn, sizeBytes, checksum, ...(tools.upload === 'put' && !overwrite ? { ifNoneMatch: true } : {}) };
  const { storageElement, upload } = tools;
  const signed = await signOne(tools.urls, { storageElement, method: 'put_object', upload }, item);
  const request = uploadBodyOf(signed, source, {
    boundary: tools.newBoundary(),
    onProgress: (doneBytes) => onProgress?.({ lfn, phase: 'transfer', doneBytes, totalBytes: sizeBytes }),
  });
  await withRetries(
    async () => {
      const answer = await tools.http.send({ ...request, url: signed.url, signal });
      if (answer.status < 200 || answer.status > 299) throw await errorOf(answer, lfn);
      await answer.discard();
    },
    tools.retry,
    (thrown) => thrown instanceof ConnectionFault && thrown.nothingSent,
  );
}

/** How what the store has differs from what was sent. */
function differenceOf(lfn: Lfn, { sizeBytes, checksum }: SourceFile, stored: ObjectMetadata | undefined): DiracS3Error | undefined {
  if (stored === undefined) return new DiracS3Error('storage-unavailable', `${lfn}: the store took the object but does not have it`);
  if (stored.sizeBytes !== sizeBytes)
    return new DiracS3Error('size-mismatch', `${lfn}: ${sizeBytes} bytes were sent, the store has ${stored.sizeBytes}`);
  if (stored.checksum !== checksum)
    return new DiracS3Error(
      'checksum-mismatch',
      `${lfn}: the store has the checksum ${stored.checksum ?? '(none)'} instead of ${checksum}`,
    );
  return undefined;
}
