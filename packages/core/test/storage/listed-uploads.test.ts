import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createObjectLister } from '../../src/adapters/s3/index.js';
import type { BulkResult, Lfn } from '../../src/domain/index.js';
import type { ListedObject, StoredObjects } from '../../src/ports/index.js';
import { createDirectStoredObjects } from '../../src/presign/index.js';
import type { StorageElementClient, Upload } from '../../src/storage/index.js';
import { lfnOf, ways, World } from './world.js';

type Listed = BulkResult<ListedObject | undefined, Lfn>;

describe.each(ways)('many small uploads, %s', (way) => {
  let world: World;
  let close: () => void;
  let se: StorageElementClient;
  /** What becomes of each answer of the listing. */
  let retell: (listed: Listed, call: number) => Listed;
  beforeEach(async () => {
    world = await World.open(way);
    retell = (listed) => listed;
    const { registry, credentials, clock } = world.signing({ now: () => new Date() });
    const lister = createObjectLister({ credentials, clock });
    const listings = createDirectStoredObjects({ registry, lister, vo: 'vo' });
    let calls = 0;
    const objects: StoredObjects = { listed: async (name, lfns) => retell(await listings.listed(name, lfns), calls++) };
    se = world.storageElement({ objects, urls: way === 'direct' ? world.directUrls() : world.gatewayUrls({ writeOnlyKey: true }) });
    close = () => {
      se.close();
      lister.close();
    };
  });
  afterEach(async () => {
    close();
    await world.close();
  });

  const uploadsOf = (count: number): Upload[] =>
    Array.from({ length: count }, (_, n) => {
      const path = join(world.local, `source-${n}`);
      writeFileSync(path, `file ${n}`);
      return { lfn: lfnOf(`file-${String(n).padStart(3, '0')}`), source: { path } };
    });
  const counted = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const line of world.seen.splice(0)) counts[line.split(' ')[0]!] = (counts[line.split(' ')[0]!] ?? 0) + 1;
    return counts;
  };

  test('are looked for and read back by listings, but for one of each group', async () => {
    const { successful, failed } = await se.put(uploadsOf(15));
    expect([successful.size, failed.size]).toEqual([15, 0]);
    expect(counted()).toEqual({ GET: 4, PUT: 15, HEAD: 2 });
  });

  test('to names that are taken are refused without a request of their own', async () => {
    await se.put(uploadsOf(15).slice(0, 4));
    counted();
    const { successful, failed } = await se.put(uploadsOf(15));
    expect([...failed.values()].map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'file-exists'));
    expect([successful.size, counted().PUT]).toEqual([11, 11]);
  });

  test('replace what is there when they are told to', async () => {
    await se.put(uploadsOf(4));
    const { failed } = await se.put(uploadsOf(4).map((upload) => ({ ...upload, overwrite: true })));
    // Through the gateway, the stand-in of which knows nothing registered, as directly.
    expect(failed.size).toBe(0);
  });

  test.each<[string, (listed: Listed) => Listed]>([
    [
      'fails',
      () => {
        throw new Error('no listing today');
      },
    ],
    [
      'tells nothing',
      ({ successful }) => ({ successful: new Map(), failed: new Map([...successful.keys()].map((lfn) => [lfn, failure])) }),
    ],
  ])('are asked for one by one where the listing %s', async (_, change) => {
    retell = change;
    expect((await se.put(uploadsOf(15))).failed.size).toBe(0);
    expect(counted()).toMatchObject({ PUT: 15, HEAD: 30 });
  });

  test.each<[string, (object: ListedObject) => ListedObject | undefined]>([
    ['another MD5', (object) => ({ ...object, etag: '0'.repeat(32) })],
    ['no MD5', (object) => ({ ...object, etag: `${'0'.repeat(32)}-2` })],
    ['another size', (object) => ({ ...object, sizeBytes: object.sizeBytes + 1 })],
    ['nothing', () => undefined],
  ])('are asked for one by one where the listing tells %s of them', async (_, change) => {
    retell = ({ successful, failed }) => ({
      successful: new Map([...successful].map(([lfn, object]) => [lfn, object && change(object)])),
      failed,
    });
    expect((await se.put(uploadsOf(15))).failed.size).toBe(0);
    expect(counted().HEAD).toBe(15);
  });

  test('are asked for one by one where the one that is asked for alone is not as it was sent', async () => {
    world.faults = ({ method, target }) =>
      method === 'HEAD' && target.includes('file-000') ? { kind: 'answer', status: 404, code: 'NoSuchKey' } : undefined;
    const { failed } = await se.put(uploadsOf(15));
    expect([...failed.keys()]).toEqual([lfnOf('file-000')]);
    // All of its group of eight, and one of the other.
    expect(counted().HEAD).toBe(9);
  });

  test('ask for no listing any more once the store did not give one', async () => {
    world.faults = ({ method }) => (method === 'GET' ? { kind: 'answer', status: 403, code: 'AccessDenied' } : undefined);
    expect((await se.put(uploadsOf(30))).failed.size).toBe(0);
    expect(counted()).toEqual({ GET: 2, PUT: 30, HEAD: 60 });
    expect((await se.put(uploadsOf(30).map((upload) => ({ ...upload, overwrite: true })))).failed.size).toBe(0);
    expect(counted()).toEqual({ PUT: 30, HEAD: 30 });
  });

  test('are not called stored when the store lost them', async () => {
    // After the question whether the names are free, before the question what is stored.
    const uploads = uploadsOf(15);
    retell = (listed, call) => (call < 2 ? listed : { successful: new Map(uploads.map(({ lfn }) => [lfn, undefined])), failed: new Map() });
    world.faults = ({ method }) => (method === 'HEAD' ? { kind: 'answer', status: 404, code: 'NoSuchKey' } : undefined);
    const { successful, failed } = await se.put(uploads);
    expect([successful.size, new Set([...failed.values()].map(({ code }) => code))]).toEqual([0, new Set(['storage-unavailable'])]);
  });

  test('that were sent when the rest was cancelled are read back and called stored', async () => {
    const cancellation = new AbortController();
    let sent = 0;
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase === 'transfer' && ++sent === 3) cancellation.abort();
    };
    const { successful, failed } = await se.put(uploadsOf(30), { parallel: 1, signal: cancellation.signal, onProgress });
    expect([...failed.values()].map(({ code }) => code)).toEqual(Array.from({ length: 30 - successful.size }, () => 'cancelled'));
    const stored = (await world.se.exists(uploadsOf(30).map(({ lfn }) => lfn))).successful;
    expect([...stored].filter(([, there]) => there).map(([lfn]) => lfn)).toEqual([...successful.keys()]);
    expect(successful.size).toBeGreaterThanOrEqual(3);
  });

  const failure = { code: 'too-many-items', message: 'too much is stored there' } as const;
});
