import type { TransferOptions } from '@dirac-s3/core/storage';
import type { CommandResult } from './output/result.js';
import type { Session } from './session.js';
import type { ShellState } from './shell/shell-state.js';

export interface Positional {
  readonly name: string;
  readonly describe: string;
  readonly required?: boolean;
  /** Takes all that follow. Only the last one can. */
  readonly many?: boolean;
}

export interface Option {
  readonly type: 'boolean' | 'string' | 'number' | 'count';
  readonly describe: string;
  /** Short name. */
  readonly alias?: string;
  /** What stands for the value in help texts. */
  readonly value?: string;
  readonly repeatable?: boolean;
}

export type OptionTable = Readonly<Record<string, Option>>;

/** The words behind the command, as both ways of calling it give them. */
export interface CommandArguments {
  readonly positionals: readonly string[];
  /** Words too many, where DIRAC's command passes them over. */
  readonly ignored: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  number(name: string): number | undefined;
}

export interface CommandContext {
  /** `dirac` when called by DIRAC's name: its text layout, its defaults. */
  readonly style: 'plain' | 'dirac';
  readonly openSession: () => Promise<Session>;
  /** Says a line before the result is there: what the user has to do. */
  readonly tell: (line: string) => void;
  /** Runs a transfer with the progress bar, `--parallel`, and Ctrl-C. */
  readonly transfer: <Value>(
    files: number,
    run: (options: TransferOptions) => Promise<Value>,
    /** Of all files, where it is known before they are looked at. */
    totalBytes?: number,
  ) => Promise<Value>;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** What the short commands (`dls`, `dcd` …) remember between two calls. */
  readonly shell: () => ShellState;
  /** Where transfers that can be resumed are listed. */
  readonly transfersDirectory: string;
  readonly now: () => Date;
}

/** What is typed behind the name of the command, and what it does. */
export type Example = readonly [words: string, meaning: string];

/** One command: everything `--help`, the reference page and the program know about it beside its line in the command table. */
export interface Command {
  readonly positionals: readonly Positional[];
  readonly options: OptionTable;
  /** Options of DIRAC's command that mean nothing under ours. */
  readonly diracOptions?: OptionTable;
  readonly examples: readonly Example[];
  /** Those of DIRAC's command, which has other options. Left out, `examples`. */
  readonly diracExamples?: readonly Example[];
  /** More about it, for its own help. */
  readonly notes?: string;
  /** Ctrl-C ends it at once: it changes nothing. Others are given the time to leave nothing half done. */
  readonly readOnly: boolean;
  readonly run: (context: CommandContext, args: CommandArguments) => Promise<CommandResult>;
}

/** A line of the command table. */
export interface CommandEntry {
  /** As it is typed: one word, or two. */
  readonly name: string;
  /** DIRAC's command that does the same. */
  readonly diracName?: string;
  readonly describe: string;
  /** Arguments in DIRAC's words; `<NAME>` is needed, `[NAME]` is not, `..` takes the rest. */
  readonly syntax: string;
  readonly load: () => Promise<Command>;
}
