import type { BulkResult, Failure, Lfn, LfnDirectory } from '@dirac-s3/core';
import type { FileCatalog, FileMetadata } from '@dirac-s3/core/ports';
import { walk } from '../catalog-tree.js';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAboutPaths, readNames } from '../names.js';
import { printable } from '../output/printable.js';
import { bulkResult } from '../output/result.js';
import { formatTable } from '../output/table.js';
import { humanSize, withCommas } from '../output/units.js';
import { resolvePaths, startingDirectory } from '../shell/profile.js';

interface Usage {
  readonly kind: 'file' | 'directory';
  bytes: number;
  files: number;
  /** Below the directory. */
  directories: number;
  readonly byStorageElement: Map<string, { bytes: number; replicas: number }>;
}

const units: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };

export const du: Command = {
  positionals: [{ name: 'PATH', describe: 'Files or directories; or one local file with a name in each line', required: true, many: true }],
  options: {
    'by-se': { type: 'boolean', describe: 'Also what lies at each StorageElement' },
    'human-readable': { alias: 'H', type: 'boolean', describe: 'Sizes in KiB, MiB and so on' },
  },
  diracOptions: { Unit: { alias: 'u', type: 'string', value: 'UNIT', describe: 'Unit to use [default GB] (MB,GB,TB,PB)' } },
  examples: [
    ['/vo/user/a/alice', 'Everything below a directory'],
    ['--by-se -H /vo/user/a/alice', 'And at which StorageElements it lies'],
  ],
  diracExamples: [['-u MB /vo/user/a/alice/data.bin', 'The size of one file in MB']],
  notes: 'Sizes are those in the File Catalog, replicas counted once; at a StorageElement every replica counts.',
  readOnly: true,
  run: async ({ openSession, signal, style }, args) => {
    const unit = args.text('Unit') ?? 'GB';
    if (!Object.hasOwn(units, unit)) throw new UsageError('--Unit must be one of MB,GB,TB,PB');
    const names = await readNames(args.positionals);
    const measured = await measure(await (await openSession()).catalog(), names, { signal, bySe: args.flag('by-se') });
    const size = (bytes: number): string => (args.flag('human-readable') ? humanSize(bytes) : String(bytes));
    return bulkResult(measured, {
      text: ({ successful }) =>
        style === 'dirac'
          ? box([...successful.values()], unit)
          : [...successful].map(([path, usage]) => plainLines(path, usage, size)).join(''),
      entry: jsonOf,
    });
  },
};

/** DIRAC's short command. */
export const dsize: Command = {
  positionals: [{ name: 'path', describe: 'File or directory (default: the current directory)' }],
  options: {},
  diracOptions: {
    long: { alias: 'l', type: 'boolean', describe: 'Also what lies at each StorageElement' },
    'raw-files': { alias: 'f', type: 'boolean', describe: 'No effect: sizes are always those of the files' },
  },
  examples: [['-l data', 'A directory, and at which StorageElements it lies']],
  readOnly: true,
  run: async (context, args) => {
    const paths = await resolvePaths(context, args.positionals.length > 0 ? args.positionals : [await startingDirectory(context)]);
    const catalog = await (await context.openSession()).catalog();
    const measured = await measure(catalog, paths, { signal: context.signal, bySe: args.flag('long') });
    return bulkResult(measured, {
      text: ({ successful }) => [...successful].map(([path, usage]) => shortText(path, usage, args.flag('long'))).join(''),
      entry: jsonOf,
    });
  },
};

type Usages = BulkResult<Usage>;

function measure(
  catalog: FileCatalog,
  names: readonly string[],
  { signal, bySe }: { signal: AbortSignal; bySe: boolean },
): Promise<Usages> {
  return askAboutPaths<Usage>(names, async (roots) => {
    const successful = new Map<LfnDirectory, Usage>();
    const failed = new Map<LfnDirectory, Failure>();
    // A part that cannot be read makes the sum wrong, and so the whole of it a failure.
    const onFault = ({ root }: { root: LfnDirectory }, fault: Failure): unknown => failed.set(root, fault);
    for await (const { root, path, entry } of walk(catalog, roots, { signal, onFault })) {
      const usage = successful.get(root) ?? { kind: entry.kind, bytes: 0, files: 0, directories: 0, byStorageElement: new Map() };
      successful.set(root, usage);
      if (path !== root) usage.directories += 1;
      const files = entry.kind === 'file' ? new Map([[path as Lfn, entry.metadata]]) : entry.listing.files;
      for (const { sizeBytes } of files.values()) {
        usage.files += 1;
        usage.bytes += sizeBytes;
      }
      if (bySe) (await addReplicas(catalog, usage, files)).forEach((fault) => failed.set(root, fault));
    }
    for (const root of failed.keys()) successful.delete(root);
    return { successful, failed };
  });
}

/** Gives the faults of replicas that could not be asked for. */
async function addReplicas(catalog: FileCatalog, usage: Usage, files: ReadonlyMap<Lfn, FileMetadata>): Promise<readonly Failure[]> {
  if (files.size === 0) return [];
  const { successful, failed } = await catalog.getReplicas([...files.keys()]);
  for (const [lfn, where] of successful) {
    for (const name of where.keys()) {
      const { bytes, replicas } = usage.byStorageElement.get(name) ?? { bytes: 0, replicas: 0 };
      usage.byStorageElement.set(name, { bytes: bytes + files.get(lfn)!.sizeBytes, replicas: replicas + 1 });
    }
  }
  return [...failed.values()];
}

function plainLines(path: string, { bytes, files, directories, byStorageElement }: Usage, size: (bytes: number) => string): string {
  const parts = [...byStorageElement].map(([name, at]) => `  ${name}: ${size(at.bytes)} in ${at.replicas} replicas\n`);
  return `${size(bytes)}\t${printable(path)}\t(${files} files, ${directories} directories)\n${parts.join('')}`;
}

/** The five lines of dirac-dms-data-size. */
function box(usages: readonly Usage[], unit: string): string {
  const sum = (value: (usage: Usage) => number): number => usages.reduce((total, usage) => total + value(usage), 0);
  const rule = '-'.repeat(30);
  const row = (left: string, right: string): string => `${left.padEnd(15)}|${right.padStart(15)}`;
  const size = (sum(({ bytes }) => bytes) / units[unit]!).toFixed(1);
  return [rule, row('Files', `Size (${unit})`), rule, row(String(sum(({ files }) => files)), size), rule, ''].join('\n');
}

/** The lines of `size` in DIRAC's shell of the catalog. */
function shortText(path: string, { kind, bytes, files, directories, byStorageElement }: Usage, long: boolean): string {
  if (kind === 'file') return `lfn: ${printable(path)}\nSize: ${bytes}\n`;
  const summary = `directory: ${printable(path)}\nLogical Size: ${withCommas(bytes)} Files: ${files} Directories: ${directories}\n`;
  if (!long) return summary;
  const rows = [...byStorageElement].map(([name, at]) => [name, withCommas(at.bytes), String(at.replicas)]);
  const total = [...byStorageElement.values()].reduce(
    (sum, at) => ({ bytes: sum.bytes + at.bytes, replicas: sum.replicas + at.replicas }),
    {
      bytes: 0,
      replicas: 0,
    },
  );
  const all = rows.length === 0 ? [] : [...rows, ['Total', withCommas(total.bytes), String(total.replicas)]];
  return `${summary}\n${formatTable(['StorageElement', 'Size', 'Replicas'], all)}`;
}

function jsonOf({ kind, bytes, files, directories, byStorageElement }: Usage): Record<string, unknown> {
  const elements = [...byStorageElement].map(([storageElement, at]) => ({ storageElement, sizeBytes: at.bytes, replicas: at.replicas }));
  return { type: kind, sizeBytes: bytes, files, directories, ...(elements.length > 0 && { storageElements: elements }) };
}
