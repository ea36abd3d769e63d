// @ts-check
/**
 * `npm run bench startup`: how long the command line takes to answer without work to do, as ratios to `node -e 0`. Runs of all contenders
 * take turns, so that what else the machine does falls on each of them alike. The help may take 2.5 times a bare Node; more is exit code 1.
 *
 *   node scripts/bench/startup.mjs [--rounds N]      default 30
 *
 * V8's compile cache is not used: it saves about a tenth, and its files are code that whoever can write them runs as the user.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { cliProgram } from '../world/world.mjs';

const limit = 2.5;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '30' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number');

/** @type {Record<string, string[]>} */
const contenders = {
  'node -e 0': ['-e', '0'],
  'dirac-s3 --help': [cliProgram, '--help'],
  'dirac-s3 get --help': [cliProgram, 'get', '--help'],
  'completion of a command': [cliProgram, '__complete', 'dirac-s3', 're'],
  'dirac-s3 se list': [cliProgram, 'se', 'list'],
};

/** @type {Map<string, number[]>} */
const times = new Map(Object.keys(contenders).map((name) => [name, []]));
for (let round = -2; round < rounds; round += 1) {
  for (const [name, words] of Object.entries(contenders)) {
    const start = process.hrtime.bigint();
    // Nothing of this machine's configuration: `se list` reads none and finds nothing.
    const { status } = spawnSync(process.execPath, words, { env: { HOME: '/nonexistent' }, stdio: 'ignore' });
    if (status === null) throw new Error(`${name} did not run`);
    if (round >= 0) times.get(name)?.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
}

const bare = times.get('node -e 0') ?? [];
const at = (/** @type {number[]} */ sorted, /** @type {number} */ part) => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
const sorted = (/** @type {number[]} */ list) => [...list].sort((one, other) => one - other);
process.stdout.write(`Node ${process.versions.node}, ${rounds} rounds; ratios to "node -e 0" of the same round\n`);
process.stdout.write(`${''.padEnd(26)}${'median ms'.padStart(10)}${'ratio'.padStart(8)}   quartiles\n`);
let slow = false;
for (const [name, list] of times) {
  const ratios = sorted(list.map((time, round) => time / (bare[round] ?? Number.NaN)));
  const ratio = at(ratios, 0.5);
  if (name.endsWith('--help') && ratio > limit) slow = true;
  const quartiles = `${at(ratios, 0.25).toFixed(2)} .. ${at(ratios, 0.75).toFixed(2)}`;
  process.stdout.write(
    `${name.padEnd(26)}${at(sorted(list), 0.5).toFixed(1).padStart(10)}${ratio.toFixed(2).padStart(8)}   ${quartiles}\n`,
  );
}
if (slow) {
  process.stderr.write(`the help takes more than ${limit} times a bare Node\n`);
  process.exit(1);
}
