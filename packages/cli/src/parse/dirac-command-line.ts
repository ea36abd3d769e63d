import yargs from 'yargs';
import type { OptionTable } from '../command.js';
import type { CommandEntry } from '../command-table.js';
import { argumentsOf, describeCommand, withoutEndMark } from './build-parser.js';
import { configureParser, runParser, type Invocation } from './command-line.js';
import { diracFrameOptions } from './common-options.js';

/**
 * The command line of a command called by DIRAC's name: DIRAC's frame of options and the command's own, options and arguments mixed, long
 * options shortened as far as they stay unambiguous (GNU getopt, which DIRAC uses).
 */
export async function parseDiracCommandLine(
  entry: CommandEntry,
  words: readonly string[],
  version: string,
): Promise<Invocation | undefined> {
  const command = await entry.load();
  const name = entry.diracName ?? entry.name;
  const options: OptionTable = { ...diracFrameOptions, ...command.diracOptions };
  let chosen: Invocation | undefined;
  const parser = configureParser(
    yargs(withoutEndMark(expandPrefixes(words, [...Object.keys(options), 'help', 'version']))),
    name,
    version,
  ).command(
    `$0 ${entry.syntax}`,
    entry.describe,
    (inner) => describeCommand(inner, { ...command, examples: command.diracExamples ?? command.examples }, { program: name, options }),
    (found) => void (chosen = { style: 'dirac', command, args: argumentsOf(command, found) }),
  );
  await runParser(parser, name);
  return chosen;
}

/** `--fo` is `--force` when no other option starts so. */
export function expandPrefixes(words: readonly string[], names: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.map((word, index) => {
    const match = /^--([^=]+)(=.*)?$/s.exec(word);
    if (!match || (end >= 0 && index >= end)) return word;
    const [, prefix = '', value = ''] = match;
    if (names.includes(prefix)) return word;
    const candidates = names.filter((name) => name.startsWith(prefix));
    return candidates.length === 1 ? `--${candidates[0]}${value}` : word;
  });
}
