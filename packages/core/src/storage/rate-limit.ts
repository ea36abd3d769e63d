/** Lets bytes pass, no more of them than a rate allows. */
export interface RateLimit {
  /** Resolves when so many bytes may be moved; rejects with the reason of an aborted signal. */
  take(bytes: number, signal?: AbortSignal): Promise<void>;
}

export interface RateLimitOptions {
  readonly bytesPerSecond: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/**
 * A token bucket shared by everything that moves bytes: it holds a quarter of a second's worth, and whoever takes more than there is waits for
 * the debt to be paid, in the order of asking.
 */
export function createRateLimit({ bytesPerSecond, now, sleep }: RateLimitOptions): RateLimit {
  const capacity = bytesPerSecond / 4;
  let tokens = capacity;
  let last = now();
  return {
    async take(bytes, signal) {
      const time = now();
      tokens = Math.min(capacity, tokens + ((time - last) / 1000) * bytesPerSecond);
      last = time;
      tokens -= bytes;
      if (tokens < 0) await sleep((-tokens / bytesPerSecond) * 1000);
      signal?.throwIfAborted();
    },
  };
}

export const unlimited: RateLimit = { take: () => Promise.resolve() };
