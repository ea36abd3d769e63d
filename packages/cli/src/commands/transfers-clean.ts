import { failureOf, type Failure } from '@dirac-s3/core';
import { abortTransfer, isStale, type AbortOptions, type KnownTransfer } from '@dirac-s3/core/storage';
import type { Command, CommandArguments, CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { describeTransfer, placeOptions, transfersIn, transfersNamed, transfersResult } from './known-transfers.js';

const forget = {
  type: 'boolean',
  describe: 'Forget uploads even where the store cannot be asked to abort them: it keeps their parts',
} as const;
const hints = {
  'permission-denied': '--forget removes what is kept of it here; the store keeps the parts until its own rules remove them',
} as const;

export const transfersAbort: Command = {
  positionals: [{ name: 'TRANSFER', describe: 'ID, LFN or local file', required: true, many: true }],
  options: { forget },
  examples: [
    ['data.bin', 'The one of this local file'],
    ['1a2b3c4d', 'By its ID'],
  ],
  notes:
    'Parts that were sent are removed at the store, bytes that came from the disk. Local files that are sent, and what is registered, stay.',
  readOnly: false,
  run: async (context, args) => {
    const { transfers, failures: unknown } = await transfersNamed(args.positionals, context.transfersDirectory);
    const outcomes = await abortEach(transfers, context, args);
    return transfersResult({ ...outcomes, unknown }, { text: (transfer) => `gave up the ${describeTransfer(transfer)}`, hints });
  },
};

export const transfersClean: Command = {
  positionals: [{ name: 'DIR', describe: 'Directories with local files; with none, the current one and all you began here', many: true }],
  options: {
    ...placeOptions,
    'older-than': { type: 'string', value: 'AGE', describe: 'Those that began longer ago, like 30m, 12h or 7d (default 7d); 0 is all' },
    'dry-run': { alias: 'n', type: 'boolean', describe: 'Say what would be done, and do nothing' },
    forget,
  },
  examples: [
    ['', 'What can go on no more, or began more than a week ago'],
    ['--older-than 0 --dry-run', 'Say what there is'],
  ],
  notes:
    'Whatever a process is at work on is left alone. A gateway lets uploads go on for a week after they began, unless it is configured otherwise.',
  readOnly: false,
  run: async (context, args) => {
    const before = new Date(context.now().getTime() - ageOf(args.text('older-than') ?? '7d'));
    const stale = (await transfersIn(context, args)).filter((transfer) => isStale(transfer, before));
    if (args.flag('dry-run'))
      return transfersResult(
        { done: new Map(stale.map((transfer) => [transfer, true])), failed: new Map() },
        { text: (transfer) => `would give up the ${describeTransfer(transfer)}` },
      );
    return transfersResult(await abortEach(stale, context, args), {
      text: (transfer) => `gave up the ${describeTransfer(transfer)}`,
      hints,
    });
  },
};

/** One that cannot be aborted does not stop the others. */
async function abortEach(
  transfers: readonly KnownTransfer[],
  { openSession, transfersDirectory, signal }: CommandContext,
  args: CommandArguments,
): Promise<{ readonly done: ReadonlyMap<KnownTransfer, true>; readonly failed: ReadonlyMap<KnownTransfer, Failure> }> {
  const toolsOf: AbortOptions['toolsOf'] = async (name) => (await openSession()).abortTools(name);
  const options = { stateDirectory: transfersDirectory, toolsOf, forget: args.flag('forget') };
  const done = new Map<KnownTransfer, true>();
  const failed = new Map<KnownTransfer, Failure>();
  for (const transfer of transfers) {
    if (signal.aborted) break;
    try {
      await abortTransfer(transfer, options);
      done.set(transfer, true);
    } catch (thrown) {
      failed.set(transfer, failureOf(thrown));
    }
  }
  return { done, failed };
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** In milliseconds. */
function ageOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text === '0' ? '0s' : text) ?? [];
  const seconds = unitSeconds[unit];
  if (seconds === undefined) throw new UsageError('--older-than must be an age like 30m, 12h or 7d, or 0');
  return Number(count) * seconds * 1000;
}
