// @ts-check
/** What `npm run test:catalogs` started, as its tests need to know it. */
import { readFileSync } from 'node:fs';

/** @typedef {{server: import('./mariadb.mjs').Server, python: string, directory: string, pki: string}} Facts */

/**
 * Without them the tests fail: they are never skipped.
 * @returns {Facts}
 */
export function given() {
  const file = process.env['DIRAC_S3_CATALOGS'];
  if (file === undefined) throw new Error('DIRAC_S3_CATALOGS is not set: run these tests with `npm run test:catalogs`');
  return JSON.parse(readFileSync(file, 'utf8'));
}
