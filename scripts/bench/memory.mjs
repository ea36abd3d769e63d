// @ts-check
/**
 * `npm run bench memory`: the peak of the memory (VmHWM) of the command line while it sends and fetches one file of 10 GiB through a gateway, on
 * Ceph RGW. More than 100 MiB is exit code 1.
 *
 *   node scripts/bench/memory.mjs [--size MiB] [--node PROGRAM …] [--directory DIR]
 *
 * Default: 10240 MiB, this Node, the system's temporary directory (the file, its copy, and the store's: three times the size). Other versions of
 * Node: `npm install node@24` gives `node_modules/node/bin/node`.
 */
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { destroyCeph, requireCeph, startCeph } from '../ceph.mjs';
import { startWorld } from '../world/world.mjs';
import { runMeasured } from './measured-program.mjs';

const limitMiB = 100;
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '10240' },
    node: { type: 'string', multiple: true, default: [process.execPath] },
    directory: { type: 'string', default: tmpdir() },
  },
});
const sizeMiB = Number(values.size);

requireCeph();
const directory = mkdtempSync(join(values.directory, 'dirac-s3-bench-'));
const cluster = join(directory, 'ceph');
process.on('exit', () => {
  destroyCeph(cluster);
  rmSync(directory, { recursive: true, force: true });
});
// What was removed is given free a minute later.
const store = await startCeph(cluster, { store: 'bluestore', size: `${Math.ceil((sizeMiB * values.node.length) / 1024) + 4}G` });
const world = await startWorld({ store, elements: async () => ({ 'BENCH-S3': { origin: store.origin, writeOnlyKey: true } }) });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.once(signal, () => void world.close().then(() => process.exit(130)));
try {
  await measure();
} finally {
  await world.close();
}

async function measure() {
  const source = join(directory, 'data.bin');
  writeSource(source);
  console.log(`one file of ${sizeMiB} MiB, Ceph RGW on loopback; peak of the process (VmHWM)`);
  for (const [index, node] of values.node.entries()) {
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    const lfn = `/demo/user/a/alice/data${index}.bin`;
    for (const words of [
      ['put', lfn, source, 'BENCH-S3', 'new'],
      ['get', lfn, '--output-dir', directory],
    ]) {
      const { peakKiB, seconds } = await runMeasured({ ...world.cliCommand('alice', words), command: node });
      const peakMiB = Math.ceil(peakKiB / 1024);
      console.log(`Node ${version.padEnd(9)} ${words[0]}  ${String(peakMiB).padStart(5)} MiB  ${seconds.toFixed(0).padStart(5)} s`);
      if (peakMiB > limitMiB) process.exitCode = 1;
    }
    rmSync(join(directory, `data${index}.bin`));
    await world.cli('alice', ['rm', lfn]);
  }
}

/** @param {string} path */
function writeSource(path) {
  const chunk = Buffer.alloc(1024 * 1024);
  const file = openSync(path, 'w');
  for (let n = 0; n < sizeMiB; n += 1) writeSync(file, randomFillSync(chunk, 0, 4096));
  closeSync(file);
}
