export interface AdaptiveOptions {
  /** Steps at a time in the beginning and at most. */
  readonly start: number;
  readonly most: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Growth that does not pay: the last worker added less than this to the throughput. */
const worthwhile = 1.05;

/**
 * Runs a step per item, a few at a time. While throughput grows with the number of workers, one more is tried; the first that adds nothing is
 * the last. The first fault stops everything: no further item is begun, and it is thrown when those under way have ended.
 */
export async function runAdaptive<Item extends { readonly length: number }>(
  items: readonly Item[],
  { start, most, now }: AdaptiveOptions,
  step: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const workers: Promise<void>[] = [];
  let fault: { readonly thrown: unknown } | undefined;
  let window = { since: now(), bytes: 0, steps: 0 };
  let best = 0;
  let growing = true;
  const measure = (bytes: number): void => {
    window.bytes += bytes;
    window.steps += 1;
    if (!growing || window.steps < workers.length) return;
    const rate = window.bytes / Math.max(1, now() - window.since);
    growing = workers.length < most && rate > best * worthwhile;
    best = rate;
    window = { since: now(), bytes: 0, steps: 0 };
    if (growing) workers.push(work());
  };
  const work = async (): Promise<void> => {
    for (const item of queue) {
      try {
        await step(item);
        measure(item.length);
      } catch (thrown) {
        fault ??= { thrown };
      }
      if (fault !== undefined) return;
    }
  };
  for (let count = Math.min(start, most, items.length); count > 0; count -= 1) workers.push(work());
  // Workers are added while others run: the list is complete when its last one has ended.
  for (const worker of workers) await worker;
  if (fault !== undefined) throw fault.thrown;
}
