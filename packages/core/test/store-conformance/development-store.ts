import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevelopmentStoreOptions, startDevelopmentStore } from '../../src/testing/development-store/index.js';
import type { StoreUnderTest } from './store-under-test.js';

const main = { accessKeyId: 'OWNER', secretAccessKey: 'the-secret-of-the-owner' };
const writer = { accessKeyId: 'WRITER', secretAccessKey: 'the-secret-of-the-writer', rights: 'write-only' as const };
const temporary = { accessKeyId: 'TEMPORARY', secretAccessKey: 'the-secret-of-the-guest', sessionToken: 'a-session-token/+=' };

/** A development store in a folder of its own, as the suite wants it. */
export async function startStoreUnderTest(
  options: Partial<DevelopmentStoreOptions> = {},
): Promise<{ store: StoreUnderTest; directory: string; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'development-store-'));
  const { origin, region, close } = await startDevelopmentStore({
    directory,
    buckets: ['conformance', 'another'],
    credentials: [main, writer, temporary],
    allowedOrigins: ['http://app.example'],
    ...options,
  });
  return {
    store: {
      name: 'development',
      origin,
      region,
      bucket: 'conformance',
      anotherBucket: 'another',
      credentials: main,
      writeOnlyCredentials: writer,
      temporaryCredentials: temporary,
    },
    directory,
    close: async () => {
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
