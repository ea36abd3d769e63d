import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bulkMap, parseLfn } from '../../src/domain/index.js';
import { DiracS3Error, failure } from '../../src/errors/index.js';
import type { GetOutcome, PutOutcome, PutRequest } from '../../src/data-management/index.js';
import type { Download } from '../../src/storage/index.js';
import { downloadTree, uploadTree, type TreePlan, type TreeTools } from '../../src/trees/index.js';

const plan = (more: Partial<TreePlan>): TreePlan => ({
  directories: [],
  transfers: [],
  deletions: [],
  unchanged: [],
  faults: new Map(),
  ...more,
});
const send = (path: string, why: 'new' | 'size' = 'new') => ({ path, sizeBytes: 3, why });
const stored: PutOutcome = { storageElement: 'SE', sizeBytes: 3, checksum: '024d0127', guid: 'G', pfn: 's3://x' };

let local: string;
let puts: PutRequest[][];
let gets: Pick<Download, 'lfn' | 'path' | 'overwrite'>[][];
let calls: string[];
beforeEach(async () => {
  local = await mkdtemp(join(tmpdir(), 'dirac-s3-carry-'));
  [puts, gets, calls] = [[], [], []];
});
afterEach(() => rm(local, { recursive: true, force: true }));
const roots = () => ({ local, catalog: parseLfn('/vo/d') });

const refuseBad = (lfn: string): void => {
  if (lfn.includes('bad')) throw new DiracS3Error('permission-denied', `${lfn}: no`);
};
const tools: TreeTools = {
  manager: {
    putAndRegister: (requests) => {
      puts.push([...requests]);
      return bulkMap(
        requests.map(({ lfn }) => lfn),
        (lfn) => (refuseBad(lfn), stored),
      );
    },
    get: (requests) => {
      gets.push([...requests]);
      return bulkMap(
        requests.map(({ lfn }) => lfn),
        async (lfn): Promise<GetOutcome> => {
          refuseBad(lfn);
          const { path } = requests.find((request) => request.lfn === lfn)!;
          await writeFile(path, 'abc');
          return { path, sizeBytes: 3, checksum: '024d0127', verified: true, storageElement: 'SE' };
        },
      );
    },
    remove: (lfns) => bulkMap(lfns, (lfn) => (calls.push(`rm ${lfn}`), refuseBad(lfn), true as const)),
  },
  catalog: { createDirectories: (names) => bulkMap(names, (name) => (calls.push(`mkdir ${name}`), refuseBad(name), true as const)) },
};

describe('an upload of a tree', () => {
  it('makes directories, sends files, and deletes last', async () => {
    const wanted = plan({ directories: ['a'], transfers: [send('a/new'), send('old', 'size')], deletions: ['gone'] });
    const { done, failed } = await uploadTree(tools, { plan: wanted, roots: roots(), storageElement: 'SE' });
    expect(failed.size).toBe(0);
    expect(done.map(({ action, path, lfn }) => [action, path, lfn])).toEqual([
      ['make-directory', 'a', '/vo/d/a'],
      ['upload', 'a/new', '/vo/d/a/new'],
      ['upload', 'old', '/vo/d/old'],
      ['delete', 'gone', '/vo/d/gone'],
    ]);
    expect(puts).toEqual([
      [
        { lfn: '/vo/d/a/new', source: { path: join(local, 'a/new') }, storageElement: 'SE', overwrite: false },
        { lfn: '/vo/d/old', source: { path: join(local, 'old') }, storageElement: 'SE', overwrite: true },
      ],
    ]);
    expect(calls).toEqual(['mkdir /vo/d/a', 'rm /vo/d/gone']);
  });

  it('goes on after failures, and keeps those of the plan', async () => {
    const wanted = plan({
      directories: ['bad-dir', 'good'],
      transfers: [send('bad-dir/x'), send('good/bad'), send('good/ok')],
      faults: new Map([['fifo', failure('local-file', 'fifo is a FIFO')]]),
    });
    const { done, failed } = await uploadTree(tools, { plan: wanted, roots: roots(), storageElement: 'SE', guid: 'new' });
    expect(done.map(({ path }) => path)).toEqual(['good', 'good/ok']);
    expect([...failed].map(([path, { code }]) => [path, code])).toEqual([
      ['fifo', 'local-file'],
      ['bad-dir', 'permission-denied'],
      ['bad-dir/x', 'permission-denied'],
      ['good/bad', 'permission-denied'],
    ]);
    expect(puts.flat().map(({ lfn, guid }) => [lfn, guid])).toEqual([
      ['/vo/d/good/bad', 'new'],
      ['/vo/d/good/ok', 'new'],
    ]);
  });

  it('asks about a thousand names at a time, and begins nothing after an interruption', async () => {
    const transfers = Array.from({ length: 1500 }, (_, n) => send(`f${n}`));
    await uploadTree(tools, { plan: plan({ transfers }), roots: roots(), storageElement: 'SE' });
    expect(puts.map(({ length }) => length)).toEqual([1000, 500]);
    puts = [];
    const signal = AbortSignal.abort();
    const { done } = await uploadTree(
      tools,
      { plan: plan({ transfers, deletions: ['x'] }), roots: roots(), storageElement: 'SE' },
      { signal },
    );
    expect([done, puts, calls]).toEqual([[], [], []]);
  });

  it('makes a fault of a whole question one of each of its names', async () => {
    const down = {
      ...tools,
      manager: { ...tools.manager, putAndRegister: () => Promise.reject(new DiracS3Error('gateway-unavailable', 'down')) },
    };
    const { failed } = await uploadTree(down, { plan: plan({ transfers: [send('a'), send('b')] }), roots: roots(), storageElement: 'SE' });
    expect([...failed.values()].map(({ code }) => code)).toEqual(['gateway-unavailable', 'gateway-unavailable']);
  });
});

describe('a download of a tree', () => {
  it('makes directories, writes files, deletes last, and with them directories left empty', async () => {
    await mkdir(join(local, 'x/y'), { recursive: true });
    await writeFile(join(local, 'x/y/gone'), '1');
    await writeFile(join(local, 'x/stays'), '1');
    const wanted = plan({
      directories: ['a', 'a/b'],
      transfers: [send('a/b/f'), send('bad'), send('x/stays', 'size')],
      deletions: ['x/y/gone'],
    });
    const { done, failed } = await downloadTree(tools, { plan: wanted, roots: roots() });
    expect(done.map(({ action, path }) => [action, path])).toEqual([
      ['make-directory', 'a'],
      ['make-directory', 'a/b'],
      ['download', 'a/b/f'],
      ['download', 'x/stays'],
      ['delete', 'x/y/gone'],
    ]);
    expect([...failed.keys()]).toEqual(['bad']);
    expect(gets.flat().map(({ lfn, overwrite }) => [lfn, overwrite])).toEqual([
      ['/vo/d/a/b/f', false],
      ['/vo/d/bad', false],
      ['/vo/d/x/stays', true],
    ]);
    expect(await readFile(join(local, 'x/stays'), 'utf8')).toBe('abc');
    expect(await readdir(join(local, 'x'))).toEqual(['stays']);
  });

  it('makes the root, and takes a directory that is there for made', async () => {
    const deeper = { local: join(local, 'new/root'), catalog: parseLfn('/vo/d') };
    await mkdir(join(deeper.local, 'a'), { recursive: true });
    const { failed } = await downloadTree(tools, { plan: plan({ directories: ['a'], transfers: [send('a/f')] }), roots: deeper });
    expect(failed.size).toBe(0);
    expect(await readdir(join(deeper.local, 'a'))).toEqual(['f']);
  });

  it('writes and deletes nothing through a link that appeared after the plan was made', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'dirac-s3-outside-'));
    await writeFile(join(outside, 'precious'), '1');
    await symlink(outside, join(local, 'link'));
    const wanted = plan({ directories: ['link/d'], transfers: [send('link/f')], deletions: ['link/precious'] });
    const { done, failed } = await downloadTree(tools, { plan: wanted, roots: roots() });
    expect(done).toEqual([]);
    expect([...failed.values()].map(({ message }) => message)).toEqual([
      'link/d: link leads to another directory',
      'link/f: link leads to another directory',
      'link/precious: link leads to another directory',
    ]);
    expect(await readdir(outside)).toEqual(['precious']);
    await rm(outside, { recursive: true });
  });

  it('says why a directory cannot be made', async () => {
    await writeFile(join(local, 'file'), '1');
    const { failed } = await downloadTree(tools, { plan: plan({ directories: ['file'], transfers: [send('file/x')] }), roots: roots() });
    expect(failed.get('file')).toEqual({ code: 'local-file', message: 'file cannot be made (EEXIST)' });
    expect(failed.get('file/x')?.code).toBe('local-file');
  });
});
