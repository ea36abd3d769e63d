import type { LfnDirectory } from './lfn.js';
import type { Access } from './s3-method.js';

/** What a narrowed credential may still do: these kinds of access, at this path and below it. */
export interface Restriction {
  readonly access: readonly Access[];
  readonly path: LfnDirectory;
}

/**
 * Do the restrictions leave this access at this path? Undefined ones leave everything. Paths are compared by whole segments: `/vo/a`
 * holds `/vo/a` and `/vo/a/b`, and not `/vo/ab` (WLCG Common JWT Profile 1.0, "Scope-based attributes").
 */
export function isWithin(restrictions: readonly Restriction[] | undefined, access: Access, path: LfnDirectory): boolean {
  if (restrictions === undefined) return true;
  return restrictions.some((restriction) => restriction.access.includes(access) && holds(restriction.path, path));
}

function holds(directory: LfnDirectory, path: LfnDirectory): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}
