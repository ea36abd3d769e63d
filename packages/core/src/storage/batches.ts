import { BulkResultBuilder, bulkMap, type BulkResult, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { TransferOptions } from './types.js';

/** Groups of so many, the last one smaller. */
export function groupsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

/** The results of several bulk operations as one, in the order of the names. */
export function together<Value>(lfns: Iterable<Lfn>, results: readonly BulkResult<Value, Lfn>[]): BulkResult<Value, Lfn> {
  const whole = new BulkResultBuilder<Value, Lfn>(lfns);
  for (const { successful, failed } of results) {
    successful.forEach((value, lfn) => whole.succeed(lfn, value));
    failed.forEach((fault, lfn) => whole.fail(lfn, fault));
  }
  return whole.build();
}

/** Runs a bulk operation group by group, some groups at a time; results come back as one, in the order of the groups. */
export async function inGroups<Value>(
  groups: readonly (readonly Lfn[])[],
  parallel: number,
  step: (group: readonly Lfn[]) => Promise<BulkResult<Value, Lfn>>,
): Promise<BulkResult<Value, Lfn>> {
  const results: BulkResult<Value, Lfn>[] = [];
  const queue = groups.values();
  const work = async (): Promise<void> => {
    for (const group of queue) results.push(await step(group));
  };
  await Promise.all(Array.from({ length: Math.min(parallel, groups.length) }, work));
  return together(groups.flat(), results);
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
  options: { readonly signal?: AbortSignal | undefined; readonly parallel?: number },
  step: (lfn: Lfn) => Promise<Value>,
): Promise<BulkResult<Value, Lfn>> {
  const { signal } = options;
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
        // What can be resumed says so itself.
        if (!(thrown instanceof DiracS3Error && thrown.code === 'cancelled')) refuseCancelled(lfn);
        throw thrown;
      }
    },
    { parallel: parallelOf(options) },
  );
}

/** Files of at most so many bytes are small: their transfers are waiting for answers, not for bytes. */
export const smallBytes = 4 * 1024 * 1024;

export function parallelOf({ parallel = 4 }: Pick<TransferOptions, 'parallel'>): number {
  return Math.max(1, Math.floor(parallel));
}

/** Of small files, more at a time. */
export function smallParallelOf({ parallel = 16 }: Pick<TransferOptions, 'parallel'>): number {
  return parallelOf({ parallel });
}
