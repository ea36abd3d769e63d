// @ts-check
/**
 * MB/s and peak memory of get and put: the storage library beside curl, each transfer in a process of its own, interleaved round by round so
 * that a busy machine is unfair to all alike. Ratios count, not the absolute numbers.
 *
 *     npm run build && node scripts/bench/transfer.mjs [--size 256] [--rounds 5] [--store development|ceph]
 */
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopProgram } from '../world/processes.mjs';
import { startDevelopmentStore } from '../world/world.mjs';
import { startCeph } from './ceph.mjs';
import { transferContenders } from './transfer-contenders.mjs';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '256' },
    rounds: { type: 'string', default: '5' },
    store: { type: 'string', default: 'development' },
  },
});
const sizeMiB = Number(values.size);
const rounds = Number(values.rounds);
const directory = mkdtempSync(join(tmpdir(), 'dirac-s3-bench-'));
const { store, stop } = await startStore(values.store);
try {
  await measure();
} finally {
  await stop();
  rmSync(directory, { recursive: true, force: true });
}

async function measure() {
  const source = join(directory, 'source');
  writeRandomFile(source);
  const contenders = transferContenders(store, '/vo/bench/data.bin');
  /** @type {Map<string, import('./transfer-contenders.mjs').Measured[]>} */
  const results = new Map(contenders.map(({ name }) => [name, []]));
  // One put before all: there must be something to get, and the first touch of everything is not measured.
  await contenders.find(({ action }) => action === 'put')?.run(source);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length];
      if (contender === undefined) continue;
      const path = contender.action === 'put' ? source : join(directory, 'copy');
      results.get(contender.name)?.push(await contender.run(path));
      rmSync(join(directory, 'copy'), { force: true });
    }
  }
  print(results);
}

/** @param {Map<string, import('./transfer-contenders.mjs').Measured[]>} results */
function print(results) {
  console.log(`Node ${process.version}, ${sizeMiB} MiB on loopback, ${values.store} store, ${rounds} rounds; median (range)`);
  console.log(`${''.padEnd(24)} ${'MB/s'.padStart(8)} ${'range'.padStart(14)} ${'peak MiB'.padStart(9)}`);
  for (const [name, measured] of results) {
    const speeds = measured.map(({ seconds }) => (sizeMiB * 1024 * 1024) / 1e6 / seconds);
    const range = `${Math.min(...speeds).toFixed(0)} to ${Math.max(...speeds).toFixed(0)}`;
    const peak = Math.max(...measured.map(({ peakKiB }) => peakKiB)) / 1024;
    console.log(`${name.padEnd(24)} ${median(speeds).toFixed(0).padStart(8)} ${range.padStart(14)} ${peak.toFixed(0).padStart(9)}`);
  }
}

/** @param {string} name @returns {Promise<{ store: import('../world/configuration.mjs').Store, stop: () => Promise<void> | void }>} */
async function startStore(name) {
  if (name === 'ceph') return startCeph(directory);
  if (name !== 'development') throw new Error(`--store: "${name}" is neither development nor ceph`);
  const started = await startDevelopmentStore(join(directory, 'store'));
  return { store: started.store, stop: () => stopProgram(started.child) };
}

/** @param {string} path */
function writeRandomFile(path) {
  const chunk = Buffer.alloc(1024 * 1024);
  const file = openSync(path, 'w');
  for (let n = 0; n < sizeMiB; n++) writeSync(file, randomFillSync(chunk));
  closeSync(file);
}

/** @param {readonly number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
