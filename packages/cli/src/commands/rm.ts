import { errorKind, type BulkResult, type Failure, type Lfn } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAbout, readNames } from '../names.js';
import { bulkResult, lines } from '../output/result.js';
import { lfnsPositional } from './lfns-positional.js';

/** Files at a time, as in DIRAC; Ctrl-C counts between them. */
const chunkSize = 100;

export const rm: Command = {
  positionals: [lfnsPositional],
  options: {
    unregistered: {
      type: 'boolean',
      describe: 'Undo an upload whose registration failed: LFN [LFN..] SE, of names the File Catalog does not know',
    },
  },
  examples: [
    ['/vo/user/a/alice/data.bin', 'One file, with all its replicas'],
    ['lfns.txt', 'Every LFN of a list'],
    ['--unregistered /vo/user/a/alice/data.bin CERN-S3', 'Only the object of a failed upload'],
  ],
  diracExamples: [
    ['/vo/user/a/alice/data.bin', 'One file, with all its replicas'],
    ['lfns.txt', 'Every LFN of a list'],
  ],
  notes: 'Objects go first, the entry in the File Catalog last: what could not be removed completely can be removed again.',
  readOnly: false,
  run: async ({ openSession, signal, style }, args) => {
    const unregistered = args.flag('unregistered');
    const words = unregistered ? args.positionals.slice(0, -1) : args.positionals;
    const element = args.positionals.at(-1) ?? '';
    if (words.length === 0) throw new UsageError('--unregistered needs: LFN [LFN..] SE');
    const names = await readNames(words);
    const session = await openSession();
    const elementName = unregistered ? session.storageElement(element).name : '';
    const manager = await session.dataManager();
    const remove = (chunk: readonly Lfn[]): Promise<BulkResult<true, Lfn>> =>
      unregistered ? manager.removeUnregistered(chunk, elementName) : manager.remove(chunk);
    const result = await askAbout(names, (lfns) => inChunks(lfns, remove, signal));
    return bulkResult(result, { text: style === 'dirac' ? diracText : lines((lfn) => `${lfn} is removed`), entry: () => ({}) });
  },
};

/** Names that were not begun when the user interrupted are in no part of the answer. */
async function inChunks(
  lfns: readonly Lfn[],
  remove: (chunk: readonly Lfn[]) => Promise<BulkResult<true, Lfn>>,
  signal: AbortSignal,
): Promise<BulkResult<true, Lfn>> {
  const successful = new Map<Lfn, true>();
  const failed = new Map<Lfn, Failure>();
  for (let at = 0; at < lfns.length && !signal.aborted; at += chunkSize) {
    const part = await remove(lfns.slice(at, at + chunkSize));
    part.successful.forEach((_, lfn) => successful.set(lfn, true));
    part.failed.forEach((fault, lfn) => failed.set(lfn, fault));
  }
  return { successful, failed };
}

/** The lines of DIRAC's dirac-dms-remove-files: a count for each reason. */
function diracText({ successful, failed }: BulkResult<true>): string {
  const reasons = new Map<string, number>();
  for (const { code } of failed.values()) reasons.set(errorKind(code).title, (reasons.get(errorKind(code).title) ?? 0) + 1);
  const failures = [...reasons].map(([reason, count]) => `Failed to remove ${count} files with error: ${reason}\n`);
  return failures.join('') + (successful.size > 0 ? `Successfully removed ${successful.size} files\n` : '');
}
