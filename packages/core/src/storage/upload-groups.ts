import type { Lfn } from '../domain/index.js';
import { statOf } from '../local-files/index.js';
import { smallBytes } from './batches.js';
import { keptBytes } from './source-file.js';
import type { Upload } from './types.js';

/** Groups under way at once: while one is signed for or looked at, the other is sent. */
export const groupsAtOnce = 2;

/** Names of a group, at most, and the bytes it may keep in memory. */
const mostNames = 100;
const mostKeptBytes = 10 * 1024 * 1024;

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
  const kept = small.map(({ bytes }) => (bytes <= keptBytes ? bytes : 0));
  const keptTogether = kept.reduce((sum, bytes) => sum + bytes, 0);
  const least = Math.max(groupsAtOnce, Math.ceil(small.length / mostNames), Math.ceil(keptTogether / mostKeptBytes));
  const names = Math.ceil(small.length / least);
  const groups: Lfn[][] = [];
  let inGroup = 0;
  small.forEach(({ lfn }, index) => {
    const group = groups.at(-1);
    if (group === undefined || group.length >= names || inGroup + kept[index]! > mostKeptBytes) {
      groups.push([lfn]);
      inGroup = 0;
    } else group.push(lfn);
    inGroup += kept[index]!;
  });
  return { small: groups, large };
}

/** What is not there fails when it is opened, whichever group it is in; of what comes from elsewhere it is not asked. */
async function sizeOf(source: Upload['source']): Promise<number> {
  if (!('path' in source)) return Infinity;
  const facts = await statOf(source.path).catch(() => undefined);
  return facts?.size ?? 0;
}
