import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { singleResult, type PresignRequest } from '../../src/domain/index.js';
import type { UrlSource } from '../../src/ports/index.js';
import { renameToFree } from '../../src/storage/landing-file.js';
import { uploadGroups } from '../../src/storage/upload-groups.js';
import { fixedClock } from '../../src/testing/index.js';
import { countedWaits, lfnOf, World } from './world.js';

describe('URLs', () => {
  let world: World;
  beforeEach(async () => void (world = await World.open('direct')));
  afterEach(() => world.close());

  const counting = (asked: PresignRequest[]): UrlSource => ({
    presign: (request) => {
      asked.push(request);
      return world.urls.presign(request);
    },
  });
  const sources = (count: number) =>
    Array.from({ length: count }, (_, n) => {
      const path = join(world.local, `source-${n}`);
      writeFileSync(path, `bytes of ${n}`);
      return { lfn: lfnOf(`file-${n}`), source: { path } };
    });

  test('that grew old while other files were transferred are asked for again, alone', async () => {
    const uploads = sources(3);
    await world.se.put(uploads);
    const asked: PresignRequest[] = [];
    const clock = fixedClock(new Date());
    const se = world.storageElement({ urls: counting(asked), clock });
    const { failed } = await se.get(
      uploads.map(({ lfn }, n) => ({ lfn, path: join(world.local, `copy-${n}`) })),
      { parallel: 1, onProgress: ({ lfn }) => (lfn === uploads[1]?.lfn ? clock.advanceSeconds(3600) : undefined) },
    );
    se.close();
    expect(failed.size).toBe(0);
    expect(asked.map(({ items }) => items.length)).toEqual([3, 1]);
  });

  test('of small uploads are asked for together, and of a large one when its turn comes', async () => {
    const uploads = sources(6);
    writeFileSync(join(world.local, 'source-2'), Buffer.alloc(5 * 1024 * 1024));
    const { small, large } = await uploadGroups(uploads);
    expect(small).toEqual(
      [
        [0, 1, 3],
        [4, 5],
      ].map((group) => group.map((n) => lfnOf(`file-${n}`))),
    );
    expect(large).toEqual([lfnOf('file-2')]);
    const asked: PresignRequest[] = [];
    const se = world.storageElement({ urls: counting(asked) });
    expect((await se.put(uploads, { parallel: 2 })).failed.size).toBe(0);
    se.close();
    const puts = asked.filter(({ method }) => method === 'put_object');
    expect(puts.map(({ items }) => items.length).sort()).toEqual([1, 2, 3]);
  });

  test('of small uploads are asked for a hundred at a time, and of no more than are kept in memory', async () => {
    const groupsOf = async (count: number, bytes: number): Promise<number[]> => {
      const path = join(world.local, `of-${bytes}`);
      writeFileSync(path, Buffer.alloc(bytes));
      const uploads = Array.from({ length: count }, (_, n) => ({ lfn: lfnOf(`file-${n}`), source: { path } }));
      const { small, large } = await uploadGroups(uploads);
      expect([small.flat(), large]).toEqual([uploads.map(({ lfn }) => lfn), []]);
      return small.map(({ length }) => length);
    };
    expect(await groupsOf(320, 10)).toEqual([80, 80, 80, 80]);
    expect(await groupsOf(80, 256 * 1024)).toEqual([40, 40]);
    expect(await groupsOf(80, 256 * 1024 + 1)).toEqual([40, 40]);
    expect(await groupsOf(205, 100_000)).toEqual([69, 69, 67]);
  });

  test('that are refused for one upload of a group leave the others to it', async () => {
    const uploads = sources(3);
    rmSync(join(world.local, 'source-1'));
    const { successful, failed } = await world.se.put(uploads, { parallel: 1 });
    expect([...successful.keys()]).toEqual([uploads[0]?.lfn, uploads[2]?.lfn]);
    expect([...failed.values()].map(({ code }) => code)).toEqual(['local-file']);
  });
});

describe('an upload', () => {
  let world: World;
  let source: string;
  beforeEach(async () => {
    world = await World.open('direct');
    source = join(world.local, 'source');
    writeFileSync(source, 'hello');
  });
  afterEach(() => world.close());
  const put = (se = world.se) => se.put([{ lfn: lfnOf('a'), source: { path: source } }]).then(singleResult);

  /** Passes requests on to the store under the name they were signed for, and loses the answer to an upload. */
  const loseAnswers = async (): Promise<Server> => {
    const server = createServer((request, response) => {
      void (async () => {
        const { method = '', url = '', headers } = request;
        const checksum = headers['x-amz-meta-checksum'];
        const init =
          method !== 'PUT'
            ? {}
            : { body: await buffer(request), headers: { 'x-amz-meta-checksum': String(checksum), 'if-none-match': '*' } };
        const answer = await fetch(`${world.store.origin}${url}`, { method, ...init });
        if (method === 'PUT') response.destroy();
        else response.writeHead(answer.status, Object.fromEntries(answer.headers)).end();
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  };
  const detour = (port: number): UrlSource => ({
    presign: async (request) => {
      const answer = await world.urls.presign(request);
      const redirected = [...answer.successful].map(
        ([lfn, signed]) => [lfn, { ...signed, url: signed.url.replace(/:\d+\//, `:${port}/`) }] as const,
      );
      return { ...answer, successful: new Map(redirected) };
    },
  });

  test('whose answer was lost is a success when the store has just what was sent', async () => {
    const server = await loseAnswers();
    const se = world.storageElement({ urls: detour((server.address() as AddressInfo).port) });
    try {
      expect(await put(se)).toMatchObject({ sizeBytes: 5, checksum: '062c0215' });
    } finally {
      se.close();
      server.closeAllConnections();
      server.close();
    }
    expect(world.seen.map((line) => line.split(' ')[0])).toEqual(['HEAD', 'PUT', 'HEAD']);
  });

  test('is begun again when no connection came about, since nothing was sent', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const unreachable: UrlSource = {
      presign: (request) => (request.method === 'put_object' ? detour(port) : world.urls).presign(request),
    };
    const { retry, waited } = countedWaits();
    const se = world.storageElement({ urls: unreachable, retry });
    await expect(put(se)).rejects.toMatchObject({ code: 'storage-unavailable', message: expect.stringContaining('ECONNREFUSED') });
    expect(waited).toHaveLength(2);
    se.close();
  });
});

describe('a name for a download', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'landing-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  /** A file system without hard links. */
  const noLinks = (): Promise<void> => Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }));

  test.each([
    ['with', undefined],
    ['without', noLinks],
  ])('is given on file systems %s hard links', async (_, linking) => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, 'new');
    await renameToFree(from, to, linking && { link: linking });
    expect([readdirSync(folder), readFileSync(to, 'utf8')]).toEqual([['to'], 'new']);
  });

  test.each([
    ['with', undefined],
    ['without', noLinks],
  ])('never replaces a file on file systems %s hard links', async (_, linking) => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, 'new');
    writeFileSync(to, 'old');
    await expect(renameToFree(from, to, linking && { link: linking })).rejects.toMatchObject({ code: 'EEXIST' });
    expect([readFileSync(from, 'utf8'), readFileSync(to, 'utf8')]).toEqual(['new', 'old']);
  });
});
