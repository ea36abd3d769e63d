import { bulkMap, type BulkResult, type Lfn, type PresignItem } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { UrlSource } from '../ports/index.js';
import { headObject, type RequestTools } from './object-requests.js';
import { discard, errorOf } from './s3-answer.js';
import { signAll, signedFor, signedUrlFor, type Signed } from './signed-requests.js';
import { openSource, type SourceFile } from './source-file.js';
import type { ObjectMetadata, StoredObject, TransferOptions, Upload } from './types.js';
import { uploadBodyOf } from './upload-body.js';

export interface PutTools extends RequestTools {
  readonly storageElement: string;
  readonly urls: UrlSource;
  /** How the bytes go: PUT where the URL stays in this process, a POST policy where somebody else signs (ADR-002). */
  readonly upload: 'post' | 'put';
  readonly temporaryDirectory: string | undefined;
  readonly newBoundary: () => string;
  readonly storageUrl: (lfn: Lfn) => string;
}

/**
 * One batch of uploads: look whether the name is free, sum the file, have size and checksum bound by the signature, send while summing again,
 * read size and checksum back. URLs are asked for twice per batch, whatever the number of files.
 */
export async function putBatch(
  tools: PutTools,
  uploads: readonly Upload[],
  options: TransferOptions,
): Promise<BulkResult<StoredObject, Lfn>> {
  const { parallel = 4 } = options;
  const heads = await signAll(tools.urls, {
    storageElement: tools.storageElement,
    method: 'head_object',
    items: uploads.map(({ lfn }) => ({ lfn })),
  });
  const sources = new Map<Lfn, SourceFile>();
  const byLfn = new Map(uploads.map((upload) => [upload.lfn, upload]));
  try {
    const prepared = await bulkMap(byLfn.keys(), (lfn) => prepare(tools, uploadOf(byLfn, lfn), { heads, sources, options }), {
      parallel,
      fallback: 'local-file',
    });
    const items = [...prepared.successful.values()];
    const puts: Signed =
      items.length === 0
        ? new Map()
        : await signAll(tools.urls, { storageElement: tools.storageElement, method: 'put_object', upload: tools.upload, items });
    return await bulkMap(
      byLfn.keys(),
      async (lfn) => {
        const fault = prepared.failed.get(lfn);
        if (fault !== undefined) throw new DiracS3Error(fault.code, fault.message);
        return sendAndVerify(tools, uploadOf(byLfn, lfn), { heads, puts, source: sourceOf(sources, lfn), options });
      },
      { parallel, fallback: 'storage-unavailable' },
    );
  } finally {
    for (const source of sources.values()) await source.close();
  }
}

interface Preparation {
  readonly heads: Signed;
  readonly sources: Map<Lfn, SourceFile>;
  readonly options: TransferOptions;
}

async function prepare(tools: PutTools, upload: Upload, { heads, sources, options }: Preparation): Promise<PresignItem & { lfn: Lfn }> {
  const { lfn, overwrite = false, expectedChecksum } = upload;
  if (!overwrite && (await headObject(tools, lfn, signedUrlFor(heads, lfn))) !== undefined) {
    throw new DiracS3Error('file-exists', `${lfn}: an object of that name is stored already`);
  }
  const source = await openSource(upload.source, {
    temporaryDirectory: tools.temporaryDirectory,
    signal: options.signal,
    onProgress: (doneBytes, totalBytes) => options.onProgress?.({ lfn, phase: 'checksum', doneBytes, totalBytes }),
  });
  sources.set(lfn, source);
  const { sizeBytes, checksum } = source;
  if (expectedChecksum !== undefined && expectedChecksum !== checksum) {
    throw new DiracS3Error('checksum-mismatch', `${lfn}: the Adler-32 of the file is ${checksum}, not ${expectedChecksum}`);
  }
  const conditional = tools.upload === 'put' && !overwrite ? { ifNoneMatch: true } : {};
  return { lfn, sizeBytes, checksum, ...conditional };
}

interface Sending {
  readonly heads: Signed;
  readonly puts: Signed;
  readonly source: SourceFile;
  readonly options: TransferOptions;
}

async function sendAndVerify(tools: PutTools, { lfn }: Upload, { heads, puts, source, options }: Sending): Promise<StoredObject> {
  const signed = signedFor(puts, lfn);
  const { method, headers, body } = uploadBodyOf(signed, source, {
    boundary: tools.newBoundary(),
    onProgress: (doneBytes) => options.onProgress?.({ lfn, phase: 'transfer', doneBytes, totalBytes: source.sizeBytes }),
  });
  const response = await tools.http.send({ method, url: signed.url, headers, body, signal: options.signal });
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) throw await errorOf(response, lfn);
  await discard(response);
  verify(lfn, source, await headObject(tools, lfn, signedUrlFor(heads, lfn)));
  return { sizeBytes: source.sizeBytes, checksum: source.checksum, pfn: tools.storageUrl(lfn) };
}

/** What the store has now must be what was sent. */
function verify(lfn: Lfn, { sizeBytes, checksum }: SourceFile, stored: ObjectMetadata | undefined): void {
  if (stored === undefined) throw new DiracS3Error('storage-unavailable', `${lfn}: the store took the object but does not have it`);
  if (stored.sizeBytes !== sizeBytes)
    throw new DiracS3Error('size-mismatch', `${lfn}: ${sizeBytes} bytes were sent, the store has ${stored.sizeBytes}`);
  if (stored.checksum !== checksum) {
    throw new DiracS3Error('checksum-mismatch', `${lfn}: the store has the checksum ${stored.checksum ?? '(none)'} instead of ${checksum}`);
  }
}

function uploadOf(uploads: ReadonlyMap<Lfn, Upload>, lfn: Lfn): Upload {
  const upload = uploads.get(lfn);
  if (upload === undefined) throw new DiracS3Error('internal', `${lfn}: was not asked for`);
  return upload;
}

function sourceOf(sources: ReadonlyMap<Lfn, SourceFile>, lfn: Lfn): SourceFile {
  const source = sources.get(lfn);
  if (source === undefined) throw new DiracS3Error('internal', `${lfn}: was not opened`);
  return source;
}
