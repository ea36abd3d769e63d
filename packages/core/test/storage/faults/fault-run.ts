import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ProxyEvent, ProxyFaultKind } from '../../../src/testing/index.js';

const program = fileURLToPath(new URL('../../../dist/testing/fault-proxy/main.js', import.meta.url));

export interface FaultRunOptions {
  /** Origin of the store. */
  readonly store: string;
  readonly seed?: string | undefined;
  readonly maxFaults: number;
  readonly rate: number;
  readonly kinds?: readonly ProxyFaultKind[];
}

/** The fault proxy as a process of its own, and what it says it did. */
export class FaultRun {
  readonly origin: string;
  readonly seed: string;
  readonly events: ProxyEvent[] = [];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { origin, seed }: { origin: string; seed: string }) {
    this.#child = child;
    this.origin = origin;
    this.seed = seed;
  }

  static async start({ store, seed, maxFaults, rate, kinds = [] }: FaultRunOptions): Promise<FaultRun> {
    const args = ['--store', store, '--max-faults', String(maxFaults), '--rate', String(rate), '--max-milliseconds', '30'];
    const chosen = kinds.flatMap((kind) => ['--kind', kind]);
    const child = spawn(process.execPath, [program, ...args, ...chosen, ...(seed === undefined ? [] : ['--seed', seed])], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const [first] = (await once(lines, 'line')) as [string];
    const run = new FaultRun(child, JSON.parse(first) as { origin: string; seed: string });
    lines.on('line', (line) => run.events.push(JSON.parse(line) as ProxyEvent));
    return run;
  }

  get port(): number {
    return Number(new URL(this.origin).port);
  }

  /** How often each kind of fault happened so far. */
  get counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { fault } of this.events) if (fault) counts[fault.kind] = (counts[fault.kind] ?? 0) + 1;
    return counts;
  }

  get faults(): number {
    return this.events.filter(({ fault }) => fault !== undefined).length;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill();
    await once(this.#child, 'exit');
  }
}
