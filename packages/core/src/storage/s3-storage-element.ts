import { bulkMap, refuseClosed, type BulkResult, type Lfn, type PresignRequest } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { HttpAnswer } from '../http/index.js';
import { copyObjects } from './copy-object.js';
import { metadataOf } from './object-metadata.js';
import { deleteObject, headObject, openObject } from './object-requests.js';
import { withRetries } from './retry.js';
import { toolsOf, type S3StorageElementOptions, type S3Tools } from './s3-tools.js';
import { SignedUrls } from './signed-urls.js';
import { getSmallAndLarge, putSmallAndLarge } from './small-and-large.js';
import type { OpenOptions, OpenReplica, S3StorageElement } from './types.js';

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
  ): Promise<BulkResult<Value, Lfn>> => {
    const urls = signedUrls({ method }, [...new Set(lfns)]);
    return bulkMap(lfns, (lfn) => step(lfn, urls), { parallel: smallRequests });
  };
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
    put: (uploads, transfer = {}) => putSmallAndLarge({ tools, signedUrls }, uploads, transfer),
    copyFrom: (from, copies, transfer = {}) => copyObjects(tools, { from, copies }, transfer),
    get: (downloads, transfer = {}) => getSmallAndLarge({ tools, signedUrls }, downloads, transfer),
    open: (lfn, options = {}) => openReplica(tools, lfn, { ...options, urls: signedUrls({ method: 'get_object' }, [lfn]) }),
    accessUrl: async (lfns, { expirationSeconds, downloadName } = {}) => {
      const lifetime = expirationSeconds === undefined ? {} : { expirationSeconds };
      const request = { method: 'get_object', purpose: 'external', ...lifetime } as const;
      const urls = signedUrls(request, [...new Set(lfns)], downloadName === undefined ? {} : { downloadName });
      return bulkMap(lfns, (lfn) => urls.newUrlOf(lfn));
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
