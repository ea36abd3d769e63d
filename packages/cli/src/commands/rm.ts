import { errorKind, type BulkResult, type Failure, type Lfn } from '@dirac-s3/core';
import type { FileCatalog } from '@dirac-s3/core/ports';
import { filesBelow } from '../catalog-tree.js';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAbout, askAboutPaths, readNames } from '../names.js';
import { bulkResult, lines } from '../output/result.js';
import { lfnsPositional } from './lfns-positional.js';

/** Files at a time, as in DIRAC; Ctrl-C counts between them. */
const chunkSize = 100;

export const rm: Command = {
  positionals: [lfnsPositional],
  options: {
    recursive: { alias: 'r', type: 'boolean', describe: 'Of a directory, every file below it; the empty directories stay in the catalog' },
    unregistered: {
      type: 'boolean',
      describe: 'Undo an upload whose registration failed: LFN [LFN..] SE, of names the File Catalog does not know',
    },
  },
  examples: [
    ['/vo/user/a/alice/data.bin', 'One file, with all its replicas'],
    ['lfns.txt', 'Every LFN of a list'],
    ['--recursive /vo/user/a/alice/old', 'Every file below a directory'],
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
    if (unregistered && args.flag('recursive')) throw new UsageError('--unregistered and --recursive exclude each other');
    if (words.length === 0) throw new UsageError('--unregistered needs: LFN [LFN..] SE');
    const names = await readNames(words);
    const session = await openSession();
    const elementName = unregistered ? session.storageElement(element).name : '';
    const manager = await session.dataManager();
    const remove: Remove = (chunk) => (unregistered ? manager.removeUnregistered(chunk, elementName) : manager.remove(chunk));
    const result = args.flag('recursive')
      ? await removeBelow(await session.catalog(), names, { remove: (lfns) => inChunks(lfns, remove, signal), signal })
      : await askAbout(names, (lfns) => inChunks(lfns, remove, signal));
    return bulkResult(result, { text: style === 'dirac' ? diracText : lines((lfn) => `${lfn} is removed`), entry: () => ({}) });
  },
};

type Remove = (lfns: readonly Lfn[]) => Promise<BulkResult<true, Lfn>>;

/** Every file below some directories. A directory that cannot be read is a failure, and what was found beside it is removed all the same. */
export async function removeBelow(
  catalog: FileCatalog,
  names: readonly string[],
  { remove, signal }: { readonly remove: Remove; readonly signal: AbortSignal },
): Promise<BulkResult<true>> {
  return askAboutPaths<true>(names, async (roots) => {
    const { files, failed } = await filesBelow(catalog, roots, signal);
    const removed: BulkResult<true, Lfn> =
      files.size === 0 ? { successful: new Map(), failed: new Map() } : await remove([...files.keys()]);
    return { successful: removed.successful, failed: new Map([...failed, ...removed.failed]) };
  });
}

/** Names that were not begun when the user interrupted are in no part of the answer. */
export async function inChunks(lfns: readonly Lfn[], remove: Remove, signal: AbortSignal): Promise<BulkResult<true, Lfn>> {
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
