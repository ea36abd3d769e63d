import { parentOf, type LfnDirectory } from '../domain/index.js';
import type { CallerQuestion, FileFacts, Ownership, PermissionFacts, PermissionRules, Right } from './types.js';

const bits: Readonly<Record<Right, number>> = { Read: 0o4, Write: 0o2, Execute: 0o1 };

type Caller = Pick<CallerQuestion, 'username' | 'group'>;

/**
 * DIRAC's rule for directories (`DirectoryTreeBase.getPathPermissions`): the rights of owner, group and others add up.
 */
export function directoryGrants(directory: Ownership, caller: Caller, right: Right): boolean {
  if (directory.mode === null) return false;
  const { owner, group, other } = grantedBits(directory.mode, right);
  return (owner && caller.username === directory.owner) || (group && caller.group === directory.group) || other;
}

/**
 * DIRAC's rule for files (`FileManagerBase.getPathPermissions`): one class decides, as in POSIX. An owner without the
 * owner's bit is refused even where others are let in.
 */
export function fileGrants(file: Ownership, caller: Caller, right: Right): boolean {
  if (file.mode === null) return false;
  const { owner, group, other } = grantedBits(file.mode, right);
  if (caller.username === file.owner) return owner;
  if (caller.group === file.group) return group;
  return other;
}

function grantedBits(mode: number, right: Right): Record<'owner' | 'group' | 'other', boolean> {
  const bit = bits[right];
  return { owner: (mode & (bit << 6)) !== 0, group: (mode & (bit << 3)) !== 0, other: (mode & bit) !== 0 };
}

/** The deciding directory: the path itself or its nearest existing ancestor; undefined in an empty catalog. */
export function nearestDirectory(facts: PermissionFacts, path: LfnDirectory): { path: LfnDirectory; directory: Ownership } | undefined {
  for (let at = path; ; at = parentOf(at)) {
    const directory = facts.directories.get(at);
    if (directory !== undefined) return { path: at, directory };
    if (at === '/') return undefined;
  }
}

/** The file of that name, when its state is one that questions see. */
export function visibleFile(facts: PermissionFacts, rules: Pick<PermissionRules, 'visibleStates'>, path: string): FileFacts | undefined {
  const file = facts.files.get(path);
  return file !== undefined && rules.visibleStates.includes(file.status) ? file : undefined;
}
