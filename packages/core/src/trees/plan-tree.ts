import { sameAdler32 } from '../domain/index.js';
import { failure, type Failure } from '../errors/index.js';
import { directoriesAbove, foldName } from './local-names.js';
import type { PlannedTransfer, Selection, Tree, TreeFile, TreePlan } from './types.js';

export interface PlanRules {
  readonly selection: Selection;
  /** Leave alone what is equal. Equal is: the same size and, where both checksums are known, the same checksum. */
  readonly skipEqual: boolean;
  /** Files of equal size whose contents cannot be compared, because a checksum is missing, are a fault. */
  readonly needChecksums: boolean;
  /** Replace files of the destination that are not left alone; else they are a fault. */
  readonly replace: boolean;
  /** Delete what only the destination has. */
  readonly delete: boolean;
  /** Make the directories of the source that hold nothing selected, too. */
  readonly emptyDirectories: boolean;
  /** Why a name cannot be one of the destination. */
  readonly nameFault: (path: string) => string | undefined;
  /** The destination may take names of different case or normal form for one. */
  readonly foldsNames: boolean;
}

/**
 * What is to be done to make `destination` like `source`: pure, so that a dry run shows what a run does. Nothing is planned that two names
 * would do to one file, that would leave the destination, or that would delete what the source might have.
 */
export function planTree(source: Tree, destination: Tree, rules: PlanRules): TreePlan {
  const faults = new Map([...source.faults].filter(([path]) => isMeant(path, rules.selection)));
  const transfers: PlannedTransfer[] = [];
  const unchanged: string[] = [];
  const blocked = collisions(source, destination, rules);
  for (const [path, file] of source.files) {
    if (!isMeant(path, rules.selection)) continue;
    const verdict = blocked(path) ?? compare(path, { file, there: destination.files.get(path), rules });
    if (verdict === 'unchanged') unchanged.push(path);
    else if ('code' in verdict) faults.set(path, verdict);
    else transfers.push(verdict);
  }
  const directories = missingDirectories(source, destination, { rules, transfers, blocked, faults });
  return { directories, transfers, deletions: rules.delete ? deletionsOf(source, destination, rules) : [], unchanged, faults };
}

function isMeant(path: string, { file, directory }: Selection): boolean {
  return file(path) && directoriesAbove(path).every(directory);
}

function compare(
  path: string,
  { file, there, rules }: { readonly file: TreeFile; readonly there: TreeFile | undefined; readonly rules: PlanRules },
): PlannedTransfer | Failure | 'unchanged' {
  const { sizeBytes } = file;
  if (there === undefined) return { path, sizeBytes, why: 'new' };
  let why: PlannedTransfer['why'] = 'asked';
  if (rules.skipEqual) {
    const difference = differenceOf(file, there);
    if (difference === 'unknown' && rules.needChecksums)
      return failure('conflict', `${path}: one side has no Adler-32, so that the contents cannot be compared`);
    if (difference === undefined || difference === 'unknown') return 'unchanged';
    why = difference;
  }
  return rules.replace ? { path, sizeBytes, why } : failure('file-exists', `${path}: is there already`);
}

function differenceOf(one: TreeFile, other: TreeFile): 'size' | 'checksum' | 'unknown' | undefined {
  if (one.sizeBytes !== other.sizeBytes) return 'size';
  if (one.checksum === undefined || other.checksum === undefined) return 'unknown';
  return sameAdler32(one.checksum, other.checksum) ? undefined : 'checksum';
}

type Blocked = (path: string) => Failure | undefined;

/** What stands in the way of a name at the destination. */
function collisions(source: Tree, destination: Tree, { nameFault, foldsNames, selection }: PlanRules): Blocked {
  const spellings = foldsNames ? spellingsOf([source, destination], selection) : undefined;
  return (path) => {
    const fault = nameFault(path);
    if (fault !== undefined) return failure('invalid-argument', `${path}: ${fault}`);
    for (const above of directoriesAbove(path)) {
      if (source.files.has(above)) return failure('conflict', `${path}: ${above} is a file of the source, too`);
      if (destination.files.has(above)) return failure('conflict', `${path}: ${above} is a file at the destination, not a directory`);
    }
    if (source.files.has(path) && source.directories.has(path))
      return failure('conflict', `${path}: is a file and a directory of the source`);
    if (source.files.has(path) && destination.directories.has(path))
      return failure('conflict', `${path}: is a directory at the destination`);
    if (source.directories.has(path) && destination.files.has(path)) return failure('conflict', `${path}: is a file at the destination`);
    for (const name of [...directoriesAbove(path), path]) {
      const inTheWay = destination.faults.get(name);
      if (inTheWay !== undefined) return failure('conflict', `${path}: at the destination, ${inTheWay.message}`);
      const others = [...(spellings?.get(foldName(name)) ?? [])].filter((other) => other !== name);
      if (others.length > 0)
        return failure('conflict', `${path}: ${others.join(', ')} would be the same name where case or accents are not told apart`);
    }
    return undefined;
  };
}

/** Every selected name of the trees, and every directory above one, by what a file system may take it for. */
function spellingsOf(trees: readonly Tree[], selection: Selection): ReadonlyMap<string, ReadonlySet<string>> {
  const spellings = new Map<string, Set<string>>();
  const add = (name: string): void => {
    const folded = foldName(name);
    const known = spellings.get(folded);
    if (known === undefined) spellings.set(folded, new Set([name]));
    else known.add(name);
  };
  for (const { files, directories, faults } of trees) {
    for (const path of [...files.keys(), ...faults.keys()]) {
      if (!isMeant(path, selection)) continue;
      add(path);
      directoriesAbove(path).forEach(add);
    }
    for (const path of directories) if (isMeantDirectory(path, selection)) add(path);
  }
  return spellings;
}

function isMeantDirectory(path: string, { directory }: Selection): boolean {
  return directory(path) && directoriesAbove(path).every(directory);
}

interface DirectoryPlan {
  readonly rules: PlanRules;
  readonly transfers: readonly PlannedTransfer[];
  readonly blocked: Blocked;
  readonly faults: Map<string, Failure>;
}

function missingDirectories(source: Tree, destination: Tree, { rules, transfers, blocked, faults }: DirectoryPlan): string[] {
  const needed = new Set(transfers.flatMap(({ path }) => directoriesAbove(path)));
  if (rules.emptyDirectories) {
    for (const path of source.directories) {
      if (needed.has(path) || destination.directories.has(path) || !isMeantDirectory(path, rules.selection)) continue;
      const fault = blocked(path);
      if (fault === undefined) [...directoriesAbove(path), path].forEach((name) => needed.add(name));
      else if (!faults.has(path)) faults.set(path, fault);
    }
  }
  return [...needed].filter((path) => !destination.directories.has(path)).sort();
}

/** Never what the source may have after all: below a directory that could not be read, or under a name that may be the same. */
function deletionsOf(source: Tree, destination: Tree, { selection, foldsNames }: PlanRules): string[] {
  const nameOf = foldsNames ? foldName : (path: string): string => path;
  const kept = new Set([...source.files.keys(), ...source.directories].map(nameOf));
  const unknown = new Set([...source.faults.keys()].map(nameOf));
  return [...destination.files.keys()].filter((path) => {
    if (!isMeant(path, selection) || kept.has(nameOf(path))) return false;
    return ![...directoriesAbove(path), path].some((name) => unknown.has(nameOf(name)));
  });
}

/** Files of both trees whose sizes are equal: only their contents can still differ. */
export function filesOfEqualSize(source: Tree, destination: Tree, selection: Selection): string[] {
  return [...source.files]
    .filter(([path, { sizeBytes }]) => destination.files.get(path)?.sizeBytes === sizeBytes && isMeant(path, selection))
    .map(([path]) => path);
}
