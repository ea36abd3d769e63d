import type { Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DiracS3Error, failure, type Failure } from '../errors/index.js';
import { linkStatOf, statOf } from '../local-files/index.js';
import type { ReadTreeOptions } from './catalog-tree.js';
import { isOwnWorkFile } from './local-names.js';
import type { Tree, TreeFile } from './types.js';

export interface ReadLocalTreeOptions extends ReadTreeOptions {
  /** Take symbolic links for what they lead to. Default false: they are faults, since they may lead anywhere. */
  readonly followLinks?: boolean;
}

/** Files looked at together. */
const filesAtOnce = 64;

/**
 * Everything below a local directory. What is no regular file or directory, what has no name in UTF-8 and what cannot be read are faults of the
 * tree; the root's fault is thrown (`local-file`). Files this program keeps for itself are left out.
 */
export async function readLocalTree(root: string, options: ReadLocalTreeOptions = {}): Promise<Tree> {
  const { mayBeMissing = false, signal, enters = () => true } = options;
  const found = new FoundTree();
  const top = await statRoot(root, mayBeMissing);
  const open: OpenDirectory[] = top === undefined ? [] : [{ path: '', lineage: [identityOf(top)] }];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    signal?.throwIfAborted();
    const paths = await pathsIn(root, directory, found);
    for (let at = 0; at < paths.length; at += filesAtOnce) {
      const some = paths.slice(at, at + filesAtOnce);
      const facts = await Promise.all(some.map((path) => lookAt(root, path, options)));
      for (const [index, path] of some.entries()) {
        const below = found.add(path, facts[index]!, directory);
        if (below !== undefined && enters(path)) open.push(below);
      }
    }
  }
  return found;
}

interface OpenDirectory {
  readonly path: string;
  /** What it and the directories above it are, by device and inode: a link may lead back to one of them. */
  readonly lineage: readonly string[];
}

class FoundTree implements Tree {
  readonly files = new Map<string, TreeFile>();
  readonly directories = new Set<string>();
  readonly faults = new Map<string, Failure>();

  /** Gives a directory that is to be read. */
  add(path: string, facts: Stats | Failure, { lineage }: OpenDirectory): OpenDirectory | undefined {
    if ('code' in facts) this.faults.set(path, facts);
    else if (facts.isFile()) this.files.set(path, { sizeBytes: facts.size });
    else if (!facts.isDirectory()) this.faults.set(path, failure('local-file', `${path} is ${kindOf(facts)}`));
    else if (lineage.includes(identityOf(facts)))
      this.faults.set(path, failure('local-file', `${path} leads back to a directory it is in`));
    else {
      this.directories.add(path);
      return { path, lineage: [...lineage, identityOf(facts)] };
    }
    return undefined;
  }

  unreadable(path: string, reason: string): void {
    this.directories.delete(path);
    this.faults.set(path, failure('local-file', `${path} ${reason}`));
  }
}

async function statRoot(root: string, mayBeMissing: boolean): Promise<Stats | undefined> {
  const facts = await statOf(root).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new DiracS3Error('local-file', `${root} cannot be read (${codeOf(cause)})`, { cause });
  });
  if (facts?.isDirectory() === true || (facts === undefined && mayBeMissing)) return facts;
  throw new DiracS3Error('local-file', facts === undefined ? `${root} does not exist` : `${root} is not a directory`);
}

/** Names are read as bytes: one that is not UTF-8 would otherwise become another name. */
async function pathsIn(root: string, { path }: OpenDirectory, found: FoundTree): Promise<string[]> {
  try {
    const entries = await readdir(join(root, path), { encoding: 'buffer' });
    return entries.flatMap((bytes) => {
      const name = bytes.toString();
      const below = path === '' ? name : `${path}/${name}`;
      if (isOwnWorkFile(name)) return [];
      if (Buffer.from(name).equals(bytes)) return [below];
      found.unreadable(below, 'has a name that is not UTF-8');
      return [];
    });
  } catch (cause) {
    if (path === '') throw new DiracS3Error('local-file', `${root} cannot be read (${codeOf(cause)})`, { cause });
    found.unreadable(path, `cannot be read (${codeOf(cause)})`);
    return [];
  }
}

async function lookAt(root: string, path: string, { followLinks = false }: ReadLocalTreeOptions): Promise<Stats | Failure> {
  try {
    const facts = await (followLinks ? statOf : linkStatOf)(join(root, path));
    return facts ?? failure('local-file', `${path} is gone`);
  } catch (cause) {
    return failure('local-file', `${path} cannot be looked at (${codeOf(cause)})`);
  }
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? 'unknown fault';
}

function kindOf(facts: Stats): string {
  if (facts.isSymbolicLink()) return 'a symbolic link';
  if (facts.isFIFO()) return 'a FIFO';
  if (facts.isSocket()) return 'a socket';
  return facts.isBlockDevice() || facts.isCharacterDevice() ? 'a device' : 'no regular file';
}
