import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startDevelopmentStore, type DevelopmentStore } from '../../../src/testing/development-store/index.js';
import { withFaults } from './with-faults.js';

let directory: string;
let store: DevelopmentStore;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dirac-s3-fault-store-'));
  store = await startDevelopmentStore({ directory, buckets: ['bucket'] });
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a thousand faults on the way to the development store and back: every file is identical, nothing wrong is registered, no part is left', async () => {
  const [credentials, writeOnlyCredentials] = store.credentials;
  const facts = { origin: store.origin, region: 'us-east-1', bucket: 'bucket' };
  const { counts } = await withFaults(
    { ...facts, credentials: credentials!, writeOnlyCredentials: writeOnlyCredentials! },
    { faults: 1000 },
  );
  expect(Object.keys(counts).length).toBeGreaterThanOrEqual(8);
}, 600_000);
