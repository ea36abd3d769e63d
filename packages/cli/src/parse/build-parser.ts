import type { Argv, Options } from 'yargs';
import type { Command, CommandArguments, Option, OptionTable } from '../command.js';
import { exitCodeMeanings, UsageError } from '../exit-codes.js';

/** Tells yargs what a command takes. */
export function describeCommand(parser: Argv, command: Command, { program, options }: { program: string; options: OptionTable }): Argv {
  for (const { name, describe } of command.positionals) parser.positional(name, { type: 'string', describe });
  parser.options(yargsOptions(options));
  for (const [text, meaning] of command.examples) parser.example(`${program} ${text}`, meaning);
  return parser.epilogue([...(command.notes === undefined ? [] : [command.notes, '']), exitCodeEpilogue()].join('\n'));
}

export function yargsOptions(table: OptionTable): Record<string, Options> {
  return Object.fromEntries(Object.entries(table).map(([name, option]) => [name, yargsOption(option)]));
}

function yargsOption({ type, describe, alias, repeatable }: Option): Options {
  return {
    describe,
    ...(type === 'count' ? { count: true } : { type }),
    ...(alias === undefined ? {} : { alias }),
    ...(repeatable === true ? { array: true } : {}),
    ...(type === 'string' || type === 'number' ? { nargs: 1, requiresArg: true } : {}),
  };
}

/**
 * `--` ends the options. yargs would lose the words behind it to a command, and none of ours can be taken for an option: an LFN starts with
 * a slash, and a local name that starts with a dash has another way to be written.
 */
export function withoutEndMark(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  if (end < 0) return [...words];
  const behind = words.slice(end + 1);
  const dashed = behind.find((word) => word.startsWith('-'));
  if (dashed !== undefined) throw new UsageError(`write ./${dashed} for the local file ${dashed}`);
  return [...words.slice(0, end), ...behind];
}

/** The lines on exit codes that end every help text. */
export function exitCodeEpilogue(): string {
  return ['Exit codes:', ...exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`)].join('\n');
}

/** Reads what yargs found, by the names of the command's own definition. */
export function argumentsOf(command: Command, found: Readonly<Record<string, unknown>>): CommandArguments {
  const lastOf = (name: string): unknown => {
    const value = found[name];
    return Array.isArray(value) ? value.at(-1) : value;
  };
  return {
    positionals: command.positionals.flatMap(({ name }) => textsOf(found[name])),
    flag: (name) => lastOf(name) === true || Number(lastOf(name)) > 0,
    text: (name) => textsOf(found[name]).at(-1),
    texts: (name) => textsOf(found[name]),
    number: (name) => {
      const value = lastOf(name);
      return value === undefined ? undefined : Number(value);
    },
  };
}

function textsOf(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === 'string');
}
