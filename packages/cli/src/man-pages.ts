import { commandTable } from './command-table.js';
import type { Command, CommandEntry, OptionTable } from './command.js';
import { diracTable } from './dirac-table.js';
import { exitCodeMeanings } from './exit-codes.js';
import { beyondDiracOptions, commonOptions, diracFrameOptions } from './parse/common-options.js';

/**
 * The manual pages by file name, from the definitions that `--help` prints: one of the program, one for each command, and one for each
 * command of DIRAC that has no twin among ours. Language: the `man` macros (groff_man(7)).
 */
export async function renderManPages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map([['dirac-s3.1', programPage()]]);
  for (const entry of commandTable) {
    pages.set(`${pageName(entry.name)}.1`, commandPage(entry, await entry.load()));
  }
  for (const entry of diracTable) pages.set(`${entry.diracName}.1`, diracPage(entry, await entry.load()));
  return pages;
}

function programPage(): string {
  return page('dirac-s3', 'files in and out of S3 StorageElements of DIRAC', [
    ...heading('SYNOPSIS'),
    '.B dirac\\-s3',
    '.I command',
    '.RI [ options ]',
    ...heading('COMMANDS'),
    ...commandTable.flatMap(({ name, syntax, describe }) => [...item(`\\fB${roff(name)}\\fR ${roff(syntax)}`), roffLine(`${describe}.`)]),
    ...heading("DIRAC'S NAMES"),
    "Called through links with DIRAC's names, which",
    '.B dirac\\-s3 aliases install',
    'makes, the program takes the arguments of that command and prints its layout.',
    ...[...commandTable, ...diracTable].flatMap(({ name, diracName }) =>
      diracName === undefined
        ? []
        : [...item(`\\fB${roff(diracName)}\\fR`), diracName === name ? `See ${roff(diracName)}(1).` : `See ${roff(pageName(name))}(1).`],
    ),
    ...optionSection('OPTIONS OF EVERY COMMAND', commonOptions),
    ...exitStatus(),
  ]);
}

function commandPage({ name, diracName, syntax, describe }: CommandEntry, command: Command): string {
  return page(pageName(name), describe, [
    ...heading('SYNOPSIS'),
    `\\fBdirac\\-s3 ${roff(name)}\\fR [\\fIoptions\\fR] ${roff(syntax)}`.trim(),
    ...description(describe, command),
    ...optionSection('OPTIONS', command.options),
    ...(diracName === undefined ? [] : diracSection(diracName, command)),
    ...examples(`dirac-s3 ${name}`, command.examples),
    ...exitStatus(),
    ...seeAlso(),
  ]);
}

function diracPage({ name, syntax, describe }: CommandEntry, command: Command): string {
  return page(name, describe, [
    ...heading('SYNOPSIS'),
    `\\fB${roff(name)}\\fR [\\fIoptions\\fR] ${roff(syntax)}`.trim(),
    ...description(describe, command),
    ...optionSection('OPTIONS', { ...command.diracOptions, ...diracFrameOptions, ...beyondDiracOptions }),
    ...examples(name, command.diracExamples ?? command.examples),
    ...exitStatus(),
    ...seeAlso(),
  ]);
}

/** The same command called by DIRAC's name. */
function diracSection(diracName: string, command: Command): string[] {
  return [
    ...optionSection(`OPTIONS AS ${diracName}`, { ...command.diracOptions, ...diracFrameOptions, ...beyondDiracOptions }),
    ...(command.diracExamples === undefined ? [] : examples(diracName, command.diracExamples, `EXAMPLES AS ${diracName}`)),
  ];
}

function page(name: string, summary: string, body: readonly string[]): string {
  const first = summary.charAt(0).toLowerCase() + summary.slice(1);
  return [
    '.\\" Generated from packages/cli/src by "npm run docs:generate".',
    `.TH "${roff(name.toUpperCase())}" 1 "" "dirac\\-s3" "DIRAC and S3"`,
    ...heading('NAME'),
    `${roff(name)} \\- ${roff(first)}`,
    ...body,
    '',
  ].join('\n');
}

function description(describe: string, { positionals, notes }: Command): string[] {
  return [
    ...heading('DESCRIPTION'),
    roffLine(`${describe}.`),
    ...(notes === undefined ? [] : notes.split('\n').flatMap((line) => ['.PP', roffLine(line)])),
    ...positionals.flatMap(({ name, describe: text }) => [...item(`\\fI${roff(name)}\\fR`), roffLine(`${text}.`)]),
  ];
}

function optionSection(title: string, options: OptionTable): string[] {
  const entries = Object.entries(options);
  if (entries.length === 0) return [];
  return [
    ...heading(title),
    ...entries.flatMap(([name, { alias, value, describe }]) => {
      const short = alias === undefined ? '' : `\\fB\\-${roff(alias)}\\fR, `;
      return [
        ...item(`${short}\\fB\\-\\-${roff(name)}\\fR${value === undefined ? '' : ` \\fI${roff(value)}\\fR`}`),
        roffLine(`${describe}.`),
      ];
    }),
  ];
}

function examples(name: string, list: Command['examples'], title = 'EXAMPLES'): string[] {
  return [
    ...heading(title),
    ...list.flatMap(([words, meaning]) => [...item(`\\fB${roff(`${name} ${words}`.trim())}\\fR`), roffLine(`${meaning}.`)]),
  ];
}

function exitStatus(): string[] {
  return [
    ...heading('EXIT STATUS'),
    ...exitCodeMeanings.flatMap(([code, meaning]) => [...item(`\\fB${code}\\fR`), roffLine(`${meaning}.`)]),
  ];
}

function seeAlso(): string[] {
  return [...heading('SEE ALSO'), 'dirac\\-s3(1)'];
}

function heading(title: string): string[] {
  return [`.SH "${roff(title)}"`];
}

function item(label: string): string[] {
  return ['.TP', label];
}

function pageName(name: string): string {
  return `dirac-s3-${name.replaceAll(' ', '-')}`;
}

/** Text as roff takes it: nothing in it is a request, and a minus is one that can be copied. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq').replaceAll('…', '...');
}

/** A whole line must not begin with a dot or an apostrophe. */
function roffLine(text: string): string {
  const line = roff(text);
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
