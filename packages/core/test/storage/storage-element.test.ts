import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, parseLfn, singleResult, type Lfn } from '../../src/domain/index.js';
import type { UrlSource } from '../../src/ports/index.js';
import type { Progress } from '../../src/storage/index.js';
import { filesBelow, home, lfnOf, ways, World } from './world.js';

describe.each(ways)('an S3 StorageElement, %s', (way) => {
  let world: World;
  beforeEach(async () => void (world = await World.open(way)));
  afterEach(() => world.close());

  const local = (name: string, bytes?: Buffer): string => {
    const path = join(world.local, name);
    if (bytes !== undefined) writeFileSync(path, bytes);
    return path;
  };
  const put = (lfn: Lfn, bytes: Buffer, more: object = {}) =>
    world.se.put([{ lfn, source: { path: local('source', bytes) }, ...more }]).then(singleResult);
  const get = (lfn: Lfn, name = 'copy', more: object = {}) => world.se.get([{ lfn, path: local(name), ...more }]).then(singleResult);
  const stored = async (lfn: Lfn): Promise<boolean> => singleResult(await world.se.exists([lfn]));

  test('gives back the bytes it was given, with their size and Adler-32', async () => {
    const bytes = randomBytes(5_000_000);
    const lfn = lfnOf('data.bin');
    expect(await put(lfn, bytes)).toEqual({
      sizeBytes: bytes.length,
      checksum: adler32(bytes),
      pfn: `s3://127.0.0.1:${world.store.port}/bucket${lfn}`,
    });
    expect(await get(lfn)).toEqual({ path: local('copy'), sizeBytes: bytes.length, checksum: adler32(bytes), verified: true });
    expect(readFileSync(local('copy')).equals(bytes)).toBe(true);
    expect(filesBelow(world.local)).toEqual(['copy', 'source']);
  });

  test('stores and fetches an empty file', async () => {
    expect(await put(lfnOf('empty'), Buffer.alloc(0))).toMatchObject({ sizeBytes: 0, checksum: '00000001' });
    expect(await get(lfnOf('empty'))).toMatchObject({ sizeBytes: 0, checksum: '00000001', verified: true });
    expect(readFileSync(local('copy'))).toHaveLength(0);
  });

  test.each(['a b+c&d=e%20', 'Grüße 日本語 🙂', 'it\'s (a) [test]; $(x) `y` "z"!*', '~tilde,comma:colon@at'])(
    'takes the name %j as it is',
    async (name) => {
      const lfn = lfnOf(name);
      await put(lfn, Buffer.from(name));
      expect(world.seen.some((line) => line.includes('..'))).toBe(false);
      await get(lfn);
      expect(readFileSync(local('copy'), 'utf8')).toBe(name);
    },
  );

  test('says whether an object is there, each name once and in the order asked', async () => {
    const [first, second, third] = ['b', 'missing', 'a'].map(lfnOf) as [Lfn, Lfn, Lfn];
    await put(first, Buffer.from('1'));
    await put(third, Buffer.from('2'));
    for (const question of [world.se.exists, world.se.isFile]) {
      const { successful, failed } = await question([first, second, third, first]);
      expect([...successful]).toEqual([
        [first, true],
        [second, false],
        [third, true],
      ]);
      expect(failed.size).toBe(0);
    }
  });

  test('gives size, checksum, ETag and time of an object, and no-such-file for what is not there', async () => {
    const bytes = Buffer.from('hello world');
    await put(lfnOf('a'), bytes);
    const { successful, failed } = await world.se.getMetadata([lfnOf('a'), lfnOf('b')]);
    expect(successful.get(lfnOf('a'))).toMatchObject({ sizeBytes: 11, checksum: '1a0b045d', metadata: {} });
    expect(successful.get(lfnOf('a'))?.etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(Math.abs(Date.now() - (successful.get(lfnOf('a'))?.modifiedAt?.getTime() ?? 0))).toBeLessThan(60_000);
    expect(failed.get(lfnOf('b'))).toMatchObject({ code: 'no-such-file' });
  });

  test('removes an object, and removing what is not there succeeds', async () => {
    await put(lfnOf('a'), Buffer.from('1'));
    const { successful, failed } = await world.se.remove([lfnOf('a'), lfnOf('never')]);
    expect([...successful]).toEqual([
      [lfnOf('a'), true],
      [lfnOf('never'), true],
    ]);
    expect(failed.size).toBe(0);
    expect(await stored(lfnOf('a'))).toBe(false);
  });

  test('gives an access URL that plain HTTP can read, for as long as was asked, saved under the name that was asked', async () => {
    await put(lfnOf('a'), Buffer.from('hello'));
    const options = { expirationSeconds: 100_000, downloadName: 'für dich.txt' };
    const url = singleResult(await world.se.accessUrl([lfnOf('a')], options));
    expect(url.httpMethod).toBe('GET');
    expect(url.expiresAt.getTime() - Date.now()).toBeGreaterThan(99_000_000);
    const response = await fetch(url.url, { headers: url.headers });
    expect(await response.text()).toBe('hello');
    expect(response.headers.get('content-disposition')).toContain('attachment');
  });

  test('refuses an access URL that would live beyond the cap, and gives none', async () => {
    const outcome = world.se.accessUrl([lfnOf('a')], { expirationSeconds: 604_801 }).then(singleResult);
    await expect(outcome).rejects.toMatchObject({ code: 'expiration-refused' });
  });

  test('computes storage URLs without asking anybody', () => {
    expect(world.se.storageUrl(lfnOf('a'))).toBe(`s3://127.0.0.1:${world.store.port}/bucket${home}/a`);
    expect(world.seen).toEqual([]);
    expect([world.se.name, world.se.access]).toEqual(['SE', way]);
  });

  test('spools a stream, stores it, and leaves no spool', async () => {
    const bytes = randomBytes(3_000_000);
    const lfn = lfnOf('piped');
    const { successful } = await world.se.put([{ lfn, source: { stream: Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]) } }]);
    expect(successful.get(lfn)).toMatchObject({ sizeBytes: bytes.length, checksum: adler32(bytes) });
    expect(filesBelow(world.spool)).toEqual([]);
    await get(lfn);
    expect(readFileSync(local('copy')).equals(bytes)).toBe(true);
  });

  test('tells the progress of both passes over an upload and of a download, up to the last byte', async () => {
    const bytes = randomBytes(2_500_000);
    const progress: Progress[] = [];
    const onProgress = (one: Progress): void => void progress.push(one);
    await world.se.put([{ lfn: lfnOf('a'), source: { path: local('source', bytes) } }], { onProgress });
    await world.se.get([{ lfn: lfnOf('a'), path: local('copy') }], { onProgress });
    const phases = progress.map(({ phase }) => phase);
    expect(phases.indexOf('transfer')).toBeGreaterThan(phases.lastIndexOf('checksum'));
    for (const phase of ['checksum', 'transfer'] as const) {
      expect(progress.findLast((one) => one.phase === phase)).toEqual({
        lfn: lfnOf('a'),
        phase,
        doneBytes: bytes.length,
        totalBytes: bytes.length,
      });
    }
    expect(progress.every(({ doneBytes }, at) => doneBytes > 0 && progress[at - 1]?.doneBytes !== doneBytes)).toBe(true);
  });

  test('refuses to replace an object unless told to', async () => {
    const lfn = lfnOf('a');
    await put(lfn, Buffer.from('old'));
    await expect(put(lfn, Buffer.from('new'))).rejects.toMatchObject({ code: 'file-exists' });
    await get(lfn);
    expect(readFileSync(local('copy'), 'utf8')).toBe('old');
    await put(lfn, Buffer.from('new'), { overwrite: true });
    await get(lfn, 'copy', { overwrite: true });
    expect(readFileSync(local('copy'), 'utf8')).toBe('new');
  });

  test('uploads nothing when the file has not the checksum the caller expects', async () => {
    const bytes = Buffer.from('hello world');
    await expect(put(lfnOf('a'), bytes, { expectedChecksum: '00000001' })).rejects.toMatchObject({ code: 'checksum-mismatch' });
    expect(world.seen.filter((line) => !line.startsWith('HEAD'))).toEqual([]);
    expect(await put(lfnOf('a'), bytes, { expectedChecksum: '1a0b045d' })).toMatchObject({ sizeBytes: 11 });
  });

  test('keeps nothing of a download the catalog contradicts', async () => {
    await put(lfnOf('a'), Buffer.from('hello world'));
    for (const [expected, code] of [
      [{ checksum: '00000001' }, 'checksum-mismatch'],
      [{ sizeBytes: 10 }, 'size-mismatch'],
    ] as const) {
      await expect(get(lfnOf('a'), 'copy', { expected })).rejects.toMatchObject({ code });
      expect(filesBelow(world.local)).toEqual(['source']);
    }
    expect(await get(lfnOf('a'), 'copy', { expected: { checksum: '1A0B045D', sizeBytes: 11 } })).toMatchObject({ verified: true });
  });

  test('lets one name fail without the others, and answers in the order asked', async () => {
    await put(lfnOf('there'), Buffer.from('1'));
    const { successful, failed } = await world.se.get([
      { lfn: lfnOf('missing'), path: local('1') },
      { lfn: lfnOf('there'), path: local('2') },
      { lfn: lfnOf('gone'), path: local('3') },
    ]);
    expect([...successful.keys()]).toEqual([lfnOf('there')]);
    expect([...failed].map(([lfn, { code }]) => [lfn, code])).toEqual([
      [lfnOf('missing'), 'no-such-file'],
      [lfnOf('gone'), 'no-such-file'],
    ]);
    expect(filesBelow(world.local)).toEqual(['2', 'source']);
  });

  test('moves 250 files at once, in batches of URLs', async () => {
    const lfns = Array.from({ length: 250 }, (_, index) => lfnOf(`many/${index}`));
    let questions = 0;
    const counted = { presign: (request: Parameters<typeof world.urls.presign>[0]) => (questions++, world.urls.presign(request)) };
    const se = world.storageElement({ urls: counted });
    const path = local('source', Buffer.from('x'));
    const { successful, failed } = await se.put(lfns.map((lfn) => ({ lfn, source: { path } })));
    expect([failed, [...successful.keys()]]).toEqual([new Map(), lfns]);
    expect(questions).toBeLessThanOrEqual(60);
    expect((await se.exists(lfns)).successful).toEqual(new Map(lfns.map((lfn) => [lfn, true])));
    expect(questions).toBeLessThanOrEqual(70);
    se.close();
  });

  test('refuses two uploads to one name in one call, since one would be lost', async () => {
    const uploads = ['1', '2'].map((text) => ({ lfn: lfnOf('a'), source: { path: local(text, Buffer.from(text)) } }));
    await expect(world.se.put(uploads).then(singleResult)).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await stored(lfnOf('a'))).toBe(false);
  });
});

describe('access through the gateway', () => {
  let world: World;
  beforeEach(async () => void (world = await World.open('via-gateway')));
  afterEach(() => world.close());

  test('uploads by form only, so that no URL could read another object', async () => {
    const path = join(world.local, 'source');
    writeFileSync(path, 'x');
    singleResult(await world.se.put([{ lfn: lfnOf('a'), source: { path } }]));
    expect(world.seen.map((line) => line.split(' ')[0])).toEqual(['HEAD', 'POST', 'HEAD']);
  });

  test('uploads by PUT where the gateway has keys that cannot read, and asks once whether it has', async () => {
    const urls = world.gatewayUrls({ writeOnlyKey: true });
    const asked: string[] = [];
    const counted: UrlSource = {
      presign: (request) => {
        asked.push(`${request.method} ${request.upload ?? ''} ${request.items.length}`);
        return urls.presign(request);
      },
    };
    const se = world.storageElement({ urls: counted });
    const path = join(world.local, 'source');
    writeFileSync(path, 'x');
    for (const name of ['a', 'b']) singleResult(await se.put([{ lfn: lfnOf(name), source: { path } }]));
    se.close();
    expect(world.seen.map((line) => line.split(' ')[0])).toEqual(['HEAD', 'PUT', 'HEAD', 'HEAD', 'PUT', 'HEAD']);
    expect(asked.filter((line) => line.startsWith('put_object'))).toEqual(['put_object put 1', 'put_object put 1', 'put_object put 1']);
    // The name was taken meanwhile: the store itself refuses.
    const taken = world.storageElement({
      urls: counted,
      objects: { listed: (_, lfns) => Promise.resolve({ successful: new Map(lfns.map((lfn) => [lfn, undefined])), failed: new Map() }) },
    });
    const uploads = ['a', 'b', 'c', 'd'].map((name) => ({ lfn: lfnOf(name), source: { path } }));
    const { successful, failed } = await taken.put(uploads);
    taken.close();
    expect([...failed].map(([lfn, { code }]) => [lfn, code])).toEqual(['a', 'b'].map((name) => [lfnOf(name), 'file-exists']));
    expect([...successful.keys()]).toEqual(['c', 'd'].map(lfnOf));
  });

  test("stores nothing in another user's directory", async () => {
    const path = join(world.local, 'source');
    writeFileSync(path, 'x');
    await world.catalog.administration.createDirectories([{ path: '/vo/user/b/bob', owner: 'bob', group: 'guests', mode: 0o700 }]);
    const outcome = world.se.put([{ lfn: parseLfn('/vo/user/b/bob/a'), source: { path } }]).then(singleResult);
    await expect(outcome).rejects.toMatchObject({ code: 'permission-denied' });
    expect(world.seen.filter((line) => !line.startsWith('HEAD'))).toEqual([]);
  });
});
