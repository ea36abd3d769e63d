import { afterAll, beforeAll } from '@jest/globals';
import { startStoreUnderTest } from './development-store.js';
import { conformanceSuite } from './suite.js';

let running: Awaited<ReturnType<typeof startStoreUnderTest>>;
beforeAll(async () => {
  running = await startStoreUnderTest();
});
afterAll(() => running.close());

conformanceSuite('the development store', () => running.store);
