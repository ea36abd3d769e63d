import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startDevelopmentStore } from '../../../src/testing/development-store/index.js';
import { withFaults } from './with-faults.js';

test('a thousand faults on the way to the development store and back: every file is identical, nothing wrong is registered', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'dirac-s3-fault-store-'));
  const store = await startDevelopmentStore({ directory, buckets: ['bucket'] });
  try {
    const [credentials] = store.credentials;
    const { counts } = await withFaults({ origin: store.origin, region: 'us-east-1', bucket: 'bucket', credentials: credentials! }, 1000);
    expect(Object.keys(counts).length).toBeGreaterThanOrEqual(7);
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}, 180_000);
