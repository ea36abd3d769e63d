import { commandGroups, commandTable, findDiracCommand } from './command-table.js';
import type { Command, OptionTable } from './command.js';
import type { Environment } from './environment.js';
import { beyondDiracOptions, commonOptions, diracFrameOptions } from './parse/common-options.js';

/** Names of positionals and options whose value is a StorageElement. */
const elementNames = new Set([
  ...['SE', 'se', 'from', 'to', 'without', 'replica-at'],
  ...['destination-se', 'source-se', 'Dest', 'Source', 'FromSE', 'TargetSE', 'ExcludeSE'],
]);

/**
 * What may stand for the last word of a command line, a line for each; none means a file. `[program, ...words]`, the last word perhaps
 * empty. Nobody is asked over the network: StorageElements are those of the local files of the configuration.
 */
export async function completions([program = '', ...words]: readonly string[], environment: Environment): Promise<string> {
  const current = words.at(-1) ?? '';
  const found = await candidates(program, words.slice(0, -1), { current, environment });
  const fitting = [...new Set(found)].filter((candidate) => candidate.startsWith(current));
  return fitting.map((candidate) => `${candidate}\n`).join('');
}

interface Typing {
  readonly current: string;
  readonly environment: Environment;
}

async function candidates(program: string, before: readonly string[], typing: Typing): Promise<readonly string[]> {
  const dirac = findDiracCommand(program);
  if (dirac !== undefined) {
    const command = await dirac.load();
    return ofCommand(command, { ...diracFrameOptions, ...beyondDiracOptions, ...command.diracOptions }, before, typing);
  }
  const at = before.findIndex((word) => !word.startsWith('-'));
  const first = before[at];
  if (first === undefined) return typing.current.startsWith('-') ? optionWords(commonOptions) : firstWords();
  if (first === 'help') return firstWords();
  const second = Object.hasOwn(commandGroups, first) ? before[at + 1] : undefined;
  if (Object.hasOwn(commandGroups, first) && second === undefined) {
    return commandTable.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name.slice(first.length + 1));
  }
  const entry = commandTable.find(({ name }) => name === (second === undefined ? first : `${first} ${second}`));
  if (entry === undefined) return [];
  const command = await entry.load();
  return ofCommand(command, { ...commonOptions, ...command.options }, before.slice(at + (second === undefined ? 1 : 2)), typing);
}

function firstWords(): string[] {
  return [...new Set(commandTable.map(({ name }) => name.split(' ')[0]!)), 'help'];
}

async function ofCommand(
  command: Command,
  options: OptionTable,
  before: readonly string[],
  { current, environment }: Typing,
): Promise<readonly string[]> {
  const previous = before.at(-1) ?? '';
  const pending = Object.entries(options).find(
    ([name, { alias }]) => previous === `--${name}` || (alias !== undefined && previous === `-${alias}`),
  );
  if (pending !== undefined && (pending[1].type === 'string' || pending[1].type === 'number')) {
    if (elementNames.has(pending[0])) return storageElements(environment);
    return /^[a-z]+(?:\|[a-z]+)+$/.test(pending[1].value ?? '') ? pending[1].value!.split('|') : [];
  }
  if (current.startsWith('-')) return optionWords(options);
  const place = positionalsIn(before, options);
  const positional = command.positionals[Math.min(place, command.positionals.length - 1)];
  if (positional === undefined || (place >= command.positionals.length && positional.many !== true)) return [];
  if (positional.name === 'SHELL') return ['bash', 'zsh'];
  return elementNames.has(positional.name) ? storageElements(environment) : [];
}

function optionWords(options: OptionTable): string[] {
  return [...Object.keys(options).map((name) => `--${name}`), '--help'];
}

/** How many arguments were typed, options and their values passed over. */
function positionalsIn(words: readonly string[], options: OptionTable): number {
  const takesValue = (word: string): boolean =>
    Object.entries(options).some(
      ([name, { alias, type }]) =>
        (type === 'string' || type === 'number') && (word === `--${name}` || (alias !== undefined && word === `-${alias}`)),
    );
  return words.filter((word, index) => !word.startsWith('-') && !takesValue(words[index - 1] ?? '')).length;
}

/** A configuration that cannot be read completes nothing. */
async function storageElements({ variables, home }: Environment): Promise<readonly string[]> {
  const { loadConfiguration } = await import('@dirac-s3/core/config');
  const loaded = await loadConfiguration({ env: variables, home }).catch(() => undefined);
  const elements = loaded?.tree.section('/Resources/StorageElements')?.sections() ?? [];
  const groups = loaded?.tree.section('/Resources/StorageElementGroups')?.options() ?? [];
  return [...elements, ...groups].map(({ name }) => name);
}
