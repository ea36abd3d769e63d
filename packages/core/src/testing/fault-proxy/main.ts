#!/usr/bin/env node
/**
 * The fault proxy as a program: prints one line of JSON when it is up (`origin`, `seed`), then one for each request that is over, and ends
 * with SIGTERM, SIGINT or when its standard input closes.
 *
 *   node main.js --store http://127.0.0.1:PORT [--port 0] [--seed TEXT] [--rate 0.25] [--max-faults N] [--max-milliseconds 100]
 *                [--kind NAME]... [--bytes-per-second N]
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createFaultPlan, proxyFaultKinds } from './fault-plan.js';
import { startFaultProxy } from './fault-proxy.js';

const { values } = parseArgs({
  options: {
    store: { type: 'string' },
    port: { type: 'string', default: '0' },
    seed: { type: 'string' },
    rate: { type: 'string', default: '0.25' },
    'max-faults': { type: 'string', default: 'Infinity' },
    'max-milliseconds': { type: 'string', default: '100' },
    kind: { type: 'string', multiple: true, default: [] },
    'bytes-per-second': { type: 'string' },
  },
});
if (values.store === undefined) throw new Error('--store is missing: the origin of the store');
const kinds = proxyFaultKinds.filter((kind) => values.kind.length === 0 || values.kind.includes(kind));
const unknown = values.kind.filter((kind) => !kinds.some((known) => known === kind));
if (unknown.length > 0) throw new Error(`--kind ${unknown.join(', ')} is none of ${proxyFaultKinds.join(', ')}`);

const seed = values.seed ?? randomBytes(6).toString('hex');
const rate = values['bytes-per-second'];
const proxy = await startFaultProxy({
  store: values.store,
  port: Number(values.port),
  plan: createFaultPlan({
    seed,
    kinds,
    rate: Number(values.rate),
    maxFaults: Number(values['max-faults']),
    maxMilliseconds: Number(values['max-milliseconds']),
  }),
  bytesPerSecond: rate === undefined ? undefined : Number(rate),
  onEvent: say,
});
// Before the line goes out: whoever reads it may end us at once.
const stop = (): void => void proxy.close().then(() => process.exit(0));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
process.stdin.once('end', stop).once('close', stop).resume();
say({ origin: proxy.origin, seed });

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
