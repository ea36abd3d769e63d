import { describe, expect, test } from '@jest/globals';
import { createS3Presigner } from '../../src/adapters/s3/index.js';
import { Secret, type PresignedUrl, type StorageElement } from '../../src/domain/index.js';
import { createDirectUrlSource } from '../../src/presign/index.js';
import { fixedClock } from '../../src/testing/index.js';
import { storageElement } from './world.js';

const keys = { accessKeyId: 'MAIN', secretAccessKey: new Secret('secret') };
const source = (changes: Partial<StorageElement> = {}, vo?: string) => {
  const element = storageElement('SE', changes);
  return createDirectUrlSource({
    registry: { find: (name) => (name === 'SE' ? element : undefined), all: () => [element] },
    presigner: createS3Presigner({ credentials: { credentialsOf: (_, use) => (use === 'main' ? keys : undefined) } }),
    clock: fixedClock('2026-11-24T12:34:56Z'),
    vo,
  });
};
const request = { storageElement: 'SE', method: 'get_object' as const, items: [{ lfn: '/vo/a' }] };

describe('URLs from own credentials', () => {
  test('are signed for many names, each answered once and in order', async () => {
    const { successful, failed } = await source().presign({
      ...request,
      items: [{ lfn: '/vo/b' }, { lfn: 'bad' }, { lfn: '/vo/a' }, { lfn: '/vo/b' }],
    });
    expect([...successful.keys()]).toEqual(['/vo/b', '/vo/a']);
    expect([...failed].map(([name, { code }]) => [name, code])).toEqual([['bad', 'invalid-lfn']]);
  });

  test('include PUT and parts with the main keys, since such a URL stays in the process', async () => {
    for (const more of [
      { method: 'put_object' as const, upload: 'put' as const, items: [{ lfn: '/vo/a', checksum: '0a1b2c3d', ifNoneMatch: true }] },
      { method: 'upload_part' as const, items: [{ lfn: '/vo/a', uploadId: '2~abc', partNumber: 1 }] },
    ]) {
      const signed = (await source().presign({ ...request, ...more })).successful.get('/vo/a') as PresignedUrl;
      expect(signed.httpMethod).toBe('PUT');
      expect(signed.url).toContain('X-Amz-Credential=MAIN%2F');
    }
  });

  test('obey the status of the StorageElement, its VOs and its lifetimes like any other', async () => {
    const status = { Read: 'Banned', Write: 'Active', Remove: 'Active', Check: 'Active' };
    await expect(source({ status }).presign(request)).rejects.toMatchObject({ code: 'access-not-allowed' });
    await expect(source({ vos: ['biomed'] }, 'vo').presign(request)).rejects.toMatchObject({ code: 'access-not-allowed' });
    await expect(source().presign({ ...request, expirationSeconds: 7201 })).rejects.toMatchObject({ code: 'expiration-refused' });
    await expect(source().presign({ ...request, storageElement: 'NONE' })).rejects.toMatchObject({ code: 'unknown-storage-element' });
  });

  test('of a process without a VO use the bucket of the StorageElement, with one that of the VO', async () => {
    const voBuckets = new Map([['vo', 'vo-bucket']]);
    const url = async (vo?: string): Promise<string> =>
      ((await source({ voBuckets, vos: ['vo'] }, vo).presign(request)).successful.get('/vo/a') as PresignedUrl).url;
    expect(await url()).toMatch(/^https:\/\/se\.example\.org\/bucket\/vo\/a\?/);
    expect(await url('vo')).toMatch(/^https:\/\/se\.example\.org\/vo-bucket\/vo\/a\?/);
  });

  test('for own transfers go to the internal endpoint, for others to the public one', async () => {
    const direct = source({ publicEndpoint: { secure: true, host: 'public.example.org', port: undefined } });
    const url = async (purpose: 'transfer' | 'external'): Promise<string> =>
      ((await direct.presign({ ...request, purpose })).successful.get('/vo/a') as PresignedUrl).url;
    expect(await url('transfer')).toMatch(/^https:\/\/se\.example\.org\//);
    expect(await url('external')).toMatch(/^https:\/\/public\.example\.org\//);
  });
});
