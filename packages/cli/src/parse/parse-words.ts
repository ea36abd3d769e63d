import { parseArgs } from 'node:util';
import type { Command, CommandArguments, Option, OptionTable } from '../command.js';
import { UsageError } from '../exit-codes.js';

type Found = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** Options and arguments mixed, `--` ends the options; what is said twice counts as said last, unless it may be repeated. */
export function parseWords(
  words: readonly string[],
  command: Pick<Command, 'positionals'>,
  { options, name }: { readonly options: OptionTable; readonly name: string },
): CommandArguments {
  const { values, positionals } = scan(words, options, name);
  checkCount(positionals, command, name);
  for (const [option, { type }] of Object.entries(options)) {
    if (type === 'number' && textsOf(values[option]).some((text) => text.trim() === '' || Number.isNaN(Number(text)))) {
      throw usageError(name, `--${option} needs a number`);
    }
  }
  return {
    positionals,
    flag: (option) => [values[option]].flat().includes(true),
    text: (option) => textsOf(values[option]).at(-1),
    texts: (option) => textsOf(values[option]),
    number: (option) => {
      const text = textsOf(values[option]).at(-1);
      return text === undefined ? undefined : Number(text);
    },
  };
}

function scan(words: readonly string[], options: OptionTable, name: string): { values: Found; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options: optionsForNode(options), allowPositionals: true, strict: true });
  } catch (fault) {
    const { code, message } = fault as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_PARSE_ARGS') !== true) throw fault;
    // The first sentence says it; Node goes on about quoting.
    throw usageError(name, message.split(/\. |\n/)[0]!, code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? 'option' : 'words');
  }
}

/** Options as Node's own parser wants them. */
export function optionsForNode(table: OptionTable): Record<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean }> {
  const convert = ({ type, alias, repeatable }: Option) => ({
    type: type === 'string' || type === 'number' ? ('string' as const) : ('boolean' as const),
    ...(alias !== undefined && { short: alias }),
    ...((repeatable === true || type === 'count') && { multiple: true }),
  });
  return Object.fromEntries(Object.entries(table).map(([name, option]) => [name, convert(option)]));
}

function checkCount(found: readonly string[], { positionals }: Pick<Command, 'positionals'>, name: string): void {
  const missing = positionals[found.length];
  if (missing?.required === true) throw usageError(name, `${missing.name} is missing`);
  if (found.length > positionals.length && positionals.at(-1)?.many !== true) {
    throw usageError(name, `"${found[positionals.length]!}" is one word too many`);
  }
}

export function usageError(name: string, message: string, about: UsageError['about'] = 'words'): UsageError {
  return new UsageError(`${message} (see ${name} --help)`, about);
}

function textsOf(value: Found[string]): string[] {
  return [value].flat().filter((item) => typeof item === 'string');
}
