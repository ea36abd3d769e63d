import type { BulkResult, Failure, Lfn, LfnDirectory } from '@dirac-s3/core';
import type { DirectoryMetadata, FileCatalog, FileMetadata } from '@dirac-s3/core/ports';
import type { Command } from '../command.js';
import { askAboutPaths, askIfAny, readNames } from '../names.js';
import { diracResult } from '../output/dirac-result.js';
import type { PythonValue } from '../output/pprint.js';
import { bulkResult } from '../output/result.js';
import { instantsOf } from '../output/units.js';

export const meta: Command = {
  positionals: [{ name: 'LFN', describe: 'Files or directories; or one file with a name in each line', required: true, many: true }],
  options: {},
  examples: [
    ['/vo/user/a/alice/data.bin', 'Size, checksum, owner and mode of one file'],
    ['/vo/user/a/alice', 'Owner and mode of a directory'],
  ],
  notes: 'Directories have no dates where the catalog does not know them.',
  readOnly: true,
  run: async ({ openSession }, args) => {
    const names = await readNames(args.positionals);
    const catalog = await (await openSession()).catalog();
    const result = await askAboutPaths(names, (paths) => metadataOf(catalog, paths));
    return bulkResult(result, {
      text: (all) => diracResult(all, diracMetadata),
      entry: (facts) => ({ ...facts, ...instantsOf(facts) }),
    });
  },
};

type Metadata = ({ readonly type: 'file' } & FileMetadata) | ({ readonly type: 'directory' } & DirectoryMetadata);

/** As DIRAC: files first, and then directories among the names that are no file. */
async function metadataOf(catalog: FileCatalog, paths: readonly LfnDirectory[]): Promise<BulkResult<Metadata, LfnDirectory>> {
  const names = [...new Set(paths)];
  const asFiles = names.filter((path): path is Lfn => path !== '/');
  const files: BulkResult<FileMetadata> = await askIfAny(asFiles, (lfns) => catalog.getFileMetadata(lfns));
  const others = names.filter((path) => path === '/' || files.failed.get(path)?.code === 'no-such-file');
  const directories = await askIfAny(others, (some) => catalog.getDirectoryMetadata(some));
  const successful = new Map<LfnDirectory, Metadata>();
  const failed = new Map<LfnDirectory, Failure>();
  for (const path of names) {
    const file = files.successful.get(path);
    const directory = directories.successful.get(path);
    if (file !== undefined) successful.set(path, { type: 'file', ...file });
    else if (directory !== undefined) successful.set(path, { type: 'directory', ...directory });
    else failed.set(path, directories.failed.get(path) ?? files.failed.get(path)!);
  }
  return { successful, failed };
}

/** Under the names of DIRAC's File Catalog; the numbers of its tables (FileID, DirID, UID, GID) are left out. */
function diracMetadata(facts: Metadata): PythonValue {
  const { createdAt, modifiedAt, owner, ownerGroup, mode } = facts;
  const common: [string, PythonValue | undefined][] = [
    ['CreationDate', createdAt],
    ['Mode', mode],
    ['ModificationDate', modifiedAt],
    ['Owner', owner],
    ['OwnerGroup', ownerGroup],
  ];
  const ofFiles: [string, PythonValue][] =
    facts.type === 'directory'
      ? []
      : [
          ['Checksum', facts.checksum],
          ['ChecksumType', facts.checksumType],
          ['GUID', facts.guid],
          ['Size', facts.sizeBytes],
          ['Status', facts.status],
        ];
  return new Map([...common, ...ofFiles].filter((entry): entry is [string, PythonValue] => entry[1] !== undefined));
}
