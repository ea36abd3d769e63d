import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { failure, type Failure } from '@dirac-s3/core';
import { listTransfers, type KnownTransfer, type TransferPlaces } from '@dirac-s3/core/storage';
import type { CommandArguments, CommandContext, OptionTable } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { withoutPrefix } from '../names.js';
import { printable } from '../output/printable.js';
import type { CommandResult } from '../output/result.js';

export const placeOptions = {
  recursive: { alias: 'r', type: 'boolean', describe: 'Look below the directories, too' },
} as const satisfies OptionTable;

/** Those in the directories that are named; with none, those in the current one and all this user began on this machine. */
export async function placesOf(
  { transfersDirectory }: Pick<CommandContext, 'transfersDirectory'>,
  args: CommandArguments,
): Promise<TransferPlaces> {
  const recursive = args.flag('recursive');
  for (const directory of args.positionals) {
    const facts = await stat(directory).catch(() => undefined);
    if (facts?.isDirectory() !== true) throw new UsageError(`${directory} is no directory`);
  }
  return args.positionals.length === 0
    ? { directories: ['.'], recursive, stateDirectory: transfersDirectory }
    : { directories: args.positionals, recursive };
}

export interface NamedTransfers {
  readonly transfers: readonly KnownTransfer[];
  /** Words that name none. */
  readonly failures: ReadonlyMap<string, Failure>;
}

/** What words mean: an ID, an LFN, or a local file. One file that is sent to two places is two transfers, and its name means both. */
export async function transfersNamed(words: readonly string[], stateDirectory: string): Promise<NamedTransfers> {
  const paths = await Promise.all(words.map(realPathOf));
  const known = await listTransfers({ directories: ['.', ...paths.map((path) => dirname(path))], stateDirectory });
  const named = new Set<KnownTransfer>();
  const failures = new Map<string, Failure>();
  words.forEach((word, index) => {
    const meant = known.filter(({ id, lfn, path }) => id === word || lfn === withoutPrefix(word) || path === paths[index]);
    if (meant.length === 0) failures.set(word, failure('no-such-file', `${word}: no transfer of that ID, LFN or local file was stopped`));
    meant.forEach((transfer) => named.add(transfer));
  });
  return { transfers: [...named], failures };
}

/** As the file is found from its directory, whether it is there or not. */
async function realPathOf(word: string): Promise<string> {
  const path = resolve(word);
  return join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path));
}

/** A transfer for programs. */
export function entryOf({ guid, ...transfer }: KnownTransfer): Record<string, unknown> {
  return { ...transfer, ...(guid !== undefined && { guid }) };
}

/** `upload of /vo/a from /home/alice/a to CERN-S3` */
export function describeTransfer({ direction, lfn, path, storageElement }: KnownTransfer): string {
  return direction === 'upload'
    ? `upload of ${printable(path)} to ${printable(lfn)} at ${storageElement}`
    : `download of ${printable(lfn)} from ${storageElement} to ${printable(path)}`;
}

/** What became of each transfer. */
export interface TransferOutcomes<Value> {
  readonly done: ReadonlyMap<KnownTransfer, Value>;
  readonly failed: ReadonlyMap<KnownTransfer, Failure>;
  /** Words that name none. */
  readonly unknown?: ReadonlyMap<string, Failure>;
}

export function transfersResult<Value>(
  { done, failed, unknown = new Map<string, Failure>() }: TransferOutcomes<Value>,
  {
    text,
    entry,
    hints,
  }: {
    text: (transfer: KnownTransfer, value: Value) => string;
    entry?: (value: Value) => Record<string, unknown>;
    hints?: CommandResult['hints'];
  },
): CommandResult {
  const faults = [...failed].map(([transfer, { code, message }]) => ({ ...entryOf(transfer), code, message }));
  const words = [...unknown].map(([name, { code, message }]) => ({ name, code, message }));
  return {
    text: [...done].map(([transfer, value]) => `${text(transfer, value)}\n`).join(''),
    json: {
      successful: [...done].map(([transfer, value]) => ({ ...entryOf(transfer), ...entry?.(value) })),
      failed: [...faults, ...words],
    },
    failures: new Map([...unknown, ...[...failed].map(([transfer, fault]) => [nameOf(transfer, failed), fault] as const)]),
    succeeded: done.size,
    ...(hints && { hints }),
  };
}

/** Its LFN, with the ID where several have it. */
function nameOf({ lfn, id }: KnownTransfer, failed: ReadonlyMap<KnownTransfer, Failure>): string {
  return [...failed.keys()].filter((other) => other.lfn === lfn).length > 1 ? `${lfn} (${id})` : lfn;
}
