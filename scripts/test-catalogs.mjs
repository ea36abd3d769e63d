// @ts-check
/**
 * `npm run test:catalogs`: every packages/*\/test/**\/*.catalogs.test.ts with a real MariaDB, databases made by DIRAC's own scripts, and the real
 * File Catalog service of the same release. What is missing is installed, or this fails: it never skips.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destroyMariaDb, requireMariaDb, startMariaDb } from './catalogs/mariadb.mjs';
import { serviceEnvironment } from './catalogs/environment.mjs';
import { freePort } from './ceph.mjs';
import { runJest } from './jest.mjs';
import { install, root, turbo } from './setup.mjs';

/** Tests that passed when this was committed: fewer means that some are not run any more. */
const committedNumber = 471;

install();
turbo('build', { quiet: true });
requireMariaDb();
const python = await serviceEnvironment();

const directory = mkdtempSync(join(tmpdir(), 'dirac-s3-catalogs-'));
const database = join(directory, 'mariadb');
process.on('exit', () => {
  destroyMariaDb(database);
  rmSync(directory, { recursive: true, force: true });
});
const server = startMariaDb(database, await freePort());
process.stdout.write(`MariaDB: ${server.host}:${server.port}; DIRAC: ${python}\n`);

const file = join(directory, 'facts.json');
const pki = join(directory, 'pki');
const made = spawnSync('bash', [join(root, 'scripts', 'make-grid-pki'), pki, 'alice'], { encoding: 'utf8' });
if (made.status !== 0) throw new Error(`make-grid-pki failed:\n${made.stdout}${made.stderr}`);
writeFileSync(file, JSON.stringify({ server, python, directory, pki }), { mode: 0o600 });
const report = join(directory, 'report.json');
const args = ['--json', '--outputFile', report, ...process.argv.slice(2)];
const code = await runJest('jest.catalogs.config.mjs', { args, variables: { DIRAC_S3_CATALOGS: file } });
const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
const partial = process.argv.length > 2;
const lacking = partial ? 0 : Math.max(0, committedNumber - numPassedTests - numFailedTests) + numPendingTests;
if (lacking > 0) process.stdout.write(`Nothing may be skipped or left out: ${numPassedTests} of ${committedNumber} tests passed.\n`);
const failed = Math.max(numFailedTests, numFailedTestSuites) + (lacking > 0 ? 1 : 0);
process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : code;
