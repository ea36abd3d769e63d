import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { adler32, singleResult, type Lfn } from '../../src/domain/index.js';
import type { ReplicationMethod } from '../../src/data-management/index.js';
import { realStore } from '../store-conformance/real-store.js';
import { lfnOf, ways } from '../storage/world.js';
import { ClientBytes } from './client-bytes.js';
import { ReplicationWorld } from './replication-world.js';

const mebibyte = 1024 * 1024;
const names = ['ONE', 'TWO', 'FAR'];

/** Two buckets of a real store in the places of `ONE` and `TWO`; `FAR` stays a development store, `DISK` a directory. */
describe.each(ways)('replication on a real store, %s', (way) => {
  let world: ReplicationWorld;
  let client: ClientBytes;
  beforeAll(async () => {
    client = new ClientBytes();
    world = await ReplicationWorld.open(way, { real: realStore() });
  });
  afterAll(async () => {
    client.stop();
    await world.close();
  });

  const bytes = randomBytes(20_000_000);
  const whole = { sizeBytes: bytes.length, checksum: adler32(bytes) };
  const openAll = (pieces: { partBytes?: number; singleCopyBytes?: number }): void => {
    for (const name of names) world.openS3(name, way, {}, { pieces });
  };
  const add = async (from: string): Promise<Lfn> => {
    const lfn = lfnOf(`real-${randomUUID()}`);
    await world.add(lfn, bytes, from);
    return lfn;
  };

  const routes: readonly [from: string, to: string, method: ReplicationMethod][] = [
    ['ONE', 'TWO', 'server-side'],
    ['ONE', 'FAR', 'stream'],
    ['FAR', 'ONE', 'stream'],
    ['ONE', 'DISK', 'stream'],
    ['DISK', 'TWO', 'stream'],
  ];
  describe.each([
    ['in one request', {}],
    ['in parts', { partBytes: 5 * mebibyte, singleCopyBytes: mebibyte }],
  ])('%s', (_, pieces) => {
    beforeAll(() => openAll(pieces));
    test.each(routes)('copies from %s to %s (%s), verified and registered, and removes the replica again', async (from, to, method) => {
      const lfn = await add(from);
      const manager = world.manager();
      client.reset();
      const outcome = singleResult(await manager.replicate([lfn], { storageElement: to }));
      expect(outcome).toMatchObject({ source: from, method, sizeBytes: bytes.length });
      // What a store copies by itself passes nobody; what is streamed passes once for each store.
      const stores = [from, to].filter((name) => names.includes(name)).length;
      expect(Math.round(client.count / bytes.length)).toBe(method === 'server-side' ? 0 : stores);
      if (method === 'server-side') expect(client.count).toBeLessThan(30_000);
      expect(await world.bytesAt(to, lfn)).toEqual(whole);
      expect(singleResult(await world.client(to).getMetadata([lfn]))).toMatchObject(whole);
      expect(await world.replicas(lfn)).toEqual([from, to].sort());
      singleResult(await manager.removeReplicas([lfn], to));
      expect(await world.bytesAt(to, lfn)).toBeUndefined();
      expect(await world.bytesAt(from, lfn)).toEqual(whole);
      singleResult(await manager.remove([lfn]));
    });
  });

  test('a copy keeps the bytes of an object that came in parts', async () => {
    openAll({ partBytes: 5 * mebibyte });
    const lfn = await add('ONE');
    expect(singleResult(await world.client('ONE').getMetadata([lfn])).etag).toMatch(/-4"$/);
    expect(singleResult(await world.manager().replicate([lfn], { storageElement: 'TWO' }))).toMatchObject({ method: 'server-side' });
    expect(await world.bytesAt('TWO', lfn)).toEqual(whole);
  });

  test('the store forgets the condition of a copy, and a source that is replaced on the way makes no replica all the same', async () => {
    const damaged = Buffer.from(bytes);
    damaged[0]! ^= 1;
    for (const pieces of [{}, { partBytes: 5 * mebibyte, singleCopyBytes: mebibyte }]) {
      openAll(pieces);
      const lfn = await add('ONE');
      const two = world.client('TWO');
      world.clients.set('TWO', {
        ...two,
        copyFrom: async (...args) => {
          await world.putRaw('ONE', lfn, { bytes: damaged, checksum: whole.checksum });
          return two.copyFrom!(...args);
        },
      });
      await expect(world.manager().replicate([lfn], { storageElement: 'TWO' }).then(singleResult)).rejects.toMatchObject({
        code: 'checksum-mismatch',
        message: expect.stringMatching(/was replaced while it was/),
      });
      world.clients.set('TWO', two);
      expect(await world.bytesAt('TWO', lfn)).toBeUndefined();
      expect(await world.replicas(lfn)).toEqual(['ONE']);
    }
  });
});
