/** Milliseconds that a step may take without being counted: on a local disk it takes a tenth of that. */
const freeMilliseconds = 1;

/** What steps may have taken beyond that, before threads take their place. */
const patienceMilliseconds = 50;

/**
 * Whether the process waits for a step of the file system, or has it done by a thread. A thread costs several times what opening or naming a small
 * file does, but while the process waits it does nothing else: over a network file system that would be most of the time. So it waits where that was
 * allowed, for as long as it has been quick. The first step is a thread's: a file system that hangs must not hang the process.
 */
export class QuickSteps {
  /** Where it may wait. */
  #clock: (() => number) | undefined;
  #proven = false;
  #lostMilliseconds = 0;

  /** For a process that serves nobody else meanwhile. `now`: milliseconds of a clock that never goes back. */
  allow(now: () => number): void {
    this.#clock = now;
  }

  do<Value>(waiting: () => Value, byThread: () => Promise<Value>): Value | Promise<Value> {
    const now = this.#clock;
    if (now === undefined) return byThread();
    const began = now();
    if (!this.#proven) return this.#prove(byThread());
    try {
      return waiting();
    } finally {
      // Those that are quick make up for one that was held up by something else.
      this.#lostMilliseconds = Math.max(0, this.#lostMilliseconds + now() - began - freeMilliseconds);
      if (this.#lostMilliseconds > patienceMilliseconds) this.#clock = undefined;
    }
  }

  async #prove<Value>(step: Promise<Value>): Promise<Value> {
    try {
      return await step;
    } finally {
      this.#proven = true;
    }
  }
}
