import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { bulkMap, storageUrlBaseOf, storageUrlOf, type BulkResult, type Lfn, type S3Method, type StorageElement } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { UrlSource } from '../ports/index.js';
import { createHttpClient } from './http-client.js';
import { deleteObject, headObject, openObject } from './object-requests.js';
import { putBatch, type PutTools } from './put-objects.js';
import { receiveObject } from './receive-object.js';
import type { RetryPolicy } from './retry.js';
import { inBatches, signAll, signedUrlFor, type Signed } from './signed-requests.js';
import type { Download, ObjectMetadata, ReceivedFile, S3StorageElement, TransferOptions } from './types.js';

export interface S3StorageElementOptions {
  readonly element: StorageElement;
  /** Who signs: this process (direct access) or the gateway. */
  readonly urls: UrlSource;
  /** VO of the user, where the StorageElement has a bucket per VO. */
  readonly vo?: string | undefined;
  /** Where streams are spooled. Default: the system's. */
  readonly temporaryDirectory?: string;
  readonly idleTimeoutSeconds?: number;
  readonly retry?: RetryPolicy;
}

/** Small requests (HEAD, DELETE) at a time. */
const smallRequests = 16;

/** An S3 StorageElement. Direct access and access through the gateway differ in `urls` and in nothing else (ADR-001). */
export function createS3StorageElement(options: S3StorageElementOptions): S3StorageElement {
  const tools = toolsOf(options);
  const { element } = options;
  const signEach = <Item extends { lfn: Lfn }>(method: S3Method, batch: readonly Item[]): Promise<Signed> =>
    signAll(tools.urls, { storageElement: element.name, method, items: batch.map(({ lfn }) => ({ lfn })) });

  /** One signed URL and one small request per LFN. */
  const each = <Value>(
    method: S3Method,
    lfns: readonly Lfn[],
    step: (lfn: Lfn, signed: Signed) => Promise<Value>,
  ): Promise<BulkResult<Value, Lfn>> =>
    inBatches(
      lfns.map((lfn) => ({ lfn })),
      async (batch) => {
        const signed = await signEach(method, batch);
        return bulkMap(
          batch.map(({ lfn }) => lfn),
          (lfn) => step(lfn, signed),
          { parallel: smallRequests, fallback: 'storage-unavailable' },
        );
      },
    );
  const head = (lfn: Lfn, signed: Signed): Promise<ObjectMetadata | undefined> => headObject(tools, lfn, signedUrlFor(signed, lfn));
  const exists = (lfns: readonly Lfn[]): Promise<BulkResult<boolean, Lfn>> =>
    each('head_object', lfns, async (lfn, signed) => (await head(lfn, signed)) !== undefined);

  return {
    name: element.name,
    access: element.access,
    exists,
    isFile: exists,
    getMetadata: (lfns) =>
      each('head_object', lfns, async (lfn, signed) => {
        const metadata = await head(lfn, signed);
        if (metadata === undefined) throw new DiracS3Error('no-such-file', `${lfn}: no such object at ${element.name}`);
        return metadata;
      }),
    put: (uploads, transfer = {}) => inBatches(uploads, (batch) => putBatch(tools, batch, transfer)),
    get: (downloads, transfer = {}) =>
      inBatches(downloads, async (batch) => getBatch({ ...tools, signed: await signEach('get_object', batch) }, batch, transfer)),
    remove: (lfns) => each('delete_object', lfns, (lfn, signed) => deleteObject(tools, lfn, signedUrlFor(signed, lfn))),
    accessUrl: (lfns, { expirationSeconds, downloadName } = {}) =>
      inBatches(
        lfns.map((lfn) => ({ lfn, ...(downloadName === undefined ? {} : { downloadName }) })),
        async (items) => {
          const asked = expirationSeconds === undefined ? {} : { expirationSeconds };
          const signed = await signAll(tools.urls, {
            storageElement: element.name,
            method: 'get_object',
            purpose: 'external',
            items,
            ...asked,
          });
          return bulkMap(
            items.map(({ lfn }) => lfn),
            (lfn) => signedUrlFor(signed, lfn),
          );
        },
      ),
    storageUrl: tools.storageUrl,
    close: () => tools.http.close(),
  };
}

function toolsOf({ element, urls, vo, temporaryDirectory, idleTimeoutSeconds, retry }: S3StorageElementOptions): PutTools {
  const base = storageUrlBaseOf(element, vo);
  return {
    http: createHttpClient({ caFile: element.caFile, ...(idleTimeoutSeconds === undefined ? {} : { idleTimeoutSeconds }) }),
    retry: retry ?? { sleep: (milliseconds) => sleep(milliseconds), random: Math.random },
    storageElement: element.name,
    urls,
    upload: element.access === 'direct' ? 'put' : 'post',
    temporaryDirectory,
    newBoundary: () => `dirac-s3-${randomUUID()}`,
    storageUrl: (lfn) => storageUrlOf(base, lfn),
  };
}

async function getBatch(
  tools: PutTools & { readonly signed: Signed },
  batch: readonly Download[],
  { onProgress, signal, parallel = 4 }: TransferOptions,
): Promise<BulkResult<ReceivedFile, Lfn>> {
  const downloads = new Map(batch.map((download) => [download.lfn, download]));
  return bulkMap(
    downloads.keys(),
    async (lfn) => {
      const download = downloads.get(lfn);
      if (download === undefined) throw new DiracS3Error('internal', `${lfn}: was not asked for`);
      const response = await openObject(tools, lfn, { signed: signedUrlFor(tools.signed, lfn), signal });
      return receiveObject(response, download, { unique: randomUUID(), onProgress });
    },
    { parallel, fallback: 'storage-unavailable' },
  );
}
