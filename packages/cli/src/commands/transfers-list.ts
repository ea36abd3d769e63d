import { listTransfers, type KnownTransfer } from '@dirac-s3/core/storage';
import type { Command } from '../command.js';
import { plainResult } from '../output/result.js';
import { formatTable } from '../output/table.js';
import { humanSize } from '../output/units.js';
import { entryOf, placeOptions, placesOf } from './known-transfers.js';

export const transfersList: Command = {
  positionals: [{ name: 'DIR', describe: 'Directories with local files; with none, the current one and all you began here', many: true }],
  options: placeOptions,
  examples: [
    ['', 'What you began on this machine, from anywhere, and what is in the current directory'],
    ['--recursive /data/run42', 'What is below a directory, whichever machine began it'],
  ],
  notes:
    'stopped: "dirac-s3 transfers resume" goes on with it. active: a process is at work on it. lost: it cannot go on, as the local file is gone or ' +
    'has changed.\nDone is what the journal knows; what the store has is asked when it goes on. Small files have no journal: they are sent in one request.',
  readOnly: true,
  run: async (context, args) => {
    const transfers = await listTransfers(await placesOf(context, args));
    const header = ['ID', 'Direction', 'State', 'Done', 'Age', 'SE', 'LFN', 'File'];
    return plainResult(
      transfers.length === 0
        ? ''
        : formatTable(
            header,
            transfers.map((transfer) => rowOf(transfer, context.now())),
          ),
      { transfers: transfers.map(entryOf) },
    );
  },
};

function rowOf({ id, direction, state, doneBytes, sizeBytes, beganAt, storageElement, lfn, path }: KnownTransfer, now: Date): string[] {
  const done = `${humanSize(doneBytes)} of ${humanSize(sizeBytes)}`;
  return [id, direction, state, done, ageText(now.getTime() - beganAt.getTime()), storageElement, lfn, path];
}

/** In the largest unit of which there is one. */
export function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
  ] as const;
  const [size, name] = units.find(([unit]) => seconds >= unit) ?? [1, 's'];
  return `${Math.floor(seconds / size)}${name}`;
}
