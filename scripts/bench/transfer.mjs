// @ts-check
/**
 * `npm run bench transfer`: the command line beside `aws s3 cp`, s5cmd, rclone and curl on Ceph RGW: one large file and many small ones, up and
 * down. Ours with every checksum it makes, through a gateway (a process of its own) and with the keys of the store; theirs without, where that
 * can be. All take turns, round by round, so that a busy machine is unfair to all alike: what counts are the ratios of the same round.
 *
 *   node scripts/bench/transfer.mjs [--size MiB] [--files N] [--rounds N] [--jobs 'get one,put one,get many,put many'] [--directory DIR]
 *
 * Default: 1024 MiB, 1000 files of 100 kB, 3 rounds, all jobs, the system's temporary directory. The store keeps what each contender sends in each
 * round: with the defaults some 30 GB.
 */
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { destroyCeph, requireCeph, startCeph } from '../ceph.mjs';
import { startWorld } from '../world/world.mjs';
import { runMeasured } from './measured-program.mjs';
import { otherClients } from './other-clients.mjs';
import { emptyDirectory, fileName, others, ours } from './transfer-contenders.mjs';
import { printComparison } from './transfer-table.mjs';

/** @typedef {import('./transfer-contenders.mjs').Job} Job */

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1024' },
    files: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    jobs: { type: 'string', default: 'get one,put one,get many,put many' },
    directory: { type: 'string', default: tmpdir() },
  },
});
const sizeMiB = Number(values.size);
const files = Number(values.files);
const rounds = Number(values.rounds);
const jobs = /** @type {Job[]} */ (values.jobs.split(',').map((job) => job.trim()));
const smallBytes = 100_000;
const storageElement = 'BENCH-S3';
const home = '/demo/user/a/alice';

requireCeph();
const { present, absent } = otherClients();
const directory = mkdtempSync(join(values.directory, 'dirac-s3-bench-'));
const cluster = join(directory, 'ceph');
process.on('exit', () => {
  destroyCeph(cluster);
  rmSync(directory, { recursive: true, force: true });
});
// Nothing is replaced: room for what every contender sends in every round. A full store would hang.
const sentMiB = (present.size + 2) * (rounds + 1) * (sizeMiB + (files * smallBytes) / (1024 * 1024));
const store = await startCeph(cluster, { store: 'bluestore', size: `${Math.ceil((sentMiB + sizeMiB) / 1024) + 4}G` });
const elements = async () => ({ [storageElement]: { origin: store.origin, writeOnlyKey: true } });
const world = await startWorld({ store, elements });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.once(signal, () => void world.close().then(() => process.exit(130)));
try {
  await measure();
} finally {
  await world.close();
}

async function measure() {
  const contenders = new Map([
    ['dirac-s3, gateway', ours(world, storageElement, { direct: false })],
    ['dirac-s3, keys', ours(world, storageElement, { direct: true })],
    ...others(store, present),
  ]);
  const source = makeSource();
  const fetched = { one: `${home}/source/one.bin`, many: `${home}/source/many` };
  await succeed(['put', fetched.one, source.one, storageElement]);
  await succeed(['put', '-r', fetched.many, source.many, storageElement]);
  console.log(
    `Node ${process.version}; one file of ${sizeMiB} MiB, ${files} files of ${smallBytes} bytes; Ceph RGW on loopback; ${rounds} rounds`,
  );
  for (const [name, { version }] of present) console.log(`${name.padEnd(8)} ${version}`);
  for (const [name, why] of absent) console.log(`${name.padEnd(8)} absent: ${why}`);
  for (const job of jobs) {
    const [direction = '', which] = job.split(' ');
    const amount = which === 'one' ? 'one' : 'many';
    const names = [...contenders.keys()];
    /** @type {Map<string, import('./measured-program.mjs').Measured[]>} */
    const results = new Map(names.map((name) => [name, []]));
    // The first round warms up what is to be warm, and counts for nothing.
    for (let round = -1; round < rounds; round += 1) {
      for (let turn = 0; turn < names.length; turn += 1) {
        const name = names[(round + 1 + turn) % names.length] ?? '';
        const local = direction === 'get' ? join(directory, `copy-${amount}-${round}-${names.indexOf(name)}`) : source[amount];
        if (direction === 'get') emptyDirectory(local);
        const remote = direction === 'get' ? fetched[amount] : `${home}/sent${jobs.indexOf(job)}-${round}-${names.indexOf(name)}`;
        const sizeBytes = which === 'one' ? sizeMiB * 1024 * 1024 : smallBytes;
        const program = await contenders.get(name)?.({ job, local, remote, sizeBytes });
        if (program === undefined) continue;
        const measured = await runMeasured(program);
        if (round >= 0) results.get(name)?.push(measured);
        // Many small files stay: ext4 is slow to give out what was given back within the last minute, to whoever comes next.
        if (local !== source[amount] && amount === 'one') rmSync(local, { recursive: true });
      }
    }
    printComparison(`${job}: ${which === 'one' ? `${sizeMiB} MiB` : `${files} files of 100 kB`}`, results);
  }
}

function makeSource() {
  const source = { one: join(directory, 'one.bin'), many: join(directory, 'many') };
  const chunk = Buffer.alloc(1024 * 1024);
  const file = openSync(source.one, 'w');
  for (let n = 0; n < sizeMiB; n += 1) writeSync(file, randomFillSync(chunk));
  closeSync(file);
  emptyDirectory(source.many);
  for (let n = 0; n < files; n += 1) writeFileSync(join(source.many, fileName(n)), randomFillSync(Buffer.alloc(smallBytes)));
  return source;
}

/** @param {string[]} words */
async function succeed(words) {
  const { code, stderr } = await world.cli('alice', words);
  if (code !== 0) throw new Error(`dirac-s3 ${words[0]} ended with ${code}:\n${stderr}`);
}
