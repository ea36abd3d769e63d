import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bulkMap,
  refuseClosed,
  storageUrlBaseOf,
  storageUrlOf,
  type BulkResult,
  type Lfn,
  type PresignRequest,
  type StorageElement,
} from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { createHttpClient, type HttpAnswer } from '../http/index.js';
import type { Clock, UrlSource } from '../ports/index.js';
import { byLfn, inBatches, inGroups, parallelOf, transferEach } from './batches.js';
import { refuseTaken } from './landing-file.js';
import { metadataOf } from './object-metadata.js';
import { deleteObject, headObject, openObject } from './object-requests.js';
import { putGroup, type PutTools } from './put-group.js';
import { receiveObject } from './receive-object.js';
import { withRetries, type RetryPolicy } from './retry.js';
import { SignedUrls } from './signed-urls.js';
import { uploadGroups } from './upload-groups.js';
import type { Download, ReceivedFile, S3StorageElement, TransferOptions } from './types.js';

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
}

/** Small requests (HEAD, DELETE) at a time. */
const smallRequests = 16;

interface Tools extends PutTools {
  readonly clock: Clock;
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
      return inGroups(groups, parallelOf(transfer), (group) => {
        const heads = signedUrls({ method: 'head_object' }, group);
        return putGroup(
          tools,
          group.map((lfn) => wanted.get(lfn)!),
          { ...transfer, heads },
        );
      });
    },
    get: async (downloads, transfer = {}) => {
      const wanted = byLfn(downloads);
      return inBatches([...wanted.keys()], (batch) => {
        const urls = signedUrls({ method: 'get_object' }, batch);
        return transferEach(batch, transfer, (lfn) => getObject(tools, wanted.get(lfn)!, { ...transfer, urls }));
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

function toolsOf({ element, urls, vo, temporaryDirectory, idleTimeoutSeconds, retry, clock }: S3StorageElementOptions): Tools {
  const base = storageUrlBaseOf(element, vo);
  return {
    http: createHttpClient({ unavailable: 'storage-unavailable', caFile: element.caFile, idleTimeoutSeconds }),
    retry: retry ?? { sleep: (milliseconds) => sleep(milliseconds), random: Math.random },
    clock: clock ?? { now: () => new Date() },
    storageElement: element.name,
    urls,
    upload: element.access === 'direct' ? 'put' : 'post',
    temporaryDirectory,
    newBoundary: () => `dirac-s3-${randomUUID()}`,
    storageUrl: (lfn) => storageUrlOf(base, lfn),
  };
}

/** One download; a whole one again when the store failed in the middle. */
async function getObject(
  tools: Tools,
  download: Download,
  { urls, signal, onProgress }: TransferOptions & { readonly urls: SignedUrls },
): Promise<ReceivedFile> {
  const { lfn, path, overwrite = false } = download;
  await refuseTaken(path, { overwrite });
  return withRetries(async () => {
    const answer = await openObject(tools, lfn, { signed: await urls.urlOf(lfn), signal });
    return receiveObject(answer, download, { unique: randomUUID(), ...(onProgress && { onProgress }) });
  }, tools.retry);
}
