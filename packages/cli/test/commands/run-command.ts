import { setMaxListeners } from 'node:events';
import type { DataManager } from '@dirac-s3/core/data-management';
import type { Command, CommandContext } from '../../src/command.js';
import type { CommandResult } from '../../src/output/result.js';
import { findDiracCommand } from '../../src/command-table.js';
import { parseCommandLine, type Answer, type Invocation } from '../../src/parse/command-line.js';
import { parseDiracCommandLine } from '../../src/parse/dirac-command-line.js';
import type { Session } from '../../src/session.js';
import type { ShellState } from '../../src/shell/shell-state.js';

/** Whatever a command asks for beyond these is a fault of the test. */
export interface Parts {
  readonly manager?: Partial<DataManager>;
  readonly session?: Partial<Session>;
  readonly signal?: AbortSignal;
  readonly shell?: ShellState;
  readonly tell?: CommandContext['tell'];
}

/** Runs a command line as it is typed, on parts of a session: what came of it, before it is printed. */
export async function runWords(words: readonly string[], parts: Parts = {}): Promise<CommandResult> {
  return run(await parseCommandLine(words, '0.0.0'), parts);
}

/** The same under DIRAC's name. */
export async function runAs(name: string, words: readonly string[], parts: Parts = {}): Promise<CommandResult> {
  return run(await parseDiracCommandLine(findDiracCommand(name)!, words, '0.0.0'), parts);
}

function run(
  invocation: Invocation | Answer,
  { manager = {}, session = {}, signal, shell, tell = () => undefined }: Parts,
): Promise<CommandResult> {
  if ('answer' in invocation) throw new Error('the command line asks for no command');
  const given = signal ?? new AbortController().signal;
  setMaxListeners(0, given);
  const opened = { dataManager: () => Promise.resolve(manager as DataManager), close: () => undefined, ...session } as unknown as Session;
  const context: CommandContext = {
    style: invocation.style,
    openSession: () => Promise.resolve(opened),
    tell,
    transfer: (_files, step) => step({ signal: given }),
    signal: given,
    shell: () => shell!,
    transfersDirectory: '/nonexistent',
    now: () => new Date('2026-11-25T12:00:00Z'),
  };
  const command: Command = invocation.command;
  return command.run(context, invocation.args);
}
