import { stat } from 'node:fs/promises';
import { parseLfn } from '@dirac-s3/core';
import { lookUp } from '../catalog-tree.js';
import type { CommandArguments, CommandContext } from '../command.js';
import { askAboutPaths } from '../names.js';
import { joinResults, type BulkCommandResult } from '../output/result.js';
import { treeResult } from '../output/tree-result.js';
import { getTrees } from './get-tree.js';
import { moveTree, type MovedTree } from './move-trees.js';

/** `dget -r`: of a directory, everything below it into one of its name; what is no directory is left to `getFiles`. */
export async function getMixed(
  context: CommandContext,
  args: CommandArguments,
  { names, into, getFiles }: { names: readonly string[]; into: string; getFiles: (names: readonly string[]) => Promise<BulkCommandResult> },
): Promise<BulkCommandResult> {
  const catalog = await (await context.openSession()).catalog();
  const { successful } = await askAboutPaths(names, (paths) => lookUp(catalog, paths));
  const isDirectory = (name: string): boolean => successful.get(name)?.kind === 'directory';
  const [directories, files] = [names.filter(isDirectory), names.filter((name) => !isDirectory(name))];
  const trees = await getTrees(context, args, { names: directories, into, replace: false });
  return joinResults([trees, ...(files.length === 0 ? [] : [await getFiles(files)])]);
}

/** `dput -r`: of a local directory, everything below it; what is none is left to `putFiles`. */
export async function putMixed(
  context: CommandContext,
  args: CommandArguments,
  {
    pairs,
    storageElement,
    putFiles,
  }: {
    /** Local name by LFN. */
    pairs: ReadonlyMap<string, string>;
    storageElement: string;
    putFiles: (pairs: ReadonlyMap<string, string>) => Promise<BulkCommandResult>;
  },
): Promise<BulkCommandResult> {
  const trees: MovedTree[] = [];
  const files = new Map<string, string>();
  for (const [lfn, local] of pairs) {
    if (context.signal.aborted) break;
    if ((await stat(local).catch(() => undefined))?.isDirectory() !== true) files.set(lfn, local);
    else {
      const move = { direction: 'upload', local, catalog: parseLfn(lfn), storageElement } as const;
      trees.push(await moveTree({ ...move, skipEqual: false, replace: false, emptyDirectories: true }, context, args));
    }
  }
  return joinResults([treeResult(trees), ...(files.size === 0 ? [] : [await putFiles(files)])]);
}
