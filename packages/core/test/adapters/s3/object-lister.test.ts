import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { startDevelopmentStore } from '../../../src/testing/development-store/index.js';
import { objectListerSuite } from './object-lister-suite.js';

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

objectListerSuite('the development store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'dirac-s3-lister-'));
  const store = await startDevelopmentStore({ directory, buckets: ['bucket'] });
  closing.push(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });
  return { origin: `http://127.0.0.1:${store.port}`, region: 'us-east-1', bucket: 'bucket', credentials: store.credentials[0]! };
});
