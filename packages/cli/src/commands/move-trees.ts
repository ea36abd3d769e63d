import { lfnFault, type Lfn } from '@dirac-s3/core';
import type { FileCatalog } from '@dirac-s3/core/ports';
import {
  downloadTree,
  filesOfEqualSize,
  localNameFault,
  planTree,
  readCatalogTree,
  readLocalTree,
  uploadTree,
  withChecksums,
  type PlanRules,
  type Selection,
  type Tree,
  type TreePlan,
  type TreeResult,
} from '@dirac-s3/core/trees';
import type { CommandArguments, CommandContext } from '../command.js';
import { readSelection } from './tree-options.js';

/** One tree to be moved, and how. */
export interface TreeMove {
  readonly direction: 'upload' | 'download';
  readonly local: string;
  readonly catalog: Lfn;
  /** Of an upload. */
  readonly storageElement?: string;
  readonly skipEqual: boolean;
  readonly replace: boolean;
  readonly delete?: boolean;
  /** Compare contents where sizes are equal. */
  readonly checksum?: boolean;
  readonly emptyDirectories: boolean;
  /** The destination has to be there. */
  readonly needsDestination?: boolean;
  /** Local files without a byte are passed over, as DIRAC's directory-sync does; else they are faults, since DIRAC registers none. */
  readonly ignoreEmpty?: boolean;
}

export interface MovedTree {
  readonly move: TreeMove;
  readonly plan: TreePlan;
  /** Left out by a dry run. */
  readonly result?: TreeResult;
}

/** Looks at both trees, plans, and, unless it is a dry run, does it. */
export async function moveTree(
  move: TreeMove,
  { openSession, transfer, signal }: CommandContext,
  args: CommandArguments,
): Promise<MovedTree> {
  const session = await openSession();
  const storageElement = move.storageElement === undefined ? '' : (await session.openStorageElement(move.storageElement)).name;
  const plan = await planMove(move, { catalog: await session.catalog(), selection: await readSelection(args), args, signal });
  if (args.flag('dry-run')) return { move, plan };
  const tools = { manager: await session.dataManager(), catalog: await session.catalog() };
  const roots = { local: move.local, catalog: move.catalog };
  const guid = args.flag('new-guids') ? ({ guid: 'new' } as const) : {};
  const totalBytes = plan.transfers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const result = await transfer(
    plan.transfers.length,
    (options) =>
      move.direction === 'upload'
        ? uploadTree(tools, { plan, roots, storageElement, ...guid }, options)
        : downloadTree(tools, { plan, roots }, options),
    totalBytes,
  );
  return { move, plan, result };
}

interface Surroundings {
  readonly catalog: FileCatalog;
  readonly selection: Selection;
  readonly args: CommandArguments;
  readonly signal: AbortSignal;
}

async function planMove(move: TreeMove, { catalog, selection, args, signal }: Surroundings): Promise<TreePlan> {
  const upload = move.direction === 'upload';
  const mayBeMissing = move.needsDestination !== true;
  const followLinks = upload && args.flag('follow-links');
  const source = upload
    ? withoutEmpty(await readLocalTree(move.local, { enters: selection.directory, followLinks, signal }), move)
    : await readCatalogTree(catalog, move.catalog, { enters: selection.directory, signal });
  // Without deletion, only what the source has too is of interest.
  const enters = (path: string): boolean => selection.directory(path) && (move.delete === true || source.directories.has(path));
  const destination = upload
    ? await readCatalogTree(catalog, move.catalog, { enters, mayBeMissing, signal })
    : await readLocalTree(move.local, { enters, mayBeMissing, signal });
  if (move.checksum !== true) return planTree(source, destination, rulesOf(move, selection, args));
  const paths = filesOfEqualSize(source, destination, selection);
  const sum = (tree: Tree): Promise<Tree> => withChecksums(tree, move.local, { paths, parallel: args.number('parallel') ?? 4, signal });
  const trees: [Tree, Tree] = upload ? [await sum(source), destination] : [source, await sum(destination)];
  return planTree(...trees, rulesOf(move, selection, args));
}

/** DIRAC registers no empty files. */
function withoutEmpty(tree: Tree, { ignoreEmpty = false }: TreeMove): Tree {
  const empty = [...tree.files].filter(([, { sizeBytes }]) => sizeBytes === 0).map(([path]) => path);
  if (empty.length === 0) return tree;
  const files = new Map([...tree.files].filter(([, { sizeBytes }]) => sizeBytes > 0));
  if (ignoreEmpty) return { ...tree, files };
  const message = (path: string): string => `${path} is empty; DIRAC does not register empty files`;
  return {
    ...tree,
    files,
    faults: new Map([...tree.faults, ...empty.map((path) => [path, { code: 'local-file', message: message(path) }] as const)]),
  };
}

function rulesOf(move: TreeMove, selection: Selection, args: CommandArguments): PlanRules {
  const upload = move.direction === 'upload';
  return {
    selection,
    skipEqual: move.skipEqual,
    needChecksums: move.checksum === true,
    replace: move.replace,
    delete: move.delete === true,
    emptyDirectories: move.emptyDirectories && args.texts('include').length === 0,
    nameFault: upload ? (path) => lfnFault(`${move.catalog}/${path}`) : (path) => localNameFault(path, process.platform),
    foldsNames: !upload,
  };
}
