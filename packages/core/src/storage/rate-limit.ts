import type { pause } from './retry.js';

/** Lets bytes pass, no more of them than a rate allows. */
export interface RateLimit {
  /** Resolves when so many bytes may be moved; rejects with the reason of an aborted signal. */
  take(bytes: number, signal?: AbortSignal): Promise<void>;
  /** The same bytes, in slices so small that none waits long: a store ends a request whose body stands still. */
  pass(bytes: Uint8Array, signal?: AbortSignal): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface RateLimitOptions {
  readonly bytesPerSecond: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: typeof pause;
}

/**
 * A token bucket shared by everything that moves bytes: it holds a quarter of a second's worth, and whoever takes more than there is waits for
 * the debt to be paid, in the order of asking.
 */
export function createRateLimit({ bytesPerSecond, now, sleep }: RateLimitOptions): RateLimit {
  const capacity = bytesPerSecond / 4;
  let tokens = capacity;
  let last = now();
  const take = async (bytes: number, signal?: AbortSignal): Promise<void> => {
    const time = now();
    tokens = Math.min(capacity, tokens + ((time - last) / 1000) * bytesPerSecond);
    last = time;
    tokens -= bytes;
    if (tokens < 0) await sleep((-tokens / bytesPerSecond) * 1000, signal);
    signal?.throwIfAborted();
  };
  const sliceBytes = Math.max(1, Math.floor(capacity));
  async function* pass(bytes: Uint8Array, signal?: AbortSignal): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      const slice = bytes.subarray(at, at + sliceBytes);
      await take(slice.length, signal);
      yield slice;
    }
  }
  return { take, pass };
}

export const unlimited: RateLimit = {
  take: () => Promise.resolve(),
  pass: (bytes) => [bytes],
};
