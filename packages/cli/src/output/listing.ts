import type { DirectoryMetadata, FileMetadata } from '@dirac-s3/core/ports';
import { printable } from './printable.js';
import { dateText, humanSize, modeText } from './units.js';

/** One line of a listing. */
export interface ListedName {
  readonly name: string;
  /** Undefined of a directory. */
  readonly metadata: FileMetadata | undefined;
  /** Of a directory; undefined: not asked, or not told. */
  readonly directory?: DirectoryMetadata | undefined;
  /** URL by StorageElement; undefined: not asked. */
  readonly replicas: ReadonlyMap<string, string> | undefined;
}

export interface ListingOptions {
  readonly long: boolean;
  readonly withReplicas: boolean;
  readonly order: 'name' | 'time' | 'size';
  readonly reverse: boolean;
  readonly human: boolean;
  /** A slash behind directories. */
  readonly mark: boolean;
}

/** In DIRAC's order: names upward; time newest first; size largest first. */
export function sortListing(names: readonly ListedName[], { order, reverse }: Pick<ListingOptions, 'order' | 'reverse'>): ListedName[] {
  const byName = (one: ListedName, other: ListedName): number => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0);
  const keyOf = ({ metadata, directory }: ListedName): number =>
    (order === 'time' ? (metadata ?? directory)?.modifiedAt?.getTime() : metadata?.sizeBytes) ?? 0;
  const sorted = [...names].sort((one, other) => (order === 'name' ? 0 : keyOf(other) - keyOf(one)) || byName(one, other));
  return reverse ? sorted.reverse() : sorted;
}

/** The columns of DIRAC's `DirectoryListing`: mode, replicas, owner, group, size, date, name; what is not known of a directory is `?`. */
export function formatListing(names: readonly ListedName[], options: ListingOptions): string {
  const sorted = sortListing(names, options);
  const shown = ({ name, metadata }: ListedName): string => printable(name) + (options.mark && metadata === undefined ? '/' : '');
  if (!options.long) return sorted.map((entry) => `${shown(entry)}\n`).join('');
  const rows = sorted.map((entry) => [...columnsOf(entry, options), shown(entry)]);
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row, index) => {
      const cells = row.map((cell, column) =>
        [1, 4, 5].includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column] ?? 0),
      );
      return `${cells.join(' ')}\n${options.withReplicas ? replicaLines(sorted[index]!) : ''}`;
    })
    .join('');
}

function columnsOf({ metadata, directory, replicas }: ListedName, { human }: ListingOptions): string[] {
  if (metadata === undefined) {
    if (directory === undefined) return ['d?????????', '0', '?', '?', '0', '?'];
    const { modifiedAt: at } = directory;
    return [`d${modeText(directory.mode)}`, '0', directory.owner, directory.ownerGroup, '0', at ? dateText(at) : '?'];
  }
  const { mode, owner, ownerGroup, sizeBytes, modifiedAt } = metadata;
  const size = human ? humanSize(sizeBytes) : String(sizeBytes);
  return [`-${modeText(mode)}`, String(replicas?.size ?? '?'), owner, ownerGroup, size, dateText(modifiedAt)];
}

function replicaLines({ replicas }: ListedName): string {
  return [...(replicas ?? [])].map(([name, url]) => `   ${name.padEnd(15)} ${printable(url)}\n`).join('');
}
