import { baseNameOf, parseLfnDirectory, type Failure, type Lfn } from '@dirac-s3/core';
import type { FileCatalog } from '@dirac-s3/core/ports';
import { filesBelow } from '../catalog-tree.js';
import type { Command, CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { printable } from '../output/printable.js';
import type { CommandResult } from '../output/result.js';
import { parseConditions, type FileConditions } from '../parse/conditions.js';
import { resolvePaths } from '../shell/profile.js';
import { wildcard } from '../wildcard.js';

const conditionNotes =
  'Conditions are size, dates (YYYY-MM-DD[ HH:MM:SS], UTC), owner and so on of the files themselves: Size>1000, CreationDate<2026-01-01, ' +
  'ModificationDate, Owner=alice, OwnerGroup, Path, SE; with =, !=, <, >, <= or >=. Metadata of users are not known here.';

export const find: Command = {
  positionals: [
    { name: 'PATH', describe: 'Directory to search', required: true },
    { name: 'CONDITION', describe: 'What a file must fulfil, "Size>1000" for example', many: true },
  ],
  options: {
    name: { type: 'string', value: 'PATTERN', describe: 'Files whose own name matches: * any text, ? one character, [a-z] one of a set' },
    se: { type: 'string', value: 'SE[,SE]', describe: 'Files with a replica at one of these StorageElements, or groups of them' },
  },
  examples: [
    ['/vo/user/a/alice --name "*.root"', 'Files by their names'],
    ['/vo/user/a/alice "Size>1000000" --se CERN-S3', 'Large files with a replica at a StorageElement'],
  ],
  notes: conditionNotes,
  readOnly: true,
  run: (context, args) => {
    const [path = '', ...conditions] = args.positionals;
    return search(context, path, { ...parseConditions(withElements(conditions, args.text('se'))), name: args.text('name') });
  },
};

/** `dirac-dms-find-lfns`: the directory is an option or one of the conditions. */
export const findLfns: Command = {
  positionals: [{ name: 'metaspec', describe: 'Conditions, "Size>1000" or "Path=/vo/user" for example', many: true }],
  options: {},
  diracOptions: {
    Path: { type: 'string', value: 'PATH', describe: 'Directory path to search for' },
    SE: { type: 'string', value: 'SE[,SE]', describe: 'SEs to be searched, or groups of them' },
  },
  examples: [['Path=/vo/user/a/alice Size>1000 CreationDate<2026-01-01', 'Large and old files']],
  notes: conditionNotes,
  readOnly: true,
  run: (context, args) => {
    const specs = withElements(args.positionals, args.text('SE'));
    if (specs.length === 0) throw new UsageError('which files? name a condition, Path=/vo/user for example');
    const conditions = parseConditions(specs);
    return search(context, conditions.path ?? args.text('Path') ?? '/', conditions);
  },
};

/** DIRAC's short command. */
export const dfind: Command = {
  positionals: [
    { name: 'lfn', describe: 'Directory to search', required: true },
    { name: 'metaspec', describe: 'What a file must fulfil, "Size>1000" for example', many: true },
  ],
  options: {},
  diracOptions: {},
  examples: [['. Size>1000', 'Files below the current directory']],
  notes: conditionNotes,
  readOnly: true,
  run: async (context, args) => {
    const [word = '', ...conditions] = args.positionals;
    const [path = ''] = await resolvePaths(context, [word]);
    return search(context, path, parseConditions(conditions));
  },
};

function withElements(conditions: readonly string[], elements: string | undefined): string[] {
  return [...conditions, ...(elements === undefined ? [] : [`SE=${elements}`])];
}

type Conditions = FileConditions & { readonly name?: string | undefined };

async function search({ openSession, signal }: CommandContext, path: string, conditions: Conditions): Promise<CommandResult> {
  const root = parseLfnDirectory(path);
  const byName = wildcard(conditions.name ?? '*');
  const session = await openSession();
  const catalog = await session.catalog();
  const elements = conditions.storageElements?.flatMap((name) => session.membersOf(name));
  const below = await filesBelow(catalog, [root], signal);
  const failures = new Map<string, Failure>(below.failed);
  const matching = [...below.files].filter(([lfn, metadata]) => byName(baseNameOf(lfn)) && conditions.holds(metadata)).map(([lfn]) => lfn);
  const kept = await atElements(catalog, matching, { elements, failures });
  return {
    text: kept.map((lfn) => `${printable(lfn)}\n`).join(''),
    json: {
      files: kept.map((lfn) => ({ lfn, sizeBytes: below.files.get(lfn)!.sizeBytes })),
      failed: [...failures].map(([lfn, { code, message }]) => ({ lfn, code, message })),
    },
    failures,
    succeeded: failures.has(root) ? 0 : 1,
  };
}

async function atElements(
  catalog: FileCatalog,
  lfns: readonly Lfn[],
  { elements, failures }: { readonly elements: readonly string[] | undefined; readonly failures: Map<string, Failure> },
): Promise<readonly Lfn[]> {
  if (elements === undefined || lfns.length === 0) return lfns;
  const { successful, failed } = await catalog.getReplicas(lfns);
  failed.forEach((fault, lfn) => failures.set(lfn, fault));
  return lfns.filter((lfn) => elements.some((name) => successful.get(lfn)?.has(name) === true));
}
