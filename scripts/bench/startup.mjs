// @ts-check
/**
 * `npm run bench startup`: what the command line costs when there is little or nothing to do, beside `node -e 0`: time, processor time and
 * peak of memory. Runs of all contenders take turns, so that what else the machine does falls on each of them alike. "not bundled" is the
 * same program in its modules. The help may take 2.5 times a bare Node; more is exit code 1.
 *
 *   node scripts/bench/startup.mjs [--rounds N]      default 30
 *
 * V8's compile cache is not used: it saves about a tenth, and its files are code that whoever can write them runs as the user.
 */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { built, cliProgram, startWorld } from '../world/world.mjs';

const limit = 2.5;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '30' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number');

/** @typedef {{args: string[], cwd?: string, env: NodeJS.ProcessEnv}} Contender */
/** @typedef {{milliseconds: number, cpuMilliseconds: number, peakMiB: number}} Cost */

// Nothing of this machine's configuration: `se list` reads none and finds nothing.
const alone = (/** @type {string[]} */ ...args) => ({ args, env: { HOME: '/nonexistent' } });
const unbundled = built('cli/build/main.js');
const world = await startWorld();
try {
  const lfn = '/demo/user/a/alice/tiny';
  await writeFile(join(world.homes.alice.home, 'tiny'), 'a few bytes\n');
  const { code, stderr } = await world.cli('alice', ['put', lfn, 'tiny', 'DEMO-S3']);
  if (code !== 0) throw new Error(`nothing to get: ${stderr}`);
  const get = (/** @type {boolean} */ direct, program = cliProgram) =>
    world.cliCommand('alice', ['get', lfn, '--force'], { direct, program });

  report(
    await measure({
      'node -e 0': alone('-e', '0'),
      'dirac-s3 --help': alone(cliProgram, '--help'),
      'dirac-s3 get --help': alone(cliProgram, 'get', '--help'),
      'completion of a command': alone(cliProgram, '__complete', 'dirac-s3', 're'),
      'dirac-s3 se list': alone(cliProgram, 'se', 'list'),
      'get by gateway, 12 bytes': get(false),
      'by gateway, not bundled': get(false, unbundled),
      'get directly, 12 bytes': get(true),
      'directly, not bundled': get(true, unbundled),
    }),
  );
} finally {
  await world.close();
}

/** What each cost in each round. @param {Record<string, Contender>} contenders */
async function measure(contenders) {
  /** @type {Map<string, Cost[]>} */
  const costs = new Map(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, contender] of Object.entries(contenders)) {
      const cost = await run(name, contender);
      if (round >= 0) costs.get(name)?.push(cost);
    }
  }
  return costs;
}

/**
 * Processor time and peak are what the process itself says at its end.
 * @param {string} name @param {Contender} contender @returns {Promise<Cost>}
 */
async function run(name, { args, env, cwd }) {
  const confession = `import { readFileSync, writeSync } from 'node:fs';
    process.on('exit', () => {
      const { user, system } = process.cpuUsage();
      const peak = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
      writeSync(3, JSON.stringify({ cpuMilliseconds: (user + system) / 1e3, peakMiB: Number(peak) / 1024 }));
    });`;
  const start = process.hrtime.bigint();
  // Not spawnSync: the logs of store and gateway are read here meanwhile, or they would wait.
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(confession)}`, ...args], {
    env,
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  let said = '';
  /** @type {import('node:stream').Readable} */ (child.stdio[3]).setEncoding('utf8').on('data', (piece) => (said += piece));
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return { milliseconds, ...JSON.parse(said) };
}

/** @param {Map<string, Cost[]>} costs */
function report(costs) {
  const bare = costs.get('node -e 0') ?? [];
  const at = (/** @type {number[]} */ list, /** @type {number} */ part) =>
    [...list].sort((one, other) => one - other)[Math.floor((list.length - 1) * part)] ?? Number.NaN;
  process.stdout.write(`Node ${process.versions.node}, ${rounds} rounds, medians; ratios to "node -e 0" of the same round\n`);
  process.stdout.write(
    `${''.padEnd(26)}${'ms'.padStart(8)}${'ratio'.padStart(8)}   quartiles${'CPU ms'.padStart(13)}${'peak MiB'.padStart(10)}\n`,
  );
  let slow = false;
  for (const [name, list] of costs) {
    const ratios = list.map(({ milliseconds }, round) => milliseconds / (bare[round]?.milliseconds ?? Number.NaN));
    const [time, cpu, peak] = [
      list.map(({ milliseconds }) => milliseconds),
      list.map((cost) => cost.cpuMilliseconds),
      list.map((cost) => cost.peakMiB),
    ];
    const ratio = at(ratios, 0.5);
    if (name.endsWith('--help') && ratio > limit) slow = true;
    const quartiles = `${at(ratios, 0.25).toFixed(2)} .. ${at(ratios, 0.75).toFixed(2)}`.padEnd(16);
    const numbers = [at(time, 0.5).toFixed(1).padStart(8), ratio.toFixed(2).padStart(8), '   ', quartiles];
    process.stdout.write(
      `${name.padEnd(26)}${numbers.join('')}${at(cpu, 0.5).toFixed(0).padStart(6)}${at(peak, 0.5).toFixed(0).padStart(10)}\n`,
    );
  }
  if (!slow) return;
  process.stderr.write(`the help takes more than ${limit} times a bare Node\n`);
  process.exitCode = 1;
}
