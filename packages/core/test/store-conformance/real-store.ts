import { readFileSync } from 'node:fs';
import type { StoreUnderTest } from './store-under-test.js';

/** The real store that `npm run test:real` started. @throws when there is none: a real test never passes by not running. */
export function realStore(): StoreUnderTest {
  const file = process.env.DIRAC_S3_REAL_STORE;
  if (file === undefined) throw new Error('DIRAC_S3_REAL_STORE is not set; run these tests with: npm run test:real');
  return JSON.parse(readFileSync(file, 'utf8')) as StoreUnderTest;
}
