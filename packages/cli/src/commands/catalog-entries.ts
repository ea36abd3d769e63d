import { errorKind, failure, type BulkResult, type Failure, type Lfn } from '@dirac-s3/core';
import { asGuid } from '@dirac-s3/core/data-management';
import type { FileMetadata } from '@dirac-s3/core/ports';
import type { Command } from '../command.js';
import { askAbout, readNames, splitList } from '../names.js';
import { askElements, elementLines, elementResult, type AtElement } from '../output/element-results.js';
import { faultReason } from '../output/fault-lines.js';
import { printable } from '../output/printable.js';
import { bulkResult, lines, type CommandResult } from '../output/result.js';
import { lfnsPositional } from './lfns-positional.js';

const darkData = 'Objects stay in their stores and nothing knows of them afterwards: "rm" removes both.';

export const catalogRm: Command = {
  positionals: [lfnsPositional],
  options: {},
  examples: [['/vo/user/a/alice/lost.bin', 'Forget a file whose objects are lost']],
  notes: darkData,
  readOnly: false,
  run: async ({ openSession, style }, args) => {
    const names = await readNames(args.positionals);
    const catalog = await (await openSession()).catalog();
    const result = await askAbout(names, (lfns) => catalog.removeFiles(lfns));
    const diracText = ({ successful, failed }: BulkResult<true>): string =>
      faultLines(failed, (lfn, reason) => `Error: failed to remove ${lfn}: ${reason}`) +
      `Successfully removed ${successful.size} catalog files.\n`;
    return bulkResult(result, {
      text: style === 'dirac' ? diracText : lines((lfn) => `${lfn} is no longer in the catalog`),
      entry: () => ({}),
    });
  },
};

export const catalogRmReplica: Command = {
  positionals: [
    { name: 'LFN', describe: 'Logical file name; or a file with an LFN in each line', required: true },
    { name: 'SE', describe: 'StorageElement, also one that is no longer configured, or a group of them', required: true },
  ],
  options: {},
  examples: [['lost.txt CERN-S3', 'Forget replicas that were lost']],
  notes: darkData,
  readOnly: false,
  run: async ({ openSession, style }, args) => {
    const [name = '', elementName = ''] = args.positionals;
    const names = await readNames([name]);
    const session = await openSession();
    const catalog = await session.catalog();
    const removed = await askElements<true>(names, session.membersOf(elementName), (storageElement) =>
      askAbout(names, (lfns) => catalog.removeReplicas(lfns.map((lfn) => ({ lfn, storageElement, pfn: '' })))),
    );
    const plain = elementLines<true>((lfn, storageElement) => `the catalog has no replica of ${lfn} at ${storageElement}`);
    return elementResult(removed, { text: style === 'dirac' ? (done) => done.map(forgottenReplicas).join('') : plain, entry: () => ({}) });
  },
};

function forgottenReplicas({ storageElement, result: { successful, failed } }: AtElement<true>): string {
  return (
    faultLines(failed, (lfn, reason) => `Failed to remove ${storageElement} replica of ${lfn}: ${reason}`) +
    `Successfully remove ${successful.size} catalog replicas at ${storageElement}\n`
  );
}

export const guid: Command = {
  positionals: [{ name: 'GUID', describe: 'GUIDs, also several in one word with commas between them', required: true, many: true }],
  options: {},
  examples: [['C0191E52-67D5-044C-1F1A-69407BDDAE02', 'The file with this GUID']],
  readOnly: true,
  run: async ({ openSession, style }, args) => {
    const asked = [...new Set(splitList(args.positionals).map((word) => asGuid(word) ?? word))];
    const guids = asked.filter((word) => asGuid(word) !== undefined);
    const catalog = await (await openSession()).catalog();
    const found = guids.length === 0 ? new Map<string, Lfn>() : await catalog.findByGuid(guids);
    const missing = asked.filter((word) => !found.has(word));
    const fault = (word: string): Failure =>
      guids.includes(word)
        ? failure('no-such-file', `no file has the GUID ${word}`)
        : failure('invalid-argument', `${JSON.stringify(word)}: a GUID is 8-4-4-4-12 hexadecimal digits`);
    return guidResult(found, new Map(missing.map((word) => [word, fault(word)])), style);
  },
};

/** `dirac-dms-catalog-metadata`: the table; `meta` shows all of it. */
export const catalogMetadata: Command = {
  positionals: [
    { name: 'LFN', describe: 'Logical file name; or a file with an LFN in each line', required: true },
    { name: 'Catalog', describe: 'No effect: there is one catalog here', many: true },
  ],
  options: {},
  diracOptions: {},
  examples: [['/vo/user/a/alice/data.bin', 'Size, GUID, status and checksum of one file']],
  readOnly: true,
  run: async ({ openSession }, args) => {
    const names = await readNames(args.positionals.slice(0, 1));
    const catalog = await (await openSession()).catalog();
    const result = await askAbout(names, (lfns) => catalog.getFileMetadata(lfns));
    return bulkResult(result, {
      text: metadataTable,
      entry: ({ sizeBytes, guid, status, checksum }) => ({ sizeBytes, guid, status, checksum }),
    });
  },
};

function metadataTable({ successful, failed }: BulkResult<FileMetadata>): string {
  const row = (...[file = '', size = '', id = '', status = '', checksum = '']: string[]): string =>
    `${file.padEnd(100)} ${size.padEnd(10)} ${id.padEnd(40)} ${status.padEnd(8)} ${checksum.padEnd(10)}\n`;
  const rows = [...successful]
    .sort(byName)
    .map(([lfn, { sizeBytes, guid: id, status, checksum }]) => row(lfn, String(sizeBytes), id, status, checksum));
  return row('FileName', 'Size', 'GUID', 'Status', 'Checksum') + rows.join('') + faultLines(failed, (lfn, reason) => `${lfn} ${reason}`);
}

function guidResult(found: ReadonlyMap<string, Lfn>, failures: ReadonlyMap<string, Failure>, style: 'plain' | 'dirac'): CommandResult {
  const byReason = new Map<string, string[]>();
  for (const [one, { code }] of failures) byReason.set(errorKind(code).title, [...(byReason.get(errorKind(code).title) ?? []), one]);
  // DIRAC writes the list as Python shows one.
  const reasons = [...byReason]
    .map(([reason, guids]) => `Error '${reason}' for guids [${guids.map((one) => `'${printable(one)}'`).join(', ')}]\n`)
    .join('');
  return {
    text: (style === 'dirac' ? reasons : '') + [...found].map(([one, lfn]) => `${one} -> ${printable(lfn)}\n`).join(''),
    json: {
      successful: [...found].map(([one, lfn]) => ({ guid: one, lfn })),
      failed: [...failures].map(([one, { code, message }]) => ({ guid: one, code, message })),
    },
    failures,
    succeeded: found.size,
  };
}

function faultLines(failed: ReadonlyMap<string, Failure>, line: (lfn: string, reason: string) => string): string {
  return [...failed]
    .sort(byName)
    .map(([lfn, fault]) => `${line(printable(lfn), faultReason(fault, lfn))}\n`)
    .join('');
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
