import { afterAll, beforeAll } from '@jest/globals';
import { startStoreUnderTest } from './development-store.js';
import { sdkClientSuite } from './sdk-client.js';

let running: Awaited<ReturnType<typeof startStoreUnderTest>>;
beforeAll(async () => {
  running = await startStoreUnderTest();
});
afterAll(() => running.close());

sdkClientSuite('the development store', () => running.store);
