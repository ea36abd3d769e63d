import { DiracS3Error } from '../errors/index.js';

export interface RetryPolicy {
  /** Attempts in all. Default 3. */
  readonly attempts?: number;
  /** Waits; injected so that tests need not. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** 0 … 1, for jitter. */
  readonly random: () => number;
}

/** Repeats an idempotent step while its fault is one that may pass, with jittered exponential back-off (full jitter). */
export async function withRetries<Value>(step: () => Promise<Value>, { attempts = 3, sleep, random }: RetryPolicy): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (thrown) {
      if (attempt >= attempts || !(thrown instanceof DiracS3Error) || !thrown.retryable) throw thrown;
      await sleep(random() * 200 * 2 ** attempt);
    }
  }
}
