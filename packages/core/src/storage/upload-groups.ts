import { stat } from 'node:fs/promises';
import type { Lfn } from '../domain/index.js';
import { parallelOf } from './batches.js';
import type { TransferOptions, Upload } from './types.js';

/** Larger files are summed just before they are sent, while they may still be in memory; asking for their URL one by one costs nothing then. */
const smallBytes = 4 * 1024 * 1024;
const largestGroup = 16;

/**
 * Uploads whose URLs are asked for in one question: small files together, but in so many groups that all can be under way at once; a large file
 * or a stream alone.
 */
export async function uploadGroups(uploads: readonly Upload[], options: Pick<TransferOptions, 'parallel'>): Promise<Lfn[][]> {
  const size = Math.min(largestGroup, Math.ceil(uploads.length / parallelOf(options)));
  const groups: Lfn[][] = [];
  let open: Lfn[] = [];
  for (const { lfn, source } of uploads) {
    if (!(await isSmall(source))) groups.push([lfn]);
    else if (open.push(lfn) === size) {
      groups.push(open);
      open = [];
    }
  }
  return open.length === 0 ? groups : [...groups, open];
}

async function isSmall(source: Upload['source']): Promise<boolean> {
  if (!('path' in source)) return false;
  // What is not there fails when it is opened, whichever group it is in.
  const facts = await stat(source.path).catch(() => undefined);
  return (facts?.size ?? 0) <= smallBytes;
}
