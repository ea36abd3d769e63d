import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, singleResult, type PresignRequest } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import type { UrlSource } from '../../src/ports/index.js';
import type { S3StorageElement, S3StorageElementOptions } from '../../src/storage/index.js';
import type { FaultHook, FaultRequest } from '../../src/testing/development-store/index.js';
import { directMultipart, type DirectMultipart } from './direct-multipart.js';
import { filesBelow, lfnOf, World } from './world.js';

const mebibyte = 1024 * 1024;
const bytes = randomBytes(17 * mebibyte + 12_345);
const parts = 4;
const lfn = lfnOf('large.bin');
const pieces = { partBytes: 5 * mebibyte, rangeBytes: mebibyte, parallel: 4 };

let world: World;
let multipart: DirectMultipart;
let se: S3StorageElement;
let source: string;
let copy: string;
beforeEach(async () => {
  world = await World.open('direct');
  multipart = directMultipart(world.urls);
  se = element();
  [source, copy] = [join(world.local, 'source'), join(world.local, 'copy')];
  writeFileSync(source, bytes);
});
afterEach(async () => {
  se.close();
  await world.close();
});

const element = (changes: Partial<S3StorageElementOptions> = {}): S3StorageElement =>
  world.storageElement({ multipart, pieces, stateDirectory: join(world.folder, 'state'), ...changes });
const put = (options: Parameters<typeof se.put>[1] = {}, more: object = {}) =>
  se.put([{ lfn, source: { path: source }, ...more }], options).then(singleResult);
const get = (options: Parameters<typeof se.get>[1] = {}, more: object = {}) =>
  se.get([{ lfn, path: copy, ...more }], options).then(singleResult);
const isPart = ({ method, target }: FaultRequest): boolean => method === 'PUT' && target.includes('partNumber=');
const isEnd = ({ method, target }: FaultRequest): boolean => method === 'POST' && target.includes('uploadId=');
const partNumberOf = ({ target }: FaultRequest): number => Number(/partNumber=(\d+)/.exec(target)?.[1]);
const openUploads = (): string[] => readdirSync(join(world.folder, 'store', 'uploads')).filter((name) => !name.startsWith('.'));
/** Counts the requests of a kind, with a fault for some of them. */
const watch = (kind: (request: FaultRequest) => boolean, fault: FaultHook = () => undefined): FaultRequest[] => {
  const seen: FaultRequest[] = [];
  world.faults = (request) => {
    if (!kind(request)) return undefined;
    seen.push(request);
    return fault(request);
  };
  return seen;
};
const times = (count: number, fault: ReturnType<FaultHook>): FaultHook => {
  let left = count;
  return () => (left-- > 0 ? fault : undefined);
};
const isRange = ({ method, headers }: FaultRequest): boolean => method === 'GET' && headers.range !== undefined;
const stored = async (): Promise<void> => {
  world.faults = () => undefined;
  expect(await get({}, { overwrite: true })).toMatchObject({ checksum: adler32(bytes), verified: true });
  expect(readFileSync(copy).equals(bytes)).toBe(true);
};

describe('an upload in parts', () => {
  test('stores the bytes with their Adler-32, each part sent once, and leaves neither journal nor upload', async () => {
    const sent = watch(isPart);
    expect(await put()).toMatchObject({ sizeBytes: bytes.length, checksum: adler32(bytes) });
    expect(sent.map(partNumberOf).sort()).toEqual([1, 2, 3, 4]);
    expect(filesBelow(world.local)).toEqual(['source']);
    expect(readdirSync(join(world.folder, 'state'))).toEqual([]);
    expect(openUploads()).toEqual([]);
    await stored();
  });

  test.each([
    ['an answer 500', { kind: 'answer' }],
    ['an answer 503', { kind: 'answer', status: 503, code: 'SlowDown' }],
    ['an answer 429', { kind: 'answer', status: 429, code: 'TooManyRequests' }],
    ['a refusal of damaged bytes', { kind: 'answer', status: 400, code: 'BadDigest' }],
    ['one answer 403', { kind: 'answer', status: 403, code: 'AccessDenied' }],
    ['a connection that is cut', { kind: 'break-upload', afterBytes: 2_000_000 }],
  ] as const)('passes over %s', async (_, fault) => {
    watch(isPart, times(1, fault));
    await put();
    await stored();
  });

  test('ends when the store keeps refusing, and goes on later with what is missing', async () => {
    watch(isPart, (request) => (partNumberOf(request) === 3 ? { kind: 'answer', status: 403, code: 'AccessDenied' } : undefined));
    await expect(put()).rejects.toMatchObject({ code: 'storage-refused' });
    expect(openUploads()).toHaveLength(1);
    const sent = watch(isPart);
    await put();
    expect(multipart.begun).toHaveLength(1);
    expect(sent.map(partNumberOf)).toContain(3);
    expect(sent.length).toBeLessThan(parts);
    await stored();
  });

  test('that was cancelled says how to go on, and sends no part twice', async () => {
    const controller = new AbortController();
    const first = watch(isPart);
    const onProgress = ({ phase, doneBytes }: { phase: string; doneBytes: number }): void => {
      if (phase === 'transfer' && doneBytes > 16 * mebibyte) controller.abort();
    };
    const slow = element({ pieces: { ...pieces, parallel: 1 } });
    const outcome = slow.put([{ lfn, source: { path: source } }], { signal: controller.signal, onProgress }).then(singleResult);
    await expect(outcome).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining(`to go on: dirac-s3 transfers resume ${source}`),
    });
    expect(first.map(partNumberOf)).toEqual([1, 2, 3, 4]);
    const second = watch(isPart);
    await put();
    expect(second.map(partNumberOf)).toEqual([4]);
    await stored();
    slow.close();
  });

  test('that is not to be resumed leaves nothing, here or at the store', async () => {
    const controller = new AbortController();
    watch(isPart, (request) => {
      if (partNumberOf(request) === 2) controller.abort();
      return undefined;
    });
    const outcome = put({ signal: controller.signal, resumable: false });
    await expect(outcome).rejects.toMatchObject({ code: 'cancelled', message: expect.stringContaining('nothing is kept of it') });
    expect(multipart.begun).toHaveLength(1);
    expect(openUploads()).toEqual([]);
    expect(filesBelow(world.local)).toEqual(['source']);
  });

  test('of a file that is another one by now aborts the old upload and begins anew', async () => {
    watch(isPart, (request) => (partNumberOf(request) === 2 ? { kind: 'answer', status: 403 } : undefined));
    await expect(put()).rejects.toMatchObject({ code: 'storage-refused' });
    world.faults = () => undefined;
    utimesSync(source, new Date(), new Date(Date.now() + 5_000));
    await put();
    expect(multipart.begun).toHaveLength(2);
    expect(openUploads()).toEqual([]);
    await stored();
  });

  test('of a file that changes while it is sent stores nothing and leaves nothing to go on with', async () => {
    watch(isPart, (request) => {
      if (partNumberOf(request) === 1) writeFileSync(source, randomBytes(bytes.length));
      return { kind: 'delay', milliseconds: 200 };
    });
    const one = element({ pieces: { ...pieces, parallel: 1 } });
    await expect(one.put([{ lfn, source: { path: source } }]).then(singleResult)).rejects.toMatchObject({ code: 'checksum-mismatch' });
    one.close();
    world.faults = () => undefined;
    expect(singleResult(await se.exists([lfn]))).toBe(false);
    expect(openUploads()).toEqual([]);
    expect(filesBelow(world.local)).toEqual(['source']);
  });

  test('whose end is answered by an error is ended again', async () => {
    const ends = watch(isEnd, times(2, { kind: 'answer', status: 503, code: 'SlowDown' }));
    await put();
    expect(ends).toHaveLength(3);
    await stored();
  });

  test('that the store lost is begun anew', async () => {
    watch(isEnd, times(1, { kind: 'answer', status: 404, code: 'NoSuchUpload' }));
    await put();
    expect(multipart.begun).toHaveLength(2);
    await stored();
  });

  test('is kept when something else than the store answers 404', async () => {
    watch(isPart, (request) => (partNumberOf(request) > 2 ? { kind: 'answer', status: 403 } : undefined));
    await expect(put()).rejects.toMatchObject({ code: 'storage-refused' });
    const isList = ({ method, target }: FaultRequest): boolean => method === 'GET' && target.includes('uploadId=');
    watch(isList, () => ({ kind: 'answer', status: 404, code: 'NoSuchBucket' }));
    await expect(put()).rejects.toMatchObject({ code: 'storage-refused' });
    expect(multipart.begun).toHaveLength(1);
    const sent = watch(isPart);
    await put();
    expect(multipart.begun).toHaveLength(1);
    expect(sent.length).toBeLessThan(4);
    await stored();
  });

  test('whose end was reached by a process that never heard of it counts as stored', async () => {
    const files = (): string[] => filesBelow(world.local).filter((name) => name.endsWith('transfer'));
    watch(isEnd, () => ({ kind: 'answer', status: 403 }));
    await expect(put()).rejects.toMatchObject({ code: 'storage-refused' });
    const journal = join(world.local, files()[0]!);
    const text = readFileSync(journal);
    world.faults = () => undefined;
    await put();
    writeFileSync(journal, text);
    const sent = watch(isPart);
    expect(await put()).toMatchObject({ checksum: adler32(bytes) });
    expect(sent).toEqual([]);
    expect(files()).toEqual([]);
  });

  test('whose end was reached, of which neither the answer nor the object is seen, counts as stored the next time', async () => {
    let ended = false;
    world.faults = (request) => {
      if (!isEnd(request)) return ended && request.method === 'HEAD' ? { kind: 'answer' } : undefined;
      if (ended) return { kind: 'answer', status: 404, code: 'NoSuchUpload' };
      ended = true;
      return { kind: 'lose-answer' };
    };
    await expect(put()).rejects.toMatchObject({ code: 'storage-unavailable' });
    const sent = watch(isPart);
    expect(await put()).toMatchObject({ checksum: adler32(bytes) });
    expect(sent).toEqual([]);
    expect(multipart.begun).toHaveLength(1);
    expect(filesBelow(world.local)).toEqual(['source']);
    await stored();
  });

  test('of a file that is another one by now is not begun anew before the old upload is aborted', async () => {
    watch(isPart, (request) => (partNumberOf(request) === 2 ? { kind: 'answer', status: 403 } : undefined));
    await expect(put()).rejects.toMatchObject({ code: 'storage-refused' });
    utimesSync(source, new Date(), new Date(Date.now() + 5_000));
    watch(
      ({ method }) => method === 'DELETE',
      () => ({ kind: 'answer', status: 503, code: 'SlowDown' }),
    );
    await expect(put()).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(multipart.begun).toHaveLength(1);
    world.faults = () => undefined;
    await put();
    expect(multipart.begun).toHaveLength(2);
    expect(openUploads()).toEqual([]);
  });

  test('keeps no URL or signature in its journal, which only the user can read', async () => {
    watch(isPart, () => ({ kind: 'answer', status: 403 }));
    await expect(put()).rejects.toMatchObject({ code: 'storage-refused' });
    const [name = ''] = filesBelow(world.local).filter((file) => file.endsWith('transfer'));
    const path = join(world.local, name);
    expect(readFileSync(path, 'utf8')).not.toMatch(/https?:|Signature|Credential/i);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('ends with the reason when the permission is gone at a renewal', async () => {
    multipart = directMultipart(world.urls, 500);
    se = element({ pieces: { ...pieces, parallel: 1 } });
    watch(isPart, (request) => {
      if (partNumberOf(request) === 2) multipart.refusal = new DiracS3Error('permission-denied', 'Permission denied');
      return { kind: 'delay', milliseconds: 300 };
    });
    await expect(put()).rejects.toMatchObject({ code: 'permission-denied' });
    world.faults = () => undefined;
    expect(singleResult(await se.exists([lfn]))).toBe(false);
  });

  test('is one request where parts are not permitted', async () => {
    const refusing: DirectMultipart = { ...multipart, begin: () => Promise.reject(new DiracS3Error('upload-unsafe', 'not here')) };
    await element({ multipart: refusing })
      .put([{ lfn, source: { path: source } }])
      .then(singleResult);
    expect(world.seen.filter((line) => line.startsWith('PUT '))).toHaveLength(1);
    await stored();
  });

  test('does not replace a stored object', async () => {
    await put();
    await expect(put()).rejects.toMatchObject({ code: 'file-exists' });
    expect(await put({}, { overwrite: true })).toMatchObject({ checksum: adler32(bytes) });
  });
});

/** URLs of a few seconds, counted. */
function shortUrls(urls: UrlSource, expirationSeconds: number): UrlSource & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    presign: (request: PresignRequest) => {
      asked.push(request.method);
      return urls.presign({ ...request, expirationSeconds });
    },
  };
}

describe('a download in ranges', () => {
  beforeEach(async () => {
    await put();
    world.seen.length = 0;
  });

  test('fetches each range once, with one URL and the ETag of the first answer', async () => {
    const urls = shortUrls(world.urls, 3600);
    const seen = watch(isRange);
    const own = element({ urls });
    expect(await own.get([{ lfn, path: copy }]).then(singleResult)).toMatchObject({ verified: true, checksum: adler32(bytes) });
    own.close();
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    expect(new Set(seen.map(({ headers }) => headers.range)).size).toBe(18);
    expect(seen).toHaveLength(18);
    expect(new Set(seen.map(({ headers }) => headers['if-match'])).size).toBe(1);
    expect(urls.asked).toEqual(['get_object', 'get_object']);
    expect(filesBelow(world.local)).toEqual(['copy', 'source']);
  });

  test.each([
    ['answers 500', { kind: 'answer' }],
    ['answers 403', { kind: 'answer', status: 403, code: 'AccessDenied' }],
    ['connections that are cut', { kind: 'break-download', afterBytes: 300_000 }],
  ] as const)('passes over %s', async (_, fault) => {
    watch(isRange, times(1, fault));
    await get();
    expect(readFileSync(copy).equals(bytes)).toBe(true);
  });

  test('whose size is known before asks for one byte first, and for all ranges with its ETag', async () => {
    const seen = watch(({ method }) => method === 'GET');
    await get({}, { expected: { sizeBytes: bytes.length, checksum: adler32(bytes) } });
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    expect(seen.map(({ headers }) => headers.range)).toContain('bytes=0-0');
    expect(seen.every(({ headers }) => headers.range !== undefined)).toBe(true);
    expect(seen.filter(({ headers }) => headers['if-match'] !== undefined)).toHaveLength(18);
  });

  test.each([
    ['another size than expected', { sizeBytes: bytes.length + 1 }, 'size-mismatch'],
    ['another checksum than expected', { sizeBytes: bytes.length, checksum: '01234567' }, 'checksum-mismatch'],
  ])('of %s leaves nothing', async (_, expected, code) => {
    await expect(get({}, { expected })).rejects.toMatchObject({ code });
    expect(filesBelow(world.local)).toEqual(['source']);
  });

  test('of an object that is small in spite of what was expected says so', async () => {
    writeFileSync(source, bytes.subarray(0, 1000));
    await put({}, { overwrite: true });
    await expect(get({}, { expected: { sizeBytes: bytes.length } })).rejects.toMatchObject({ code: 'size-mismatch' });
    expect(filesBelow(world.local)).toEqual(['source']);
  });

  test('outlives its URLs', async () => {
    const urls = shortUrls(world.urls, 2);
    const own = element({ urls, pieces: { ...pieces, rangeBytes: 2 * mebibyte, parallel: 1 } });
    const limit = { limitRateBytesPerSecond: 4 * mebibyte };
    await own.get([{ lfn, path: copy }], limit).then(singleResult);
    own.close();
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    expect(urls.asked.length).toBeGreaterThan(3);
  });

  test('at a low rate ends as soon as it is cancelled', async () => {
    const slowly = () => ({ limitRateBytesPerSecond: 1000, signal: AbortSignal.timeout(300) });
    await expect(get(slowly())).rejects.toMatchObject({ code: 'cancelled' });
    await expect(put(slowly(), { overwrite: true })).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('that was cancelled goes on with the ranges that are missing', async () => {
    const controller = new AbortController();
    const onProgress = ({ doneBytes }: { doneBytes: number }): void => {
      if (doneBytes > 9 * mebibyte) controller.abort();
    };
    const outcome = get({ signal: controller.signal, onProgress });
    await expect(outcome).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining(`to go on: dirac-s3 transfers resume ${copy}`),
    });
    expect(existsSync(copy)).toBe(false);
    const seen = watch(isRange);
    await get();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(15);
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    expect(filesBelow(world.local)).toEqual(['copy', 'source']);
  });

  test('can be cancelled at the very moment an answer is complete', async () => {
    const one = element({ pieces: { ...pieces, parallel: 1 } });
    for (let range = 1; range <= 15; range += 1) {
      const controller = new AbortController();
      const onProgress = ({ doneBytes }: { doneBytes: number }): void => {
        if (doneBytes >= range * mebibyte) controller.abort();
      };
      const outcome = one.get([{ lfn, path: copy }], { signal: controller.signal, onProgress }).then(singleResult);
      await expect(outcome).rejects.toMatchObject({ code: 'cancelled' });
    }
    one.close();
    await get();
    expect(readFileSync(copy).equals(bytes)).toBe(true);
  });

  test('that is not to be resumed leaves nothing', async () => {
    const controller = new AbortController();
    const onProgress = ({ doneBytes }: { doneBytes: number }): void => {
      if (doneBytes > 9 * mebibyte) controller.abort();
    };
    const outcome = get({ signal: controller.signal, onProgress, resumable: false });
    await expect(outcome).rejects.toMatchObject({ code: 'cancelled', message: expect.stringContaining('nothing is kept of it') });
    expect(filesBelow(world.local)).toEqual(['source']);
  });

  test('fetches a range again that was damaged on disk since', async () => {
    watch(isRange, (request) => (request.headers.range === 'bytes=5242880-6291455' ? { kind: 'answer', status: 400 } : undefined));
    await expect(get()).rejects.toMatchObject({ code: 'storage-refused' });
    const part = join(world.local, '.copy.dirac-s3-part');
    const damaged = readFileSync(part);
    damaged[100] = damaged[100]! ^ 1;
    writeFileSync(part, damaged);
    const seen = watch(isRange);
    await get();
    expect(seen.map(({ headers }) => headers.range)).toContain('bytes=0-1048575');
    expect(readFileSync(copy).equals(bytes)).toBe(true);
  });

  test('of an object that is replaced in the middle gives the new one whole', async () => {
    const other = randomBytes(bytes.length);
    let replacing: Promise<unknown> | undefined;
    watch(isRange, (request) => {
      if (replacing !== undefined || request.headers.range !== 'bytes=4194304-5242879') return undefined;
      writeFileSync(source, other);
      replacing = put({}, { overwrite: true });
      return { kind: 'answer', status: 412, code: 'PreconditionFailed' };
    });
    await get().catch(() => undefined);
    await replacing;
    world.faults = () => undefined;
    await get({}, { overwrite: true });
    expect(readFileSync(copy).equals(other)).toBe(true);
  });

  test('whose checksum the catalog knows better is fetched again once, and leaves nothing', async () => {
    const seen = watch(isRange);
    await expect(get({}, { expected: { checksum: '00000001' } })).rejects.toMatchObject({ code: 'checksum-mismatch' });
    expect(seen).toHaveLength(36);
    expect(filesBelow(world.local)).toEqual(['source']);
  });

  test('is refused while another process has it', async () => {
    const lock = join(world.local, '.copy.dirac-s3-lock');
    writeFileSync(lock, JSON.stringify({ pid: 1, host: 'elsewhere', began: '' }));
    await expect(get()).rejects.toMatchObject({ code: 'local-file', message: expect.stringContaining('elsewhere') });
    writeFileSync(lock, JSON.stringify({ pid: 999_999_999, host: (await import('node:os')).hostname(), began: '' }));
    await get();
    expect(existsSync(lock)).toBe(false);
  });
});
