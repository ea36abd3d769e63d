import { commandTable } from './command-table.js';
import type { Command, CommandEntry, Option, OptionTable, Positional } from './command.js';
import { diracExitCodes } from './dirac-exit-codes.js';
import { onlyDiracNames } from './dirac-names.js';
import { diracTable } from './dirac-table.js';
import { exitCodeMeanings } from './exit-codes.js';
import { beyondDiracOptions, commonOptions, diracFrameOptions } from './parse/common-options.js';

/** `docs/reference/cli.md`, from the definitions that `--help` prints. */
export async function renderCliReference(): Promise<string> {
  const sections: string[] = [];
  for (const entry of commandTable) sections.push(...describe(entry, await entry.load()));
  for (const entry of diracTable) sections.push(...describeDirac(entry, await entry.load()));
  return [
    '# Command line',
    '',
    '<!-- Generated from packages/cli/src by `npm run docs:generate`. -->',
    '',
    'Results go to standard output, everything else to standard error. One failed item never stops the others: it gets a line',
    '`dirac-s3: <lfn>: <title>: <message> (<code>)`, whose codes are those of [errors](errors.md).',
    '',
    ...table(
      ['Command', "DIRAC's name", ''],
      commandTable.map(({ name, diracName, describe }) => [
        `[${name}](#${name.replaceAll(' ', '-')})`,
        diracName ? code(diracName) : '',
        describe,
      ]),
    ),
    "Under DIRAC's names alone, since they have other arguments or a layout of their own:",
    '',
    ...table(
      ["DIRAC's name", 'About the same', ''],
      diracTable.map(({ diracName, describe }) => [
        `[${diracName}](#${diracName.toLowerCase()})`,
        onlyDiracNames[diracName] === '' ? '' : code(`dirac-s3 ${onlyDiracNames[diracName]}`),
        describe,
      ]),
    ),
    '## Common options',
    '',
    ...optionTable(commonOptions),
    '## Exit codes',
    '',
    ...table(
      ['Code', 'Meaning'],
      exitCodeMeanings.map(([exitCode, meaning]) => [String(exitCode), meaning]),
    ),
    ...surroundings,
    ...sections,
  ].join('\n');
}

const surroundings = [
  '## Names, credentials, catalogs',
  '',
  'Where a command takes LFNs, a single argument that is the name of a local file stands for the LFNs in its lines; empty lines are skipped,',
  'and a leading `LFN:` is dropped. A name that is not a canonical LFN is refused, never repaired.',
  '',
  'You show a grid proxy or a token, never both: what the options `--proxy` and `--token-file` name, else what the environment names',
  '(`GRID_PROXY_FILE`, `X509_USER_PROXY`, then `BEARER_TOKEN`, `BEARER_TOKEN_FILE`), else the [login](#login), else what lies there:',
  '`/tmp/x509up_u<uid>`, `$XDG_RUNTIME_DIR/bt_u<uid>`, `/tmp/bt_u<uid>`. With `/DIRAC/Security/UseTokens` only `--proxy` brings a proxy in. A file',
  'must be a regular one, yours, and readable by nobody else (`chmod 600`); there is no way to write a token on the command line, where others',
  'could see it. More is in [log in](../how-to/log-in.md).',
  '',
  'The catalog is an SQLite file where the configuration has one of type `Sqlite`; else the service of the',
  '[DIRAC File Catalog](../how-to/connect-your-file-catalog.md) where the configuration names it and you show a proxy; else what the gateway has',
  '(`/Systems/DataManagement/URLs/S3Gateway`). `--catalog` chooses between the last two. An SQLite catalog takes your word for who you are',
  '(`--as user:group`, or `DIRAC_S3_IDENTITY`): whoever can write its file is its master anyway. User and group must be in the Registry, from where',
  "the group's VO and properties come.",
  '',
  'A StorageElement whose credentials are in the configuration is used directly, and so is a [mounted directory](../how-to/use-a-mounted-directory.md)',
  '(plugin `File`); any other through the gateway.',
  '',
  "## Called by DIRAC's names",
  '',
  "Called through a link that has the name of a DIRAC command (`dirac-s3 aliases install DIR` makes them), the program takes that command's",
  'arguments and prints its layout. Exit codes are those above all the same, and failures get their line on standard error. Words too many are passed',
  "over with a warning where the command only asks, and refused where it would change something. DIRAC's frame, whose long options may be shortened",
  'as far as they stay unambiguous:',
  '',
  ...optionTable(diracFrameOptions),
  'And spelled out, what DIRAC does not have:',
  '',
  ...optionTable(beyondDiracOptions),
  "## DIRAC's exit codes",
  '',
  "With `--dirac-exit-codes`, under both names, a command exits as DIRAC's does: 0 when all is done, 2 for an unknown option, 1 for a configuration",
  'that cannot be used, and else:',
  '',
  ...table(
    ['Command', 'Single items failed', 'Nothing could be asked', 'Wrong arguments'],
    Object.entries(diracExitCodes).map(([name, { items, itemsBy = {}, itemsAlso = [], whole, usage = 1, list = usage }]) => [
      code(name),
      [String(items), ...Object.entries(itemsBy).map(([error, exitCode]) => `${exitCode} for ${error}`), itemsAlso].flat().join(', '),
      String(whole),
      list === usage ? String(usage) : `${usage}, ${list} for a list that is not there`,
    ]),
  ),
  '## The short commands',
  '',
  'They keep what they remember where DIRAC keeps it (`~/.dirac`, or `DCOMMANDS_CONFIG_DIR`): `dcommands.conf` with a section for each group',
  '(`group_name`, `home_dir`, `default_se`), and for each shell its current directory in the catalog. Nothing in them is ever evaluated as code.',
  '',
];

function describe({ name, diracName, syntax, describe: summary }: CommandEntry, command: Command): string[] {
  return [
    `## ${name}`,
    '',
    '```',
    `dirac-s3 ${name} ${syntax}`.trim(),
    '```',
    '',
    `${summary}.${command.notes === undefined ? '' : ` ${command.notes}`}`,
    '',
    ...positionalTable(command.positionals),
    ...optionTable(command.options),
    ...(diracName !== undefined && command.diracOptions !== undefined
      ? [`As ${code(diracName)}:`, '', ...optionTable(command.diracOptions)]
      : []),
    '```sh',
    ...command.examples.flatMap(([text, meaning]) => [`# ${meaning}`, `dirac-s3 ${name} ${text}`.trim()]),
    '```',
    '',
  ];
}

function describeDirac({ name, syntax, describe: summary }: CommandEntry, command: Command): string[] {
  return [
    `## ${name}`,
    '',
    '```',
    `${name} ${syntax}`.trim(),
    '```',
    '',
    `${summary}.${command.notes === undefined ? '' : ` ${command.notes}`}`,
    '',
    ...positionalTable(command.positionals),
    ...optionTable(command.diracOptions ?? {}),
    '```sh',
    ...command.examples.flatMap(([text, meaning]) => [`# ${meaning}`, `${name} ${text}`.trim()]),
    '```',
    '',
  ];
}

function positionalTable(positionals: readonly Positional[]): string[] {
  if (positionals.length === 0) return [];
  return table(
    ['Argument', ''],
    positionals.map(({ name, describe: text }) => [code(name), text]),
  );
}

function optionTable(options: OptionTable): string[] {
  const rows = Object.entries(options).map(([name, option]) => [optionName(name, option), option.describe]);
  return rows.length === 0 ? [] : table(['Option', ''], rows);
}

function optionName(name: string, { alias, value }: Option): string {
  return `${alias === undefined ? '' : `${code(`-${alias}`)}, `}${code(`--${name}${value === undefined ? '' : ` ${value}`}`)}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line), ''];
}

function code(text: string): string {
  return `\`${text}\``;
}
