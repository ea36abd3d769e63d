import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BulkResult, Lfn } from '@dirac-s3/core';
import { UsageError } from '../src/exit-codes.js';
import { askAbout, readList, readNames, withoutPrefix } from '../src/names.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dirac-s3-names-'));
});
afterAll(() => rm(directory, { recursive: true }));

const listFile = async (content: string | Buffer): Promise<string> => {
  const path = join(directory, 'list.txt');
  await writeFile(path, content);
  return path;
};

describe('LFN or a file of LFNs', () => {
  it('reads the lines of a single argument that is a local file', async () => {
    const path = await listFile('/vo/a\n\n  LFN:/vo/b  \r\nlfn:/vo/c');
    expect(await readNames([path])).toEqual(['/vo/a', '/vo/b', '/vo/c']);
  });

  it('refuses a list that is not text in UTF-8: other names would come of it', async () => {
    const path = join(directory, 'latin1.txt');
    await writeFile(path, Buffer.from('/vo/caf\u00e9', 'latin1'));
    await expect(readNames([path])).rejects.toThrow(UsageError);
  });

  it('takes several arguments for LFNs, be there local files of that name or not', async () => {
    const path = await listFile('/vo/a');
    expect(await readNames([path, 'LFN:/vo/b'])).toEqual([path, '/vo/b']);
  });

  it('takes a single argument that is no regular file for an LFN', async () => {
    expect(await readNames(['/vo/none'])).toEqual(['/vo/none']);
    expect(await readNames([directory])).toEqual([directory]);
  });

  it('refuses binary data and missing files as lists', async () => {
    await expect(readList(await listFile('/vo/a\0'))).rejects.toThrow(UsageError);
    await expect(readList(await listFile(Buffer.from([0x2f, 0xff])))).rejects.toThrow(/not text in UTF-8/);
    await expect(readList(join(directory, 'none'))).rejects.toThrow(/there is no list file/);
  });

  it.each([
    ['LFN:/a', '/a'],
    ['lfn:/a', '/a'],
    ['Lfn:/a', '/a'],
    ['/LFN:/a', '/LFN:/a'],
    ['LFN:LFN:/a', 'LFN:/a'],
  ])('strips one prefix: %s', (name, expected) => {
    expect(withoutPrefix(name)).toBe(expected);
  });
});

describe('asking about names', () => {
  const echo = (lfns: readonly Lfn[]): Promise<BulkResult<string, Lfn>> =>
    Promise.resolve({
      successful: new Map(lfns.filter((lfn) => lfn !== '/vo/bad').map((lfn) => [lfn, lfn])),
      failed: new Map(lfns.filter((lfn) => lfn === '/vo/bad').map((lfn) => [lfn, { code: 'no-such-file', message: 'no' }])),
    });

  it('lets a name that is no LFN fail alone, in its place', async () => {
    const result = await askAbout(['/vo/bad', '/vo//x', '/vo/a', 'relative', '/vo/a'], echo);
    expect([...result.successful.keys()]).toEqual(['/vo/a']);
    expect([...result.failed].map(([name, { code }]) => [name, code])).toEqual([
      ['/vo/bad', 'no-such-file'],
      ['/vo//x', 'invalid-lfn'],
      ['relative', 'invalid-lfn'],
    ]);
  });

  it('asks nobody when no name is an LFN', async () => {
    const result = await askAbout(['x'], () => Promise.reject(new Error('asked')));
    expect(result.failed.size).toBe(1);
  });
});
