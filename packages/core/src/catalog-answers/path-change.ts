import { BulkResultBuilder, maxMode, ownerNameFault, type BulkResult, type CatalogMethod, type LfnDirectory } from '../domain/index.js';
import { failure } from '../errors/index.js';
import type { PathChange } from '../ports/index.js';

/** What the columns of DIRAC's catalog hold: a longer name would be cut, and so be another one. */
const maxNameLength = 127;

type ChangeMethod = Extract<CatalogMethod, `changePath${string}`>;

/** DIRAC's method for a change, and the value it takes. */
export function changeMethod(change: PathChange): { readonly method: ChangeMethod; readonly value: number | string } {
  if ('mode' in change) return { method: 'changePathMode', value: change.mode };
  if ('owner' in change) return { method: 'changePathOwner', value: change.owner };
  return { method: 'changePathGroup', value: change.ownerGroup };
}

/** The refusal of a change that makes no sense whatever is changed; undefined when it can be judged. */
export function refusedChange(paths: readonly LfnDirectory[], change: PathChange): BulkResult<true, LfnDirectory> | undefined {
  const fault = pathChangeFault(change);
  return fault === undefined ? undefined : allRefused(paths, fault);
}

export function allRefused(paths: readonly LfnDirectory[], fault: string): BulkResult<true, LfnDirectory> {
  const answer = new BulkResultBuilder<true, LfnDirectory>(paths);
  for (const path of answer.pending()) answer.fail(path, failure('invalid-argument', `${path}: ${fault}`));
  return answer.build();
}

function pathChangeFault(change: PathChange): string | undefined {
  if ('mode' in change) {
    const proper = Number.isInteger(change.mode) && change.mode >= 0 && change.mode <= maxMode;
    return proper ? undefined : 'mode must be permission bits between 0 and 0o777';
  }
  const [what, name] = 'owner' in change ? (['username', change.owner] as const) : (['group', change.ownerGroup] as const);
  if (name.length > maxNameLength) return `the ${what} has more than ${maxNameLength} characters`;
  return ownerNameFault(what, name);
}
