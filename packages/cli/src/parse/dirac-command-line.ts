import type { CommandEntry, OptionTable } from '../command.js';
import type { Answer, Invocation } from './command-line.js';
import { beyondDiracOptions, diracFrameOptions } from './common-options.js';
import { commandHelp } from './help-text.js';
import { parseWords } from './parse-words.js';

/**
 * The command line of a command called by DIRAC's name: DIRAC's frame of options and the command's own, options and arguments mixed, long
 * options shortened as far as they stay unambiguous (GNU getopt, which DIRAC uses).
 */
export async function parseDiracCommandLine(entry: CommandEntry, words: readonly string[], version: string): Promise<Invocation | Answer> {
  const command = await entry.load();
  const name = entry.diracName ?? entry.name;
  const options: OptionTable = { ...diracFrameOptions, ...command.diracOptions };
  const expanded = expandPrefixes(words, [...Object.keys(options), 'help', 'version']);
  const end = expanded.indexOf('--');
  const before = end < 0 ? expanded : expanded.slice(0, end);
  if (before.includes('--help') || before.includes('-h')) {
    const examples = command.diracExamples ?? command.examples;
    const frame = { ...diracFrameOptions, ...beyondDiracOptions };
    return { answer: commandHelp(entry, { ...command, examples }, { name, options: command.diracOptions ?? {}, frame }) };
  }
  if (before.includes('--version')) return { answer: `${version}\n` };
  // DIRAC passes over words too many. Here only a question does: what changes something must not be meant otherwise.
  const rules = { options: { ...options, ...beyondDiracOptions }, name, ignoreMore: command.readOnly };
  const args = await parseWords(expanded, command, rules);
  return { style: 'dirac', entry, command, args };
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
