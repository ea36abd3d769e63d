import { stat } from 'node:fs/promises';
import { basename, posix } from 'node:path';
import { parseLfnDirectory } from '@dirac-s3/core';
import type { FileCatalog } from '@dirac-s3/core/ports';
import { lookUp } from '../catalog-tree.js';
import type { Command, CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAbout } from '../names.js';
import { bulkResult, type BulkCommandResult } from '../output/result.js';
import { findProfile, resolvePaths } from '../shell/profile.js';

/** DIRAC's short commands that move bytes. They are silent about what went well, as DIRAC's are. */
export const dget: Command = {
  positionals: [
    { name: 'lfn', describe: 'Files; of two words or more the last one is the local directory to write to', required: true, many: true },
  ],
  options: {},
  diracOptions: {
    recursive: { alias: 'r', type: 'boolean', describe: 'Of a directory, everything below it, into one of its name' },
  },
  examples: [
    ['data.bin', 'A file of the current directory'],
    ['data.bin more.bin downloads', 'Two files into a local directory'],
    ['-r run42 downloads', 'A directory, as downloads/run42'],
  ],
  readOnly: false,
  run: async (context, args) => {
    const words = args.positionals;
    const directory = words.length > 1 ? words.at(-1)! : '.';
    if ((await stat(directory).catch(() => undefined))?.isDirectory() !== true)
      throw new UsageError(`${directory} is not a local directory`);
    const names = await resolvePaths(context, words.length > 1 ? words.slice(0, -1) : words);
    const getFiles = (some: readonly string[]): Promise<BulkCommandResult> => getInto(context, directory, some);
    if (!args.flag('recursive')) return getFiles(names);
    const { getMixed } = await import('./short-trees.js');
    return silent(await getMixed(context, args, { names, into: directory, getFiles }));
  },
};

async function getInto(context: CommandContext, directory: string, names: readonly string[]): Promise<BulkCommandResult> {
  const { resolveDestinations } = await import('@dirac-s3/core/storage');
  const manager = await (await context.openSession()).dataManager();
  const result = await askAbout(names, async (lfns) => {
    const requests = [...(await resolveDestinations(directory, lfns))].map(([lfn, path]) => ({ lfn, path }));
    return context.transfer(requests.length, (options) => manager.get(requests, options));
  });
  return bulkResult(result, {
    text: () => '',
    entry: ({ path, sizeBytes, checksum, verified, storageElement }) => ({ path, sizeBytes, checksum, verified, storageElement }),
  });
}

export const dput: Command = {
  positionals: [
    {
      name: 'local',
      describe: 'Local files; of two words or more the last one is the name, or the directory, in the File Catalog',
      required: true,
      many: true,
    },
  ],
  options: {},
  diracOptions: {
    'destination-se': { alias: 'D', type: 'string', value: 'SE', describe: 'StorageElement (default: default_se of dcommands.conf)' },
    recursive: { alias: 'r', type: 'boolean', describe: 'Of a local directory, everything below it' },
  },
  examples: [
    ['data.bin', 'Into the current directory of the catalog'],
    ['-D CERN-S3 one.bin two.bin run42', 'Two files into a directory'],
    ['-r results runs', 'A local directory, as runs/results where runs is a directory'],
  ],
  readOnly: false,
  run: async (context, args) => {
    const words = args.positionals;
    const session = await context.openSession();
    const pairs = await destinations(context, await session.catalog(), words);
    const named = args.text('destination-se') ?? (await findProfile(context)).defaultStorageElement;
    const storageElement = (await session.openStorageElement(named)).name;
    const putFiles = (some: ReadonlyMap<string, string>): Promise<BulkCommandResult> => putAt(context, storageElement, some);
    if (!args.flag('recursive')) return putFiles(pairs);
    const { putMixed } = await import('./short-trees.js');
    return silent(await putMixed(context, args, { pairs, storageElement, putFiles }));
  },
};

async function putAt(context: CommandContext, storageElement: string, pairs: ReadonlyMap<string, string>): Promise<BulkCommandResult> {
  const manager = await (await context.openSession()).dataManager();
  const result = await askAbout([...pairs.keys()], (lfns) => {
    const requests = lfns.map((lfn) => ({ lfn, source: { path: pairs.get(lfn)! }, storageElement }));
    return context.transfer(requests.length, (options) => manager.putAndRegister(requests, options));
  });
  return bulkResult(result, {
    text: () => '',
    entry: ({ sizeBytes, checksum, guid, pfn }) => ({ storageElement, sizeBytes, checksum, guid, pfn }),
  });
}

function silent(result: BulkCommandResult): BulkCommandResult {
  return { ...result, text: '', hints: {} };
}

/** Local file by LFN. */
async function destinations(
  context: Parameters<typeof resolvePaths>[0],
  catalog: FileCatalog,
  words: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const locals = words.length > 1 ? words.slice(0, -1) : words;
  const [target = ''] = await resolvePaths(context, [words.length > 1 ? words.at(-1)! : basename(locals[0] ?? '')]);
  const intoDirectory = words.length > 1 && (await isDirectory(catalog, target));
  if (!intoDirectory && locals.length > 1) throw new UsageError(`several files need a directory to go to, and ${target} is none`);
  const pairs = new Map(locals.map((local) => [intoDirectory ? posix.join(target, basename(local)) : target, local]));
  if (pairs.size < locals.length) throw new UsageError('two of the files have the same name');
  return pairs;
}

async function isDirectory(catalog: FileCatalog, path: string): Promise<boolean> {
  const name = parseLfnDirectory(path);
  return (await lookUp(catalog, [name])).successful.get(name)?.kind === 'directory';
}
