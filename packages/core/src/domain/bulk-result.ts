import { failureOf, toError, type ErrorCode, type Failure } from '../errors/index.js';

/**
 * Answer to a bulk question: every asked name is in exactly one of the two maps, under the spelling it was asked with,
 * in the order of the question. Both maps iterate in that order.
 */
export interface BulkResult<Value, Name extends string = string> {
  readonly successful: ReadonlyMap<Name, Value>;
  readonly failed: ReadonlyMap<Name, Failure>;
}

/** Collects one outcome per name and insists that the question is answered exactly. */
export class BulkResultBuilder<Value, Name extends string = string> {
  readonly #outcomes = new Map<Name, { readonly value: Value } | { readonly fault: Failure } | undefined>();

  /** Names in the order of the question; a repeated name collapses into its first place. */
  constructor(names: Iterable<Name>) {
    for (const name of names) this.#outcomes.set(name, undefined);
  }

  succeed(name: Name, value: Value): void {
    this.#set(name, { value });
  }

  fail(name: Name, fault: Failure): void {
    this.#set(name, { fault });
  }

  /** Names that have no outcome yet. */
  pending(): Name[] {
    return [...this.#outcomes].filter(([, outcome]) => outcome === undefined).map(([name]) => name);
  }

  /** A name nobody answered for becomes a failure: silence is never consent. */
  build(unanswered: Failure = { code: 'internal', message: 'no answer for this name' }): BulkResult<Value, Name> {
    const successful = new Map<Name, Value>();
    const failed = new Map<Name, Failure>();
    for (const [name, outcome] of this.#outcomes) {
      if (outcome === undefined) failed.set(name, unanswered);
      else if ('value' in outcome) successful.set(name, outcome.value);
      else failed.set(name, outcome.fault);
    }
    return { successful, failed };
  }

  #set(name: Name, outcome: { readonly value: Value } | { readonly fault: Failure }): void {
    if (!this.#outcomes.has(name)) throw new Error('a name that was not asked got an answer');
    this.#outcomes.set(name, outcome);
  }
}

/** Runs one step per name, `parallel` at a time; what it throws becomes the failure of that name alone. */
export async function bulkMap<Value, Name extends string>(
  names: Iterable<Name>,
  step: (name: Name) => Promise<Value> | Value,
  options: { parallel?: number; fallback?: ErrorCode } = {},
): Promise<BulkResult<Value, Name>> {
  const unique = [...new Set(names)];
  const builder = new BulkResultBuilder<Value, Name>(unique);
  const queue = unique.values();
  const work = async (): Promise<void> => {
    for (const name of queue) {
      try {
        builder.succeed(name, await step(name));
      } catch (thrown) {
        builder.fail(name, failureOf(thrown, options.fallback));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.parallel ?? 1, unique.length)) }, work));
  return builder.build();
}

/** The single value of a question about one name; its failure is thrown. */
export function singleResult<Value>(result: BulkResult<Value>): Value {
  const [fault] = result.failed.values();
  if (fault !== undefined) throw toError(fault);
  const [value] = result.successful;
  if (value === undefined) throw toError({ code: 'internal', message: 'a question about one name got no answer' });
  return value[1];
}
