import { errorKind, type BulkResult, type Lfn } from '@dirac-s3/core';
import type { Command, CommandArguments, CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { readNames, splitList } from '../names.js';
import { bulkResult, lines, type CommandResult } from '../output/result.js';
import { removeBelow, removeFiles } from '../remove-names.js';
import { lfnsPositional } from './lfns-positional.js';

export const rm: Command = {
  positionals: [lfnsPositional],
  options: {
    recursive: { alias: 'r', type: 'boolean', describe: 'Of a directory, every file below it; the empty directories stay in the catalog' },
    'replica-at': {
      type: 'string',
      value: 'SE[,SE]',
      repeatable: true,
      describe: 'Only the replicas at these StorageElements, or groups of them, but never the only one of a file',
    },
    unregistered: {
      type: 'boolean',
      describe: 'Undo an upload whose registration failed: LFN [LFN..] SE, of names the File Catalog does not know',
    },
  },
  examples: [
    ['/vo/user/a/alice/data.bin', 'One file, with all its replicas'],
    ['lfns.txt', 'Every LFN of a list'],
    ['--recursive /vo/user/a/alice/old', 'Every file below a directory'],
    ['--replica-at CERN-S3 lfns.txt', 'What lies at a StorageElement of files that have other replicas'],
    ['--unregistered /vo/user/a/alice/data.bin CERN-S3', 'Only the object of a failed upload'],
  ],
  diracExamples: [
    ['/vo/user/a/alice/data.bin', 'One file, with all its replicas'],
    ['lfns.txt', 'Every LFN of a list'],
  ],
  notes: 'Objects go first, the entry in the File Catalog last: what could not be removed completely can be removed again.',
  readOnly: false,
  run: async (context, args) => {
    if (args.texts('replica-at').length > 0) return removeReplicasAt(context, args);
    const { openSession, signal, style } = context;
    const unregistered = args.flag('unregistered');
    const words = unregistered ? args.positionals.slice(0, -1) : args.positionals;
    const element = args.positionals.at(-1) ?? '';
    if (unregistered && args.flag('recursive')) throw new UsageError('--unregistered and --recursive exclude each other');
    if (words.length === 0) throw new UsageError('--unregistered needs: LFN [LFN..] SE');
    const names = await readNames(words);
    const session = await openSession();
    const elementName = unregistered ? (await session.openStorageElement(element)).name : '';
    const manager = await session.dataManager();
    const remove = (chunk: readonly Lfn[]): Promise<BulkResult<true, Lfn>> =>
      unregistered ? manager.removeUnregistered(chunk, elementName) : manager.remove(chunk);
    const result = args.flag('recursive')
      ? await removeBelow(await session.catalog(), names, { remove, signal })
      : await removeFiles(names, { remove, signal });
    return bulkResult(result, { text: style === 'dirac' ? diracText : lines((lfn) => `${lfn} is removed`), entry: () => ({}) });
  },
};

/** `rm --replica-at`. */
async function removeReplicasAt({ openSession, signal }: CommandContext, args: CommandArguments): Promise<CommandResult> {
  if (args.flag('unregistered')) throw new UsageError('--unregistered and --replica-at exclude each other');
  const elements = splitList(args.texts('replica-at'));
  const names = await readNames(args.positionals);
  const { removeReplicas, replicaRmResult } = await import('./replica-rm.js');
  return replicaRmResult(await removeReplicas(await openSession(), names, { elements, signal, recursive: args.flag('recursive') }));
}

/** The lines of DIRAC's dirac-dms-remove-files: a count for each reason. */
function diracText({ successful, failed }: BulkResult<true>): string {
  const reasons = new Map<string, number>();
  for (const { code } of failed.values()) reasons.set(errorKind(code).title, (reasons.get(errorKind(code).title) ?? 0) + 1);
  const failures = [...reasons].map(([reason, count]) => `Failed to remove ${count} files with error: ${reason}\n`);
  return failures.join('') + (successful.size > 0 ? `Successfully removed ${successful.size} files\n` : '');
}
