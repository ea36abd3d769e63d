import { join } from 'node:path';
import { baseNameOf, DiracS3Error, failureOf, type Failure, type Lfn } from '@dirac-s3/core';
import { foldName } from '@dirac-s3/core/trees';
import type { CommandArguments, CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { readNames } from '../names.js';
import type { CommandResult } from '../output/result.js';
import { treeResult } from '../output/tree-result.js';
import { moveTree, type MovedTree } from './move-trees.js';
import { directoryOf } from './sync.js';

/** `get -r`: every directory of the catalog becomes one of its name in the output directory. */
export async function getTrees(context: CommandContext, args: CommandArguments): Promise<CommandResult> {
  const trees: MovedTree[] = [];
  const failures = new Map<string, Failure>();
  const owners = new Map<string, Lfn>();
  for (const name of new Set(await readNames(args.positionals))) {
    if (context.signal.aborted) break;
    try {
      const catalog = directoryOf(name);
      const folded = foldName(baseNameOf(catalog));
      const owner = owners.get(folded);
      if (owner !== undefined) throw new DiracS3Error('conflict', `${name}: would be written to the same directory as ${owner}`);
      owners.set(folded, catalog);
      const local = join(args.text('output-dir') ?? '.', baseNameOf(catalog));
      trees.push(await moveTree({ direction: 'download', local, catalog, ...asGet(args) }, context, args));
    } catch (thrown) {
      if (thrown instanceof UsageError) throw thrown;
      failures.set(name, failureOf(thrown));
    }
  }
  return withFailures(treeResult(trees), failures);
}

function asGet(args: CommandArguments): { skipEqual: false; replace: boolean; emptyDirectories: true } {
  return { skipEqual: false, replace: args.flag('force'), emptyDirectories: true };
}

/** Directories that could not be looked at. */
function withFailures(result: CommandResult, failures: ReadonlyMap<string, Failure>): CommandResult {
  const { failed, ...json } = result.json as { failed: object[] };
  return {
    ...result,
    json: { ...json, failed: [...failed, ...[...failures].map(([lfn, { code, message }]) => ({ lfn, code, message }))] },
    failures: new Map([...result.failures, ...failures]),
  };
}
