import type { BulkResult } from '@dirac-s3/core';
import type { ObjectMetadata } from '@dirac-s3/core/storage';
import type { Command } from '../command.js';
import { askAbout, readNames } from '../names.js';
import { askElements, elementLines, elementResult } from '../output/element-results.js';
import { faultReason } from '../output/fault-lines.js';
import { instantsOf } from '../output/units.js';

export const seStat: Command = {
  positionals: [
    { name: 'LFN', describe: 'Logical file name; or a file with an LFN in each line', required: true },
    { name: 'SE', describe: 'StorageElement, or a group of them', required: true },
  ],
  options: {},
  examples: [['/vo/user/a/alice/data.bin CERN-S3', 'Size and checksum as the store has them']],
  notes: 'The store is asked, not the catalog: an object that nobody registered is found, too.',
  readOnly: true,
  run: async ({ openSession, style }, args) => {
    const [name = '', elementName = ''] = args.positionals;
    const names = await readNames([name]);
    const session = await openSession();
    const found = await askElements<ObjectMetadata>(names, session.expandStorageElements([elementName]), (storageElement) =>
      askAbout(names, async (lfns) => (await session.openStorageElement(storageElement)).getMetadata(lfns)),
    );
    const plain = elementLines<ObjectMetadata>(
      (lfn, storageElement, { sizeBytes, checksum }) =>
        `${lfn} at ${storageElement}: ${sizeBytes} bytes, Adler-32 ${checksum ?? 'not stored'}`,
    );
    return elementResult(found, {
      text: style === 'dirac' ? (done) => done.map(({ result }) => diracTable(result)).join('') : plain,
      entry: ({ sizeBytes, checksum, etag, modifiedAt }) => ({
        sizeBytes,
        ...(checksum !== undefined && { checksum }),
        ...(etag !== undefined && { etag }),
        ...instantsOf({ modifiedAt }),
      }),
    });
  },
};

/** The columns of dirac-dms-replica-metadata, which itself fails on S3: an object is always on disk, and never on tape. */
function diracTable({ successful, failed }: BulkResult<ObjectMetadata>): string {
  const row = (...[file = '', migrated = '', cached = '', size = '']: string[]): string =>
    `${file.padEnd(100)} ${migrated.padEnd(8)} ${cached.padEnd(8)} ${size.padEnd(10)}\n`;
  const found = [...successful].map(([lfn, { sizeBytes }]) => row(lfn, 'False', 'True', String(sizeBytes)));
  const faults = [...failed].map(([lfn, fault]) => `${lfn.padEnd(100)} ${faultReason(fault, lfn).padEnd(8)}\n`);
  return [row('File', 'Migrated', 'Cached', 'Size (bytes)'), ...found, ...faults].join('');
}
