import { failureOf, type BulkResult, type Failure, type Lfn } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { readNames } from '../names.js';
import { faultReason } from '../output/fault-lines.js';
import { printable } from '../output/printable.js';
import type { CommandResult } from '../output/result.js';
import { removeBelow } from '../remove-names.js';

/** `dirac-dms-clean-directory`. DIRAC's own ends after the first directory; this one cleans all of them. */
export const cleanDirectory: Command = {
  positionals: [{ name: 'LFN', describe: 'Directories; or one file with a directory in each line', required: true, many: true }],
  options: {},
  diracOptions: {},
  examples: [['/vo/user/a/alice/old', 'Remove every file below a directory']],
  notes: 'Every file below is removed from its StorageElements and from the catalog. The empty directories stay in the catalog.',
  readOnly: false,
  run: async ({ openSession, signal }, args) => {
    const names = await readNames(args.positionals);
    const session = await openSession();
    const [manager, catalog] = [await session.dataManager(), await session.catalog()];
    const remove = (lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>> => manager.remove(lfns);
    const lines: string[] = [];
    const failures = new Map<string, Failure>();
    const cleaned: { directory: string; removed: number }[] = [];
    for (const directory of new Set(names)) {
      if (signal.aborted) break;
      // What was cleaned before a fault stays said.
      const { successful, failed } = await removeBelow(catalog, [directory], { remove, signal }).catch(
        (thrown: unknown): BulkResult<true> => ({ successful: new Map(), failed: new Map([[directory, failureOf(thrown)]]) }),
      );
      failed.forEach((fault, lfn) => failures.set(lfn, fault));
      if (failed.size === 0) cleaned.push({ directory, removed: successful.size });
      const reasons = [...failed].map(([lfn, fault]) => `Failed to clean folder '${printable(lfn)}': ${faultReason(fault, lfn)}\n`);
      lines.push(`Cleaning directory '${printable(directory)}' ... \n`, ...(failed.size === 0 ? ['OK\n'] : reasons));
    }
    return resultOf(lines.join(''), { cleaned, failures });
  },
};

function resultOf(
  text: string,
  { cleaned, failures }: { readonly cleaned: readonly object[]; readonly failures: ReadonlyMap<string, Failure> },
): CommandResult {
  const failed = [...failures].map(([lfn, { code, message }]) => ({ lfn, code, message }));
  return { text, json: { successful: cleaned, failed }, failures, succeeded: cleaned.length };
}
