import { commandGroups, commandTable } from '../command-table.js';
import type { Command, CommandEntry, OptionTable } from '../command.js';
import { exitCodeMeanings } from '../exit-codes.js';
import { commonOptions } from './common-options.js';

const width = 110;

/** The help of the whole program. */
export function programHelp(program: string): string {
  return text([
    `${program} <command> [options]`,
    '',
    'Files in and out of S3 StorageElements of DIRAC.',
    '',
    ...section(
      'Commands:',
      commandTable.map(({ name, syntax, describe }) => [`${name} ${syntax}`.trim(), describe]),
    ),
    ...section('Common options:', [...optionRows(commonOptions), ...ownOptions]),
    ...exitCodeSection(),
    `"${program} <command> --help" tells more about a command.`,
  ]);
}

/** The commands of a group, `se` for example. */
export function groupHelp(program: string, group: string): string {
  const entries = commandTable.filter(({ name }) => name.startsWith(`${group} `));
  return text([
    `${program} ${group} <command> [options]`,
    '',
    `${commandGroups[group] ?? group}.`,
    '',
    ...section(
      'Commands:',
      entries.map(({ name, syntax, describe }) => [`${name} ${syntax}`.trim(), describe]),
    ),
  ]);
}

interface CommandHelp {
  /** With all words by which the command is called. */
  readonly name: string;
  readonly options: OptionTable;
  /** Those of every command. */
  readonly frame: OptionTable;
}

export function commandHelp({ syntax, describe }: CommandEntry, command: Command, { name, options, frame }: CommandHelp): string {
  return text([
    `${name} ${syntax}`.trim(),
    '',
    `${describe}.`,
    '',
    ...section(
      'Arguments:',
      command.positionals.map((positional) => [positional.name, positional.describe]),
    ),
    ...section('Options:', optionRows(options)),
    ...section('Common options:', [...optionRows(frame), ...ownOptions]),
    ...section(
      'Examples:',
      command.examples.map(([words, meaning]) => [`${name} ${words}`.trim(), meaning]),
    ),
    ...(command.notes === undefined ? [] : [...command.notes.split('\n').flatMap((line) => wrap(line, width)), '']),
    ...exitCodeSection(),
  ]);
}

export function optionRows(table: OptionTable): [string, string][] {
  return Object.entries(table).map(([name, { alias, value, describe }]) => {
    const short = alias === undefined ? '    ' : `-${alias}, `;
    return [`${short}--${name}${value === undefined ? '' : ` ${value}`}`, describe];
  });
}

const ownOptions: readonly [string, string][] = [
  ['-h, --help', 'Show this help'],
  ['    --version', 'Show the version'],
];

function exitCodeSection(): string[] {
  return section(
    'Exit codes:',
    exitCodeMeanings.map(([code, meaning]) => [String(code).padStart(3), meaning]),
  );
}

/** Two columns; what is too wide for the first one has a line of its own. */
function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  if (rows.length === 0) return [];
  const first = Math.min(36, Math.max(...rows.map(([left]) => left.length)));
  const lines = rows.flatMap(([left, right]) => {
    const [head = '', ...rest] = wrap(right, width - first - 4);
    const indent = ' '.repeat(first + 4);
    const begin = left.length > first ? [`  ${left}`, `${indent}${head}`] : [`  ${left.padEnd(first)}  ${head}`.trimEnd()];
    return [...begin, ...rest.map((line) => `${indent}${line}`)];
  });
  return [title, ...lines, ''];
}

function wrap(line: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n').trimEnd()}\n`;
}
