import type { ErrorCode, Failure } from '@dirac-s3/core';

export const exitCodes = { done: 0, failed: 1, usage: 2, configuration: 3, noAccess: 4, interrupted: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Shown by `--help` and in the reference page. */
export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.done, 'all done'],
  [exitCodes.failed, 'at least one item failed; the others are done'],
  [exitCodes.usage, 'wrong usage'],
  [exitCodes.configuration, 'wrong configuration'],
  [exitCodes.noAccess, 'not authenticated, or no gateway or Configuration server'],
  [exitCodes.interrupted, 'interrupted'],
];

/** What was asked on the command line makes no sense; the message says what does. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** An option that does not exist, a list file that cannot be read, or anything else. */
  readonly about: 'option' | 'list' | 'words';

  constructor(message: string, about: UsageError['about'] = 'words') {
    super(message);
    this.about = about;
  }
}

const noAccess: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'gateway-unavailable', 'service-unavailable']);

export function exitCodeForError(code: ErrorCode): ExitCode {
  if (code === 'invalid-configuration') return exitCodes.configuration;
  return noAccess.has(code) ? exitCodes.noAccess : exitCodes.failed;
}

/** The exit code for a run with failed items: their common reason when nothing at all could be done for one, else 1. */
export function exitCodeForItems({ succeeded, failures }: { succeeded: number; failures: Iterable<Failure> }): ExitCode {
  const codes = new Set([...failures].map(({ code }) => exitCodeForError(code)));
  if (codes.size === 0) return exitCodes.done;
  const [common = exitCodes.failed] = codes;
  return succeeded === 0 && codes.size === 1 ? common : exitCodes.failed;
}
