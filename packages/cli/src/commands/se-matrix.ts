import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiracS3Error } from '@dirac-s3/core';
import type { ProtocolMatrix, Route } from '@dirac-s3/core/protocols';
import type { Command, CommandArguments } from '../command.js';
import { splitList } from '../names.js';
import { plainResult } from '../output/result.js';
import { formatTable } from '../output/table.js';
import type { Session } from '../session.js';

/** What can be shown of a route: the switch that asks for it, DIRAC's title, and its cell, in which an absent value is DIRAC's word or ours. */
const blocks = [
  { option: 'tpc', diracOption: 'TPC', title: 'Direct TPC', cell: ({ thirdParty }: Route) => thirdParty.join(',') },
  { option: 'fts', diracOption: 'FTS', title: 'FTS3 transfers', cell: ({ service }: Route) => service?.join('/') ?? 'Error' },
  { option: 'multihop', diracOption: 'Multihop', title: 'Multihop', cell: ({ hop = '' }: Route) => hop },
] as const;

export const seMatrix: Command = {
  positionals: [],
  options: {
    from: { type: 'string', value: 'SE[,SE]', repeatable: true, describe: 'Sources: StorageElements, bases or groups (default: all)' },
    to: { type: 'string', value: 'SE[,SE]', repeatable: true, describe: 'Targets (default: all)' },
    without: { type: 'string', value: 'SE[,SE]', repeatable: true, describe: 'StorageElements that are left out of all' },
    square: { type: 'boolean', describe: 'What is named with --from and --to is both' },
    full: { type: 'boolean', describe: 'Each StorageElement of a base by itself' },
    tpc: { type: 'boolean', describe: 'Protocols tried from store to store, in order (default: this, --fts and --multihop)' },
    fts: { type: 'boolean', describe: 'Protocols of the URLs a transfer service is given' },
    multihop: { type: 'boolean', describe: 'StorageElement between the two' },
  },
  diracOptions: {
    FromSE: { type: 'string', value: 'SE1[,SE2,...]', describe: 'Sources' },
    TargetSE: { type: 'string', value: 'SE1[,SE2,...]', describe: 'Targets' },
    OutputFile: {
      type: 'string',
      value: 'FILE',
      describe: 'CSV output file (default protocol-matrix.csv in the directory of temporary files)',
    },
    Bidirection: { type: 'boolean', describe: 'If FromSE or TargetSE are specified, make a square matrix' },
    FTS: { type: 'boolean', describe: 'Display the protocols sent to FTS' },
    TPC: { type: 'boolean', describe: 'Display the protocols tried for interactive TPC' },
    Multihop: { type: 'boolean', describe: 'Display the intermediate hop' },
    Full: { type: 'boolean', describe: 'Do not factorize with base SE' },
    ExcludeSE: { type: 'string', value: 'SE1[,SE2,...]', describe: 'SEs to not take into account for the matrix' },
  },
  examples: [
    ['', 'Who can send to whom, and how'],
    ['--from CERN-S3 --tpc', 'Where one StorageElement can send to'],
  ],
  diracExamples: [['--FromSE=CERN-S3 --OutputFile=matrix.csv', 'Where one StorageElement can send to, into a file']],
  notes:
    'Of StorageElements that derive from one base, one stands for all. Nobody is asked: the matrix is what the configuration says, of all ' +
    'protocols; s3 in ThirdPartyProtocols does not count, since no store fetches by it.',
  readOnly: true,
  run: async ({ openSession, style }, args) => {
    const session = await openSession();
    const named = (own: string, dirac: string): string[] =>
      splitList([...args.texts(own), ...args.texts(dirac)]).flatMap((name) => session.membersOf(name));
    const matrix = session.protocolMatrix({
      from: named('from', 'FromSE'),
      to: named('to', 'TargetSE'),
      exclude: named('without', 'ExcludeSE'),
      square: args.flag('square') || args.flag('Bidirection'),
      full: args.flag('full') || args.flag('Full'),
    });
    const asked = blocks.filter(({ option, diracOption }) => args.flag(option) || args.flag(diracOption));
    const shown = asked.length > 0 ? asked : blocks;
    const { sources, targets, routes } = matrix;
    const json = {
      sources,
      targets,
      routes: routes.map(({ service, hop, ...rest }) => ({ ...rest, ...(service && { service }), ...(hop && { hop }) })),
    };
    return plainResult(style === 'dirac' ? await writeMatrix(session, args, { matrix, shown }) : tables(matrix, shown), json);
  },
};

type Blocks = readonly (typeof blocks)[number][];

function rowsOf({ sources, targets, routes }: ProtocolMatrix, { cell }: Blocks[number]): string[][] {
  return sources.map((source, row) => [source, ...routes.slice(row * targets.length, (row + 1) * targets.length).map(cell)]);
}

function tables(matrix: ProtocolMatrix, shown: Blocks): string {
  return shown
    .map((block) => {
      const rows = rowsOf(matrix, block).map((row) => row.map((cell) => (cell === '' || cell === 'Error' ? '-' : cell)));
      return `${block.title}\n${formatTable(['from / to', ...matrix.targets], rows)}`;
    })
    .join('');
}

/** What dirac-dms-protocol-matrix says, and the file it writes. */
async function writeMatrix(
  session: Session,
  args: CommandArguments,
  { matrix, shown }: { readonly matrix: ProtocolMatrix; readonly shown: Blocks },
): Promise<string> {
  const { sources, targets, routes } = matrix;
  const { vo } = await session.whoami();
  const file = args.text('OutputFile') ?? join(tmpdir(), 'protocol-matrix.csv');
  const lines = shown.flatMap((block) => [[block.title], ['src/dst', ...targets], ...rowsOf(matrix, block), [], [], []]);
  // As Python's csv writes it.
  await writeCsv(file, lines.map((cells) => `${cells.map(quoted).join(';')}\r\n`).join(''));
  const faults = shown.some(({ option }) => option === 'fts') ? routes.filter(({ service }) => service === undefined) : [];
  return [
    `Using sources: ${sources.join(',')}`,
    `Using target: ${targets.join(',')}`,
    `Using the Virtual Organization: ${vo}`,
    ...faults.map(
      ({ source, target }) =>
        `Could not generate transfer URLS src:${source}, dst:${target}, error:Could not find a protocol between source ${source} and target ${target}`,
    ),
    `Wrote Matrix to ${file}`,
    '',
  ].join('\n');
}

function quoted(cell: string): string {
  return /[;"\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Others may write to the directory of temporary files: a link of theirs is not followed. */
async function writeCsv(file: string, text: string): Promise<void> {
  try {
    const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o644);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (fault) {
    const { code = 'unknown fault' } = fault as NodeJS.ErrnoException;
    throw new DiracS3Error('local-file', `${file} cannot be written (${code})`, { cause: fault });
  }
}
