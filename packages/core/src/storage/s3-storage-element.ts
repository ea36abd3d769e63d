import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bulkMap,
  refuseClosed,
  maxUploadBytes,
  singleResult,
  storageUrlBaseOf,
  storageUrlOf,
  type BulkResult,
  type Lfn,
  type PresignRequest,
  type StorageElement,
} from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { createHttpClient, type HttpAnswer } from '../http/index.js';
import type { Clock, MultipartUploads, UrlSource } from '../ports/index.js';
import type { AbortTools } from './abort-transfer.js';
import { byLfn, inBatches, inGroups, parallelOf, transferEach } from './batches.js';
import { getRanges, type RangeTools } from './get-ranges.js';
import { refuseTaken } from './landing-file.js';
import { metadataOf } from './object-metadata.js';
import { deleteObject, headObject, openObject } from './object-requests.js';
import { putGroup, type PutOptions, type PutTools } from './put-group.js';
import { NoMultipart, putMultipart } from './put-multipart.js';
import { createRateLimit, unlimited, type RateLimit } from './rate-limit.js';
import { receiveObject, refuseSize } from './receive-object.js';
import { withRetries, type RetryPolicy } from './retry.js';
import { StoreRefusal } from './s3-error.js';
import { SignedUrls } from './signed-urls.js';
import { uploadGroups } from './upload-groups.js';
import type { Download, ObjectMetadata, ReceivedFile, S3StorageElement, StoredObject, TransferOptions, Upload } from './types.js';

export interface S3StorageElementOptions {
  readonly element: StorageElement;
  /** Who signs: this process (direct access) or the gateway. */
  readonly urls: UrlSource;
  /** VO of the user, where the StorageElement has a bucket per VO. */
  readonly vo?: string | undefined;
  /** Where streams are spooled. Default: the system's. */
  readonly temporaryDirectory?: string | undefined;
  /** A connection on which nothing moves for so long is given up. Default 60. */
  readonly idleTimeoutSeconds?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
  readonly clock?: Clock | undefined;
  /** Where uploads in parts are begun. Default: nowhere, each file is one request. */
  readonly multipart?: MultipartUploads | undefined;
  /** Directory in which transfers that can be resumed are listed, for `listTransfers`. Default: none, the journals beside the files are enough. */
  readonly stateDirectory?: string | undefined;
  /** How large files are cut. */
  readonly pieces?: PieceOptions | undefined;
}

export interface PieceOptions {
  /** Preferred size of parts; larger files are sent in parts. At least 5 MiB; default 128 MiB at a store like Ceph, else 32 MiB. */
  readonly partBytes?: number;
  /** Size of ranges; larger files are fetched in ranges. Default 32 MiB. */
  readonly rangeBytes?: number;
  /** Parts or ranges of a file at a time, at most. Default 8. */
  readonly parallel?: number;
}

/** Small requests (HEAD, DELETE) at a time. */
const smallRequests = 16;

const mebibyte = 1024 * 1024;

interface Tools extends PutTools, RangeTools {
  readonly urls: UrlSource;
  readonly storageElement: string;
  readonly partBytes: number;
  readonly mostParts: number;
  readonly multipart: MultipartUploads | undefined;
}

/** An S3 StorageElement. Direct access and access through the gateway differ in `urls` and in nothing else (ADR-001). */
export function createS3StorageElement(options: S3StorageElementOptions): S3StorageElement {
  const { element } = options;
  const tools = toolsOf(options);
  const signedUrls = (
    request: Omit<PresignRequest, 'storageElement' | 'items'>,
    lfns: readonly Lfn[],
    more: { downloadName?: string } = {},
  ) =>
    new SignedUrls(
      tools,
      { ...request, storageElement: element.name },
      lfns.map((lfn) => ({ lfn, ...more })),
    );
  const head = async (lfn: Lfn, urls: SignedUrls): Promise<HttpAnswer | undefined> => headObject(tools, lfn, await urls.urlOf(lfn));
  /** One small request per LFN. */
  const each = <Value>(
    method: 'head_object' | 'delete_object',
    lfns: readonly Lfn[],
    step: (lfn: Lfn, urls: SignedUrls) => Promise<Value>,
  ): Promise<BulkResult<Value, Lfn>> =>
    inBatches(lfns, (batch) => {
      const urls = signedUrls({ method }, batch);
      return bulkMap(batch, (lfn) => step(lfn, urls), { parallel: smallRequests });
    });
  const exists = (lfns: readonly Lfn[]): Promise<BulkResult<boolean, Lfn>> =>
    each('head_object', lfns, async (lfn, urls) => (await head(lfn, urls)) !== undefined);

  return {
    name: element.name,
    protocol: 's3',
    access: element.access,
    requireOpen: (kind) => refuseClosed(element, kind, options.vo),
    exists,
    isFile: exists,
    getMetadata: (lfns) =>
      each('head_object', lfns, async (lfn, urls) => {
        const answer = await head(lfn, urls);
        if (answer === undefined) throw new DiracS3Error('no-such-file', `${lfn}: no such object at ${element.name}`);
        return metadataOf(answer);
      }),
    remove: (lfns) => each('delete_object', lfns, async (lfn, urls) => deleteObject(tools, lfn, await urls.urlOf(lfn))),
    put: async (uploads, transfer = {}) => {
      const wanted = byLfn(uploads);
      const groups = await uploadGroups(uploads, transfer);
      const rate = rateOf(tools, transfer);
      return inGroups(groups, parallelOf(transfer), (group) => {
        const heads = signedUrls({ method: 'head_object' }, group);
        return putFiles(
          tools,
          group.map((lfn) => wanted.get(lfn)!),
          { ...transfer, heads, rate },
        );
      });
    },
    get: async (downloads, transfer = {}) => {
      const wanted = byLfn(downloads);
      const rate = rateOf(tools, transfer);
      return inBatches([...wanted.keys()], (batch) => {
        const urls = signedUrls({ method: 'get_object' }, batch);
        return transferEach(batch, transfer, (lfn) => getObject(tools, wanted.get(lfn)!, { ...transfer, urls, rate }));
      });
    },
    open: async (lfn, { signal } = {}) => {
      const answer = await withRetries(
        async () => openObject(tools, lfn, { signed: await signedUrls({ method: 'get_object' }, [lfn]).urlOf(lfn), signal }),
        tools.retry,
      );
      const { sizeBytes, checksum } = metadataOf(answer);
      return { sizeBytes, checksum, chunks: () => answer.chunks(), destroy: () => answer.destroy() };
    },
    accessUrl: async (lfns, { expirationSeconds, downloadName } = {}) => {
      const lifetime = expirationSeconds === undefined ? {} : { expirationSeconds };
      return inBatches(lfns, (batch) => {
        const request = { method: 'get_object', purpose: 'external', ...lifetime } as const;
        const urls = signedUrls(request, batch, downloadName === undefined ? {} : { downloadName });
        return bulkMap(batch, (lfn) => urls.newUrlOf(lfn));
      });
    },
    storageUrl: tools.storageUrl,
    close: () => tools.http.close(),
  };
}

/** What `abortTransfer` needs of a StorageElement; `http.close()` when it is not needed any more. */
export function createAbortTools(options: S3StorageElementOptions): AbortTools {
  return toolsOf(options);
}

function toolsOf(options: S3StorageElementOptions): Tools {
  const { element, urls, vo, temporaryDirectory, idleTimeoutSeconds, retry, clock, multipart, stateDirectory, pieces = {} } = options;
  const base = storageUrlBaseOf(element, vo);
  const parallel = pieces.parallel ?? 8;
  return {
    http: createHttpClient({ unavailable: 'storage-unavailable', caFile: element.caFile, idleTimeoutSeconds }),
    retry: retry ?? { sleep: (milliseconds) => sleep(milliseconds), random: Math.random },
    clock: clock ?? { now: () => new Date() },
    monotonic: () => performance.now(),
    storageElement: element.name,
    urls,
    upload: element.access === 'direct' ? 'put' : 'post',
    temporaryDirectory,
    newBoundary: () => `dirac-s3-${randomUUID()}`,
    storageUrl: (lfn) => storageUrlOf(base, lfn),
    multipart,
    stateDirectory,
    // Ceph, the store that honours unsigned headers, writes large parts best.
    partBytes: pieces.partBytes ?? (element.unsignedHeaders === 'honoured' ? 128 : 32) * mebibyte,
    rangeBytes: pieces.rangeBytes ?? 32 * mebibyte,
    mostParts: parallel,
    mostRanges: parallel,
  };
}

function rateOf({ monotonic }: Tools, { limitRateBytesPerSecond: bytesPerSecond }: TransferOptions): RateLimit {
  if (bytesPerSecond === undefined) return unlimited;
  if (!(bytesPerSecond > 0)) throw new DiracS3Error('invalid-argument', 'limitRateBytesPerSecond: must be a number above 0');
  return createRateLimit({ bytesPerSecond, now: monotonic, sleep: (milliseconds) => sleep(milliseconds) });
}

/** A large file goes in parts, where they are permitted; everything else in one request per file. */
async function putFiles(tools: Tools, uploads: readonly Upload[], options: PutOptions): Promise<BulkResult<StoredObject, Lfn>> {
  const { multipart } = tools;
  const [upload] = uploads;
  if (multipart === undefined || upload === undefined || uploads.length > 1 || !('path' in upload.source))
    return putGroup(tools, uploads, options);
  const { source } = upload;
  const facts = await stat(source.path).catch(() => undefined);
  if (facts === undefined || facts.size <= tools.partBytes) return putGroup(tools, uploads, options);
  const { lfn } = upload;
  const inParts = (): Promise<StoredObject> =>
    putMultipart({ ...tools, multipart, retry: longer(tools.retry) }, { ...upload, source }, options);
  const result = await transferEach([lfn], options, async () => {
    try {
      return await inParts();
    } catch (thrown) {
      if (!(thrown instanceof NoMultipart) || facts.size > maxUploadBytes) throw thrown;
      return singleResult(await putGroup(tools, uploads, options));
    }
  });
  return result;
}

/** A piece is a small loss: it is tried more often than a whole file. */
function longer(retry: RetryPolicy): RetryPolicy {
  return { ...retry, attempts: Math.max(8, retry.attempts ?? 0) };
}

/** One download; a whole one again when the store failed in the middle. */
async function getObject(
  tools: Tools,
  download: Download,
  { urls, signal, onProgress, rate }: TransferOptions & { readonly urls: SignedUrls; readonly rate: RateLimit },
): Promise<ReceivedFile> {
  const { lfn, path, overwrite = false, expected = {} } = download;
  await refuseTaken(path, { overwrite });
  const open = async (): Promise<HttpAnswer> => {
    try {
      return await openObject(tools, lfn, { signed: await urls.urlOf(lfn), signal });
    } catch (thrown) {
      // It may have ended on the way.
      if (!(thrown instanceof StoreRefusal) || thrown.status !== 403) throw thrown;
      return openObject(tools, lfn, { signed: await urls.freshUrlOf(lfn), signal });
    }
  };
  return withRetries(async () => {
    const answer = await open();
    const progress = onProgress && { onProgress };
    const large = largeObjectOf(answer, tools.rangeBytes);
    if (large === undefined) return receiveObject(answer, download, { unique: randomUUID(), rate, ...(signal && { signal }), ...progress });
    // Its size and ETag were wanted; the bytes come in ranges.
    answer.destroy();
    refuseSize(lfn, large.sizeBytes, expected.sizeBytes);
    return getRanges({ ...tools, retry: longer(tools.retry) }, download, { stored: large, rate, ...(signal && { signal }), ...progress });
  }, tools.retry);
}

/** What is to be fetched in ranges: large, and with an ETag that tells its bytes from others. */
function largeObjectOf(answer: HttpAnswer, rangeBytes: number): (ObjectMetadata & { readonly etag: string }) | undefined {
  const length = Number(answer.headers['content-length']);
  const { etag } = answer.headers;
  if (!(length > rangeBytes) || etag === undefined || !/^"[^"]+"$/.test(etag)) return undefined;
  return { ...metadataOf(answer), etag };
}
