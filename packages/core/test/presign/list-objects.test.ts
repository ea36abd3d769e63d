import { describe, expect, test } from '@jest/globals';
import { parseLfn, type Lfn, type ObjectKey } from '../../src/domain/index.js';
import { DiracS3Error, failure } from '../../src/errors/index.js';
import type { ListedObject, ObjectLister } from '../../src/ports/index.js';
import { createDirectStoredObjects, createListObjects, type ListObjectsCommand } from '../../src/presign/index.js';
import { identityOf } from '../../src/testing/index.js';
import { alice, allowed, createWorld, denied, storageElement, type WorldOptions } from './world.js';

const object: ListedObject = { sizeBytes: 3, etag: 'd41d8cd98f00b204e9800998ecf8427e' };

/** A store without one: keys that end with `free` are, `far` ones were not reached, and under the others something is stored. */
function listerOf(answer?: Error) {
  const listed: { readonly bucket: string; readonly endpoint: string; readonly keys: readonly ObjectKey[] }[] = [];
  const lister: ObjectLister = {
    list: ({ storageElement: { publicEndpoint, endpoint }, bucket }, keys) => {
      listed.push({ bucket, endpoint: (publicEndpoint ?? endpoint).host, keys });
      if (answer !== undefined) return Promise.reject(answer);
      const told = keys.filter((key) => !key.endsWith('far'));
      return Promise.resolve({
        successful: new Map(told.map((key) => [key, key.endsWith('free') ? undefined : object])),
        failed: new Map(keys.filter((key) => key.endsWith('far')).map((key) => [key, failure('too-many-items', `/${key}: far`)])),
      });
    },
  };
  return { listed, lister };
}

function createListing({ answer, ...options }: WorldOptions & { readonly answer?: Error } = {}) {
  const world = createWorld(options);
  const { listed, lister } = listerOf(answer);
  const listObjects = createListObjects({ ...world, lister });
  const list = (lfns: readonly string[], more: Partial<ListObjectsCommand> = {}) =>
    listObjects({ identity: alice, requestId: 'request-1', storageElement: 'SE', lfns, ...more });
  return { ...world, listed, list };
}

describe('what is stored under many names', () => {
  const verdict = (_: string, lfn: Lfn) => (lfn.includes('his') ? denied : lfn.includes('silent') ? undefined : allowed);

  test('is told of each name once, in the order asked, or why not', async () => {
    const { list } = createListing({ verdict });
    const { successful, failed } = await list(['/vo/b', '/vo/free', '/vo/his', 'bad', '/vo/far', '/vo/a', '/vo/b']);
    expect([...successful]).toEqual([
      ['/vo/b', object],
      ['/vo/free', undefined],
      ['/vo/a', object],
    ]);
    expect([...failed]).toEqual([
      ['/vo/his', { code: 'permission-denied', message: '/vo/his: not yours' }],
      ['bad', expect.objectContaining({ code: 'invalid-lfn' })],
      ['/vo/far', { code: 'too-many-items', message: '/vo/far: far' }],
    ]);
  });

  test('is asked of the catalog as for head_object, in one question, and of the store for what was permitted alone', async () => {
    const { list, calls, listed } = createListing({ verdict });
    const names = ['/vo/a', '/vo/his', '/vo/silent', '/vo/free'];
    const { failed } = await list(names);
    expect(calls).toEqual([{ method: 'getFileMetadata', names }]);
    expect(listed).toEqual([{ bucket: 'bucket', endpoint: 'se.example.org', keys: ['vo/a', 'vo/free'] }]);
    expect(failed.get('/vo/silent')?.code).toBe('catalog-unavailable');
  });

  test('is not asked of the store when nothing is permitted, nor when the catalog does not answer', async () => {
    const nothing = createListing({ verdict: () => denied });
    expect((await nothing.list(['/vo/a'])).failed.size).toBe(1);
    const broken = createListing({ verdict: () => new Error('boom') });
    await expect(broken.list(['/vo/a'])).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect([nothing.listed, broken.listed]).toEqual([[], []]);
    expect(broken.trail.records).toMatchObject([
      { lfn: '/vo/a', method: 'head_object', outcome: { granted: false, code: 'catalog-unavailable' } },
    ]);
  });

  test('is written down before it is told, as head_object is', async () => {
    const { list, trail, clock } = createListing({ verdict });
    await list(['/vo/a', '/vo/free', '/vo/his', '/vo/far']);
    const granted = { granted: true, expiresAt: clock.now() };
    const record = {
      at: clock.now(),
      requestId: 'request-1',
      identity: alice,
      storageElement: 'SE',
      method: 'head_object',
      purpose: 'transfer',
    };
    expect(trail.records).toEqual([
      { ...record, lfn: '/vo/a', outcome: granted },
      { ...record, lfn: '/vo/free', outcome: granted },
      { ...record, lfn: '/vo/his', outcome: { granted: false, code: 'permission-denied', reason: '/vo/his: not yours' } },
      { ...record, lfn: '/vo/far', outcome: { granted: false, code: 'too-many-items', reason: '/vo/far: far' } },
    ]);
    const mute = createListing({ audit: { record: () => Promise.reject(new Error('full')) } });
    await expect(mute.list(['/vo/a'])).rejects.toMatchObject({ code: 'internal' });
  });

  test('obeys the state of the StorageElement, its VOs and the number of names, before anybody is asked', async () => {
    const closed = { Read: 'Banned', Write: 'Active', Remove: 'Active', Check: 'Banned' };
    const elements = [storageElement('SE'), storageElement('CLOSED', { status: closed }), storageElement('OTHERS', { vos: ['other'] })];
    const { list, calls, listed } = createListing({ elements });
    for (const name of ['CLOSED', 'OTHERS'])
      await expect(list(['/vo/a'], { storageElement: name })).rejects.toMatchObject({ code: 'access-not-allowed' });
    await expect(list(['/vo/a'], { storageElement: 'NONE' })).rejects.toMatchObject({ code: 'unknown-storage-element' });
    await expect(list(['/vo/a', '/vo/b'], { maxItems: 1 })).rejects.toMatchObject({ code: 'too-many-items' });
    expect([calls, listed]).toEqual([[], []]);
  });

  test('is looked up in the bucket of the VO, at the internal endpoint, within what a narrowed credential may read', async () => {
    const publicEndpoint = { secure: true, host: 'public.example.org', port: undefined };
    const element = storageElement('SE', { voBuckets: new Map([['vo', 'vo-bucket']]), publicEndpoint });
    const { list, listed } = createListing({ elements: [element] });
    const identity = identityOf('alice', { restrictions: [{ access: ['read'], path: '/vo/b' as Lfn }] });
    const { failed } = await list(['/vo/a', '/vo/b/1'], { identity });
    expect([...failed].map(([lfn, { code }]) => [lfn, code])).toEqual([['/vo/a', 'permission-denied']]);
    expect(listed).toEqual([{ bucket: 'vo-bucket', endpoint: 'se.example.org', keys: ['vo/b/1'] }]);
  });

  test('is refused as a whole when the lister cannot be asked, and that is written down', async () => {
    const { list, trail } = createListing({ answer: new DiracS3Error('storage-unavailable', 'down') });
    await expect(list(['/vo/a'])).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(trail.records).toMatchObject([{ lfn: '/vo/a', outcome: { granted: false, code: 'storage-unavailable' } }]);
  });
});

describe('listings with own keys', () => {
  const direct = (changes: Parameters<typeof storageElement>[1] = {}, vo?: string) => {
    const element = storageElement('SE', changes);
    const { listed, lister } = listerOf();
    const registry = { find: (name: string) => (name === 'SE' ? element : undefined), all: () => [element] };
    return { listed, objects: createDirectStoredObjects({ registry, lister, vo }) };
  };

  test('tell what is stored without asking a catalog', async () => {
    const { objects, listed } = direct({ voBuckets: new Map([['vo', 'vo-bucket']]) }, 'vo');
    const { successful, failed } = await objects.listed('SE', ['/vo/free', '/vo/a', '/vo/far'].map(parseLfn));
    expect([...successful]).toEqual([
      ['/vo/free', undefined],
      ['/vo/a', object],
    ]);
    expect([...failed.keys()]).toEqual(['/vo/far']);
    expect(listed).toEqual([{ bucket: 'vo-bucket', endpoint: 'se.example.org', keys: ['vo/free', 'vo/a', 'vo/far'] }]);
  });

  test('obey what the configuration says, and ask nobody about nothing', async () => {
    const status = { Read: 'Banned', Write: 'Active', Remove: 'Active', Check: 'Banned' };
    const closed = direct({ status });
    await expect(closed.objects.listed('SE', [parseLfn('/vo/a')])).rejects.toMatchObject({ code: 'access-not-allowed' });
    await expect(closed.objects.listed('NONE', [parseLfn('/vo/a')])).rejects.toMatchObject({ code: 'unknown-storage-element' });
    const { objects, listed } = direct();
    expect((await objects.listed('SE', [])).successful.size).toBe(0);
    expect([closed.listed, listed]).toEqual([[], []]);
  });
});
