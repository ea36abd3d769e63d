// @ts-check
/**
 * `npm run test:real`: every packages/*\/test/**\/*.real.test.ts against a real S3 server, Ceph RADOS Gateway from Debian's packages,
 * started for this run on a free loopback port and destroyed after it. What is missing is installed, or this fails: it never skips.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonWithBoto3 } from './python.mjs';
import { install, root, turbo } from './setup.mjs';

const cephPackages = ['ceph-mon', 'ceph-osd', 'radosgw'];
const systemPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

install();
turbo('build', { quiet: true });
requireTools();
const python = pythonWithBoto3();

const directory = mkdtempSync(join(tmpdir(), 'dirac-s3-real-'));
const cluster = join(directory, 'ceph');
process.on('exit', () => {
  spawnSync(rgw(), ['destroy', '--dir', cluster, '--quiet'], { stdio: 'inherit' });
  rmSync(directory, { recursive: true, force: true });
});

/** @type {(signal: NodeJS.Signals) => void} */
let stop = () => process.exit(1);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => stop(signal));

const storeFile = join(directory, 'store.json');
writeFileSync(storeFile, JSON.stringify(await startCeph(), null, 2), { mode: 0o600 });
process.exitCode = await runJest({ DIRAC_S3_REAL_STORE: storeFile, DIRAC_S3_PYTHON: python });

/** The store as the tests need to know it. */
async function startCeph() {
  const port = await freePort();
  const credentials = newKeys();
  const buckets = ['real-data', 'real-other'];
  const { accessKeyId, secretAccessKey } = credentials;
  const keys = ['--access-key', accessKeyId, '--secret-key', secretAccessKey];
  ceph('start', '--dir', cluster, '--port', String(port), '--size', '4G', ...keys, ...buckets.flatMap((bucket) => ['--bucket', bucket]));

  // A subuser with the access "write" may put, post, complete and delete, and neither read nor copy from anywhere.
  const writeOnlyCredentials = newKeys();
  admin('subuser', 'create', '--uid', 'dev', '--subuser', 'dev:writer', '--access', 'write');
  admin('key', 'create', '--uid', 'dev', '--subuser', 'dev:writer', '--key-type', 's3', ...keyOptions(writeOnlyCredentials));
  const strangerCredentials = newKeys();
  admin('user', 'create', '--uid', 'stranger', '--display-name', 'stranger', ...keyOptions(strangerCredentials));

  const [bucket, anotherBucket] = buckets;
  const origin = `http://127.0.0.1:${port}`;
  return { name: 'ceph', origin, region: 'us-east-1', bucket, anotherBucket, credentials, writeOnlyCredentials, strangerCredentials };
}

function rgw() {
  return join(root, 'scripts', 'ceph-rgw-dev');
}

/** @param {string[]} args */
function ceph(...args) {
  const { status } = spawnSync(rgw(), args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) fail(`Ceph RGW did not do: ceph-rgw-dev ${args[0]}`);
}

/** @param {string[]} args */
function admin(...args) {
  const { status, stdout, stderr } = spawnSync(rgw(), ['admin', '--dir', cluster, '--', ...args], { encoding: 'utf8' });
  if (status !== 0) fail(`radosgw-admin ${args.slice(0, 2).join(' ')} failed:\n${stdout}${stderr}`);
}

function newKeys() {
  return { accessKeyId: randomBytes(10).toString('hex').toUpperCase(), secretAccessKey: randomBytes(20).toString('hex') };
}

/** @param {{accessKeyId: string, secretAccessKey: string}} keys */
function keyOptions({ accessKeyId, secretAccessKey }) {
  return ['--access-key', accessKeyId, '--secret-key', secretAccessKey];
}

/** @param {Record<string, string>} variables @returns {Promise<number>} */
function runJest(variables) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = ['--experimental-vm-modules', '--no-warnings', jest, '--config', 'jest.real.config.mjs', ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...variables } });
  stop = (signal) => void child.kill(signal);
  return new Promise((resolve, reject) => child.once('error', reject).once('exit', (code) => resolve(code ?? 1)));
}

function requireTools() {
  const missing = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'monmaptool'].filter((command) => !isThere(command));
  if (missing.length > 0) aptInstall(cephPackages, missing);
  for (const tool of ['curl', 'openssl']) if (!isThere(tool)) aptInstall([tool], [tool]);
}

/** @param {string} command */
function isThere(command) {
  return systemPath.split(':').some((folder) => existsSync(join(folder, command)));
}

/** @param {string[]} packages @param {string[]} missing */
function aptInstall(packages, missing) {
  process.stderr.write(`Installing ${packages.join(' ')} (${missing.join(', ')} not found) …\n`);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const [command = '', ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
    const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status === 0) continue;
    fail(
      `The tests against a real S3 server need the Debian packages ${[...cephPackages, 'curl'].join(' ')}.\n` +
        `Installing them failed: apt-get ${args.join(' ')}\n${stdout ?? ''}${stderr ?? ''}`,
    );
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** @param {string} why @returns {never} */
function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
