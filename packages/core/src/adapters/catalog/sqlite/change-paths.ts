import { changeMethod, isVisible, missingOtherwise, permitted, refusedChange } from '../../../catalog-answers/index.js';
import { BulkResultBuilder, type BulkResult, type CatalogMethod, type LfnDirectory } from '../../../domain/index.js';
import { failure, type Failure } from '../../../errors/index.js';
import type { PathChange } from '../../../ports/index.js';
import type { Sql } from './connection.js';
import type { OperationContext } from './operation.js';
import { readFacts } from './queries.js';

/** Most files and directories one call changes below its paths: all are judged and changed at once, while nobody else can write. */
const mostBelow = 100_000;

interface PathsChange {
  readonly paths: readonly LfnDirectory[];
  readonly change: PathChange;
  readonly recursive: boolean;
}

/**
 * Everything is judged before anything is changed. DIRAC judges of a tree its top alone, so that whoever may write there takes away what
 * others have below; here each entry is judged by itself, and one that may not be changed keeps the whole tree as it is.
 */
export function changePaths(
  sql: Sql,
  context: OperationContext,
  { paths, change, recursive }: PathsChange,
): BulkResult<true, LfnDirectory> {
  const refused = refusedChange(paths, change);
  if (refused !== undefined) return refused;
  const { method } = changeMethod(change);
  const answer = new BulkResultBuilder<true, LfnDirectory>(paths);
  const facts = readFacts(sql, paths);
  const changed = new Set<LfnDirectory>();
  let left = mostBelow;
  for (const path of permitted(context, facts, { method, names: paths, answer })) {
    const isDirectory = facts.directories.has(path);
    if (!isDirectory && !isVisible(context, facts.files.get(path))) continue;
    const below = isDirectory && recursive ? namesBelow(sql, context, { path, most: left + 1 }) : [];
    const fault = below.length > left ? tooMany(path, left) : faultBelow(sql, context, { path, below, method });
    // What was looked at counts, whatever came of it: a call is as long as that, and the process does nothing else meanwhile.
    left = Math.max(0, left - below.length);
    if (fault !== undefined) {
      answer.fail(path, fault);
      continue;
    }
    for (const name of [path, ...below]) changed.add(name);
    answer.succeed(path, true);
  }
  write(sql, context, { change, names: [...changed] });
  return missingOtherwise(answer);
}

/** Every directory below a path, and every file that is seen; so many at most. A hidden file keeps what it has. */
function namesBelow(
  sql: Sql,
  { rules }: OperationContext,
  { path, most }: { readonly path: LfnDirectory; readonly most: number },
): LfnDirectory[] {
  const rows = sql.all(
    `WITH RECURSIVE below (path) AS (SELECT ?1 UNION ALL SELECT d.path FROM below JOIN directories AS d ON d.parent = below.path)
     SELECT path FROM below WHERE path <> ?1
     UNION ALL SELECT lfn FROM below JOIN files ON files.directory = below.path WHERE status IN (SELECT value FROM json_each(?2))
     LIMIT ?3`,
    path,
    JSON.stringify(rules.visibleStates),
    most,
  ) as { path: LfnDirectory }[];
  return rows.map((row) => row.path);
}

function tooMany(path: LfnDirectory, left: number): Failure {
  const why =
    left === mostBelow
      ? `more than ${mostBelow} files and directories are below it; change them part by part`
      : `with the paths asked for before it, it makes more than the ${mostBelow} files and directories of one call; ask for it by itself`;
  return failure('too-many-items', `${path}: ${why}`);
}

function faultBelow(
  sql: Sql,
  context: OperationContext,
  { path, below, method }: { readonly path: LfnDirectory; readonly below: readonly LfnDirectory[]; readonly method: CatalogMethod },
): Failure | undefined {
  if (below.length === 0) return undefined;
  let first: Failure | undefined;
  permitted(context, readFacts(sql, below), { method, names: below, answer: { fail: (_name, fault) => void (first ??= fault) } });
  return first && failure(first.code, `${path}: nothing is changed, because of ${first.message}`);
}

function write(sql: Sql, { now }: OperationContext, { change, names }: { change: PathChange; names: readonly LfnDirectory[] }): void {
  const { method, value } = changeMethod(change);
  const column = { changePathMode: 'mode', changePathOwner: 'owner', changePathGroup: 'owner_group' }[method];
  for (const [table, key] of [
    ['directories', 'path'],
    ['files', 'lfn'],
  ] as const) {
    const where = `${key} IN (SELECT value FROM json_each(?))`;
    sql.run(`UPDATE ${table} SET ${column} = ?, modified_at = ? WHERE ${where}`, value, now.getTime(), JSON.stringify(names));
  }
}
