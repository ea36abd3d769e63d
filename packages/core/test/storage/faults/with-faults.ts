import { expect } from '@jest/globals';
import type { ProxyFaultKind } from '../../../src/testing/index.js';
import { FaultRun } from './fault-run.js';
import { FaultySite, type StoreFacts } from './faulty-site.js';
import { FaultyTransfers, type Report, type Round } from './faulty-transfers.js';

/** Repeats a run that went wrong: the seed is printed by every run. */
const seed = process.env.DIRAC_S3_FAULT_SEED;

const mebibyte = 1024 * 1024;

/** No store takes smaller parts than 5 MiB; ranges can have any size. */
const pieces = { partBytes: 5 * mebibyte, rangeBytes: 2 * mebibyte, parallel: 4 };

const rounds: readonly Round[] = [
  { files: 20, leastBytes: 16, spreadBytes: 400_000, inPieces: false },
  { files: 4, leastBytes: 2 * pieces.partBytes + 1, spreadBytes: 4 * pieces.partBytes, inPieces: true },
];

/** Transfers between a site and a store until so many faults have happened on the way. */
export async function withFaults(
  store: StoreFacts,
  { faults, kinds = [] }: { readonly faults: number; readonly kinds?: readonly ProxyFaultKind[] },
): Promise<Report & { readonly counts: Readonly<Record<string, number>> }> {
  const run = await FaultRun.start({ store: store.origin, seed, maxFaults: faults, rate: 0.35, kinds });
  process.stdout.write(`${faults} faults, seed ${run.seed}\n`);
  const site = new FaultySite({ store, port: run.port, pieces });
  try {
    await site.seed();
    const transfers = new FaultyTransfers(site, run, { faults, rounds });
    await transfers.finish();
    expect(run.faults).toBe(faults);
    const { counts } = run;
    process.stdout.write(`${JSON.stringify({ requests: run.events.length, ...transfers.report, faults: counts })}\n`);
    return { ...transfers.report, counts };
  } finally {
    site.close();
    await run.close();
  }
}
