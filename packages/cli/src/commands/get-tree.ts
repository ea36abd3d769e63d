import { join } from 'node:path';
import { baseNameOf, DiracS3Error, failureOf, type Failure, type Lfn } from '@dirac-s3/core';
import { foldName } from '@dirac-s3/core/trees';
import type { CommandArguments, CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import type { BulkCommandResult } from '../output/result.js';
import { treeResult } from '../output/tree-result.js';
import { moveTree, type MovedTree } from './move-trees.js';
import { directoryOf } from './sync.js';

interface Wanted {
  readonly names: readonly string[];
  /** Local directory; every tree becomes one of its name in it. */
  readonly into: string;
  readonly replace: boolean;
}

/** Downloads directories of the catalog, one after the other; one that cannot be read does not stop the next. */
export async function getTrees(
  context: CommandContext,
  args: CommandArguments,
  { names, into, replace }: Wanted,
): Promise<BulkCommandResult> {
  const trees: MovedTree[] = [];
  const failures = new Map<string, Failure>();
  const owners = new Map<string, Lfn>();
  for (const name of new Set(names)) {
    if (context.signal.aborted) break;
    try {
      const catalog = directoryOf(name);
      const folded = foldName(baseNameOf(catalog));
      const owner = owners.get(folded);
      if (owner !== undefined) throw new DiracS3Error('conflict', `${name}: would be written to the same directory as ${owner}`);
      owners.set(folded, catalog);
      const move = { direction: 'download', local: join(into, baseNameOf(catalog)), catalog, replace } as const;
      trees.push(await moveTree({ ...move, skipEqual: false, emptyDirectories: true }, context, args));
    } catch (thrown) {
      if (thrown instanceof UsageError) throw thrown;
      failures.set(name, failureOf(thrown));
    }
  }
  return withFailures(treeResult(trees), failures);
}

/** Directories that could not be looked at. */
function withFailures(result: BulkCommandResult, failures: ReadonlyMap<string, Failure>): BulkCommandResult {
  const failed = [...failures].map(([lfn, { code, message }]) => ({ lfn, code, message }));
  return {
    ...result,
    json: { ...result.json, failed: [...result.json.failed, ...failed] },
    failures: new Map([...result.failures, ...failures]),
  };
}
