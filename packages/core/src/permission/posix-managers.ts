import { parentOf } from '../domain/index.js';
import type { Verdict } from '../ports/index.js';
import { directoryGrants, fileGrants, nearestDirectory, visibleFile } from './mode-rules.js';
import { allowed, refused, verdict } from './verdicts.js';
import type { PathQuestion, Right } from './types.js';

/** What remains of an operation under the managers that know nothing but Read, Write and Execute. */
export interface RightQuestion extends PathQuestion {
  readonly right: Right;
}

/** `DirectorySecurityManager`: the path's own directory or its nearest existing ancestor decides; files have no say. */
export function decideByDirectory({ facts, question, path, right }: RightQuestion): Verdict {
  const nearest = nearestDirectory(facts, path);
  if (nearest === undefined) return allowed;
  return verdict(directoryGrants(nearest.directory, question, right), right, `the directory ${nearest.path}`);
}

const removals: ReadonlySet<string> = new Set(['removeFile', 'removeReplica', 'removeDirectory']);

/**
 * `DirectorySecurityManagerWithDelete`: as above, but everybody may remove what does not exist. DIRAC remembers the
 * operation in an attribute that its threads share; here it comes with the question.
 */
export function decideByDirectoryWithDelete(asked: RightQuestion): Verdict {
  const { facts, question, path } = asked;
  if (removals.has(question.method) && !facts.directories.has(path) && !facts.files.has(path)) return allowed;
  return decideByDirectory(asked);
}

/**
 * `FullSecurityManager`: an existing visible file decides about itself; anything else is decided by its parent directory,
 * an existing directory too. DIRAC lets everybody do everything to `/`; the policy `openRoot: 'never'` lets nobody.
 */
export function decideFully(asked: RightQuestion): Verdict {
  const { rules, facts, question, path, right } = asked;
  if (path === '/') return rules.openRoot === 'as-dirac' ? allowed : refused('the root directory is open to catalog administrators only');
  const file = visibleFile(facts, rules, path);
  if (file !== undefined) return verdict(fileGrants(file, question, right), right, 'the file itself');
  return decideByDirectory({ ...asked, path: parentOf(path) });
}
