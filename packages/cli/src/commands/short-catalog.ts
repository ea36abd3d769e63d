import type { BulkResult, Lfn } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAbout, readList, splitList } from '../names.js';
import { faultReason } from '../output/fault-lines.js';
import { printable } from '../output/printable.js';
import { bulkResult } from '../output/result.js';
import { removeBelow, removeFiles } from '../remove-names.js';
import { resolvePaths } from '../shell/profile.js';
import { removeReplicas, replicaRmResult } from './replica-rm.js';

/** DIRAC's short commands over the catalog; DIRAC's `dreplicas` shows the first file again and again, this one each of them. */
export const dreplicas: Command = {
  positionals: [{ name: 'lfn', describe: 'Files', required: true, many: true }],
  options: {},
  diracOptions: {},
  examples: [['data.bin', 'Where a file of the current directory is']],
  readOnly: true,
  run: async (context, args) => {
    const names = await resolvePaths(context, args.positionals);
    const manager = await (await context.openSession()).dataManager();
    const result = await askAbout(names, (lfns) => manager.replicas(lfns));
    return bulkResult(result, {
      text: ({ successful }) =>
        [...successful]
          .map(([lfn, where]) => `${printable(lfn)}:\n${[...where].map(([name, url]) => `   ${name} ${printable(url)}\n`).join('')}`)
          .join(''),
      entry: (where) => ({ replicas: [...where].map(([storageElement, pfn]) => ({ storageElement, pfn })) }),
    });
  },
};

export const dmkdir: Command = {
  positionals: [{ name: 'path', describe: 'Directories to make', required: true, many: true }],
  options: {},
  diracOptions: {},
  examples: [['run42', 'A directory in the current one']],
  readOnly: false,
  run: async (context, args) => {
    const names = await resolvePaths(context, args.positionals);
    const catalog = await (await context.openSession()).catalog();
    return bulkResult(await askAbout(names, (lfns) => catalog.createDirectories(lfns)), { text: () => '', entry: () => ({}) });
  },
};

export const drmdir: Command = {
  positionals: [{ name: 'path', describe: 'Empty directories', required: true, many: true }],
  options: {},
  diracOptions: {},
  examples: [['run41', 'A directory in the current one']],
  notes: 'Of the catalog alone: nothing stored is touched.',
  readOnly: false,
  run: async (context, args) => {
    const names = await resolvePaths(context, args.positionals);
    const catalog = await (await context.openSession()).catalog();
    return bulkResult(await askAbout(names, (lfns) => catalog.removeDirectories(lfns)), { text: () => '', entry: () => ({}) });
  },
};

export const drm: Command = {
  positionals: [{ name: 'lfn', describe: 'Files', many: true }],
  options: {},
  diracOptions: {
    lfnFile: { alias: 'F', type: 'string', value: 'FILE', describe: 'file containing a list of LFNs' },
    'destination-se': {
      alias: 'D',
      type: 'string',
      value: 'SE[,SE]',
      describe: 'only the replicas at these StorageElements, or groups of them, but never the only one of a file',
    },
    recursive: { alias: 'r', type: 'boolean', describe: 'of a directory, every file below it; the empty directories stay in the catalog' },
  },
  examples: [
    ['data.bin', 'A file of the current directory, with all its replicas'],
    ['-F lfns.txt', 'Every file of a list'],
    ['-D CERN-S3 data.bin', 'One replica of a file that has others'],
  ],
  readOnly: false,
  run: async (context, args) => {
    const list = args.text('lfnFile');
    const words = [...args.positionals, ...(list === undefined ? [] : await readList(list))];
    if (words.length === 0) throw new UsageError('which files? name them, or a list with -F');
    const names = await resolvePaths(context, words);
    const { signal } = context;
    const session = await context.openSession();
    const [at, recursive] = [args.text('destination-se'), args.flag('recursive')];
    if (at !== undefined) {
      const removed = await removeReplicas(session, names, { elements: splitList([at]), signal, recursive });
      return replicaRmResult(removed, (done) => done.map(({ result }) => removalText(result, new Set(names).size)).join(''));
    }
    const manager = await session.dataManager();
    const remove = (lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>> => manager.remove(lfns);
    const result = recursive
      ? await removeBelow(await session.catalog(), names, { remove, signal })
      : await removeFiles(names, { remove, signal });
    return bulkResult(result, { text: (all) => removalText(all, new Set(names).size), entry: () => ({}) });
  },
};

/** DIRAC's lines; what it does not call a failure here is one all the same, in the totals too: a file that is missing. */
function removalText({ successful, failed }: BulkResult<true>, asked: number): string {
  const faults = [...failed].map(([lfn, fault]) =>
    fault.code === 'no-such-file' ? `${lfn} no such file` : `${lfn}: ${faultReason(fault, lfn)}`,
  );
  return [
    ...(asked > 1 ? [`Removing ${asked} objects`] : []),
    ...faults.map(printable),
    '',
    `${successful.size} object(s) removed in total`,
    ...(failed.size > 0 ? [`${failed.size} object(s) failed removal in total`] : []),
    '',
  ].join('\n');
}
