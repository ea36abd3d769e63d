import type { BulkResult, Lfn } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { readNames } from '../names.js';
import { askElements, elementLines, elementResult, type AtElement } from '../output/element-results.js';
import { faultReason } from '../output/fault-lines.js';
import { printable } from '../output/printable.js';
import type { CommandResult } from '../output/result.js';
import { removeBelow, removeFiles } from '../remove-names.js';
import type { Session } from '../session.js';

/** `replica rm` and `dirac-dms-remove-replicas`. */
export const replicaRm: Command = {
  positionals: [
    { name: 'LFN', describe: 'Logical file name; or a file with an LFN in each line', required: true },
    { name: 'SE', describe: 'StorageElements, or groups of them, whose replicas go', required: true, many: true },
  ],
  options: {},
  examples: [
    ['/vo/user/a/alice/data.bin CERN-S3', 'One replica'],
    ['lfns.txt CERN-S3 CNAF-S3', 'The replicas of a list at two StorageElements'],
  ],
  notes: 'The only replica of a file is refused: "rm" removes the file. The object goes first, its entry last.',
  readOnly: false,
  run: async ({ openSession, signal, style }, args) => {
    const [name = '', ...elements] = args.positionals;
    const names = await readNames([name]);
    const removed = await removeReplicas(await openSession(), names, { elements, signal });
    return replicaRmResult(removed, style === 'dirac' ? (done) => done.map(diracText).join('') : undefined);
  },
};

interface Removal {
  /** StorageElements, or groups of them. */
  readonly elements: readonly string[];
  readonly signal: AbortSignal;
  /** The names are directories: every file below them. */
  readonly recursive?: boolean;
}

/** One StorageElement after the other: each looks whether a replica is the last one. */
export async function removeReplicas(
  session: Session,
  names: readonly string[],
  { elements, signal, recursive = false }: Removal,
): Promise<AtElement<true>[]> {
  if (elements.length === 0) throw new UsageError('the StorageElements whose replicas go must be named');
  const manager = await session.dataManager();
  return askElements<true>(names, session.expandStorageElements(elements), async (storageElement) => {
    const remove = (chunk: readonly Lfn[]): Promise<BulkResult<true, Lfn>> => manager.removeReplicas(chunk, storageElement);
    return recursive ? removeBelow(await session.catalog(), names, { remove, signal }) : removeFiles(names, { remove, signal });
  });
}

export function replicaRmResult(
  removed: readonly AtElement<true>[],
  text = elementLines<true>((lfn, storageElement) => `${printable(lfn)} has no replica at ${storageElement}`),
): CommandResult {
  return elementResult(removed, { text, entry: () => ({}) });
}

function diracText({ storageElement, result: { successful, failed } }: AtElement<true>): string {
  const sorted = <Value>(map: ReadonlyMap<string, Value>): [string, Value][] => [...map].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    ...sorted(successful).map(([lfn]) => `Successfully removed ${storageElement} replica of ${printable(lfn)}\n`),
    ...sorted(failed).map(
      ([lfn, fault]) => `Error: failed to remove ${storageElement} replica of ${printable(lfn)}: ${faultReason(fault, lfn)}\n`,
    ),
  ].join('');
}
