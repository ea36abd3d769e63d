import yargs, { type Argv } from 'yargs';
import type { Command, CommandArguments } from '../command.js';
import { commandGroups, commandTable, type CommandEntry } from '../command-table.js';
import { UsageError } from '../exit-codes.js';
import { argumentsOf, describeCommand, exitCodeEpilogue, withoutEndMark, yargsOptions } from './build-parser.js';
import { commonOptions } from './common-options.js';

export interface Invocation {
  readonly style: 'plain' | 'dirac';
  readonly command: Command;
  readonly args: CommandArguments;
}

export const program = 'dirac-s3';

/** What is asked for; undefined when yargs has answered already (`--help`, `--version`, completion). */
export async function parseCommandLine(words: readonly string[], version: string): Promise<Invocation | undefined> {
  let chosen: Invocation | undefined;
  const choose = (invocation: Invocation): void => void (chosen = invocation);
  const parser = configureParser(yargs(withoutEndMark(words)), program, version)
    .usage('$0 <command> [options]\n\nFiles in and out of S3 StorageElements of DIRAC.')
    .options(yargsOptions(commonOptions))
    .group(Object.keys(commonOptions), 'Common options:')
    .completion('completion', 'Print a script that completes commands in bash and zsh')
    .epilogue(exitCodeEpilogue())
    .demandCommand(1, 'which command?');
  for (const entry of commandTable.filter(({ name }) => !name.includes(' '))) addCommand(parser, { entry, word: entry.name, choose });
  for (const [group, describe] of Object.entries(commandGroups)) {
    parser.command(`${group} <command>`, describe, (inner) => {
      for (const entry of commandTable.filter(({ name }) => name.startsWith(`${group} `))) {
        addCommand(inner, { entry, word: entry.name.slice(group.length + 1), choose });
      }
      return inner.demandCommand(1, `which command of ${group}?`);
    });
  }
  await runParser(parser, program);
  return chosen;
}

/** Settings both ways of calling share. Faults are thrown; nothing here ends the process. */
export function configureParser(parser: Argv, name: string, version: string): Argv {
  return parser
    .scriptName(name)
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'boolean-negation': false,
      'parse-positional-numbers': false,
    })
    .detectLocale(false)
    .wrap(110)
    .alias('help', 'h')
    .version(version)
    .exitProcess(false)
    .strict()
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? usageError(name, message ?? 'wrong arguments');
    });
}

/** What yargs throws by itself, past the handler above, is about the words too. */
export async function runParser(parser: Argv, name: string): Promise<void> {
  await parser.parseAsync().catch((fault: unknown) => {
    throw fault instanceof Error && fault.name === 'YError' ? usageError(name, fault.message) : fault;
  });
}

function usageError(name: string, message: string): UsageError {
  return new UsageError(`${message} (see ${name} --help)`);
}

function addCommand(
  parser: Argv,
  { entry, word, choose }: { entry: CommandEntry; word: string; choose: (invocation: Invocation) => void },
): void {
  let command: Command | undefined;
  parser.command(
    `${word} ${entry.syntax}`.trim(),
    entry.describe,
    async (inner) => {
      command = await entry.load();
      return describeCommand(inner, command, { program: `${program} ${entry.name}`, options: command.options });
    },
    (found) => {
      if (command !== undefined) choose({ style: 'plain', command, args: argumentsOf(command, found) });
    },
  );
}
