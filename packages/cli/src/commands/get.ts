import type { Command } from '../command.js';
import { askAbout, readNames } from '../names.js';
import { diracErrorLine, diracResult } from '../output/dirac-result.js';
import { bulkResult, lines } from '../output/result.js';
import { lfnsPositional } from './lfns-positional.js';
import { refuseTreeOptions, treeOptions } from './tree-options.js';

export const get: Command = {
  positionals: [lfnsPositional],
  options: {
    'output-dir': { type: 'string', value: 'DIR', describe: 'Directory to write to (default: the current one)' },
    force: { alias: 'f', type: 'boolean', describe: 'Replace local files that exist' },
    recursive: { alias: 'r', type: 'boolean', describe: 'The LFNs are directories: everything below each, into a directory of its name' },
    ...treeOptions,
  },
  examples: [
    ['/vo/user/a/alice/data.bin', 'Into the current directory'],
    ['lfns.txt --output-dir data --json', 'Every LFN of a list, the result for a program'],
    ["-r /vo/user/a/alice/run42 --include '*.root'", 'The files of that name below a directory, into run42'],
  ],
  diracExamples: [
    ['/vo/user/a/alice/data.bin', 'Into the current directory'],
    ['lfns.txt', 'Every LFN of a list'],
  ],
  notes: 'A file appears under its name when all of it is there and its size and Adler-32 are those of the File Catalog.',
  readOnly: false,
  run: async (context, args) => {
    const names = await readNames(args.positionals);
    const into = args.text('output-dir') ?? '.';
    const replace = args.flag('force');
    if (args.flag('recursive')) return (await import('./get-tree.js')).getTrees(context, args, { names, into, replace });
    refuseTreeOptions(args);
    const { openSession, transfer, style } = context;
    const { resolveDestinations } = await import('@dirac-s3/core/storage');
    const manager = await (await openSession()).dataManager();
    const result = await askAbout(names, async (lfns) => {
      const destinations = await resolveDestinations(into, lfns);
      const requests = [...destinations].map(([lfn, path]) => ({ lfn, path, overwrite: replace }));
      return transfer(requests.length, (options) => manager.get(requests, options));
    });
    return bulkResult(result, {
      text:
        style === 'dirac'
          ? (all) => diracResult(all, ({ path }) => path) + diracErrorLine(all, ({ path }) => path)
          : lines(
              (lfn, { path, sizeBytes, checksum, verified }) =>
                `${lfn} -> ${path}: ${sizeBytes} bytes, Adler-32 ${checksum}${verified ? '' : ' (nothing to compare it with)'}`,
            ),
      entry: ({ path, sizeBytes, checksum, verified, storageElement }) => ({ path, sizeBytes, checksum, verified, storageElement }),
    });
  },
};
