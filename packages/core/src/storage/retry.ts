import { setTimeout as sleep } from 'node:timers/promises';
import { DiracS3Error } from '../errors/index.js';

export interface RetryPolicy {
  /** Attempts in all. Default 3. */
  readonly attempts?: number;
  /** Waits; injected so that tests need not. */
  readonly sleep: typeof pause;
  /** 0 … 1, for jitter. */
  readonly random: () => number;
  /** Ends a wait. */
  readonly signal?: AbortSignal | undefined;
}

/** Back-off of the first wait at most, doubled with each further one. */
const firstWaitMilliseconds = 400;
const longestWaitMilliseconds = 20_000;

/** Repeats a step while its fault is one that may pass, with exponential back-off and full jitter. */
export async function withRetries<Value>(
  step: () => Promise<Value>,
  { attempts = 3, sleep, random, signal }: RetryPolicy,
  mayPass: (thrown: unknown) => boolean = isRetryable,
): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (thrown) {
      if (attempt >= attempts || !mayPass(thrown)) throw thrown;
      await sleep(random() * Math.min(longestWaitMilliseconds, firstWaitMilliseconds * 2 ** (attempt - 1)), signal);
    }
  }
}

export function isRetryable(thrown: unknown): boolean {
  return thrown instanceof DiracS3Error && thrown.retryable;
}

/** Waits; rejects with the reason of a signal as soon as it is aborted. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } finally {
    signal?.throwIfAborted();
  }
}
