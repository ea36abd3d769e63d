import type { Options } from 'yargs';
import type { Command, CommandArguments, Option, OptionTable } from '../command.js';
import { UsageError } from '../exit-codes.js';

type Found = Readonly<Record<string, unknown>>;

interface Scanned {
  readonly values: Found;
  /** The words that are no option and no value of one. */
  readonly words: readonly string[];
}

/** Options and arguments mixed, `--` ends the options; what is said twice counts as said last, unless it may be repeated. */
export async function parseWords(
  words: readonly string[],
  command: Pick<Command, 'positionals'>,
  { options, name, ignoreMore = false }: WordRules,
): Promise<CommandArguments> {
  refuseValueOfFlag(words, options, name);
  const { values, words: found } = await scanWords(words, { options, name });
  for (const [option, { type }] of Object.entries(options)) {
    if (type === 'number' && textsOf(values[option]).some((text) => text.trim() === '' || Number.isNaN(Number(text)))) {
      throw usageError(name, `--${option} needs a number`);
    }
  }
  const most = command.positionals.at(-1)?.many === true ? found.length : command.positionals.length;
  const [positionals, ignored] = [found.slice(0, most), found.slice(most)];
  const missing = command.positionals[found.length];
  if (missing?.required === true) throw usageError(name, `${missing.name} is missing`);
  if (ignored.length > 0 && !ignoreMore) throw usageError(name, `"${ignored[0]!}" is one word too many`);
  return {
    positionals,
    ignored,
    flag: (option) => [values[option]].flat().some((value) => value === true || Number(value) > 0),
    text: (option) => textsOf(values[option]).at(-1),
    texts: (option) => textsOf(values[option]),
    number: (option) => {
      const text = textsOf(values[option]).at(-1);
      return text === undefined ? undefined : Number(text);
    },
  };
}

interface WordRules {
  readonly options: OptionTable;
  readonly name: string;
  /** Words too many are passed over instead of refused. */
  readonly ignoreMore?: boolean;
}

interface ScanOptions {
  readonly options: OptionTable;
  readonly name: string;
  /** Look no further than the first word that is no option: it and all behind it are `words`. */
  readonly untilFirstWord?: boolean;
}

/** What yargs makes of the words. It is loaded only here: `--help` does without. */
export async function scanWords(words: readonly string[], { options, name, untilFirstWord = false }: ScanOptions): Promise<Scanned> {
  const { default: yargs } = await import('yargs');
  const parser = yargs()
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'boolean-negation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'halt-at-non-option': untilFirstWord,
      'populate--': true,
    })
    .detectLocale(false)
    .help(false)
    .version(false)
    .exitProcess(false)
    .options(Object.fromEntries(Object.entries(options).map(([option, table]) => [option, yargsOption(table)])))
    .fail((message: string | null, fault: Error | undefined) => {
      if (fault !== undefined && fault.name !== 'YError') throw fault;
      throw faultOf(message ?? fault?.message ?? 'wrong arguments', name);
    });
  const { _: before, '--': behind, ...values } = await (untilFirstWord ? parser : parser.strictOptions()).parseAsync([...words]);
  return { values, words: [...before, ...textsOf(behind)].map(String) };
}

function yargsOption({ type, alias, repeatable }: Option): Options {
  return {
    // Numbers are read as texts: yargs takes an empty one for 0.
    ...(type === 'count' ? { count: true } : { type: type === 'number' ? 'string' : type }),
    ...(alias === undefined ? {} : { alias }),
    ...(repeatable === true ? { array: true } : {}),
    ...(type === 'string' || type === 'number' ? { nargs: 1, requiresArg: true } : {}),
  };
}

/** yargs would take `--force=yes` for one thing or the other. */
function refuseValueOfFlag(words: readonly string[], options: OptionTable, name: string): void {
  for (const word of words) {
    if (word === '--') return;
    const [, option = ''] = /^--([^=]+)=/.exec(word) ?? [];
    const type = Object.hasOwn(options, option) ? options[option]?.type : undefined;
    if (type === 'boolean' || type === 'count') throw usageError(name, `--${option} takes no value`);
  }
}

function faultOf(message: string, name: string): UsageError {
  return usageError(name, message, message.startsWith('Unknown argument') ? 'option' : 'words');
}

export function usageError(name: string, message: string, about: UsageError['about'] = 'words'): UsageError {
  return new UsageError(`${message} (see ${name} --help)`, about);
}

function textsOf(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === 'string');
}
