import type { BulkResult, ErrorCode, Failure } from '@dirac-s3/core';

/** What a command has to say; it prints itself as text or as one JSON object. */
export interface CommandResult {
  /** For standard output, complete with its line ends. */
  readonly text: string;
  readonly json: unknown;
  readonly failures: ReadonlyMap<string, Failure>;
  /** What DIRAC's command exits with for failures it tells apart otherwise than by their codes. */
  readonly diracCodes?: ReadonlyMap<string, number>;
  /** Items that are done. */
  readonly succeeded: number;
  /** What to do about a kind of failure, in the words of this command. */
  readonly hints?: Readonly<Partial<Record<ErrorCode, string>>>;
}

/** That of a question about many names. */
export interface BulkCommandResult extends CommandResult {
  readonly json: { readonly successful: readonly object[]; readonly failed: readonly object[]; readonly [more: string]: unknown };
}

/** Several results as one. */
export function joinResults(results: readonly BulkCommandResult[]): BulkCommandResult {
  return {
    text: results.map(({ text }) => text).join(''),
    json: { successful: results.flatMap(({ json }) => json.successful), failed: results.flatMap(({ json }) => json.failed) },
    failures: new Map(results.flatMap(({ failures }) => [...failures])),
    succeeded: results.reduce((sum, { succeeded }) => sum + succeeded, 0),
    hints: Object.assign({}, ...results.map(({ hints }) => hints)) as NonNullable<CommandResult['hints']>,
  };
}

interface BulkWriting<Value> {
  readonly text: (result: BulkResult<Value>) => string;
  /** Fields of one entry of `successful`, beside its `lfn`. */
  readonly entry: (value: Value) => Record<string, unknown>;
  readonly hints?: CommandResult['hints'];
}

/** The result of a question about many LFNs: `{"successful": [{lfn, …}], "failed": [{lfn, code, message}]}`. */
export function bulkResult<Value>(result: BulkResult<Value>, { text, entry, hints }: BulkWriting<Value>): BulkCommandResult {
  return {
    text: text(result),
    json: {
      successful: [...result.successful].map(([lfn, value]) => ({ lfn, ...entry(value) })),
      failed: [...result.failed].map(([lfn, { code, message }]) => ({ lfn, code, message })),
    },
    failures: result.failed,
    succeeded: result.successful.size,
    ...(hints && { hints }),
  };
}

/** A result that is no bulk answer. */
export function plainResult(text: string, json: unknown): CommandResult {
  return { text, json, failures: new Map(), succeeded: 1 };
}

/** One line for each item that is done. */
export function lines<Value>(line: (lfn: string, value: Value) => string): (result: BulkResult<Value>) => string {
  return ({ successful }) => [...successful].map(([lfn, value]) => `${line(lfn, value)}\n`).join('');
}
