import type { FileMetadata } from '@dirac-s3/core/ports';
import type { Command } from '../command.js';
import { askAbout, readNames } from '../names.js';
import { diracResult } from '../output/dirac-result.js';
import type { PythonValue } from '../output/pprint.js';
import { bulkResult } from '../output/result.js';
import { lfnsPositional } from './lfns-positional.js';

export const meta: Command = {
  positionals: [lfnsPositional],
  options: {},
  examples: [['/vo/user/a/alice/data.bin', 'Size, checksum, owner and mode of one file']],
  readOnly: true,
  run: async ({ openSession }, args) => {
    const names = await readNames(args.positionals);
    const manager = await (await openSession()).dataManager();
    const result = await askAbout(names, (lfns) => manager.metadata(lfns));
    return bulkResult(result, {
      text: (all) => diracResult(all, diracMetadata),
      entry: ({ createdAt, modifiedAt, ...facts }) => ({
        ...facts,
        createdAt: createdAt.toISOString(),
        modifiedAt: modifiedAt.toISOString(),
      }),
    });
  },
};

/** Under the names of DIRAC's File Catalog; the numbers of its tables (FileID, UID, GID) are left out. */
function diracMetadata(facts: FileMetadata): PythonValue {
  return new Map<string, PythonValue>([
    ['Checksum', facts.checksum],
    ['ChecksumType', facts.checksumType],
    ['CreationDate', facts.createdAt],
    ['GUID', facts.guid],
    ['Mode', facts.mode],
    ['ModificationDate', facts.modifiedAt],
    ['Owner', facts.owner],
    ['OwnerGroup', facts.ownerGroup],
    ['Size', facts.sizeBytes],
    ['Status', facts.status],
  ]);
}
