import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBucketProbe } from '../../../src/adapters/s3/index.js';
import { createSdkUrlSigner } from '../../../src/adapters/s3/sdk-url-signer.js';
import { Secret, type S3Credentials, type StorageElement } from '../../../src/domain/index.js';
import { startDevelopmentStore, type DevelopmentStore } from '../../../src/testing/development-store/index.js';
import { storageElementOf } from '../../../src/testing/index.js';

const clock = { now: () => new Date() };

describe('a probe of a StorageElement', () => {
  let directory: string;
  let store: DevelopmentStore;
  let element: StorageElement;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dirac-s3-probe-'));
    store = await startDevelopmentStore({ directory, buckets: ['probe-me'] });
    element = storageElementOf('PROBED', { endpoint: { secure: false, host: '127.0.0.1', port: store.port }, bucket: 'probe-me' });
  });

  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const probe = (change: Partial<StorageElement> = {}, secret?: string): Promise<unknown> => {
    const [own] = store.credentials;
    const keys: S3Credentials = { accessKeyId: own!.accessKeyId, secretAccessKey: new Secret(secret ?? own!.secretAccessKey) };
    return createBucketProbe({ credentials: { credentialsOf: () => keys }, clock, timeoutSeconds: 5 })({ ...element, ...change });
  };

  it('finds a bucket its keys can use', async () => {
    expect(await probe()).toEqual({ usable: true });
  });

  it('says that the bucket is not there', async () => {
    expect(await probe({ bucket: 'not-there' })).toEqual({ usable: false, reason: 'the store has no such bucket (404)' });
  });

  it('says that the keys are refused, without naming them', async () => {
    expect(await probe({}, 'a-wrong-secret')).toEqual({
      usable: false,
      reason: 'the store refuses these credentials for the bucket (403)',
    });
  });

  it.each(['main', 'write-only'] as const)('says that the SDK signs otherwise with the %s keys', async (wrong) => {
    const keysOf = (use: string): S3Credentials => ({ accessKeyId: use, secretAccessKey: new Secret(`secret of ${use}`) });
    const finding = await createBucketProbe({
      credentials: { credentialsOf: (_, use) => keysOf(use) },
      clock,
      reference: async (region, keys) => createSdkUrlSigner(keys.accessKeyId === wrong ? `${region}-1` : region, keys),
    })(element);
    expect(finding).toEqual({
      usable: false,
      reason: 'this program and the AWS SDK sign one request differently, which is a bug: please report it',
    });
  });

  it('says that nobody answers', async () => {
    expect(await probe({ endpoint: { secure: false, host: '127.0.0.1', port: 1 } })).toEqual({
      usable: false,
      reason: 'the store cannot be reached (ECONNREFUSED)',
    });
  });

  it('says that there are no credentials', async () => {
    const finding = await createBucketProbe({ credentials: { credentialsOf: () => undefined }, clock })(element);
    expect(finding).toEqual({ usable: false, reason: 'no credentials are configured here' });
  });
});
