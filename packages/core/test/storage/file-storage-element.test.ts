import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, parseLfn, singleResult, type FileStorageElement } from '../../src/domain/index.js';
import { createFileStorageElement, type StorageElementClient, type Upload } from '../../src/storage/index.js';
import { filesBelow } from './world.js';

const lfn = parseLfn('/vo/user/a/alice/data.bin');
const bytes = Buffer.alloc(2_500_000, 'some bytes ');
const active = { Read: 'Active', Write: 'Active', Remove: 'Active', Check: 'Active' };

describe('a directory as StorageElement', () => {
  let folder: string;
  let directory: string;
  let source: string;
  let se: StorageElementClient;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'file-se-'));
    directory = join(folder, 'mounted');
    mkdirSync(directory);
    source = join(folder, 'source');
    writeFileSync(source, bytes);
    se = open();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (changes: Partial<FileStorageElement> = {}, vo?: string): StorageElementClient =>
    createFileStorageElement({
      element: { name: 'DISK', baseName: undefined, section: 'File', directory, vos: [], status: active, ...changes },
      vo,
    });
  const put = (more: Partial<Upload> = {}) => se.put([{ lfn, source: { path: source }, ...more }]).then(singleResult);

  test('stores a file under its LFN, and gives it back', async () => {
    const stored = { sizeBytes: bytes.length, checksum: adler32(bytes) };
    expect(await put()).toEqual({ ...stored, pfn: join(directory, lfn) });
    expect(readFileSync(se.storageUrl(lfn)).equals(bytes)).toBe(true);
    expect(singleResult(await se.exists([lfn]))).toBe(true);
    expect(singleResult(await se.getMetadata([lfn]))).toMatchObject({ ...stored, etag: undefined, modifiedAt: expect.anything() });
    const path = join(folder, 'copy');
    expect(singleResult(await se.get([{ lfn, path, expected: stored }]))).toEqual({ path, ...stored, verified: true });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(singleResult(await se.remove([lfn]))).toBe(true);
    expect(filesBelow(directory)).toEqual([]);
  });

  test('stores an empty file and a stream', async () => {
    writeFileSync(source, '');
    expect(await put()).toMatchObject({ sizeBytes: 0, checksum: '00000001' });
    expect(await put({ source: { stream: Readable.from([bytes]) }, overwrite: true })).toMatchObject({ sizeBytes: bytes.length });
  });

  test('says of what is not there that it is not', async () => {
    expect(singleResult(await se.exists([lfn]))).toBe(false);
    expect(singleResult(await se.isFile([lfn]))).toBe(false);
    expect(singleResult(await se.remove([lfn]))).toBe(true);
    await expect(se.getMetadata([lfn]).then(singleResult)).rejects.toMatchObject({ code: 'no-such-file' });
    await expect(se.open(lfn)).rejects.toMatchObject({ code: 'no-such-file' });
    await expect(se.get([{ lfn, path: join(folder, 'x') }]).then(singleResult)).rejects.toMatchObject({ code: 'no-such-file' });
  });

  test('does not replace a file unless told to', async () => {
    await put();
    writeFileSync(source, 'new');
    await expect(put()).rejects.toMatchObject({ code: 'file-exists' });
    expect(readFileSync(se.storageUrl(lfn)).equals(bytes)).toBe(true);
    await put({ overwrite: true });
    expect(readFileSync(se.storageUrl(lfn), 'utf8')).toBe('new');
  });

  test('leaves nothing of an upload that fails', async () => {
    await expect(put({ expectedChecksum: '00000002' })).rejects.toMatchObject({ code: 'checksum-mismatch' });
    const replica = {
      sizeBytes: bytes.length,
      checksum: adler32(bytes),
      chunks: async function* () {
        yield await Promise.resolve(bytes.subarray(0, 1000));
      },
    };
    await expect(put({ source: { replica } })).rejects.toMatchObject({ code: 'size-mismatch' });
    const other = {
      ...replica,
      chunks: () => Readable.from([Buffer.alloc(bytes.length)]).iterator() as unknown as AsyncGenerator<Buffer, void>,
    };
    await expect(put({ source: { replica: other } })).rejects.toMatchObject({ code: 'checksum-mismatch' });
    const longer = { ...replica, sizeBytes: 10 };
    await expect(put({ source: { replica: longer } })).rejects.toMatchObject({ code: 'size-mismatch' });
    expect(filesBelow(directory)).toEqual([]);
  });

  test('compares a download with the catalog, and leaves nothing of a wrong one', async () => {
    await put();
    const path = join(folder, 'copy');
    for (const expected of [{ sizeBytes: 1 }, { checksum: '00000002' }]) {
      await expect(se.get([{ lfn, path, expected }]).then(singleResult)).rejects.toMatchObject({ code: expect.stringMatching(/mismatch/) });
    }
    expect(readdirSync(folder).sort()).toEqual(['mounted', 'source']);
    expect(singleResult(await se.get([{ lfn, path }]))).toMatchObject({ verified: false });
  });

  test('never makes its directory: a file system that is not mounted is unavailable', async () => {
    rmSync(directory, { recursive: true });
    for (const call of [() => put(), () => se.exists([lfn]).then(singleResult), () => se.remove([lfn]).then(singleResult)]) {
      await expect(call()).rejects.toMatchObject({ code: 'storage-unavailable', message: expect.stringContaining('mounted') });
    }
    expect(existsSync(directory)).toBe(false);
  });

  test('may itself be a symbolic link, as mount points are', async () => {
    const link = join(folder, 'link');
    symlinkSync(directory, link);
    se = open({ directory: link });
    expect(await put()).toMatchObject({ pfn: join(link, lfn) });
  });

  describe('leads nowhere else', () => {
    test('by a link in place of a directory', async () => {
      const outside = join(folder, 'outside');
      mkdirSync(join(outside, 'user/a/alice'), { recursive: true });
      writeFileSync(join(outside, 'user/a/alice/data.bin'), 'secret');
      symlinkSync(outside, join(directory, 'vo'));
      for (const call of [
        () => put({ overwrite: true }),
        () => se.exists([lfn]).then(singleResult),
        () => se.open(lfn),
        () => se.remove([lfn]).then(singleResult),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'storage-refused' });
      }
      expect(filesBelow(outside)).toEqual(['user/a/alice/data.bin']);
      expect(readFileSync(join(outside, 'user/a/alice/data.bin'), 'utf8')).toBe('secret');
    });

    test('by a link in place of the file', async () => {
      mkdirSync(dirname(join(directory, lfn)), { recursive: true });
      symlinkSync(source, join(directory, lfn));
      for (const call of [
        () => se.open(lfn),
        () => se.getMetadata([lfn]).then(singleResult),
        () => put(),
        () => se.remove([lfn]).then(singleResult),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'storage-refused' });
      }
      expect(lstatSync(join(directory, lfn)).isSymbolicLink()).toBe(true);
      expect(readFileSync(source).equals(bytes)).toBe(true);
    });

    test('by a directory in place of the file, or a file in place of a directory', async () => {
      mkdirSync(join(directory, lfn), { recursive: true });
      await expect(put({ overwrite: true })).rejects.toMatchObject({ code: expect.stringMatching(/^storage-/) });
      await expect(se.exists([lfn]).then(singleResult)).rejects.toMatchObject({ code: 'storage-refused' });
      rmSync(join(directory, 'vo'), { recursive: true });
      writeFileSync(join(directory, 'vo'), '');
      await expect(put()).rejects.toMatchObject({ code: 'storage-refused' });
    });
  });

  test.each<[keyof typeof active, (element: StorageElementClient) => Promise<unknown>]>([
    ['Read', (element) => element.get([{ lfn, path: '/nonexistent/x' }])],
    ['Read', (element) => element.open(lfn)],
    ['Write', (element) => element.put([{ lfn, source: { path: '/dev/null' } }])],
    ['Remove', (element) => element.remove([lfn])],
  ])('honours its %sAccess', async (kind, call) => {
    const closed = open({ status: { ...active, [kind]: 'Banned' } });
    await expect(call(closed)).rejects.toMatchObject({
      code: 'access-not-allowed',
      message: expect.stringContaining(`${kind}Access is Banned`),
    });
  });

  test('asks nothing of one that may be neither read nor checked, and is for its VOs only', async () => {
    const closed = open({ status: { ...active, Read: 'Error', Check: 'Error' } });
    await expect(closed.exists([lfn])).rejects.toMatchObject({ code: 'access-not-allowed' });
    expect(singleResult(await open({ status: { ...active, Check: 'Error' } }).exists([lfn]))).toBe(false);
    await expect(open({ vos: ['lhcb'] }, 'vo').exists([lfn])).rejects.toMatchObject({
      code: 'access-not-allowed',
      message: expect.stringContaining('VO'),
    });
  });

  test('has no URLs for others', () => {
    expect(() => se.accessUrl([lfn])).toThrow(expect.objectContaining({ code: 'unsupported-protocol' }));
  });
});
