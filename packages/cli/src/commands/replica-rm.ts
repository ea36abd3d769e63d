import { failureOf, type BulkResult, type Failure, type Lfn } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { askAbout, readNames } from '../names.js';
import { faultReason } from '../output/fault-lines.js';
import { printable } from '../output/printable.js';
import { inChunks } from './rm.js';

interface Removed {
  readonly storageElement: string;
  readonly result: BulkResult<true>;
}

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
    const session = await openSession();
    const manager = await session.dataManager();
    const removed: Removed[] = [];
    // One StorageElement after the other: each looks whether a replica is the last one.
    for (const storageElement of session.expandStorageElements(elements)) {
      const remove = (chunk: readonly Lfn[]): Promise<BulkResult<true, Lfn>> =>
        manager.removeReplicas(chunk, storageElement).catch((thrown: unknown) => {
          const fault = failureOf(thrown);
          return { successful: new Map(), failed: new Map(chunk.map((lfn) => [lfn, fault])) };
        });
      removed.push({ storageElement, result: await askAbout(names, (lfns) => inChunks(lfns, remove, signal)) });
    }
    const failed = removed.flatMap(({ storageElement, result }) =>
      [...result.failed].map(([lfn, fault]) => ({ lfn, storageElement, ...fault })),
    );
    const successful = removed.flatMap(({ storageElement, result }) =>
      [...result.successful.keys()].map((lfn) => ({ lfn, storageElement })),
    );
    return {
      text:
        style === 'dirac'
          ? removed.map(diracText).join('')
          : successful.map((done) => `${printable(done.lfn)} has no replica at ${done.storageElement}\n`).join(''),
      json: { successful, failed },
      failures: new Map(
        failed.map(({ lfn, storageElement, code, message }): [string, Failure] => [
          removed.length === 1 ? lfn : `${lfn} at ${storageElement}`,
          { code, message },
        ]),
      ),
      succeeded: successful.length,
    };
  },
};

function diracText({ storageElement, result: { successful, failed } }: Removed): string {
  const sorted = <Value>(map: ReadonlyMap<string, Value>): [string, Value][] => [...map].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    ...sorted(successful).map(([lfn]) => `Successfully removed ${storageElement} replica of ${printable(lfn)}\n`),
    ...sorted(failed).map(
      ([lfn, fault]) => `Error: failed to remove ${storageElement} replica of ${printable(lfn)}: ${faultReason(fault, lfn)}\n`,
    ),
  ].join('');
}
