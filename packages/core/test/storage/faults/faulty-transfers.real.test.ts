import { expect, test } from '@jest/globals';
import { realStore } from '../../store-conformance/real-store.js';
import { withFaults } from './with-faults.js';

test('a thousand faults on the way to Ceph and back: every file is identical, nothing wrong is registered, no part is left', async () => {
  const { counts } = await withFaults(realStore(), { faults: 1000 });
  expect(Object.keys(counts).length).toBeGreaterThanOrEqual(8);
}, 600_000);
