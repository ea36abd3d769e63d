import { failure, type BulkResult, type Failure, type Lfn } from '@dirac-s3/core';
import type { DataManager, GetOutcome, PutOutcome } from '@dirac-s3/core/data-management';
import { listTransfers, type KnownTransfer, type TransferOptions } from '@dirac-s3/core/storage';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { describeTransfer, transfersNamed, transfersResult, type NamedTransfers } from './known-transfers.js';

export const transfersResume: Command = {
  positionals: [{ name: 'TRANSFER', describe: 'ID, LFN or local file', many: true }],
  options: { all: { alias: 'a', type: 'boolean', describe: 'All that were stopped: begun on this machine, or in the current directory' } },
  examples: [
    ['data.bin', 'The one of this local file'],
    ['--all --parallel 2', 'All of them, two files at a time'],
  ],
  notes:
    'Uploads are registered as "put" does. Nothing the store has is sent again, and no range that is on disk is fetched again.\n' +
    'On another machine that sees the same directory, name the local file.',
  readOnly: false,
  run: async ({ openSession, transfer, transfersDirectory }, args) => {
    const all = args.flag('all');
    if (all === args.positionals.length > 0) throw new UsageError('name transfers, or say --all');
    const { transfers, failures: unknown } = all
      ? await allStopped(transfersDirectory)
      : await transfersNamed(args.positionals, transfersDirectory);
    const failed = new Map(transfers.flatMap((one) => (one.state === 'stopped' ? [] : [[one, standing(one)] as const])));
    const going = transfers.filter(({ state }) => state === 'stopped');
    const done = new Map<KnownTransfer, GetOutcome | PutOutcome>();
    if (going.length > 0) {
      const manager = await (await openSession()).dataManager();
      const totalBytes = going.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      await transfer(
        going.length,
        async (options) => {
          for (const round of roundsOf(going)) {
            const result = await goOn(manager, round, options);
            for (const one of round) {
              const outcome = result.successful.get(one.lfn);
              if (outcome !== undefined) done.set(one, outcome);
              else failed.set(one, result.failed.get(one.lfn) ?? failure('internal', `${one.lfn}: no answer`));
            }
          }
        },
        totalBytes,
      );
    }
    return transfersResult(
      { done, failed, unknown },
      {
        text: ({ lfn }, outcome) =>
          'path' in outcome
            ? `${lfn} -> ${outcome.path}: ${outcome.sizeBytes} bytes, Adler-32 ${outcome.checksum}`
            : `${lfn} is at ${outcome.storageElement}: ${outcome.sizeBytes} bytes, Adler-32 ${outcome.checksum}`,
        entry: ({ sizeBytes, checksum, ...more }) => ({ sizeBytes, checksum, ...('guid' in more && { guid: more.guid, pfn: more.pfn }) }),
        hints: { 'no-such-file': '"dirac-s3 transfers list" shows those there are' },
      },
    );
  },
};

async function allStopped(stateDirectory: string): Promise<NamedTransfers> {
  const known = await listTransfers({ directories: ['.'], stateDirectory });
  return { transfers: known.filter(({ state }) => state === 'stopped'), failures: new Map() };
}

function standing(transfer: KnownTransfer): Failure {
  const what = describeTransfer(transfer);
  return transfer.state === 'active'
    ? failure('local-file', `a process is at work on the ${what}`)
    : failure(
        'local-file',
        `the ${what} cannot go on: the local file is gone or has changed; dirac-s3 transfers abort ${transfer.id} gives it up`,
      );
}

/** One question has one place per LFN, and one direction. */
function roundsOf(transfers: readonly KnownTransfer[]): KnownTransfer[][] {
  const rounds: KnownTransfer[][] = [];
  for (const transfer of transfers) {
    const fits = (round: readonly KnownTransfer[]): boolean =>
      round[0]?.direction === transfer.direction && round.every(({ lfn }) => lfn !== transfer.lfn);
    const round = rounds.find(fits);
    if (round === undefined) rounds.push([transfer]);
    else round.push(transfer);
  }
  return rounds;
}

/** The same request again: the engine finds its journal. */
function goOn(
  manager: DataManager,
  round: readonly KnownTransfer[],
  options: TransferOptions,
): Promise<BulkResult<GetOutcome | PutOutcome, Lfn>> {
  if (round[0]?.direction === 'download')
    return manager.get(
      round.map(({ lfn, path, overwrite, storageElement }) => ({ lfn, path, overwrite, storageElement })),
      options,
    );
  const requests = round.map(({ lfn, path, overwrite, storageElement, guid }) => ({
    lfn,
    source: { path },
    overwrite,
    storageElement,
    ...(guid !== undefined && { guid }),
  }));
  return manager.putAndRegister(requests, options);
}
