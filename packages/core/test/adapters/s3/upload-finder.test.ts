import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createS3Presigner, createUploadFinder, createUploadStarter } from '../../../src/adapters/s3/index.js';
import { objectKeyOf, parseLfn, Secret, type S3Credentials, type StorageElement } from '../../../src/domain/index.js';
import { startDevelopmentStore, type DevelopmentStore } from '../../../src/testing/development-store/index.js';
import { storageElementOf } from '../../../src/testing/index.js';
import { provider, targetOf } from './targets.js';

describe('looking for unfinished uploads', () => {
  let directory: string;
  let store: DevelopmentStore;
  let element: StorageElement;
  let keys: S3Credentials;
  const begun = new Map<string, string[]>();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dirac-s3-finder-'));
    store = await startDevelopmentStore({ directory, buckets: ['bucket', 'other'] });
    const endpoint = { secure: false, host: '127.0.0.1', port: store.port };
    element = storageElementOf('SE', { endpoint, bucket: 'bucket', unsignedHeaders: 'refused' });
    const [own] = store.credentials;
    keys = { accessKeyId: own!.accessKeyId, secretAccessKey: new Secret(own!.secretAccessKey) };
    const credentials = provider(keys);
    const starter = createUploadStarter({ presigner: createS3Presigner({ credentials }), credentials });
    const begin = async (lfn: string, bucket = 'bucket'): Promise<void> => {
      const target = targetOf(lfn, { storageElement: element, bucket, method: 'create_multipart_upload' });
      const uploadId = await starter.start(target, { now: new Date(), partsSignedWith: 'main' });
      begun.set(`${bucket}${lfn}`, [...(begun.get(`${bucket}${lfn}`) ?? []), uploadId]);
    };
    for (const lfn of ['/vo/a/one', '/vo/a/two', '/vo/a/two', '/vo/a/deep/&<"\' 😀', '/vo/ab/beside', '/vo/a']) await begin(lfn);
    await begin('/vo/a/elsewhere', 'other');
    for (let n = 0; n < 1203; n += 1) await begin(`/vo/many/${n}`);
    starter.close();
  }, 60_000);

  afterAll(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const find = (
    lfn: string,
    { most = 10_000, bucket = 'bucket', ...change }: Partial<StorageElement> & { most?: number } = {},
    given = keys,
  ) =>
    createUploadFinder({ credentials: provider(given), timeoutSeconds: 5 }).find(
      { storageElement: { ...element, ...change }, bucket, key: objectKeyOf(parseLfn(lfn)) },
      most,
    );

  it('finds those of a name and below it, and none beside it or in another bucket', async () => {
    const found = await find('/vo/a');
    expect(found.map(({ key }) => key).sort()).toEqual(['vo/a', 'vo/a/deep/&<"\' 😀', 'vo/a/one', 'vo/a/two', 'vo/a/two']);
    for (const { key, uploadId, begunAt } of found) {
      expect(begun.get(`bucket/${key}`)).toContain(uploadId);
      expect(Math.abs(Date.now() - begunAt.getTime())).toBeLessThan(120_000);
    }
    expect(new Set(found.map(({ uploadId }) => uploadId)).size).toBe(5);
    expect((await find('/vo/a', { bucket: 'other' })).map(({ key }) => key)).toEqual(['vo/a/elsewhere']);
    expect((await find('/vo/a/one')).map(({ key }) => key)).toEqual(['vo/a/one']);
    expect(await find('/vo/nobody')).toEqual([]);
  });

  it('reads every page of the list, and gives up beyond the limit', async () => {
    const found = await find('/vo/many', { most: 1203 });
    expect(new Set(found.map(({ key }) => key)).size).toBe(1203);
    await expect(find('/vo/many', { most: 1202 })).rejects.toMatchObject({
      code: 'too-many-items',
      message: 'more than 1202 uploads in parts are under way below /vo/many',
    });
  });

  it('says what keeps the store from answering, and no key', async () => {
    const wrong: S3Credentials = { ...keys, secretAccessKey: new Secret('a-wrong-secret') };
    await expect(find('/vo/a', {}, wrong)).rejects.toMatchObject({
      code: 'storage-refused',
      message: 'SE: its uploads in parts cannot be listed: the store refuses these credentials for the bucket (403)',
    });
    await expect(find('/vo/a', { bucket: 'not-there' })).rejects.toMatchObject({
      code: 'storage-refused',
      message: expect.stringContaining('no such bucket'),
    });
    await expect(find('/vo/a', { endpoint: { secure: false, host: '127.0.0.1', port: 1 } })).rejects.toMatchObject({
      code: 'storage-unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    const none = createUploadFinder({ credentials: provider(undefined) });
    const place = { storageElement: element, bucket: 'bucket', key: objectKeyOf(parseLfn('/vo/a')) };
    await expect(none.find(place, 10)).rejects.toMatchObject({
      code: 'storage-unavailable',
      message: 'this process has no credentials of SE',
    });
  });
});
