import { parseLfn } from '@dirac-s3/core';
import type { Command, CommandArguments } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { withoutPrefix } from '../names.js';
import { moveTree, type TreeMove } from './move-trees.js';
import { treeOptions, uploadTreeOptions } from './tree-options.js';

export const sync: Command = {
  positionals: [
    { name: 'SOURCE', describe: 'Directory to read; that of the File Catalog is written lfn:/vo/directory', required: true },
    { name: 'DEST', describe: 'Directory to make like it; one of the two is local, one of the File Catalog', required: true },
    { name: 'SE', describe: 'StorageElement for what is uploaded' },
  ],
  options: {
    ...treeOptions,
    delete: { type: 'boolean', describe: 'Delete files of the destination that the source does not have' },
    checksum: { alias: 'c', type: 'boolean', describe: 'Compare contents where sizes are equal: reads the local files' },
    ...uploadTreeOptions,
  },
  diracOptions: {
    sync: { alias: 'D', type: 'boolean', describe: 'Make target directory identical to source' },
    parallel: { alias: 'j', type: 'number', value: 'N', describe: 'Files at a time, 1 to 64 (default 4; of small ones 16)' },
  },
  examples: [
    ['results lfn:/vo/user/a/alice/results CERN-S3', 'Upload what is new or of another size'],
    ['lfn:/vo/user/a/alice/results results --checksum', 'Download what is new or differs in any byte'],
    ['results lfn:/vo/user/a/alice/results CERN-S3 --delete --dry-run', 'Say what would be done to have nothing else there'],
  ],
  diracExamples: [
    ['results /vo/user/a/alice/results CERN-S3', 'Upload: Path LFN SE'],
    ['/vo/user/a/alice/results results', 'Download: LFN Path'],
  ],
  notes:
    'Files are equal when their sizes are; with --checksum, when size and Adler-32 are. Nothing is deleted below a directory that could not be read.\n' +
    'Symbolic links, FIFOs, sockets and devices, empty files, and names that another system could take for one are refused, each with its reason.',
  readOnly: false,
  run: async (context, args) => {
    const { treeResult, diracTreeText } = await import('../output/tree-result.js');
    const moved = await moveTree(context.style === 'dirac' ? diracMove(args) : plainMove(args), context, args);
    const result = treeResult([moved]);
    return context.style === 'dirac' ? { ...result, text: diracTreeText(moved), hints: {} } : result;
  },
};

function plainMove(args: CommandArguments): TreeMove {
  const [source = '', destination = '', storageElement] = args.positionals;
  const upload = isCatalogSide(destination);
  if (upload === isCatalogSide(source))
    throw new UsageError('one of SOURCE and DEST must be of the File Catalog, written lfn:/vo/directory, and the other one local');
  if (upload && storageElement === undefined) throw new UsageError('an upload needs the StorageElement: SOURCE lfn:DEST SE');
  if (!upload && storageElement !== undefined) throw new UsageError('a download takes no StorageElement');
  return {
    ...sidesOf(upload ? [source, destination, storageElement!] : [source, destination]),
    skipEqual: true,
    replace: true,
    delete: args.flag('delete'),
    checksum: args.flag('checksum'),
    emptyDirectories: true,
  };
}

/** Three words are an upload, two a download. Both directories must be there; without `--sync` nothing of the catalog is replaced. */
function diracMove(args: CommandArguments): TreeMove {
  const sides = sidesOf(args.positionals);
  const identical = args.flag('sync');
  return {
    ...sides,
    skipEqual: true,
    replace: identical || sides.direction === 'download',
    delete: identical,
    emptyDirectories: true,
    needsDestination: true,
    ignoreEmpty: true,
  };
}

function sidesOf([source = '', destination = '', storageElement]: readonly string[]): Pick<
  TreeMove,
  'direction' | 'local' | 'catalog' | 'storageElement'
> {
  return storageElement === undefined
    ? { direction: 'download', local: destination, catalog: directoryOf(source) }
    : { direction: 'upload', local: source, catalog: directoryOf(destination), storageElement };
}

/** A directory may be written with a slash at its end. */
export function directoryOf(name: string): ReturnType<typeof parseLfn> {
  return parseLfn(withoutPrefix(name).replace(/(?<=[^/])\/$/, ''));
}

function isCatalogSide(word: string): boolean {
  return /^lfn:/i.test(word);
}
