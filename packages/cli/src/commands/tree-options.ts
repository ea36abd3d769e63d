import type { Selection } from '@dirac-s3/core/trees';
import type { CommandArguments, OptionTable } from '../command.js';
import { UsageError } from '../exit-codes.js';

/** Options of every command that moves whole trees. */
export const treeOptions = {
  include: {
    type: 'string',
    repeatable: true,
    value: 'PATTERN',
    describe:
      'Only files that match it, or whose directory does; may be repeated. A pattern without "/" is for names, one with "/" for paths',
  },
  exclude: { type: 'string', repeatable: true, value: 'PATTERN', describe: 'No files that match it; may be repeated. Outweighs --include' },
  'dry-run': { alias: 'n', type: 'boolean', describe: 'Say what would be done, and do nothing' },
} as const satisfies OptionTable;

export const uploadTreeOptions = {
  'follow-links': { type: 'boolean', describe: 'Upload what local symbolic links lead to; else they are refused' },
  'new-guids': { type: 'boolean', describe: 'Register new GUIDs, so that files of the same content can have several names' },
} as const satisfies OptionTable;

/** Without `--recursive` they would mean nothing, and a dry run would be a real one. */
export function refuseTreeOptions(args: CommandArguments): void {
  const given = Object.keys({ ...treeOptions, ...uploadTreeOptions }).find((name) => args.flag(name) || args.texts(name).length > 0);
  if (given !== undefined) throw new UsageError(`--${given} goes with --recursive`);
}

/** The files `--include` and `--exclude` mean, by paths below the root. Names that start with a dot are like any other. */
export async function readSelection(args: CommandArguments): Promise<Selection> {
  const includes = await matcher(args.texts('include'));
  const excludes = await matcher(args.texts('exclude'));
  return {
    file: (path) => !excludes(path) && (args.texts('include').length === 0 || includes(path)),
    directory: (path) => !excludes(path),
  };
}

/** Matches a path when a pattern matches it or a directory above it. */
async function matcher(patterns: readonly string[]): Promise<(path: string) => boolean> {
  if (patterns.length === 0) return () => false;
  const { default: picomatch } = await import('picomatch');
  const matches = patterns.map((pattern) => {
    const anchored = pattern.startsWith('/');
    const glob = pattern.replace(/^\//, '').replace(/\/$/, '');
    if (glob === '') throw new UsageError(`"${pattern}" is no pattern`);
    return picomatch(glob, { dot: true, nonegate: true, windows: false, basename: !anchored && !glob.includes('/') });
  });
  const one = (path: string): boolean => matches.some((match) => match(path));
  return (path) => {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) if (one(path.slice(0, at))) return true;
    return one(path);
  };
}
