import { BulkResultBuilder, type BulkResult } from '../../domain/index.js';
import { DiracS3Error, failure, failureOf, type Failure } from '../../errors/index.js';

/** LFNs per request: far below what a gateway accepts, so that answers stay small. */
export const maxNamesPerRequest = 1000;

/** So many at a time, in order. */
export function chunksOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / maxNamesPerRequest) }, (_, n) =>
    items.slice(n * maxNamesPerRequest, (n + 1) * maxNamesPerRequest),
  );
}

/** A bulk answer as it comes from the wire. */
export interface WireAnswer<Entry extends { readonly lfn: string }> {
  readonly successful: readonly Entry[];
  readonly failed: readonly (Failure & { readonly lfn: string })[];
}

export interface ChunkedQuestion<Item, Entry extends { readonly lfn: string }, Value, Name extends string> {
  readonly nameOf: (item: Item) => Name;
  readonly ask: (items: readonly Item[]) => Promise<WireAnswer<Entry>>;
  readonly valueOf: (entry: Entry) => Value;
}

/**
 * Asks about any number of items, so many at a time, and puts the answers together: every asked name once, in the order asked. A name the
 * gateway left out fails; a name that nobody asked for, or one twice, makes the whole answer unbelievable. When a later request fails, what the
 * earlier ones did still counts, and the names without an answer fail.
 */
export async function askInChunks<Item, Entry extends { readonly lfn: string }, Value, Name extends string>(
  items: readonly Item[],
  { nameOf, ask, valueOf }: ChunkedQuestion<Item, Entry, Value, Name>,
): Promise<BulkResult<Value, Name>> {
  const whole = new BulkResultBuilder<Value, Name>(items.map(nameOf));
  for (const [n, chunk] of chunksOf(items).entries()) {
    try {
      const { successful, failed } = believed(chunk.map(nameOf), await ask(chunk));
      for (const [name, entry] of successful) whole.succeed(name, valueOf(entry));
      for (const [name, fault] of failed) whole.fail(name, fault);
    } catch (thrown) {
      if (n === 0) throw thrown;
      return whole.build(failureOf(thrown));
    }
  }
  return whole.build();
}

/** An answer under the names that were asked. */
function believed<Entry extends { readonly lfn: string }, Name extends string>(
  names: readonly Name[],
  { successful, failed }: WireAnswer<Entry>,
): BulkResult<Entry, Name> {
  const asked = new Map<string, Name>(names.map((name) => [name, name]));
  const seen = new Set<string>();
  const nameOf = ({ lfn }: { readonly lfn: string }): Name => {
    const name = asked.get(lfn);
    if (name === undefined) throw unbelievable('a name that nobody asked for');
    if (seen.has(lfn)) throw unbelievable('a name twice');
    seen.add(lfn);
    return name;
  };
  const values = new Map(successful.map((entry) => [nameOf(entry), entry]));
  const faults = new Map(failed.map((entry) => [nameOf(entry), failure(entry.code, entry.message)]));
  for (const name of asked.values()) {
    if (!seen.has(name)) faults.set(name, failure('gateway-unavailable', `${name}: the gateway did not answer for it`));
  }
  return { successful: values, failed: faults };
}

function unbelievable(what: string): DiracS3Error {
  return new DiracS3Error('gateway-unavailable', `the gateway answered for ${what}`);
}
