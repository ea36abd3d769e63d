// @ts-check
/**
 * `npm run test:dirac`: every packages/*\/test/**\/*.dirac.test.ts with the unmodified DIRAC of three releases from the package index, its real
 * Configuration server, a real Ceph RADOS Gateway and a grid PKI made for this run. What is missing is installed, or this fails: it never skips.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceEnvironment } from './catalogs/environment.mjs';
import { destroyMariaDb, requireMariaDb, startMariaDb } from './catalogs/mariadb.mjs';
import { destroyCeph, freePort, requireCeph, startCeph } from './ceph.mjs';
import { people, strangers } from './dirac/configuration.mjs';
import { diracEnvironments } from './dirac/environments.mjs';
import { runJest } from './jest.mjs';
import { install, root, turbo } from './setup.mjs';

/** Tests that passed when this was committed: fewer means that some are not run any more. */
const committedNumber = 460;

install();
turbo('build', { quiet: true });
requireCeph();
requireMariaDb();
const environments = await diracEnvironments();
await serviceEnvironment();
for (const [version, { packages }] of Object.entries(environments)) say(`DIRAC ${version}: ${packages.join(' ')}`);

const directory = mkdtempSync(join(tmpdir(), 'dirac-s3-interoperability-'));
const cluster = join(directory, 'ceph');
const mariaDb = join(directory, 'mariadb');
process.on('exit', () => {
  destroyCeph(cluster);
  destroyMariaDb(mariaDb);
  rmSync(directory, { recursive: true, force: true });
});

const store = await startCeph(cluster);
for (const daemon of readdirSync(join(cluster, 'run')))
  say(`Ceph ${daemon}: pid ${readFileSync(join(cluster, 'run', daemon), 'utf8').split(' ')[0]}`);
say(`Ceph RADOS Gateway: ${store.origin} ${store.secureOrigin}`);

const database = startMariaDb(mariaDb, await freePort());
const facts = { environments, store, directory, pki: makePki(), database };
const file = join(directory, 'facts.json');
writeFileSync(file, JSON.stringify(facts), { mode: 0o600 });
const report = join(directory, 'report.json');
const args = ['--json', '--outputFile', report, ...process.argv.slice(2)];
const code = await runJest('jest.dirac.config.mjs', { args, variables: { DIRAC_S3_DIRAC: file } });
process.exitCode = sum(code);

/** A PKI with the users' certificates, and a proxy for each, made by the code of DIRAC itself. */
function makePki() {
  const pki = join(directory, 'pki');
  const names = [...Object.keys(people).filter((name) => name !== 'bob'), 'mallory', '-bob'];
  run('bash', [join(root, 'scripts', 'make-grid-pki'), pki, ...names]);
  const proxies = Object.entries(people).map(([name, { group }]) => `${name}:${group}`);
  const others = Object.entries(strangers).map(([file, { name, group }]) => `${file}=${name}:${group}`);
  const scripts = join(root, 'scripts', 'dirac', 'python');
  const env = { PATH: process.env['PATH'], HOME: directory, PYTHONPATH: scripts, PYTHONDONTWRITEBYTECODE: '1' };
  run(environments['9.0.27'].python, [join(scripts, 'make_proxies.py'), pki, ...proxies, ...others], env);
  return pki;
}

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
function run(command, args, env) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: env ?? process.env });
  if (status === 0) return;
  process.stderr.write(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}\n`);
  process.exit(1);
}

/** Prints what passed and failed, and judges the run. @param {number} code of jest @returns {number} */
function sum(code) {
  const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
  const partial = process.argv.length > 2;
  const tooFew = !partial && numPassedTests + numFailedTests < committedNumber;
  if (tooFew) say(`Only ${numPassedTests + numFailedTests} tests ran, at least ${committedNumber} are expected.`);
  const skipped = numPendingTests + numTodoTests;
  if (!partial && skipped > 0) say(`${skipped} tests did not run: nothing may be skipped.`);
  const failed = Math.max(numFailedTests, numFailedTestSuites) + (tooFew ? 1 : 0) + (partial ? 0 : skipped);
  say(`${numPassedTests} passed, ${failed} failed`);
  return failed > 0 ? 1 : code;
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
