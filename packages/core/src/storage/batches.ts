import { BulkResultBuilder, bulkMap, type BulkResult, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { TransferOptions } from './types.js';

/** LFNs whose URLs are asked for at once. */
const batchSize = 100;

/** Runs a bulk operation batch by batch; results come back as one, in the order asked. */
export async function inBatches<Value>(
  lfns: readonly Lfn[],
  step: (batch: readonly Lfn[]) => Promise<BulkResult<Value, Lfn>>,
): Promise<BulkResult<Value, Lfn>> {
  const whole = new BulkResultBuilder<Value, Lfn>(lfns);
  const unique = whole.pending();
  for (let at = 0; at < unique.length; at += batchSize) {
    const { successful, failed } = await step(unique.slice(at, at + batchSize));
    successful.forEach((value, lfn) => whole.succeed(lfn, value));
    failed.forEach((fault, lfn) => whole.fail(lfn, fault));
  }
  return whole.build();
}

/** Items by their LFN; a repeated one is refused, since the answer has one place for it. */
export function byLfn<Item extends { readonly lfn: Lfn }>(items: readonly Item[]): ReadonlyMap<Lfn, Item> {
  const map = new Map(items.map((item) => [item.lfn, item]));
  if (map.size === items.length) return map;
  const repeated = items.find((item) => map.get(item.lfn) !== item);
  throw new DiracS3Error('invalid-argument', `${repeated?.lfn ?? ''}: named twice in one request`);
}

/** Runs a transfer per LFN, some at a time. Once the signal says so, those under way and those to come fail as `cancelled`. */
export function transferEach<Value>(
  lfns: readonly Lfn[],
  { signal, parallel = 4 }: Pick<TransferOptions, 'signal' | 'parallel'>,
  step: (lfn: Lfn) => Promise<Value>,
): Promise<BulkResult<Value, Lfn>> {
  const refuseCancelled = (lfn: Lfn): void => {
    if (signal?.aborted === true) throw new DiracS3Error('cancelled', `${lfn}: stopped before it was done`);
  };
  return bulkMap(
    lfns,
    async (lfn) => {
      refuseCancelled(lfn);
      try {
        return await step(lfn);
      } catch (thrown) {
        refuseCancelled(lfn);
        throw thrown;
      }
    },
    { parallel },
  );
}
