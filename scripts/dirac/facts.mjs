// @ts-check
/** What `npm run test:dirac` started, as its tests need to know it. */
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

/** @typedef {import('./configuration.mjs').Store & {caFile: string}} Store */
/** @typedef {{environments: Record<string, {python: string}>, store: Store, directory: string, pki: string, database: import('../catalogs/mariadb.mjs').Server}} Facts */

/**
 * Without them the tests fail: they are never skipped.
 * @returns {Facts}
 */
export function given() {
  const file = process.env['DIRAC_S3_DIRAC'];
  if (file === undefined) throw new Error('DIRAC_S3_DIRAC is not set: run these tests with `npm run test:dirac`');
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** What an installation of a release is started with, in a folder of its own. @param {string} version */
export async function placeFor(version) {
  const { environments, store, directory, pki } = given();
  const environment = environments[version];
  if (environment === undefined) throw new Error(`there is no environment of DIRAC ${version}`);
  return { version, python: environment.python, directory: await mkdtemp(join(directory, `dirac-${version}-`)), pki, store };
}

/** Whether a process runs. @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
