import { stat } from 'node:fs/promises';
import type { BulkResult } from '@dirac-s3/core';
import type { Command, CommandArguments, CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAbout, readList, withoutPrefix } from '../names.js';
import { bulkResult, lines, type CommandResult } from '../output/result.js';
import { refuseTreeOptions, treeOptions, uploadTreeOptions } from './tree-options.js';

interface PutLine {
  readonly lfn: string;
  readonly path: string;
  readonly storageElement: string;
  readonly guid: string | undefined;
}

const force = { alias: 'f', type: 'boolean', describe: 'Replace files that exist' } as const;

export const put: Command = {
  positionals: [
    { name: 'LFN', describe: 'Logical file name; alone, a file with lines of "LFN PATH SE [GUID]"', required: true },
    { name: 'PATH', describe: 'Local file' },
    { name: 'SE', describe: 'StorageElement' },
    { name: 'GUID', describe: 'GUID to register, or "new" for another than that of the content (the default)' },
  ],
  options: {
    force,
    guid: { type: 'string', value: 'GUID', describe: 'As the argument GUID, of a single file' },
    recursive: { alias: 'r', type: 'boolean', describe: 'PATH is a directory: everything below it, to below the directory LFN' },
    ...treeOptions,
    ...uploadTreeOptions,
  },
  diracOptions: { force },
  examples: [
    ['/vo/user/a/alice/data.bin data.bin CERN-S3', 'One file'],
    ['list.txt --parallel 8', 'Every line of a list: LFN PATH SE [GUID]'],
    ["-r /vo/user/a/alice/run42 run42 CERN-S3 --exclude '*.tmp'", 'A whole directory'],
  ],
  diracExamples: [
    ['/vo/user/a/alice/data.bin data.bin CERN-S3', 'One file'],
    ['-f /vo/user/a/alice/data.bin data.bin CERN-S3', 'One file, in place of what has the name'],
    ['list.txt', 'Every line of a list: LFN PATH SE [GUID]'],
  ],
  notes:
    'A file is registered after it was uploaded and verified. When the registration fails, the message says how to finish or to undo the upload.\n' +
    'With --force the old file is kept until the new one is stored; when the upload fails, the message says how things stand.',
  readOnly: false,
  run: async (context, args) => {
    if (args.flag('recursive')) return putTree(context, args);
    refuseTreeOptions(args);
    const { openSession, transfer, style } = context;
    const requested = await putLines(withGuid(args.positionals, args.text('guid')));
    const byName = new Map(requested.map((line) => [line.lfn, line]));
    if (byName.size < requested.length) throw new UsageError('an LFN is named twice in the list');
    const manager = await (await openSession()).dataManager();
    const result = await askAbout([...byName.keys()], (lfns) => {
      const requests = lfns.map((lfn) => ({ ...requestOf(byName, lfn), lfn, overwrite: args.flag('force') }));
      return transfer(lfns.length, (options) => manager.putAndRegister(requests, options));
    });
    const diracCodes = await codesOfLocalFiles(result, byName);
    const printed = bulkResult(result, {
      text:
        style === 'dirac'
          ? ({ successful }) =>
              [...byName.values()]
                .filter(({ lfn }) => !diracCodes.has(lfn))
                .map((line) => diracText(line, successful.has(line.lfn)))
                .join('')
          : lines((lfn, done) => `${lfn} is at ${done.storageElement}: ${done.sizeBytes} bytes, Adler-32 ${done.checksum}`),
      entry: ({ storageElement, sizeBytes, checksum, guid, pfn }) => ({ storageElement, sizeBytes, checksum, guid, pfn }),
      hints: { 'file-exists': '--force replaces it' },
    });
    return { ...printed, diracCodes };
  },
};

/** Of `dirac-dms-add-file`, which looks at the local file before it says that it uploads: 1 for one that is not there, 2 for what is no file. */
async function codesOfLocalFiles({ failed }: BulkResult<unknown>, byName: ReadonlyMap<string, PutLine>): Promise<Map<string, number>> {
  const codes = new Map<string, number>();
  for (const [lfn, { code }] of failed) {
    const path = byName.get(lfn)?.path;
    if (code !== 'local-file' || path === undefined) continue;
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined) codes.set(lfn, 1);
    else if (!facts.isFile()) codes.set(lfn, 2);
  }
  return codes;
}

async function putTree(context: CommandContext, args: CommandArguments): Promise<CommandResult> {
  const [lfn, local, storageElement] = args.positionals;
  if (lfn === undefined || local === undefined || storageElement === undefined || args.positionals.length > 3)
    throw new UsageError('--recursive needs: LFN PATH SE');
  if (args.text('guid') !== undefined) throw new UsageError('--guid belongs to one file; --new-guids gives each its own');
  const [{ moveTree }, { treeResult }, { directoryOf }] = await Promise.all([
    import('./move-trees.js'),
    import('../output/tree-result.js'),
    import('./sync.js'),
  ]);
  const move = { direction: 'upload', local, catalog: directoryOf(lfn), storageElement, skipEqual: false, emptyDirectories: true } as const;
  return treeResult([await moveTree({ ...move, replace: args.flag('force') }, context, args)]);
}

function withGuid(words: CommandArguments['positionals'], guid: string | undefined): CommandArguments['positionals'] {
  if (guid === undefined) return words;
  if (words.length !== 3) throw new UsageError('--guid goes with: LFN PATH SE');
  return [...words, guid];
}

async function putLines(words: CommandArguments['positionals']): Promise<PutLine[]> {
  const [list = ''] = words;
  if (words.length !== 1) return [putLine(words, 'the command line')];
  const found = (await readList(list)).map((line, index) => putLine(line.split(/\s+/), `${list}, entry ${index + 1}`));
  if (found.length === 0) throw new UsageError(`${list} names no file`);
  return found;
}

function putLine(words: readonly string[], where: string): PutLine {
  const [lfn, path, storageElement, guid] = words;
  if (lfn === undefined || path === undefined || storageElement === undefined || words.length > 4) {
    throw new UsageError(`${where} must be: LFN PATH SE [GUID]`);
  }
  return { lfn: withoutPrefix(lfn), path, storageElement, guid };
}

function requestOf(byName: ReadonlyMap<string, PutLine>, lfn: string): { source: { path: string }; storageElement: string; guid?: string } {
  const { path = '', storageElement = '', guid } = byName.get(lfn) ?? {};
  return { source: { path }, storageElement, ...(guid === undefined ? {} : { guid }) };
}

/** The lines of DIRAC's dirac-dms-add-file. */
function diracText({ lfn, storageElement }: PutLine, done: boolean): string {
  return `\nUploading ${lfn}\n${done ? `Successfully uploaded file to ${storageElement}\n` : ''}`;
}
