import { writeFile } from 'node:fs/promises';
import { DiracS3Error, parseLfnDirectory, type LfnDirectory } from '@dirac-s3/core';
import { filesBelow } from '../catalog-tree.js';
import type { Command, CommandArguments } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { printable } from '../output/printable.js';
import type { Who } from '../session.js';
import { wildcard } from '../wildcard.js';

const millisecondsOfDay = 86_400_000;

export const userFiles: Command = {
  positionals: [],
  options: {
    days: { type: 'number', value: 'N', describe: 'Files older than this; with --months (30 days) and --years (365 days) the sum' },
    months: { type: 'number', value: 'N', describe: 'See --days' },
    years: { type: 'number', value: 'N', describe: 'See --days' },
    wildcard: {
      alias: 'w',
      type: 'string',
      value: 'PATTERN',
      describe: 'Files whose names end so: * any text, ? one character, [a-z] one of a set',
    },
    'base-dir': { alias: 'b', type: 'string', value: 'PATH', describe: 'Directory to search (default: /<vo>/user/<initial>/<user>)' },
    'empty-dirs': { alias: 'e', type: 'boolean', describe: 'Directories with nothing in them, in place of files' },
  },
  diracOptions: {
    Days: { alias: 'D', type: 'number', value: 'N', describe: 'Match files older than number of days [0]' },
    Months: { alias: 'M', type: 'number', value: 'N', describe: 'Match files older than number of months [0]' },
    Years: { alias: 'Y', type: 'number', value: 'N', describe: 'Match files older than number of years [0]' },
    Wildcard: { alias: 'w', type: 'string', value: 'PATTERN', describe: 'Wildcard for matching filenames [All]' },
    BaseDir: {
      alias: 'b',
      type: 'string',
      value: 'PATH',
      describe: 'Base directory to begin search (default /[vo]/user/[initial]/[username])',
    },
    EmptyDirs: { alias: 'e', type: 'boolean', describe: 'Create a list of empty directories' },
  },
  examples: [
    ['', 'Every file of mine'],
    ['--months 6 --wildcard .root', 'Those that end with .root and are older than half a year'],
  ],
  diracExamples: [
    ['-M 6 -w .root', 'Files that end with .root and are older than half a year, into a file .lfns in the current directory'],
  ],
  notes: "Under DIRAC's name the list is written into <directory with - for />.lfns (and .emptydirs) in the current directory.",
  readOnly: true,
  run: async ({ openSession, signal, now, style }, args) => {
    const days = daysOf(args);
    const pattern = args.text('wildcard') ?? args.text('Wildcard');
    const session = await openSession();
    const base = await baseDirectory(args, () => session.whoami());
    const { files, directories, failed } = await filesBelow(await session.catalog(), [base], signal);
    const matches = wildcard(`*${pattern ?? ''}`);
    const before = now().getTime() - days * millisecondsOfDay;
    const found = [...files]
      .filter(([lfn, { createdAt }]) => (pattern === undefined || matches(lfn)) && (days === 0 || createdAt.getTime() < before))
      .map(([lfn]) => lfn);
    const empty = emptyOnes(directories, [...files.keys()]);
    const search: Search = {
      base,
      pattern,
      narrowed: days > 0 || pattern !== undefined,
      subdirectories: Math.max(0, directories.length - 1),
    };
    const wantsEmpty = args.flag('empty-dirs') || args.flag('EmptyDirs');
    const listed = wantsEmpty && style === 'plain' ? empty : found;
    return {
      text:
        style === 'dirac'
          ? await writeLists(search, found, wantsEmpty ? empty : undefined)
          : listed.map((name) => `${printable(name)}\n`).join(''),
      json: { baseDirectory: base, ...(wantsEmpty ? { emptyDirectories: empty } : { files: found }), failed: failuresOf(failed) },
      failures: failed,
      succeeded: failed.has(base) ? 0 : 1,
    };
  },
};

interface Search {
  readonly base: LfnDirectory;
  readonly pattern: string | undefined;
  readonly narrowed: boolean;
  readonly subdirectories: number;
}

function daysOf(args: CommandArguments): number {
  const count = (...names: string[]): number => {
    const value = names.map((name) => args.number(name)).find((one) => one !== undefined) ?? 0;
    if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`--${names[0]!} must be a whole number`);
    return value;
  };
  return count('days', 'Days') + 30 * count('months', 'Months') + 365 * count('years', 'Years');
}

async function baseDirectory(args: CommandArguments, whoami: () => Promise<Who>): Promise<LfnDirectory> {
  const named = args.text('base-dir') ?? args.text('BaseDir');
  if (named !== undefined) return parseLfnDirectory(named.replace(/(?<=.)\/$/, ''));
  const { username, vo } = await whoami();
  return parseLfnDirectory(`/${vo}/user/${username[0] ?? ''}/${username}`);
}

/** Directories without a file or directory in them. */
function emptyOnes(directories: readonly LfnDirectory[], files: readonly string[]): LfnDirectory[] {
  const used = new Set([...directories, ...files].map((path) => path.slice(0, path.lastIndexOf('/')) || '/'));
  return directories.filter((directory) => !used.has(directory)).sort();
}

/** What dirac-dms-user-lfns says, and the files it writes. */
async function writeLists(
  { base, pattern, narrowed, subdirectories }: Search,
  found: readonly string[],
  empty: readonly string[] | undefined,
) {
  const name = base.slice(1).replaceAll('/', '-');
  const lines = [`Will search for files in ${base}${pattern === undefined ? '' : ` matching *${pattern}`}`];
  lines.push(`${base}: ${found.length} files${narrowed ? ' matching' : ''}, ${subdirectories} sub-directories`);
  await writeList(`${name}.lfns`, found);
  lines.push(`${found.length} matched files have been put in ${name}.lfns`);
  if (empty !== undefined) {
    await writeList(`${name}.emptydirs`, empty);
    lines.push(`${empty.length} empty directories have been put in ${name}.emptydirs`);
  }
  return lines.map((line) => `${printable(line)}\n`).join('');
}

async function writeList(file: string, names: readonly string[]): Promise<void> {
  await writeFile(file, names.map((name) => `${name}\n`).join('')).catch((fault: unknown) => {
    const { code = 'unknown fault' } = fault as NodeJS.ErrnoException;
    throw new DiracS3Error('local-file', `${file} cannot be written (${code})`, { cause: fault });
  });
}

function failuresOf(failed: Awaited<ReturnType<typeof filesBelow>>['failed']): object[] {
  return [...failed].map(([lfn, { code, message }]) => ({ lfn, code, message }));
}
