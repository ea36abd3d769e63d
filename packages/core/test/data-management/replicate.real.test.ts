import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { adler32, singleResult } from '../../src/domain/index.js';
import { realStore } from '../store-conformance/real-store.js';
import { lfnOf } from '../storage/world.js';
import { ReplicationWorld } from './replication-world.js';

/** Two buckets of a real store in the places of `ONE` and `TWO`; `FAR` stays a development store, `DISK` a directory. */
describe('replication on a real store', () => {
  let world: ReplicationWorld;
  beforeAll(async () => {
    world = await ReplicationWorld.open('direct', { real: realStore() });
  });
  afterAll(() => world.close());

  test.each<[from: string, to: string]>([
    ['ONE', 'TWO'],
    ['ONE', 'FAR'],
    ['FAR', 'ONE'],
    ['ONE', 'DISK'],
    ['DISK', 'TWO'],
  ])('copies from %s to %s, verified and registered, and removes the replica again', async (from, to) => {
    const lfn = lfnOf(`real-${randomUUID()}`);
    const bytes = randomBytes(20_000_000);
    const whole = { sizeBytes: bytes.length, checksum: adler32(bytes) };
    await world.add(lfn, bytes, from);
    const manager = world.manager();
    expect(singleResult(await manager.replicate([lfn], { storageElement: to }))).toMatchObject({ source: from, sizeBytes: bytes.length });
    expect(await world.bytesAt(to, lfn)).toEqual(whole);
    expect(singleResult(await world.client(to).getMetadata([lfn]))).toMatchObject(whole);
    expect(await world.replicas(lfn)).toEqual([from, to].sort());
    singleResult(await manager.removeReplicas([lfn], to));
    expect(await world.bytesAt(to, lfn)).toBeUndefined();
    expect(await world.bytesAt(from, lfn)).toEqual(whole);
    singleResult(await manager.remove([lfn]));
  });
});
