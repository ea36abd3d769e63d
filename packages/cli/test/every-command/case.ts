import type { CommandWorld } from './command-world.js';

/** What is printed: exactly so, or like it. */
export type Expected = string | RegExp;

/** What every command has to show through the real binary: how it takes its arguments, its text, its JSON and its exit codes. */
export interface CommandCase {
  /** Words it refuses, and what it says of them; the exit code is 2. */
  readonly wrong: { readonly words: readonly string[]; readonly says: RegExp };
  /** Words it does; made anew for each run, since what is changed once is changed. */
  readonly words: (world: CommandWorld) => readonly string[] | Promise<readonly string[]>;
  readonly text: (words: readonly string[], world: CommandWorld) => Expected;
  /** What the JSON holds, more may be there. */
  readonly json: (words: readonly string[], world: CommandWorld) => object;
  /** Words that fail, what is said of them, and the exit code. */
  readonly fails: { readonly words: readonly string[]; readonly says: RegExp; readonly code: number };
  readonly env?: (world: CommandWorld) => Readonly<Record<string, string>>;
}

/** Under a name of DIRAC: also the exit code of DIRAC's own command where ours is that of `fails`. */
export type DiracCase = CommandCase & { readonly diracCode: number };

export type Cases = Readonly<Record<string, CommandCase>>;

/** A text as it is, in a regular expression. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export const uuid = '[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}';
