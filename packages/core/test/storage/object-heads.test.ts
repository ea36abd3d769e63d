import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { singleResult, type PresignRequest } from '../../src/domain/index.js';
import type { UrlSource } from '../../src/ports/index.js';
import { createObjectHeads, type ObjectHeads } from '../../src/storage/index.js';
import { countedWaits, elementAt, lfnOf, World } from './world.js';

const lfn = lfnOf('file');
let world: World;
let heads: ObjectHeads;
beforeEach(async () => {
  world = await World.open('direct');
  heads = createObjectHeads({ retry: { ...countedWaits().retry, attempts: 2 }, idleTimeoutSeconds: 1, connectTimeoutSeconds: 1 });
  const path = join(world.local, 'source');
  writeFileSync(path, 'hello');
  singleResult(await world.se.put([{ lfn, source: { path } }]));
  world.seen.splice(0);
});
afterEach(async () => {
  heads.close();
  await world.close();
});

describe('the head of an object', () => {
  test('is what the store says, in its own words', async () => {
    expect(await heads.of(world.element, lfn, world.urls)).toMatchObject({
      'content-length': '5',
      'x-amz-meta-checksum': '062c0215',
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      'last-modified': expect.stringMatching(/ GMT$/),
    });
    expect(world.seen).toEqual([`HEAD /bucket${lfn}`]);
  });

  test('is missing when the store says so, and only then', async () => {
    expect(await heads.of(world.element, lfnOf('absent'), world.urls)).toBeUndefined();
    for (const [status, code] of [
      [403, 'storage-refused'],
      [500, 'storage-unavailable'],
      [301, 'storage-refused'],
      [204, 'storage-refused'],
    ] as const) {
      world.faults = () => ({ kind: 'answer', status });
      await expect(heads.of(world.element, lfn, world.urls)).rejects.toMatchObject({ code });
    }
  });

  test('is asked for twice when the store fails, and no more', async () => {
    world.faults = () => (world.seen.length === 1 ? { kind: 'answer', status: 503 } : undefined);
    expect(await heads.of(world.element, lfn, world.urls)).toMatchObject({ 'content-length': '5' });
    world.seen.splice(0);
    world.faults = () => ({ kind: 'answer', status: 503 });
    await expect(heads.of(world.element, lfn, world.urls)).rejects.toThrow(/503/);
    expect(world.seen).toHaveLength(2);
  });

  test('is not waited for when nobody answers', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const urls: UrlSource = { presign: () => Promise.resolve({ successful: new Map([[lfn, urlAt(port)]]), failed: new Map() }) };
    await expect(heads.of(elementAt(port), lfn, urls)).rejects.toMatchObject({ code: 'timeout' });
    silent.close();
    await expect(
      heads.of(elementAt(1), lfn, { presign: () => Promise.resolve({ successful: new Map([[lfn, urlAt(1)]]), failed: new Map() }) }),
    ).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
  });

  test('is asked with a short URL: a minute, or less where the StorageElement permits no more', async () => {
    const asked: PresignRequest[] = [];
    const urls: UrlSource = { presign: (request) => (asked.push(request), world.urls.presign(request)) };
    await heads.of(world.element, lfn, urls);
    const { expiration } = world.element;
    await heads.of({ ...world.element, expiration: { ...expiration, transfer: { defaultSeconds: 30, maxSeconds: 30 } } }, lfn, urls);
    expect(asked.map(({ method, expirationSeconds }) => [method, expirationSeconds])).toEqual([
      ['head_object', 60],
      ['head_object', 30],
    ]);
  });

  test('is refused where the URL is', async () => {
    const urls: UrlSource = {
      presign: () =>
        Promise.resolve({ successful: new Map(), failed: new Map([[lfn, { code: 'access-not-allowed', message: 'closed' }]]) }),
    };
    await expect(heads.of(world.element, lfn, urls)).rejects.toMatchObject({ code: 'access-not-allowed' });
    expect(world.seen).toEqual([]);
  });
});

const urlAt = (port: number) => ({
  kind: 'url' as const,
  httpMethod: 'HEAD' as const,
  url: `http://127.0.0.1:${port}/bucket/x`,
  headers: {},
  expiresAt: new Date('2030-01-01T00:00:00Z'),
});
