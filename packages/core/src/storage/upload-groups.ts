import type { Lfn } from '../domain/index.js';
import { statOf } from '../local-files/index.js';
import { groupsOf, smallBytes, smallParallelOf } from './batches.js';
import type { TransferOptions, Upload } from './types.js';

const largestGroup = 16;

export interface UploadGroups {
  /** Names whose URLs are asked for in one question, in so many groups that all can be under way at once. */
  readonly small: readonly (readonly Lfn[])[];
  /**
   * Large files and streams. They are summed just before they are sent, while they may still be in memory; asking for their URL one by one costs
   * nothing then.
   */
  readonly large: readonly Lfn[];
}

export async function uploadGroups(uploads: readonly Upload[], options: Pick<TransferOptions, 'parallel'>): Promise<UploadGroups> {
  const [small, large]: [Lfn[], Lfn[]] = [[], []];
  for (const { lfn, source } of uploads) ((await isSmall(source)) ? small : large).push(lfn);
  const size = Math.max(1, Math.min(largestGroup, Math.ceil(small.length / smallParallelOf(options))));
  return { small: groupsOf(small, size), large };
}

async function isSmall(source: Upload['source']): Promise<boolean> {
  if (!('path' in source)) return false;
  // What is not there fails when it is opened, whichever group it is in.
  const facts = await statOf(source.path).catch(() => undefined);
  return (facts?.size ?? 0) <= smallBytes;
}
