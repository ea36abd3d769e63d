// @ts-check
/**
 * `npm run test:real`: every packages/*\/test/**\/*.real.test.ts against a real S3 server, Ceph RADOS Gateway from Debian's packages,
 * started for this run on a free loopback port and destroyed after it. What is missing is installed, or this fails: it never skips.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyCeph, requireCeph, startCeph } from './ceph.mjs';
import { requireDebian } from './debian.mjs';
import { runJest } from './jest.mjs';
import { pythonWithBoto3 } from './python.mjs';
import { install, turbo } from './setup.mjs';

install();
turbo('build', { quiet: true });
requireCeph();
requireDebian({ packages: ['openssl'], needs: ['openssl'], why: 'certificates for the tests' });
const python = pythonWithBoto3();

const directory = mkdtempSync(join(tmpdir(), 'dirac-s3-real-'));
const cluster = join(directory, 'ceph');
process.on('exit', () => {
  destroyCeph(cluster);
  rmSync(directory, { recursive: true, force: true });
});

const storeFile = join(directory, 'store.json');
writeFileSync(storeFile, JSON.stringify(await startCeph(cluster), null, 2), { mode: 0o600 });
process.exitCode = await runJest('jest.real.config.mjs', {
  args: process.argv.slice(2),
  variables: { DIRAC_S3_REAL_STORE: storeFile, DIRAC_S3_PYTHON: python },
});
