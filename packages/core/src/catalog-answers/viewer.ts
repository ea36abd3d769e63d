import type { BulkResult, BulkResultBuilder, CatalogMethod, Identity, LfnDirectory } from '../domain/index.js';
import { failure, type Failure } from '../errors/index.js';
import { decideAll, type PermissionFacts, type PermissionRules } from '../permission/index.js';

/** Whom a catalog answers, and how it judges. */
export interface Viewer {
  readonly rules: PermissionRules;
  readonly identity: Identity;
}

/** Judges every name as DIRAC's service does before the operation; gives back those that may go on, and fails the others. */
export function permitted<Name extends LfnDirectory>(
  { rules, identity }: Viewer,
  facts: PermissionFacts,
  asked: { readonly method: CatalogMethod; readonly names: Iterable<Name>; readonly answer: Pick<BulkResultBuilder<never, Name>, 'fail'> },
): Name[] {
  const question = { ...identity, method: asked.method };
  const names: Name[] = [];
  for (const [name, verdict] of decideAll(rules, facts, { question, paths: asked.names })) {
    if (verdict.allowed) names.push(name);
    else asked.answer.fail(name, failure('permission-denied', `${name}: ${verdict.reason}`));
  }
  return names;
}

/** Whoever has no outcome by now is not in the catalog. */
export function missingOtherwise<Value, Name extends string>(answer: BulkResultBuilder<Value, Name>): BulkResult<Value, Name> {
  for (const name of answer.pending()) answer.fail(name, noSuchFile(name));
  return answer.build();
}

export function isVisible({ rules }: Pick<Viewer, 'rules'>, file: { readonly status: string } | undefined): boolean {
  return file !== undefined && rules.visibleStates.includes(file.status);
}

function noSuchFile(name: string): Failure {
  return failure('no-such-file', `${name}: no such file or directory`);
}
