import { isOpenFor, type BulkResult, type StorageElement } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { askAbout, readNames } from '../names.js';
import { faultReason } from '../output/fault-lines.js';
import { bulkResult } from '../output/result.js';
import { formatTable } from '../output/table.js';
import { lfnsPositional } from './lfns-positional.js';

type Replicas = ReadonlyMap<string, string>;

export const replicas: Command = {
  positionals: [lfnsPositional],
  options: {},
  diracOptions: { All: { alias: 'a', type: 'boolean', describe: 'Also show replicas at StorageElements that are banned for reading' } },
  examples: [['/vo/user/a/alice/data.bin', 'The StorageElements and URLs of one file']],
  diracExamples: [
    ['/vo/user/a/alice/data.bin', 'The StorageElements and URLs of one file'],
    ['--All lfns.txt', 'Every LFN of a list, with replicas that cannot be read now'],
  ],
  readOnly: true,
  run: async ({ openSession, style }, args) => {
    const names = await readNames(args.positionals);
    const session = await openSession();
    const manager = await session.dataManager();
    const found = await askAbout(names, (lfns) => manager.replicas(lfns));
    const hideBanned = style === 'dirac' && !args.flag('All');
    const result = hideBanned ? withoutBanned(found, session.storageElements()) : found;
    return bulkResult(result, {
      text: (all) => replicaTable(all, { withFailed: style === 'dirac' }),
      entry: (where) => ({ replicas: [...where].map(([storageElement, pfn]) => ({ storageElement, pfn })) }),
    });
  },
};

/** DIRAC's table; its own command shows a failed LFN there too, at the StorageElement `Unknown`. */
function replicaTable({ successful, failed }: BulkResult<Replicas>, { withFailed }: { withFailed: boolean }): string {
  const rows = [...successful].flatMap(([lfn, where]) => [...where].map(([name, pfn], index) => [index === 0 ? lfn : '', name, pfn]));
  const failures = withFailed ? [...failed].map(([lfn, fault]) => [lfn, 'Unknown', faultReason(fault, lfn)]) : [];
  if (rows.length + failures.length === 0 && failed.size > 0) return '';
  return formatTable(['LFN', 'StorageElement', 'URL'], [...rows, ...failures]);
}

function withoutBanned({ successful, failed }: BulkResult<Replicas>, elements: readonly StorageElement[]): BulkResult<Replicas> {
  const banned = new Set(elements.filter((element) => !isOpenFor(element, 'Read')).map(({ name }) => name));
  const visible = (where: Replicas): Replicas => new Map([...where].filter(([name]) => !banned.has(name)));
  return { successful: new Map([...successful].map(([lfn, where]) => [lfn, visible(where)])), failed };
}
