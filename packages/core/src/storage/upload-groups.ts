import type { Lfn } from '../domain/index.js';
import { statOf } from '../local-files/index.js';
import { smallBytes } from './batches.js';
import { keptBytes } from './source-file.js';
import type { Upload } from './types.js';

/** Groups under way at once: while one is signed for or looked at, the others are sent. */
export const groupsAtOnce = 3;

/** Names of a group, at most, and the bytes it may keep in memory. */
const mostNames = 100;
const mostKeptBytes = 6 * 1024 * 1024;

export interface UploadGroups {
  /** Names whose URLs are asked for in one question. */
  readonly small: readonly (readonly Lfn[])[];
  /**
   * Large files and streams. They are summed just before they are sent, while they may still be in memory; asking for their URL one by one costs
   * nothing then.
   */
  readonly large: readonly Lfn[];
}

export async function uploadGroups(uploads: readonly Upload[]): Promise<UploadGroups> {
  const small: { readonly lfn: Lfn; readonly bytes: number }[] = [];
  const large: Lfn[] = [];
  for (const { lfn, source } of uploads) {
    const bytes = await sizeOf(source);
    if (bytes <= smallBytes) small.push({ lfn, bytes });
    else large.push(lfn);
  }
  const names = Math.min(mostNames, Math.ceil(small.length / groupsAtOnce));
  const groups: Lfn[][] = [];
  let group: Lfn[] = [];
  let kept = 0;
  for (const { lfn, bytes } of small) {
    const more = bytes <= keptBytes ? bytes : 0;
    if (group.length === 0 || group.length >= names || kept + more > mostKeptBytes) {
      groups.push((group = []));
      kept = 0;
    }
    group.push(lfn);
    kept += more;
  }
  return { small: groups, large };
}

/** What is not there fails when it is opened, whichever group it is in; of what comes from elsewhere it is not asked. */
async function sizeOf(source: Upload['source']): Promise<number> {
  if (!('path' in source)) return Infinity;
  const facts = await statOf(source.path).catch(() => undefined);
  return facts?.size ?? 0;
}
