import type { BulkResult, Lfn, PresignRequest } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { byLfn, groupsOf, inGroups, parallelOf, smallBytes, smallParallelOf, together, transferEach } from './batches.js';
import { getObject } from './get-object.js';
import type { MultipartOptions } from './multipart-work.js';
import { putFiles } from './put-files.js';
import { createRateLimit, unlimited, type RateLimit } from './rate-limit.js';
import { pause } from './retry.js';
import type { S3Tools } from './s3-tools.js';
import type { SignedUrls } from './signed-urls.js';
import { Slots } from './slots.js';
import type { Download, ReceivedFile, StoredObject, TransferOptions, Upload } from './types.js';
import { groupsAtOnce, uploadGroups } from './upload-groups.js';

export interface TransferTools {
  readonly tools: S3Tools;
  /** URLs for names, asked for in one question when the first is needed. */
  readonly signedUrls: (request: Omit<PresignRequest, 'storageElement' | 'items'>, lfns: readonly Lfn[]) => SignedUrls;
}

/** Uploads: small files first, many at a time; then large ones and streams. */
export async function putSmallAndLarge(
  { tools, signedUrls }: TransferTools,
  uploads: readonly Upload[],
  transfer: TransferOptions,
): Promise<BulkResult<StoredObject, Lfn>> {
  const wanted = byLfn(uploads);
  const { small, large } = await uploadGroups(uploads);
  const rate = rateOf(tools, transfer);
  const headsOf = (lfns: readonly Lfn[]): SignedUrls => signedUrls({ method: 'head_object' }, lfns);
  const put = (lfns: readonly Lfn[], more: Pick<MultipartOptions, 'heads' | 'slots'>): Promise<BulkResult<StoredObject, Lfn>> =>
    putFiles(
      tools,
      lfns.map((lfn) => wanted.get(lfn)!),
      { ...transfer, ...more, rate },
    );
  const shared = { heads: headsOf(small.flat()), slots: new Slots(smallParallelOf(transfer)) };
  return together(wanted.keys(), [
    await inGroups(small, groupsAtOnce, (group) => put(group, shared)),
    await inGroups(groupsOf(large, 1), parallelOf(transfer), (one) => put(one, { heads: headsOf(one) })),
  ]);
}

/** Downloads: those the caller knows to be small first, many at a time; then the others. */
export async function getSmallAndLarge(
  { tools, signedUrls }: TransferTools,
  downloads: readonly Download[],
  transfer: TransferOptions,
): Promise<BulkResult<ReceivedFile, Lfn>> {
  const wanted = byLfn(downloads);
  const rate = rateOf(tools, transfer);
  const get = (some: readonly Download[], parallel: number): Promise<BulkResult<ReceivedFile, Lfn>> => {
    const lfns = some.map(({ lfn }) => lfn);
    const urls = signedUrls({ method: 'get_object' }, lfns);
    return transferEach(lfns, { ...transfer, parallel }, (lfn) => getObject(tools, wanted.get(lfn)!, { ...transfer, urls, rate }));
  };
  const isSmall = ({ expected }: Download): boolean => (expected?.sizeBytes ?? Infinity) <= smallBytes;
  const large = downloads.filter((one) => !isSmall(one));
  return together(wanted.keys(), [await get(downloads.filter(isSmall), smallParallelOf(transfer)), await get(large, parallelOf(transfer))]);
}

function rateOf({ monotonic }: S3Tools, { limitRateBytesPerSecond: bytesPerSecond }: TransferOptions): RateLimit {
  if (bytesPerSecond === undefined) return unlimited;
  if (!(bytesPerSecond > 0)) throw new DiracS3Error('invalid-argument', 'limitRateBytesPerSecond: must be a number above 0');
  return createRateLimit({ bytesPerSecond, now: monotonic, sleep: pause });
}
