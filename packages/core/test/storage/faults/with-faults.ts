import { expect } from '@jest/globals';
import type { ProxyFaultKind } from '../../../src/testing/index.js';
import { FaultRun } from './fault-run.js';
import { FaultySite, type StoreFacts } from './faulty-site.js';
import { FaultyTransfers, type Report } from './faulty-transfers.js';

/** Repeats a run that went wrong: the seed is printed by every run. */
const seed = process.env.DIRAC_S3_FAULT_SEED;

/** Transfers between a site and a store until so many faults have happened on the way. */
export async function withFaults(
  store: StoreFacts,
  faults: number,
  kinds: readonly ProxyFaultKind[] = [],
): Promise<Report & { readonly counts: Readonly<Record<string, number>> }> {
  const run = await FaultRun.start({ store: store.origin, seed, maxFaults: faults, rate: 0.35, kinds });
  process.stdout.write(`${faults} faults, seed ${run.seed}\n`);
  const site = new FaultySite({ store, port: run.port });
  try {
    await site.seed();
    const transfers = new FaultyTransfers(site, run, { faults, filesPerRound: 20, maxBytes: 400_000 });
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
