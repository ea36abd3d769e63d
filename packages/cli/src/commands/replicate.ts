import type { ReplicateOptions, ReplicateOutcome } from '@dirac-s3/core/data-management';
import type { Command, CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAbout, readNames, splitList } from '../names.js';
import { diracResult } from '../output/dirac-result.js';
import { askElements, elementLines, elementResult, type AtElement } from '../output/element-results.js';
import { faultReason } from '../output/fault-lines.js';
import { repr } from '../output/pprint.js';
import { printable } from '../output/printable.js';
import type { CommandResult } from '../output/result.js';
import { findProfile, replicationElements, resolvePaths } from '../shell/profile.js';
import { lfnsPositional } from './lfns-positional.js';

type Request = Pick<ReplicateOptions, 'source' | 'localCache'> & { readonly to: readonly string[] };

const notes =
  'Bytes go from one store to the other without touching the disk; where that cannot be, or with a directory to use, through a local file.\n' +
  'A replica is registered after size and checksum were read back; when it cannot be, the message says how things stand.';

export const replicate: Command = {
  positionals: [lfnsPositional],
  options: {
    to: { type: 'string', value: 'SE[,SE]', repeatable: true, describe: 'StorageElements or groups of them that get a replica' },
    from: { type: 'string', value: 'SE', describe: 'The only source (default: any that has the file, those of the same site first)' },
    cache: { type: 'string', value: 'DIR', describe: 'Copy through a temporary file in this directory' },
  },
  examples: [
    ['/vo/user/a/alice/data.bin --to CERN-S3', 'One file'],
    ['lfns.txt --to CERN-S3,CNAF-S3 --from RAL-S3', 'Every LFN of a list, to two StorageElements'],
  ],
  notes,
  readOnly: false,
  run: async (context, args) => {
    const to = splitList(args.texts('to'));
    const names = await readNames(args.positionals);
    const done = await replicateAll(context, names, { to, ...optional(args.text('from'), args.text('cache')) });
    return resultOf(done, plainText);
  },
};

/** `dirac-dms-replicate-lfn`. */
export const replicateLfn: Command = {
  positionals: [
    { name: 'LFN', describe: 'Logical file name; or a file with an LFN in each line', required: true },
    { name: 'Dest', describe: 'StorageElement that gets a replica', required: true },
    { name: 'Source', describe: 'The only source' },
    { name: 'Cache', describe: 'Local directory to copy through' },
  ],
  options: {},
  diracOptions: {},
  examples: [['/vo/user/a/alice/data.bin CERN-S3', 'A replica of one file']],
  notes,
  readOnly: false,
  run: async (context, args) => {
    const [name = '', destination = '', source, localCache] = args.positionals;
    const names = await readNames([name]);
    return resultOf(await replicateAll(context, names, { to: [destination], ...optional(source, localCache) }), diracText);
  },
};

/** `drepl`: silent about what went well, as DIRAC's. */
export const drepl: Command = {
  positionals: [{ name: 'lfn', describe: 'Files', required: true, many: true }],
  options: {},
  diracOptions: {
    'destination-se': { alias: 'D', type: 'string', value: 'SE[,SE]', describe: 'StorageElements, or groups of them, that get a replica' },
    'source-se': { alias: 'S', type: 'string', value: 'SE', describe: 'The only source' },
  },
  examples: [
    ['-D CERN-S3 data.bin', 'A replica of a file of the current directory'],
    ['data.bin', 'Replicas where dcommands.conf says'],
  ],
  notes:
    'Without -D the StorageElements are those of replication_ses in dcommands.conf, by its replication_scheme: all(), first(N) or random(N); ' +
    'without replication_ses it is default_se.',
  readOnly: false,
  run: async (context, args) => {
    const named = args.text('destination-se');
    const names = await resolvePaths(context, args.positionals);
    const to = named === undefined ? replicationElements(await findProfile(context), Math.random) : splitList([named]);
    return resultOf(await replicateAll(context, names, { to, ...optional(args.text('source-se'), undefined) }), () => '');
  },
};

function optional(source = '', localCache = ''): Pick<Request, 'source' | 'localCache'> {
  return { ...(source === '' ? {} : { source }), ...(localCache === '' ? {} : { localCache }) };
}

type Destinations = readonly AtElement<ReplicateOutcome>[];

async function replicateAll(context: CommandContext, names: readonly string[], { to, ...how }: Request): Promise<Destinations> {
  if (to.length === 0) throw new UsageError('the StorageElements that get a replica must be named, with --to for example');
  const session = await context.openSession();
  const destinations = session.expandStorageElements(to);
  const manager = await session.dataManager();
  return askElements(names, destinations, (storageElement) =>
    askAbout(names, (lfns) => context.transfer(lfns.length, (options) => manager.replicate(lfns, { ...options, ...how, storageElement }))),
  );
}

function resultOf(done: Destinations, text: (done: Destinations) => string): CommandResult {
  return elementResult(done, { text, entry: (outcome) => ({ ...outcome }), preposition: 'to' });
}

const plainText = elementLines<ReplicateOutcome>((lfn, _, outcome) => line(lfn, outcome));

function line(lfn: string, { storageElement, source, method }: ReplicateOutcome): string {
  const how = source === undefined ? 'it was there' : `from ${source}, ${ways[method]}`;
  return `${printable(lfn)} is at ${storageElement}: ${how}`;
}

const ways: Readonly<Record<ReplicateOutcome['method'], string>> = {
  none: 'nothing moved',
  'server-side': 'copied by the store',
  stream: 'streamed',
  'local-file': 'through a local file',
};

/** DIRAC prints an answer for each file, and of several files at last which are done and which are not. */
function diracText(done: Destinations): string {
  return done
    .map(({ result: { successful, failed } }) => {
      const names = [...successful.keys(), ...failed.keys()];
      const answers = [...successful].map(([lfn, { replicateSeconds, registerSeconds }]) =>
        diracResult(
          {
            successful: new Map([
              [
                lfn,
                new Map([
                  ['register', registerSeconds],
                  ['replicate', replicateSeconds],
                ]),
              ],
            ]),
            failed: new Map(),
          },
          (value) => value,
        ),
      );
      const errors = [...failed].map(([lfn, fault]) => `ERROR ${faultReason(fault, lfn)}\n`);
      const list = (lfns: Iterable<string>): string => `[${[...lfns].map((lfn) => repr(lfn)).join(', ')}]`;
      const summary = names.length > 1 ? `{'Failed': ${list(failed.keys())}, 'Successful': ${list(successful.keys())}}\n` : '';
      return [...answers, ...errors, summary].join('');
    })
    .join('');
}
