import { failureOf, type Failure } from '@dirac-s3/core';
import {
  abortTransfer,
  cleanTransfers,
  type AbortOptions,
  type CleanedOrphans,
  type KnownTransfer,
  type OrphanPlace,
} from '@dirac-s3/core/storage';
import type { Command, CommandArguments, CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { printable } from '../output/printable.js';
import type { CommandResult } from '../output/result.js';
import { dateText } from '../output/units.js';
import { describeTransfer, placeOptions, placesOf, transfersNamed, transfersResult } from './known-transfers.js';
import { directoryOf } from './sync.js';

const forget = {
  type: 'boolean',
  describe: 'Forget uploads even where the store cannot be asked to abort them: it keeps their parts',
} as const;
const forgetting = '--forget removes what is kept of it here; the store keeps the parts until its own rules remove them';
const hints = { 'permission-denied': forgetting, 'unknown-storage-element': forgetting, 'storage-refused': forgetting } as const;

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
    below: {
      type: 'string',
      value: 'LFN',
      repeatable: true,
      describe: 'Also uploads of it, or below it, that no journal here knows; needs --se',
    },
    se: { type: 'string', value: 'SE', repeatable: true, describe: 'StorageElement that is asked for those' },
    'dry-run': { alias: 'n', type: 'boolean', describe: 'Say what would be done, and do nothing' },
    forget,
  },
  examples: [
    ['', 'What can go on no more, or began more than a week ago'],
    ['--older-than 0 --dry-run', 'Say what there is'],
    ['--below /vo/user/a/alice --se CERN-S3', 'Also what other machines have left there'],
  ],
  notes:
    'Whatever a process is at work on here is left alone; --below cannot see whether one on another machine is, so let --older-than be longer than ' +
    'an upload takes.\nA gateway lets uploads go on for a week after they began, unless it is configured otherwise.',
  readOnly: false,
  run: async (context, args) => {
    const before = new Date(context.now().getTime() - ageOf(args.text('older-than') ?? '7d'));
    const options = { ...abortOptions(context, args), before, dryRun: args.flag('dry-run'), orphans: orphanPlaces(args, before) };
    const { aborted, failed, orphans } = await cleanTransfers(await placesOf(context, args), options);
    const verb = options.dryRun ? 'would give up' : 'gave up';
    const done = new Map(aborted.map((transfer) => [transfer, true] as const));
    const result = transfersResult({ done, failed }, { text: (transfer) => `${verb} the ${describeTransfer(transfer)}`, hints });
    return withOrphans(result, orphans, verb);
  },
};

/** @throws UsageError */
function orphanPlaces(args: CommandArguments, begunBefore: Date): OrphanPlace[] {
  const [below, elements] = [args.texts('below'), args.texts('se')];
  if ((below.length === 0) !== (elements.length === 0)) throw new UsageError('--below and --se go together');
  const lfns = below.map(directoryOf);
  return elements.map((storageElement) => ({ storageElement, lfns, begunBefore }));
}

function withOrphans(result: CommandResult, cleaned: readonly CleanedOrphans[], verb: string): CommandResult {
  const aborted = cleaned.flatMap((place) => place.aborted);
  const failed = cleaned.flatMap((place) => [...place.failed]);
  const notLooked = cleaned.flatMap((place) => [...place.notLooked]);
  const json = result.json as { readonly successful: readonly object[]; readonly failed: readonly object[] };
  const orphaned = { direction: 'upload', state: 'orphaned' } as const;
  return {
    ...result,
    text:
      result.text +
      aborted
        .map(
          ({ lfn, storageElement, begunAt }) => `${verb} an upload to ${printable(lfn)} at ${storageElement}, begun ${dateText(begunAt)}\n`,
        )
        .join(''),
    json: {
      successful: [...json.successful, ...aborted.map((orphan) => ({ ...orphaned, ...orphan }))],
      failed: [
        ...json.failed,
        ...failed.map(([orphan, { code, message }]) => ({ ...orphaned, ...orphan, code, message })),
        ...notLooked.map(([lfn, { code, message }]) => ({ lfn, code, message })),
      ],
    },
    failures: new Map([
      ...result.failures,
      ...failed.map(([{ lfn, uploadId }, fault]) => [`${lfn} (${uploadId})`, fault] as const),
      ...notLooked,
    ]),
    succeeded: result.succeeded + aborted.length,
  };
}

function abortOptions({ openSession, transfersDirectory }: CommandContext, args: CommandArguments): AbortOptions {
  return {
    stateDirectory: transfersDirectory,
    toolsOf: async (name) => (await openSession()).abortTools(name),
    forget: args.flag('forget'),
  };
}

/** One that cannot be aborted does not stop the others. */
async function abortEach(
  transfers: readonly KnownTransfer[],
  context: CommandContext,
  args: CommandArguments,
): Promise<{ readonly done: ReadonlyMap<KnownTransfer, true>; readonly failed: ReadonlyMap<KnownTransfer, Failure> }> {
  const options = abortOptions(context, args);
  const done = new Map<KnownTransfer, true>();
  const failed = new Map<KnownTransfer, Failure>();
  for (const transfer of transfers) {
    if (context.signal.aborted) break;
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
