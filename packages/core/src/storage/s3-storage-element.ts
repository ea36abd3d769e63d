import { setTimeout as sleep } from 'node:timers/promises';
import { bulkMap, refuseClosed, type BulkResult, type Lfn, type PresignRequest } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { HttpAnswer } from '../http/index.js';
import { byLfn, inBatches, inGroups, parallelOf, transferEach } from './batches.js';
import { copyObjects } from './copy-object.js';
import { getObject } from './get-object.js';
import { metadataOf } from './object-metadata.js';
import { deleteObject, headObject, openObject } from './object-requests.js';
import { putFiles } from './put-files.js';
import { createRateLimit, unlimited, type RateLimit } from './rate-limit.js';
import { withRetries } from './retry.js';
import { toolsOf, type S3StorageElementOptions, type S3Tools } from './s3-tools.js';
import { SignedUrls } from './signed-urls.js';
import { uploadGroups } from './upload-groups.js';
import type { OpenOptions, OpenReplica, S3StorageElement, TransferOptions } from './types.js';

/** Small requests (HEAD, DELETE) at a time. */
const smallRequests = 16;

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
    copyFrom: (from, copies, transfer = {}) => copyObjects(tools, { from, copies }, transfer),
    get: async (downloads, transfer = {}) => {
      const wanted = byLfn(downloads);
      const rate = rateOf(tools, transfer);
      return inBatches([...wanted.keys()], (batch) => {
        const urls = signedUrls({ method: 'get_object' }, batch);
        return transferEach(batch, transfer, (lfn) => getObject(tools, wanted.get(lfn)!, { ...transfer, urls, rate }));
      });
    },
    open: (lfn, options = {}) => openReplica(tools, lfn, { ...options, urls: signedUrls({ method: 'get_object' }, [lfn]) }),
    accessUrl: async (lfns, { expirationSeconds, downloadName } = {}) => {
      const lifetime = expirationSeconds === undefined ? {} : { expirationSeconds };
      return inBatches(lfns, (batch) => {
        const request = { method: 'get_object', purpose: 'external', ...lifetime } as const;
        const urls = signedUrls(request, batch, downloadName === undefined ? {} : { downloadName });
        return bulkMap(batch, (lfn) => urls.newUrlOf(lfn));
      });
    },
    storageUrl: tools.storageUrl,
    close: tools.close,
  };
}

async function openReplica(
  tools: S3Tools,
  lfn: Lfn,
  { urls, ...options }: OpenOptions & { readonly urls: SignedUrls },
): Promise<OpenReplica> {
  const answer = await withRetries(async () => openObject(tools, lfn, { ...options, signed: await urls.urlOf(lfn) }), tools.retry);
  const { sizeBytes, checksum } = metadataOf(answer);
  return { sizeBytes, checksum, chunks: () => answer.chunks(), destroy: () => answer.destroy() };
}

function rateOf({ monotonic }: S3Tools, { limitRateBytesPerSecond: bytesPerSecond }: TransferOptions): RateLimit {
  if (bytesPerSecond === undefined) return unlimited;
  if (!(bytesPerSecond > 0)) throw new DiracS3Error('invalid-argument', 'limitRateBytesPerSecond: must be a number above 0');
  return createRateLimit({ bytesPerSecond, now: monotonic, sleep: (milliseconds) => sleep(milliseconds) });
}
