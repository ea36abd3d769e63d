import { BulkResultBuilder, type BulkResult } from '../../domain/index.js';
import { DiracS3Error, failure, type Failure } from '../../errors/index.js';

/** LFNs per request: far below what a gateway accepts, so that answers stay small. */
export const maxNamesPerRequest = 1000;

/** A bulk answer as it comes from the wire. */
export interface WireAnswer<Entry extends { readonly lfn: string }> {
  readonly successful: readonly Entry[];
  readonly failed: readonly (Failure & { readonly lfn: string })[];
}

/**
 * Asks about any number of items, so many at a time, and puts the answers together: every asked name once, in the order asked. A name the
 * gateway left out, or answered twice, fails; a name that nobody asked for makes the whole answer unbelievable.
 */
export async function askInChunks<Item, Entry extends { readonly lfn: string }, Value, Name extends string>(
  items: readonly Item[],
  {
    nameOf,
    ask,
    valueOf,
  }: { nameOf: (item: Item) => Name; ask: (items: readonly Item[]) => Promise<WireAnswer<Entry>>; valueOf: (entry: Entry) => Value },
): Promise<BulkResult<Value, Name>> {
  const whole = new BulkResultBuilder<Value, Name>(items.map(nameOf));
  for (let at = 0; at < items.length; at += maxNamesPerRequest) {
    const chunk = items.slice(at, at + maxNamesPerRequest);
    const asked = new Map<string, Name>(chunk.map((item) => [nameOf(item), nameOf(item)]));
    const answer = await ask(chunk);
    const seen = new Set<string>();
    const settle = (lfn: string, outcome: (name: Name) => void): void => {
      const name = asked.get(lfn);
      if (name === undefined) throw unbelievable('a name that nobody asked for');
      if (seen.has(lfn)) throw unbelievable('a name twice');
      seen.add(lfn);
      outcome(name);
    };
    for (const entry of answer.successful) settle(entry.lfn, (name) => whole.succeed(name, valueOf(entry)));
    for (const { lfn, code, message } of answer.failed) settle(lfn, (name) => whole.fail(name, failure(code, message)));
  }
  return whole.build(failure('gateway-unavailable', 'the gateway did not answer for this name'));
}

function unbelievable(what: string): DiracS3Error {
  return new DiracS3Error('gateway-unavailable', `the gateway answered for ${what}`);
}
