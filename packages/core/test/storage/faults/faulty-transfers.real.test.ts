import { expect, test } from '@jest/globals';
import { realStore } from '../../store-conformance/real-store.js';
import { withFaults } from './with-faults.js';

test('a thousand faults on the way to Ceph and back: every file is identical, nothing wrong is registered', async () => {
  const { counts } = await withFaults(realStore(), 1000);
  expect(Object.keys(counts).length).toBeGreaterThanOrEqual(7);
}, 600_000);
