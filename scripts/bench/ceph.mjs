// @ts-check
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../ceph-rgw-dev', import.meta.url));

/**
 * Ceph RGW for a benchmark, in memory. Its Debian packages must be there (`npm run test:real` installs them).
 *
 * @param {string} directory
 * @returns {{ store: import('../world/configuration.mjs').Store, stop: () => void }}
 */
export function startCeph(directory) {
  const cluster = join(directory, 'ceph');
  const credentials = { accessKeyId: randomBytes(10).toString('hex').toUpperCase(), secretAccessKey: randomBytes(20).toString('hex') };
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const keys = ['--access-key', credentials.accessKeyId, '--secret-key', credentials.secretAccessKey];
  const { status } = spawnSync(program, ['start', '--dir', cluster, '--port', String(port), '--size', '4G', ...keys, '--bucket', 'bench'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('Ceph RGW did not start');
  return {
    store: { origin: `http://127.0.0.1:${port}`, region: 'us-east-1', bucket: 'bench', credentials },
    stop: () => void spawnSync(program, ['destroy', '--dir', cluster, '--quiet'], { stdio: 'inherit' }),
  };
}
