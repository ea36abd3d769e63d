import { join } from 'node:path';
import type { Failure } from '@dirac-s3/core';
import type { TreeOutcome } from '@dirac-s3/core/trees';
import type { MovedTree, TreeMove } from '../commands/move-trees.js';
import { printable } from './printable.js';
import type { BulkCommandResult } from './result.js';

/** What was done, or would be, to a file or directory of a tree. */
interface TreeItem extends Omit<TreeOutcome, 'path' | 'lfn'> {
  readonly why?: string;
}

/** The result of moving trees: a line for each file, and what it comes to; as JSON, `successful` and `failed` as everywhere. */
export function treeResult(trees: readonly MovedTree[]): BulkCommandResult {
  const faults = trees.flatMap(({ move, plan, result }) =>
    [...(result?.failed ?? plan.faults)].map(([path, fault]) => ({ move, path, fault })),
  );
  const items = trees.flatMap((tree) => itemsOf(tree).map(([path, item]) => ({ move: tree.move, path, item })));
  const unchanged = trees.reduce((sum, { plan }) => sum + plan.unchanged.length, 0);
  const dryRun = trees.some(({ result }) => result === undefined);
  const lines = items.map(({ move, path, item }) => lineOf(move, path, { item, dryRun }));
  return {
    text:
      lines.join('') +
      summaryOf(
        items.map(({ item }) => item),
        { unchanged, dryRun },
      ),
    json: {
      dryRun,
      unchanged,
      successful: items.map(({ move, path, item }) => ({ ...placeOf(move, path), ...item })),
      failed: faults.map(({ move, path, fault: { code, message } }) => ({ ...placeOf(move, path), code, message })),
    },
    failures: new Map(faults.map(({ move, path, fault }) => [sourceOf(move, path), withoutPath(fault, path)])),
    succeeded: items.length + unchanged,
    hints: { 'file-exists': '--force replaces it; "dirac-s3 sync" sends only what differs' },
  };
}

/** The lines of DIRAC's dirac-dms-directory-sync. */
export function diracTreeText({ move, plan, result }: MovedTree): string {
  const verbs = { upload: 'Uploading', download: 'Downloading', delete: 'Deleting', 'make-directory': 'Creating' } as const;
  const done = itemsOf({ move, plan, ...(result && { result }) }).map(
    ([path, { action }]) => `${verbs[action]} ${printable(path)} -> [DONE]\n`,
  );
  const deletions = new Set(plan.deletions);
  const failed = [...(result?.failed ?? plan.faults)].map(
    ([path, { message }]) =>
      `${verbs[deletions.has(path) ? 'delete' : move.direction]} ${printable(path)} -X- [FAILED] ${printable(message)}\n`,
  );
  const [from, to] = move.direction === 'upload' ? [move.local, move.catalog] : [move.catalog, move.local];
  return [...done, ...failed, ...(failed.length === 0 ? [`Successfully mirrored ${from} into ${to}\n`] : [])].join('');
}

function itemsOf({ move, plan, result }: MovedTree): (readonly [path: string, item: TreeItem])[] {
  if (result !== undefined) return result.done.map(({ path, lfn: _, ...item }) => [path, item]);
  return [
    ...plan.directories.map((path) => [path, { action: 'make-directory' }] as const),
    ...plan.transfers.map(({ path, sizeBytes, why }) => [path, { action: move.direction, sizeBytes, why }] as const),
    ...plan.deletions.map((path) => [path, { action: 'delete' }] as const),
  ];
}

function lineOf(move: TreeMove, path: string, { item, dryRun }: { readonly item: TreeItem; readonly dryRun: boolean }): string {
  const { lfn, path: local } = placeOf(move, path);
  const { action, sizeBytes, checksum, storageElement, why } = item;
  const target = printable(move.direction === 'upload' ? lfn : local);
  const will = dryRun ? 'would be ' : 'is ';
  if (action === 'delete') return `${target} ${will}deleted\n`;
  if (action === 'make-directory') return `${target}/ ${will}made\n`;
  const [from, to] = move.direction === 'upload' ? [local, lfn] : [lfn, local];
  const facts = dryRun ? `${sizeBytes} bytes, ${reasons[why as keyof typeof reasons]}` : `${sizeBytes} bytes, Adler-32 ${checksum}`;
  const at = action === 'upload' && storageElement !== undefined ? ` at ${storageElement}` : '';
  return `${printable(from)} -> ${printable(to)}${at}: ${facts}\n`;
}

const reasons = {
  new: 'new',
  size: 'of another size there',
  checksum: 'of another checksum there',
  asked: 'replaces what is there',
} as const;

function summaryOf(items: readonly TreeItem[], { unchanged, dryRun }: { readonly unchanged: number; readonly dryRun: boolean }): string {
  const count = (...actions: readonly TreeItem['action'][]): number => items.filter(({ action }) => actions.includes(action)).length;
  const bytes = items.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  return `${dryRun ? 'To do' : 'Done'}: ${count('upload', 'download')} files sent (${bytes} bytes), ${count('delete')} deleted, ${unchanged} equal\n`;
}

function placeOf({ local, catalog }: TreeMove, path: string): { lfn: string; path: string } {
  return { lfn: `${catalog}/${path}`, path: join(local, path) };
}

/** A fault is said with the name of where the file comes from. */
function sourceOf(move: TreeMove, path: string): string {
  return move.direction === 'upload' ? placeOf(move, path).path : placeOf(move, path).lfn;
}

/** Messages of a plan start with the relative path, which is the end of the name in front of them. */
function withoutPath({ code, message }: Failure, path: string): Failure {
  return { code, message: message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message };
}
