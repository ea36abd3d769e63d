import { baseNameOf, failureOf, type BulkResult, type Failure, type Lfn, type LfnDirectory } from '@dirac-s3/core';
import type { DirectoryMetadata, FileCatalog } from '@dirac-s3/core/ports';
import { lookUp, type CatalogEntry } from '../catalog-tree.js';
import type { Command, CommandArguments, CommandContext, OptionTable } from '../command.js';
import { askAboutPaths } from '../names.js';
import { faultLine } from '../output/fault-lines.js';
import { formatListing, sortListing, type ListedName, type ListingOptions } from '../output/listing.js';
import { bulkResult, type CommandResult } from '../output/result.js';
import { instantsOf } from '../output/units.js';
import { resolvePaths, startingDirectory } from '../shell/profile.js';

const options = {
  long: { alias: 'l', type: 'boolean', describe: 'Mode, number of replicas, owner, group, size, date of the last change' },
  'list-replicas': { alias: 'L', type: 'boolean', describe: 'As --long, and below each file where its replicas are' },
  time: { alias: 't', type: 'boolean', describe: 'Sort by time, newest first' },
  size: { alias: 'S', type: 'boolean', describe: 'Sort by size, largest first' },
  reverse: { alias: 'r', type: 'boolean', describe: 'Sort the other way round' },
  'human-readable': { alias: 'H', type: 'boolean', describe: 'Sizes in KiB, MiB and so on' },
} as const satisfies OptionTable;

export const ls: Command = {
  positionals: [{ name: 'PATH', describe: 'Directories or files in the File Catalog', required: true, many: true }],
  options,
  examples: [
    ['/vo/user/a/alice', 'What is in a directory'],
    ['-l -t /vo/user/a/alice', 'With all that is known, newest first'],
  ],
  notes: 'What the catalog does not tell of a directory is a question mark.',
  readOnly: true,
  run: (context, args) => list(context, args, { words: args.positionals, mark: true, titled: args.positionals.length > 1 }),
};

/** DIRAC's short command: relative names, and every directory under its title. */
export const dls: Command = {
  positionals: [{ name: 'PATH', describe: 'Directories or files (default: the current directory)', many: true }],
  options: {},
  diracOptions: {
    ...options,
    numericid: { alias: 'n', type: 'boolean', describe: 'No effect: owners have names here, and no numbers' },
  },
  examples: [
    ['-l ..', 'The directory above, with all that is known'],
    ['-L data.bin', 'One file, and where its replicas are'],
  ],
  readOnly: true,
  run: async (context, args) => {
    const words = args.positionals.length > 0 ? args.positionals : [await startingDirectory(context)];
    return list(context, args, { words: await resolvePaths(context, words), mark: false, titled: true });
  },
};

function listingOptions(args: CommandArguments): Omit<ListingOptions, 'mark'> {
  const withReplicas = args.flag('list-replicas');
  return {
    long: args.flag('long') || withReplicas,
    withReplicas,
    order: args.flag('size') ? 'size' : args.flag('time') ? 'time' : 'name',
    reverse: args.flag('reverse'),
    human: args.flag('human-readable'),
  };
}

type Listed = readonly ListedName[];

async function list(
  { openSession, tell }: CommandContext,
  args: CommandArguments,
  { words, titled, mark }: { readonly words: readonly string[]; readonly titled: boolean; readonly mark: boolean },
): Promise<CommandResult> {
  const listing: ListingOptions = { ...listingOptions(args), mark };
  const catalog = await (await openSession()).catalog();
  const warn = (fault: Failure): void => {
    if (!args.flag('quiet')) tell(`warning: the catalog tells nothing of directories: ${faultLine(fault)}`);
  };
  const found = await askAboutPaths(words, (paths) => lookUp(catalog, paths));
  const replicas = listing.long ? await replicasOf(catalog, found) : undefined;
  const directories = listing.long || listing.order === 'time' ? await directoriesOf(catalog, found, warn) : undefined;
  const listed: BulkResult<Listed> = {
    successful: new Map([...found.successful].map(([path, entry]) => [path, namesOf(path, entry, { replicas, directories })])),
    failed: found.failed,
  };
  const isDirectory = (path: string): boolean => found.successful.get(path)?.kind === 'directory';
  return bulkResult(listed, {
    text: ({ successful }) =>
      [...successful].map(([path, names]) => `${titled && isDirectory(path) ? `${path}:\n` : ''}${formatListing(names, listing)}`).join(''),
    entry: (names) => ({ entries: sortListing(names, listing).map(jsonOf) }),
  });
}

async function replicasOf(
  catalog: FileCatalog,
  { successful }: BulkResult<CatalogEntry>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const files = [...successful].flatMap(([path, entry]) => (entry.kind === 'file' ? [path as Lfn] : [...entry.listing.files.keys()]));
  return files.length === 0 ? new Map() : (await catalog.getReplicas(files)).successful;
}

/** Of the directories in those that were listed; what the user may not know is left out. The names are worth showing without it. */
async function directoriesOf(
  catalog: FileCatalog,
  { successful }: BulkResult<CatalogEntry>,
  warn: (fault: Failure) => void,
): Promise<ReadonlyMap<string, DirectoryMetadata>> {
  const below = [...successful.values()].flatMap((entry) => (entry.kind === 'file' ? [] : entry.listing.directories));
  if (below.length === 0) return new Map();
  try {
    return (await catalog.getDirectoryMetadata(below)).successful;
  } catch (thrown) {
    warn(failureOf(thrown));
    return new Map();
  }
}

interface Known {
  readonly replicas: ReadonlyMap<string, ReadonlyMap<string, string>> | undefined;
  readonly directories: ReadonlyMap<string, DirectoryMetadata> | undefined;
}

function namesOf(path: string, entry: CatalogEntry, { replicas, directories: known }: Known): Listed {
  if (entry.kind === 'file') return [{ name: path, metadata: entry.metadata, replicas: replicas?.get(path) }];
  const { files, directories } = entry.listing;
  return [
    ...directories.map((directory): ListedName => ({
      name: lastPart(directory),
      metadata: undefined,
      directory: known?.get(directory),
      replicas: undefined,
    })),
    ...[...files].map(([lfn, metadata]): ListedName => ({ name: baseNameOf(lfn), metadata, replicas: replicas?.get(lfn) })),
  ];
}

function lastPart(directory: LfnDirectory): string {
  return directory.slice(directory.lastIndexOf('/') + 1);
}

function jsonOf({ name, metadata, directory, replicas }: ListedName): Record<string, unknown> {
  if (metadata === undefined) return { name, type: 'directory', ...(directory && { ...directory, ...instantsOf(directory) }) };
  return {
    name,
    type: 'file',
    ...metadata,
    ...instantsOf(metadata),
    ...(replicas && { replicas: [...replicas].map(([storageElement, pfn]) => ({ storageElement, pfn })) }),
  };
}
