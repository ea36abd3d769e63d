import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failure, type BulkResult, type Lfn } from '@dirac-s3/core';
import type { PutOutcome, PutRequest } from '@dirac-s3/core/data-management';
import { UsageError } from '../../src/exit-codes.js';
import { runAs, runWords } from './run-command.js';

const guid = 'C0191E52-67D5-044C-1F1A-69407BDDAE02';
let list: string;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dirac-s3-put-'));
  list = join(directory, 'list.txt');
});
afterAll(() => rm(directory, { recursive: true }));

let asked: readonly PutRequest[] = [];
/** Stores all but what is called `bad`. */
const manager = {
  putAndRegister: (requests: readonly PutRequest[]): Promise<BulkResult<PutOutcome, Lfn>> => {
    asked = requests;
    const good = requests.filter(({ lfn }) => !lfn.endsWith('bad'));
    const bad = requests.filter(({ lfn }) => lfn.endsWith('bad'));
    return Promise.resolve({
      successful: new Map(
        good.map(({ lfn, storageElement }) => [lfn, { storageElement, sizeBytes: 3, checksum: '024d0127', guid, pfn: `s3://h/b${lfn}` }]),
      ),
      failed: new Map(bad.map(({ lfn }) => [lfn, { code: 'file-exists', message: 'is in the catalog already' }])),
    });
  },
};

describe('put', () => {
  it('puts one file, strips the prefix of the LFN and passes a GUID on', async () => {
    const result = await runWords(['put', 'LFN:/vo/a', 'a.bin', 'DEMO-S3', guid], { manager });
    expect(asked).toEqual([{ lfn: '/vo/a', source: { path: 'a.bin' }, storageElement: 'DEMO-S3', guid, overwrite: false }]);
    expect(result.text).toBe('/vo/a is at DEMO-S3: 3 bytes, Adler-32 024d0127\n');
    expect(result.json).toEqual({
      successful: [{ lfn: '/vo/a', storageElement: 'DEMO-S3', sizeBytes: 3, checksum: '024d0127', guid, pfn: 's3://h/b/vo/a' }],
      failed: [],
    });
  });

  it('puts every line of a list; what fails stops nothing else', async () => {
    await writeFile(list, `lfn:/vo/a  a.bin DEMO-S3\n\n/vo/bad b.bin DEMO-S3 ${guid}\r\n../c c.bin DEMO-S3\n/vo/d\td.bin\tOTHER-S3\n`);
    const result = await runWords(['put', list, '--force'], { manager });
    expect(asked.map(({ lfn, source, storageElement, overwrite }) => [lfn, source.path, storageElement, overwrite])).toEqual([
      ['/vo/a', 'a.bin', 'DEMO-S3', true],
      ['/vo/bad', 'b.bin', 'DEMO-S3', true],
      ['/vo/d', 'd.bin', 'OTHER-S3', true],
    ]);
    expect(result.text).toBe('/vo/a is at DEMO-S3: 3 bytes, Adler-32 024d0127\n/vo/d is at OTHER-S3: 3 bytes, Adler-32 024d0127\n');
    expect([...result.failures].map(([name, { code }]) => [name, code])).toEqual([
      ['/vo/bad', 'file-exists'],
      ['../c', 'invalid-lfn'],
    ]);
    expect(result.hints).toMatchObject({ 'file-exists': expect.stringContaining('--force') });
  });

  it.each([
    ['a line with too little', '/vo/a a.bin\n', /list\.txt, entry 1/],
    ['a line with too much', '/vo/a a.bin DEMO-S3\n/vo/b b c d e\n', /entry 2/],
    ['no line at all', '\n \n', /names no file/],
    ['one LFN twice', '/vo/a a.bin DEMO-S3\nLFN:/vo/a b.bin DEMO-S3\n', /twice/],
  ])('refuses a list with %s before anything is uploaded', async (_, content, message) => {
    await writeFile(list, content);
    asked = [];
    const running = runWords(['put', list], { manager });
    await expect(running).rejects.toThrow(message);
    await expect(running).rejects.toBeInstanceOf(UsageError);
    expect(asked).toEqual([]);
  });

  it('refuses a list that is not there, and half a command line', async () => {
    await expect(runWords(['put', join(directory, 'none')], { manager })).rejects.toThrow(UsageError);
    await expect(runWords(['put', '/vo/a', 'a.bin'], { manager })).rejects.toThrow('LFN PATH SE [GUID]');
  });

  it("prints the lines of DIRAC's command under its name", async () => {
    await writeFile(list, '/vo/a a.bin DEMO-S3\n/vo/bad b.bin DEMO-S3\n');
    const result = await runAs('dirac-dms-add-file', ['-f', list], { manager });
    expect(asked.map(({ overwrite }) => overwrite)).toEqual([true, true]);
    expect(result.text).toBe('\nUploading /vo/a\nSuccessfully uploaded file to DEMO-S3\n\nUploading /vo/bad\n');
    expect(result.failures.size).toBe(1);
  });

  it("says nothing of an upload where the local file is none, and has the exit codes of DIRAC's command for it", async () => {
    await writeFile(join(directory, 'empty'), '');
    await writeFile(list, ['none', '', 'empty'].map((name, index) => `/vo/${index} ${directory}/${name} DEMO-S3\n`).join(''));
    const unread = {
      putAndRegister: (requests: readonly PutRequest[]): Promise<BulkResult<PutOutcome, Lfn>> =>
        Promise.resolve({ successful: new Map(), failed: new Map(requests.map(({ lfn }) => [lfn, failure('local-file', 'x')])) }),
    };
    const result = await runAs('dirac-dms-add-file', [list], { manager: unread });
    expect(result.text).toBe('\nUploading /vo/2\n');
    expect([...result.diracCodes!]).toEqual([
      ['/vo/0', 1],
      ['/vo/1', 2],
    ]);
  });
});
