import { randomBytes } from 'node:crypto';
import { appendFileSync, chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, combineAdler32, type PresignedUrl } from '../../src/domain/index.js';
import { runAdaptive } from '../../src/storage/adaptive-pool.js';
import { FreshUrl } from '../../src/storage/fresh-url.js';
import { partSizeOf, piecesOf } from '../../src/storage/part-plan.js';
import { createRateLimit } from '../../src/storage/rate-limit.js';
import { pause, withRetries } from '../../src/storage/retry.js';
import { StoreRefusal } from '../../src/storage/s3-error.js';
import { readJournal, TransferJournal, type DownloadJournal } from '../../src/storage/transfer-journal.js';
import { listTransfers } from '../../src/storage/index.js';
import { lfnOf } from './world.js';

const mebibyte = 1024 * 1024;

describe('the Adler-32 of a whole', () => {
  test('is the combined one of its pieces, wherever it is cut', () => {
    for (let round = 0; round < 300; round += 1) {
      const bytes = round % 3 === 0 ? Buffer.alloc(round * 997, 0xff) : randomBytes(round * 613);
      const cut = Math.floor(Math.random() * (bytes.length + 1));
      const [one, other] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(combineAdler32(adler32(one), adler32(other), other.length)).toBe(adler32(bytes));
    }
  });

  test('combines in any order of brackets, and nothing changes nothing', () => {
    const [a, b, c] = [randomBytes(70_000), randomBytes(65_521), randomBytes(3)];
    const [x, y, z] = [a, b, c].map((part) => adler32(part)) as [string, string, string];
    const left = combineAdler32(combineAdler32(x, y, b.length), z, c.length);
    expect(left).toBe(combineAdler32(x, combineAdler32(y, z, c.length), b.length + c.length));
    expect(combineAdler32('00000001', x, a.length)).toBe(x);
    expect(combineAdler32(x, '00000001', 0)).toBe(x);
  });

  test('is right beyond 2^32 bytes', () => {
    const block = Buffer.alloc(mebibyte, 7);
    let whole = '00000001';
    for (let count = 0; count < 3; count += 1) whole = combineAdler32(whole, adler32(block), block.length);
    // (2^32 + 5) zero bytes after it: b grows by a for each of them.
    const zeros = 2 ** 32 + 5;
    const a = Number.parseInt(whole.slice(4), 16);
    const b = Number.parseInt(whole.slice(0, 4), 16);
    const sumOfZeros = (((zeros % 65521) << 16) | 1) >>> 0;
    const expected = (b + (zeros % 65521) * a) % 65521;
    expect(combineAdler32(whole, sumOfZeros.toString(16).padStart(8, '0'), zeros)).toBe(
      (((expected << 16) | a) >>> 0).toString(16).padStart(8, '0'),
    );
  });
});

describe('the plan of parts', () => {
  test.each([
    [10 * mebibyte, 32 * mebibyte, 32 * mebibyte],
    [10 * mebibyte, 1, 5 * mebibyte],
    [1024 ** 4, 32 * mebibyte, 105 * mebibyte],
    [10_000 * 5 * 1024 ** 3, 32 * mebibyte, 5 * 1024 ** 3],
  ])('of %d bytes, %d preferred, takes %d each', (size, preferred, expected) => {
    expect(partSizeOf(size, preferred)).toBe(expected);
    expect(Math.ceil(size / expected)).toBeLessThanOrEqual(10_000);
  });

  test('refuses what 10 000 parts cannot carry', () => {
    expect(() => partSizeOf(10_000 * 5 * 1024 ** 3 + 1, 1)).toThrow('10 000 parts');
  });

  test('covers every byte once', () => {
    const pieces = piecesOf(1001, 100);
    expect(pieces).toHaveLength(11);
    expect(pieces.at(-1)).toEqual({ number: 11, start: 1000, length: 1 });
    pieces.reduce((at, { start, length }) => (expect(start).toBe(at), at + length), 0);
  });
});

describe('the rate limit', () => {
  test('lets through what the rate allows, however many ask', async () => {
    let time = 0;
    const limit = createRateLimit({ bytesPerSecond: 1000, now: () => time, sleep: (wait) => Promise.resolve(void (time += wait)) });
    for (let count = 0; count < 100; count += 1) await limit.take(100);
    expect(time).toBeGreaterThanOrEqual(9_700);
    expect(time).toBeLessThanOrEqual(10_000);
  });

  test('makes those who ask together wait one after the other', async () => {
    const waits: number[] = [];
    const limit = createRateLimit({ bytesPerSecond: 1000, now: () => 0, sleep: (wait) => Promise.resolve(void waits.push(wait)) });
    await Promise.all([limit.take(250), limit.take(500), limit.take(500)]);
    expect(waits).toEqual([500, 1000]);
  });

  test('ends with the reason of a signal, also in the middle of a wait', async () => {
    const limit = createRateLimit({ bytesPerSecond: 1, now: () => 0, sleep: pause });
    await expect(limit.take(0, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    const controller = new AbortController();
    const taken = limit.take(1_000_000, controller.signal);
    controller.abort(new Error('stop now'));
    await expect(taken).rejects.toThrow('stop now');
  });

  test('passes the same bytes in slices, of which none waits longer than a quarter of a second', async () => {
    let time = 0;
    const waits: number[] = [];
    const sleep = (wait: number): Promise<void> => Promise.resolve(void ((time += wait), waits.push(wait)));
    const limit = createRateLimit({ bytesPerSecond: 1000, now: () => time, sleep });
    const bytes = Uint8Array.from({ length: 1234 }, (_, n) => n & 0xff);
    const passed: number[] = [];
    for await (const slice of limit.pass(bytes)) passed.push(...slice);
    expect(passed).toEqual([...bytes]);
    expect(waits).toHaveLength(4);
    expect(Math.max(...waits)).toBeLessThanOrEqual(250);
  });

  test('of a byte in many seconds passes one by one', async () => {
    const limit = createRateLimit({ bytesPerSecond: 0.1, now: () => 0, sleep: () => Promise.resolve() });
    const slices: number[] = [];
    for await (const slice of limit.pass(new Uint8Array(3))) slices.push(slice.length);
    expect(slices).toEqual([1, 1, 1]);
  });
});

describe('a retry', () => {
  test('is not waited for when the signal is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('stop now');
    let attempts = 0;
    const step = (): Promise<void> => {
      attempts += 1;
      setImmediate(() => controller.abort(reason));
      return Promise.reject(new Error('may pass'));
    };
    const policy = { sleep: (_: number, signal?: AbortSignal) => pause(60_000, signal), random: () => 1, signal: controller.signal };
    await expect(withRetries(step, policy, () => true)).rejects.toBe(reason);
    expect(attempts).toBe(1);
  });
});

describe('the adaptive pool', () => {
  const items = Array.from({ length: 60 }, () => ({ length: 100 }));
  /** A link on which a step takes as long as the number of steps at a time makes it. */
  const run = async (millisecondsFor: (parallel: number) => number): Promise<number> => {
    let [time, parallel, peak] = [0, 0, 0];
    await runAdaptive(items, { start: 2, most: 6, now: () => time }, async () => {
      peak = Math.max(peak, (parallel += 1));
      await new Promise((resolve) => setImmediate(resolve));
      time += millisecondsFor(parallel) / parallel;
      parallel -= 1;
    });
    return peak;
  };

  test('grows to the limit while throughput grows', async () => expect(await run(() => 100)).toBe(6));

  test('stops growing when one more adds nothing', async () => expect(await run((parallel) => 100 * parallel)).toBeLessThanOrEqual(3));

  test('begins nothing more after a fault, and throws it when the others have ended', async () => {
    let [begun, ended] = [0, 0];
    const outcome = runAdaptive(items, { start: 3, most: 3, now: () => 0 }, async () => {
      begun += 1;
      if (begun === 2) throw new Error('fault');
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended += 1;
    });
    await expect(outcome).rejects.toThrow('fault');
    expect([begun, ended]).toEqual([3, 2]);
  });
});

describe('a URL that stays fresh', () => {
  const lfn = lfnOf('x');
  const signing = (lifeMilliseconds: number) => {
    const state = { now: 1_000_000, signed: 0 };
    const url = new FreshUrl({
      storageElement: 'SE',
      method: 'get_object',
      item: () => ({ lfn }),
      clock: { now: () => new Date(state.now) },
      urls: {
        presign: () => {
          state.signed += 1;
          const expiresAt = new Date(state.now + lifeMilliseconds);
          const signed: PresignedUrl = { kind: 'url', httpMethod: 'GET', url: `u${state.signed}`, headers: {}, expiresAt };
          return Promise.resolve({ successful: new Map([[lfn as string, signed]]), failed: new Map() });
        },
      },
    });
    return { state, url };
  };

  test('is asked for once by many, and again when a fifth of its life is left', async () => {
    const { state, url } = signing(5_000);
    const all = await Promise.all([url.get(), url.get(), url.get()]);
    expect(new Set(all.map((signed) => signed.url))).toEqual(new Set(['u1']));
    state.now += 3_999;
    expect((await url.get()).url).toBe('u1');
    state.now += 1;
    expect((await Promise.all([url.get(), url.get()])).map((signed) => signed.url)).toEqual(['u2', 'u2']);
  });

  test('is signed again once on a 403, and not on anything else', async () => {
    const { state, url } = signing(5_000);
    const used: string[] = [];
    const refuse = (status: number) => (signed: PresignedUrl) => {
      used.push(signed.url);
      return Promise.reject(new StoreRefusal('x', status, undefined));
    };
    await expect(url.use(refuse(403))).rejects.toMatchObject({ status: 403 });
    expect(used).toEqual(['u1', 'u2']);
    await expect(url.use(refuse(500))).rejects.toMatchObject({ status: 500 });
    expect(state.signed).toBe(2);
  });
});

describe('the journal', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'journal-test-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const record: DownloadJournal = {
    version: 1,
    direction: 'download',
    storageElement: 'SE',
    lfn: '/vo/x',
    path: '/tmp/x',
    beganAt: '2026-11-25T00:00:00.000Z',
    sizeBytes: 25,
    etag: '"e"',
    checksum: undefined,
    rangeBytes: 10,
  };

  test('forgets a last line that was cut off, and nothing else', async () => {
    const path = join(folder, '.x.dirac-s3-transfer');
    const journal = new TransferJournal(path, undefined);
    await journal.begin(record);
    await journal.done({ number: 2, check: 'aa' });
    appendFileSync(path, '{"number":3,"che');
    const known = await journal.read();
    expect(known?.record).toMatchObject({ sizeBytes: 25, etag: '"e"' });
    expect([...known!.done]).toEqual([[2, 'aa']]);
  });

  test('is listed by its directory and by the index, once, until it is removed', async () => {
    const state = join(folder, 'state');
    const journal = new TransferJournal(join(folder, '.x.dirac-s3-transfer'), state);
    await journal.begin(record);
    await journal.done({ number: 1, check: 'aa' });
    const listed = await listTransfers({ directories: [folder], stateDirectory: state });
    expect(listed).toMatchObject([{ direction: 'download', lfn: '/vo/x', sizeBytes: 25, doneBytes: 10, state: 'lost' }]);
    await journal.remove();
    expect(await listTransfers({ directories: [folder], stateDirectory: state })).toEqual([]);
    expect(await readJournal(join(folder, 'nothing'))).toBeUndefined();
  });

  test('is found below a directory when asked, and names the file beside it, wherever that was moved', async () => {
    const [first, moved] = [join(folder, 'first'), join(folder, 'moved')];
    mkdirSync(first);
    await new TransferJournal(join(first, '.x.dirac-s3-transfer'), undefined).begin(record);
    writeFileSync(join(first, '.x.dirac-s3-part'), Buffer.alloc(25));
    renameSync(first, moved);
    expect(await listTransfers({ directories: [folder] })).toEqual([]);
    const listed = await listTransfers({ directories: [folder], recursive: true });
    expect(listed).toMatchObject([{ path: join(moved, 'x'), state: 'stopped', overwrite: false }]);
    expect(listed[0]?.id).toMatch(/^[0-9a-f]{8}$/);
  });

  test('counts for nothing when it is a link, a copy with a bad name, or of somebody else', async () => {
    const path = join(folder, '.x.dirac-s3-transfer');
    await new TransferJournal(path, undefined).begin({ ...record, lfn: '/vo/../x' });
    expect(await listTransfers({ directories: [folder] })).toEqual([]);
    await new TransferJournal(path, undefined).begin(record);
    symlinkSync(path, join(folder, '.y.dirac-s3-transfer'));
    expect(await listTransfers({ directories: [folder] })).toHaveLength(1);
    // Only who may give files away can show the rest.
    if (process.getuid?.() !== 0) return;
    expect(await readJournal(path)).toBeDefined();
    chownSync(path, 65_534, 65_534);
    expect(await listTransfers({ directories: [folder] })).toEqual([]);
    // A download to that place begins anew.
    expect(await readJournal(path)).toBeUndefined();
  });

  test('that cannot be written is told once, and notes nothing', async () => {
    const warnings: string[] = [];
    writeFileSync(join(folder, 'file'), '');
    const journal = new TransferJournal(join(folder, 'file', '.x.dirac-s3-transfer'), join(folder, 'state'), (text) => warnings.push(text));
    await journal.begin(record);
    await journal.done({ number: 1, check: 'aa' });
    expect(await journal.read()).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/^no journal can be written in \S+file \(ENOTDIR\)/)]);
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });
});
