import { BulkResultBuilder, type BulkResult, type Lfn } from '../domain/index.js';
import { DiracS3Error, failure, failureOf, type Failure } from '../errors/index.js';

/**
 * Outcomes of a use case in several steps: a name leaves the set of those still `open` when it fails or succeeds, and each step goes on with
 * what is open.
 */
export class Outcomes<Value> {
  readonly #builder: BulkResultBuilder<Value, Lfn>;

  constructor(lfns: Iterable<Lfn>) {
    this.#builder = new BulkResultBuilder(lfns);
  }

  get open(): Lfn[] {
    return this.#builder.pending();
  }

  succeed(lfn: Lfn, value: Value): void {
    this.#builder.succeed(lfn, value);
  }

  fail(lfn: Lfn, fault: Failure): void {
    this.#builder.fail(lfn, fault);
  }

  /** Takes the failures of a step over and gives its values; a name the step did not answer for fails too. */
  take<Partial>(asked: readonly Lfn[], result: BulkResult<Partial, Lfn>): Map<Lfn, Partial> {
    const values = new Map<Lfn, Partial>();
    for (const lfn of asked) {
      const fault = result.failed.get(lfn);
      const value = result.successful.get(lfn);
      if (fault !== undefined) this.fail(lfn, fault);
      else if (value === undefined) this.fail(lfn, failure('catalog-unavailable', `${lfn}: no answer`));
      else values.set(lfn, value);
    }
    return values;
  }

  build(): BulkResult<Value, Lfn> {
    return this.#builder.build();
  }
}

/** A bulk call whose own fault counts for every name: one StorageElement that is down must not stop the others. */
export async function settled<Value>(lfns: readonly Lfn[], call: () => Promise<BulkResult<Value, Lfn>>): Promise<BulkResult<Value, Lfn>> {
  if (lfns.length === 0) return { successful: new Map(), failed: new Map() };
  try {
    return await call();
  } catch (thrown) {
    const fault = failureOf(thrown);
    return { successful: new Map(), failed: new Map(lfns.map((lfn) => [lfn, fault])) };
  }
}

/** Refuses a request that names an LFN twice: which of the two should win? */
export function refuseRepeats(lfns: readonly Lfn[]): void {
  const seen = new Set<Lfn>();
  for (const lfn of lfns) {
    if (seen.has(lfn)) throw new DiracS3Error('invalid-argument', `${lfn}: named twice in one request`);
    seen.add(lfn);
  }
}
