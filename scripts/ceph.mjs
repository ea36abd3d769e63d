// @ts-check
/** A real S3 server for a run of tests: Ceph RADOS Gateway from Debian's packages on a free loopback port. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { requireDebian } from './debian.mjs';
import { root } from './setup.mjs';

const program = join(root, 'scripts', 'ceph-rgw-dev');

export function requireCeph() {
  const packages = ['ceph-mon', 'ceph-osd', 'radosgw', 'curl', 'openssl'];
  const needs = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'monmaptool', 'curl', 'openssl'];
  requireDebian({ packages, needs, why: 'Ceph for the tests against a real S3 server' });
}

/**
 * Starts it below `cluster`, also over https with a certificate of its own making, with two buckets, a key that may only write, and a user who owns nothing.
 * @param {string} cluster a directory of its own
 * @param {{ store?: 'memstore' | 'bluestore', size?: string }} [options] where objects are kept, and how much fits: more makes every request hang
 */
export async function startCeph(cluster, { store = 'memstore', size = '4G' } = {}) {
  const port = await freePort();
  const tlsPort = await freePort();
  const credentials = newKeys();
  const buckets = ['real-data', 'real-other'];
  const { accessKeyId, secretAccessKey } = credentials;
  const keys = ['--access-key', accessKeyId, '--secret-key', secretAccessKey];
  const ports = ['--port', String(port), '--tls-port', String(tlsPort)];
  ceph(
    'start',
    '--dir',
    cluster,
    ...ports,
    '--store',
    store,
    '--size',
    size,
    ...keys,
    ...buckets.flatMap((bucket) => ['--bucket', bucket]),
  );

  // A subuser with the access "write" may put, post, complete and delete, and neither read nor copy from anywhere.
  const writeOnlyCredentials = newKeys();
  admin(cluster, 'subuser', 'create', '--uid', 'dev', '--subuser', 'dev:writer', '--access', 'write');
  admin(cluster, 'key', 'create', '--uid', 'dev', '--subuser', 'dev:writer', '--key-type', 's3', ...keyOptions(writeOnlyCredentials));
  const strangerCredentials = newKeys();
  admin(cluster, 'user', 'create', '--uid', 'stranger', '--display-name', 'stranger', ...keyOptions(strangerCredentials));

  const [bucket = '', anotherBucket = ''] = buckets;
  const origin = `http://127.0.0.1:${port}`;
  const secure = { secureOrigin: `https://127.0.0.1:${tlsPort}`, caFile: join(cluster, 'tls', 'ca.pem') };
  return {
    name: 'ceph',
    origin,
    ...secure,
    region: 'us-east-1',
    bucket,
    anotherBucket,
    credentials,
    writeOnlyCredentials,
    strangerCredentials,
  };
}

/** Ends its processes and removes the directory. @param {string} cluster */
export function destroyCeph(cluster) {
  spawnSync(program, ['destroy', '--dir', cluster, '--quiet'], { stdio: 'inherit' });
}

/** @param {string[]} args */
function ceph(...args) {
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) fail(`Ceph RGW did not do: ceph-rgw-dev ${args[0]}`);
}

/** @param {string} cluster @param {string[]} args */
function admin(cluster, ...args) {
  const { status, stdout, stderr } = spawnSync(program, ['admin', '--dir', cluster, '--', ...args], { encoding: 'utf8' });
  if (status !== 0) fail(`radosgw-admin ${args.slice(0, 2).join(' ')} failed:\n${stdout}${stderr}`);
}

function newKeys() {
  return { accessKeyId: randomBytes(10).toString('hex').toUpperCase(), secretAccessKey: randomBytes(20).toString('hex') };
}

/** @param {{accessKeyId: string, secretAccessKey: string}} keys */
function keyOptions({ accessKeyId, secretAccessKey }) {
  return ['--access-key', accessKeyId, '--secret-key', secretAccessKey];
}

/** @returns {Promise<number>} */
export function freePort() {
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
