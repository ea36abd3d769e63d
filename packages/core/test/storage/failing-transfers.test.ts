import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { singleResult, type Lfn, type Presigned } from '../../src/domain/index.js';
import { failure } from '../../src/errors/index.js';
import type { UrlSource } from '../../src/ports/index.js';
import type { Fault } from '../../src/testing/development-store/index.js';
import { fixedClock } from '../../src/testing/index.js';
import { filesBelow, lfnOf, ways, World } from './world.js';

const size = 3_000_000;
const bytes = randomBytes(size);
const lfn = lfnOf('data.bin');

describe.each(ways)('a transfer that fails, %s,', (way) => {
  let world: World;
  let source: string;
  let copy: string;
  const upload = way === 'direct' ? 'PUT' : 'POST';
  beforeEach(async () => {
    world = await World.open(way);
    [source, copy] = [join(world.local, 'source'), join(world.local, 'copy')];
    writeFileSync(source, bytes);
  });
  afterEach(() => world.close());

  const put = (options: Parameters<typeof world.se.put>[1] = {}, more: object = {}) =>
    world.se.put([{ lfn, source: { path: source }, ...more }], options).then(singleResult);
  const get = (more: object = {}, options: Parameters<typeof world.se.get>[1] = {}) =>
    world.se.get([{ lfn, path: copy, ...more }], options).then(singleResult);
  const failOn = (method: string, fault: Fault, times = Infinity): void => {
    let left = times;
    world.faults = (request) => (request.method === method && left-- > 0 ? fault : undefined);
  };
  const sent = (method: string): number => world.seen.filter((line) => line.startsWith(`${method} `)).length;
  const stored = async (name: Lfn = lfn): Promise<boolean> => {
    world.faults = () => undefined;
    return singleResult(await world.se.exists([name]));
  };
  const nothingButTheSource = async (): Promise<void> => {
    expect(filesBelow(world.local)).toEqual(['source']);
    // The store notices a lost connection in its own time; a file it keeps for good lets the test time out.
    while (readdirSync(join(world.folder, 'store', 'temporary')).length > 0) await setImmediate();
  };

  test('by an answer 500 to HEAD is tried three times in all, with growing waits', async () => {
    failOn('HEAD', { kind: 'answer' });
    await expect(world.se.exists([lfn]).then(singleResult)).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(sent('HEAD')).toBe(3);
    expect(world.waited).toHaveLength(2);
    expect(world.waited[1]).toBeGreaterThan(world.waited[0] ?? NaN);
    failOn('HEAD', { kind: 'answer', status: 503, code: 'SlowDown' }, 2);
    expect(singleResult(await world.se.exists([lfn]))).toBe(false);
  });

  test('by an answer 500 to GET and DELETE is repeated until it passes', async () => {
    await put();
    failOn('GET', { kind: 'answer' }, 2);
    expect(await get()).toMatchObject({ sizeBytes: size });
    failOn('DELETE', { kind: 'answer' }, 2);
    expect(singleResult(await world.se.remove([lfn]))).toBe(true);
    expect([sent('GET'), sent('DELETE'), world.waited.length]).toEqual([3, 3, 4]);
    expect(await stored()).toBe(false);
  });

  test('by an answer 500 to the upload is not repeated', async () => {
    failOn(upload, { kind: 'answer' });
    await expect(put()).rejects.toMatchObject({ code: 'storage-unavailable', message: expect.stringContaining('500 InternalError') });
    expect(sent(upload)).toBe(1);
    expect(await stored()).toBe(false);
    await nothingButTheSource();
  });

  test('by a refusal in the middle of the upload says what the store said', async () => {
    failOn(upload, { kind: 'answer', status: 403, code: 'AccessDenied' });
    await expect(put()).rejects.toMatchObject({ code: 'storage-refused', message: `${lfn}: the store answered 403 AccessDenied` });
    expect(sent(upload)).toBe(1);
  });

  test('by a connection cut in the middle of the upload leaves nothing in the store', async () => {
    failOn(upload, { kind: 'break-upload', afterBytes: 1_000_000 });
    await expect(put()).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(sent(upload)).toBe(1);
    expect(await stored()).toBe(false);
    await nothingButTheSource();
  });

  test('by a connection cut in the middle of the download leaves no file, whole or half', async () => {
    await put();
    failOn('GET', { kind: 'break-download', afterBytes: 1_000_000 });
    await expect(get()).rejects.toMatchObject({ code: 'storage-unavailable' });
    await nothingButTheSource();
  });

  test('by cancelling during the checksum sends nothing', async () => {
    const controller = new AbortController();
    await expect(put({ signal: controller.signal, onProgress: () => controller.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    expect(sent(upload)).toBe(0);
  });

  test('by cancelling during the upload stores nothing', async () => {
    const controller = new AbortController();
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase === 'transfer') controller.abort();
    };
    await expect(put({ signal: controller.signal, onProgress })).rejects.toMatchObject({ code: 'cancelled' });
    expect(await stored()).toBe(false);
    await nothingButTheSource();
  });

  test('by cancelling during the download leaves nothing, and the next files are not begun', async () => {
    await put();
    const controller = new AbortController();
    const { successful, failed } = await world.se.get(
      [
        { lfn, path: copy },
        { lfn: lfnOf('next'), path: `${copy}2` },
      ],
      { signal: controller.signal, onProgress: () => controller.abort(), parallel: 1 },
    );
    expect(successful.size).toBe(0);
    expect([...failed.values()].map(({ code }) => code)).toEqual(['cancelled', 'cancelled']);
    expect(sent('GET')).toBe(1);
    await nothingButTheSource();
  });

  test('because a signal was given already does not ask anybody', async () => {
    const signal = AbortSignal.abort();
    await expect(put({ signal })).rejects.toMatchObject({ code: 'cancelled' });
    await expect(get({}, { signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(world.seen).toEqual([]);
  });

  test.each([
    ['changes', () => writeFileSync(source, randomBytes(size)), 'checksum-mismatch'],
    [
      'changes in its last byte',
      () => writeFileSync(source, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes[size - 1]! ^ 1])])),
      'checksum-mismatch',
    ],
    ['is truncated', () => truncateSync(source, size - 1), 'size-mismatch'],
    ['grows', () => appendFileSync(source, 'x'), 'size-mismatch'],
  ])('because the file %s while it is sent stores nothing', async (_, change, code) => {
    let changed = false;
    const onProgress = ({ phase, doneBytes }: { phase: string; doneBytes: number }): void => {
      if (changed || phase !== 'checksum' || doneBytes < size) return;
      changed = true;
      change();
    };
    await expect(put({ onProgress })).rejects.toMatchObject({ code });
    expect(changed).toBe(true);
    expect(await stored()).toBe(false);
  });

  test('because an empty file grows while it is sent stores nothing', async () => {
    writeFileSync(source, '');
    const grow: UrlSource = {
      presign: (request) => {
        if (request.method === 'put_object') writeFileSync(source, 'x');
        return world.urls.presign(request);
      },
    };
    const se = world.storageElement({ urls: grow });
    const outcome = se.put([{ lfn, source: { path: source } }]).then(singleResult);
    await expect(outcome).rejects.toMatchObject({ code: 'size-mismatch' });
    se.close();
    expect(await stored()).toBe(false);
  });

  test('because the source is missing, a directory or a device is a local fault, and nothing is sent', async () => {
    mkdirSync(join(world.local, 'directory'));
    for (const path of [join(world.local, 'missing'), join(world.local, 'directory'), '/dev/zero']) {
      const outcome = world.se.put([{ lfn, source: { path } }]).then(singleResult);
      await expect(outcome).rejects.toMatchObject({ code: 'local-file', message: expect.stringContaining(path) });
    }
    expect(sent(upload)).toBe(0);
  });

  test('because its stream fails leaves no spool', async () => {
    const stream = Readable.from(
      (async function* () {
        yield Buffer.from('some');
        throw new Error('the pipe broke');
      })(),
    );
    await expect(world.se.put([{ lfn, source: { stream } }]).then(singleResult)).rejects.toMatchObject({ code: 'local-file' });
    expect(filesBelow(world.spool)).toEqual([]);
    expect(sent(upload)).toBe(0);
  });

  test('after the stream was spooled leaves no spool either', async () => {
    failOn(upload, { kind: 'answer' });
    const outcome = world.se.put([{ lfn, source: { stream: Readable.from([bytes]) } }]).then(singleResult);
    await expect(outcome).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(readdirSync(world.spool)).toEqual([]);
  });

  describe('for the sake of what is at the destination,', () => {
    beforeEach(async () => {
      await put();
    });

    test('leaves a file alone that is there already', async () => {
      writeFileSync(copy, 'mine');
      await expect(get()).rejects.toMatchObject({ code: 'local-file', message: expect.stringContaining('exists already') });
      expect(readFileSync(copy, 'utf8')).toBe('mine');
      await get({ overwrite: true });
      expect(readFileSync(copy).equals(bytes)).toBe(true);
      expect(filesBelow(world.local)).toEqual(['copy', 'source']);
    });

    test('never writes through a symbolic link, dangling or not, nor into a directory', async () => {
      const elsewhere = join(world.folder, 'elsewhere');
      writeFileSync(elsewhere, 'precious');
      mkdirSync(join(world.local, 'directory'));
      symlinkSync(elsewhere, join(world.local, 'link'));
      symlinkSync(join(world.folder, 'nowhere'), join(world.local, 'dangling'));
      for (const name of ['link', 'dangling', 'directory']) {
        for (const overwrite of [false, true]) {
          await expect(get({ path: join(world.local, name), overwrite })).rejects.toMatchObject({ code: 'local-file' });
        }
      }
      expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
      expect(filesBelow(world.local)).toEqual(['dangling', 'link', 'source']);
      expect(readdirSync(world.folder)).not.toContain('nowhere');
    });

    test('keeps a file that appears there meanwhile', async () => {
      const onProgress = (): void => writeFileSync(copy, 'faster');
      await expect(get({}, { onProgress })).rejects.toMatchObject({ code: 'local-file' });
      expect(readFileSync(copy, 'utf8')).toBe('faster');
      expect(filesBelow(world.local)).toEqual(['copy', 'source']);
    });

    test('keeps the old file when the new one does not arrive whole', async () => {
      writeFileSync(copy, 'old');
      failOn('GET', { kind: 'break-download', afterBytes: 5 });
      await expect(get({ overwrite: true })).rejects.toMatchObject({ code: 'storage-unavailable' });
      expect(readFileSync(copy, 'utf8')).toBe('old');
      expect(filesBelow(world.local)).toEqual(['copy', 'source']);
    });

    test('says so when the directory is missing', async () => {
      const path = join(world.local, 'missing', 'copy');
      await expect(get({ path })).rejects.toMatchObject({ code: 'local-file', message: expect.stringContaining(path) });
    });

    test('writes names of any length the file system takes', async () => {
      const path = join(world.local, '\u00fc'.repeat(127));
      await get({ path });
      expect(readFileSync(path).equals(bytes)).toBe(true);
    });
  });

  describe('because of the one who signs,', () => {
    const signedBy = async (presign: UrlSource['presign']): Promise<Record<string, string>> => {
      const se = world.storageElement({ urls: { presign } });
      const codes: Record<string, string> = {};
      const note = async (name: string, outcome: Promise<{ failed: ReadonlyMap<Lfn, { code: string }> }>): Promise<void> => {
        const thrown = (reason: { code: string }) => ({ failed: new Map([[lfn, reason]]) });
        codes[name] = (await outcome.catch(thrown)).failed.get(lfn)?.code ?? 'ok';
      };
      await note('exists', se.exists([lfn]));
      await note('remove', se.remove([lfn]));
      await note('put', se.put([{ lfn, source: { path: source } }]));
      await note('get', se.get([{ lfn, path: copy }]));
      await note('accessUrl', se.accessUrl([lfn]));
      se.close();
      return codes;
    };
    const all = (code: string): Record<string, string> => ({ exists: code, remove: code, put: code, get: code, accessUrl: code });

    test('counts a name that was left out as refused', async () => {
      expect(await signedBy(() => Promise.resolve({ successful: new Map(), failed: new Map() }))).toEqual(all('gateway-unavailable'));
    });

    test('passes on the reason of a refusal, and of a request that failed whole', async () => {
      const failed = new Map([[lfn, failure('permission-denied', 'not yours')]]);
      expect(await signedBy(() => Promise.resolve({ successful: new Map(), failed }))).toEqual(all('permission-denied'));
      expect(await signedBy(({ items }) => world.urls.presign({ storageElement: 'NONE', method: 'get_object', items }))).toEqual(
        all('unknown-storage-element'),
      );
    });

    test('does not take a form where a URL was asked for', async () => {
      const form: Presigned = { kind: 'post', url: world.store.origin, fields: {}, expiresAt: new Date(Date.now() + 9e6) };
      const codes = await signedBy(() => Promise.resolve({ successful: new Map([[lfn, form]]), failed: new Map() }));
      expect(codes).toEqual(all('gateway-unavailable'));
    });

    test('leaves no trace on either side', async () => {
      await signedBy(() => Promise.reject(new Error('broken')));
      expect(world.seen).toEqual([]);
      await nothingButTheSource();
    });
  });
});

describe('a URL that has expired', () => {
  test('is refused by the store, and the refusal quotes neither URL nor signature', async () => {
    const world = await World.open('direct');
    const stale = world.storageElement({ urls: world.directUrls(fixedClock('2020-01-01T00:00:00Z')) });
    const { failed } = await stale.exists([lfn]);
    expect(failed.get(lfn)?.code).toBe('storage-refused');
    expect(failed.get(lfn)?.message).not.toMatch(/https?:|X-Amz/);
    const got = await stale.get([{ lfn, path: join(world.local, 'copy') }]);
    expect(got.failed.get(lfn)?.message).toMatch(/the store answered 403/);
    expect(filesBelow(world.local)).toEqual([]);
    stale.close();
    await world.close();
  });
});
