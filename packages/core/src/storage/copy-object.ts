import type { BulkResult, Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { HttpAnswer } from '../http/index.js';
import { byLfn, transferEach } from './batches.js';
import { requestCopy, requestPartCopy } from './copy-requests.js';
import { uploadOnce } from './multipart-once.js';
import { metadataOf } from './object-metadata.js';
import { headObject } from './object-requests.js';
import { differenceOf } from './put-group.js';
import { mayPassLater } from './retry-transfer.js';
import { withRetries } from './retry.js';
import { longer, type S3Tools } from './s3-tools.js';
import { SignedUrls } from './signed-urls.js';
import { storedMd5 } from './stored-md5.js';
import type { StoreCopy, StoredObject, TransferOptions } from './types.js';

interface CopyOptions extends Pick<TransferOptions, 'onProgress' | 'signal'> {
  /** The StorageElement that is copied from. */
  readonly from: string;
  /** HEADs of the copy, HEADs of what is copied, and requests that copy it in one. */
  readonly heads: SignedUrls;
  readonly sourceHeads: SignedUrls;
  readonly copies: SignedUrls;
}

/** Has the store copy objects by itself. */
export async function copyObjects(
  tools: S3Tools,
  { from, copies }: { readonly from: string; readonly copies: readonly StoreCopy[] },
  transfer: TransferOptions,
): Promise<BulkResult<StoredObject, Lfn>> {
  const wanted = byLfn(copies);
  const { storageElement, singleCopyBytes } = tools;
  const lfns = [...wanted.keys()];
  const items = lfns.map((lfn) => ({ lfn }));
  const single = copies.filter(({ sizeBytes }) => sizeBytes <= singleCopyBytes);
  const urls = {
    heads: new SignedUrls(tools, { storageElement, method: 'head_object' }, items),
    sourceHeads: new SignedUrls(tools, { storageElement: from, method: 'head_object' }, items),
    copies: new SignedUrls(
      tools,
      { storageElement, method: 'copy_object' },
      single.map(({ lfn, etag }) => ({ lfn, sourceStorageElement: from, sourceEtag: etag })),
    ),
  };
  return transferEach(lfns, transfer, (lfn) => copyObject(tools, wanted.get(lfn)!, { ...transfer, ...urls, from }));
}

/**
 * A copy is called stored when it has size and checksum, and, where both have one, the MD5 of the source; and when the source was the same
 * before and after. Ceph does not heed the condition that is signed with a copy.
 */
async function copyObject(tools: S3Tools, copy: StoreCopy, options: CopyOptions): Promise<StoredObject> {
  const { lfn, sizeBytes, checksum } = copy;
  const md5 = await (sizeBytes <= tools.singleCopyBytes ? inOne : inParts)(tools, copy, options);
  const answer = await headObject(tools, lfn, await options.heads.urlOf(lfn));
  const found = answer && { ...metadataOf(answer), md5: md5 && storedMd5(answer) };
  const difference = differenceOf(lfn, { sizeBytes, checksum, md5 }, found);
  if (difference !== undefined) throw difference;
  return { sizeBytes, checksum, pfn: tools.storageUrl(lfn) };
}

/** Gives the MD5 of the source, where its store has one. */
async function inOne(tools: S3Tools, copy: StoreCopy, options: CopyOptions): Promise<string | undefined> {
  const { lfn, sizeBytes } = copy;
  const { signal, copies, onProgress } = options;
  const request = (): Promise<void> => copies.use(lfn, (signed) => requestCopy(tools.http, lfn, { signed, signal }));
  await withRetries(request, { ...tools.retry, signal }, mayPassLater);
  onProgress?.({ lfn, phase: 'transfer', doneBytes: sizeBytes, totalBytes: sizeBytes });
  return storedMd5(await sameSource(tools, copy, options));
}

/** An object that came in parts has no MD5. */
async function inParts(tools: S3Tools, copy: StoreCopy, options: CopyOptions): Promise<undefined> {
  const { multipart } = tools;
  const { lfn, sizeBytes, etag } = copy;
  const { signal, onProgress, from } = options;
  if (multipart === undefined) throw new DiracS3Error('unsupported-operation', `${lfn}: no copies in parts are begun here`);
  const retry = longer(tools.retry);
  let doneBytes = 0;
  await uploadOnce(
    { ...tools, multipart, retry },
    {
      object: copy,
      copied: true,
      maker: {
        part: async (session, { number, start, length }) => {
          const sourceRange = { from: start, to: start + length - 1 };
          const url = session.url('upload_part_copy', lfn, {
            partNumber: number,
            sourceStorageElement: from,
            sourceEtag: etag,
            sourceRange,
          });
          const ask = (): Promise<string> =>
            url.use((signed) => requestPartCopy(tools.http, `${lfn} (part ${number})`, { signed, signal }));
          const part = await withRetries(ask, { ...retry, signal }, mayPassLater);
          onProgress?.({ lfn, phase: 'transfer', doneBytes: (doneBytes += length), totalBytes: sizeBytes });
          return part;
        },
        beforeEnd: async () => {
          await sameSource(tools, copy, options);
        },
      },
    },
    options,
  );
  return undefined;
}

/** @throws checksum-mismatch: something else is stored at the source by now */
async function sameSource(tools: S3Tools, { lfn, etag }: StoreCopy, { from, sourceHeads }: CopyOptions): Promise<HttpAnswer> {
  const answer = await headObject(tools, lfn, await sourceHeads.urlOf(lfn));
  if (answer?.headers.etag === etag) return answer;
  throw new DiracS3Error('checksum-mismatch', `${lfn}: the object at ${from} was replaced while it was copied`);
}
