import type { Command, CommandArguments, CommandEntry } from '../command.js';
import { commandGroups, commandTable } from '../command-table.js';
import { commonOptions } from './common-options.js';
import { commandHelp, groupHelp, programHelp } from './help-text.js';
import { parseWords, scanWords, usageError } from './parse-words.js';

export interface Invocation {
  readonly style: 'plain' | 'dirac';
  readonly entry: CommandEntry;
  readonly command: Command;
  readonly args: CommandArguments;
}

/** What was asked of the parser itself: the text is the answer. */
export interface Answer {
  readonly answer: string;
}

export const program = 'dirac-s3';

/** What is asked for. */
export async function parseCommandLine(words: readonly string[], version: string): Promise<Invocation | Answer> {
  const { names, rest } = await splitName(words);
  const [first, second] = names;
  if (first === 'help') return parseCommandLine([...names.slice(1), '--help'], version);
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  const wantsHelp = options.includes('--help') || options.includes('-h');
  if (first === undefined) {
    if (wantsHelp) return { answer: programHelp(program) };
    if (options.includes('--version')) return { answer: `${version}\n` };
    throw usageError(program, 'which command?');
  }
  if (Object.hasOwn(commandGroups, first) && second === undefined) {
    if (wantsHelp) return { answer: groupHelp(program, first) };
    throw usageError(program, `which command of ${first}?`);
  }
  const name = names.join(' ');
  const entry = commandTable.find((one) => one.name === name);
  if (entry === undefined) throw usageError(program, `there is no command "${name}"${similarTo(name)}`);
  const command = await entry.load();
  const full = `${program} ${entry.name}`;
  if (wantsHelp) return { answer: commandHelp(entry, command, { name: full, options: command.options, frame: commonOptions }) };
  const args = await parseWords(rest, command, { options: { ...commonOptions, ...command.options }, name: full });
  return { style: 'plain', entry, command, args };
}

/** The words that name the command, common options before them passed over, and all other words. */
async function splitName(words: readonly string[]): Promise<{ readonly names: readonly string[]; readonly rest: readonly string[] }> {
  const at = words[0]?.startsWith('-') === false ? 0 : await firstWord(words);
  if (at === words.length) return { names: [], rest: words };
  const first = words[at]!;
  const next = words[at + 1];
  const count = next !== undefined && !next.startsWith('-') && (first === 'help' || Object.hasOwn(commandGroups, first)) ? 2 : 1;
  const more = first === 'help' && count === 2 && Object.hasOwn(commandGroups, next!) && words[at + 2] !== undefined ? 1 : 0;
  return { names: words.slice(at, at + count + more), rest: [...words.slice(0, at), ...words.slice(at + count + more)] };
}

async function firstWord(words: readonly string[]): Promise<number> {
  // The answer to "dirac-s3 --help" needs no parser.
  if (words.every((word) => word.startsWith('-'))) return words.length;
  const { words: behind } = await scanWords(words, { options: commonOptions, name: program, untilFirstWord: true });
  return words.length - behind.length;
}

/** A command that begins as the word does, for who mistyped it. */
function similarTo(name: string): string {
  const similar = commandTable.filter((one) => one.name.startsWith(name.slice(0, 2))).map((one) => one.name);
  return similar.length === 0 ? '' : `; did you mean ${similar.join(', ')}?`;
}
