import { describe, expect, it } from '@jest/globals';
import { BulkResultBuilder, type BulkResult, type Lfn } from '@dirac-s3/core';
import { UsageError } from '../../src/exit-codes.js';
import { runAs, runWords } from './run-command.js';

let chunks: number[] = [];
const remove = (lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>> => {
  chunks.push(lfns.length);
  const builder = new BulkResultBuilder<true, Lfn>(lfns);
  for (const lfn of lfns) {
    if (lfn.includes('missing')) builder.fail(lfn, { code: 'no-such-file', message: `${lfn} is not in the catalog` });
    else builder.succeed(lfn, true);
  }
  return Promise.resolve(builder.build());
};

describe('rm', () => {
  it('tells what is removed, and what is not', async () => {
    const result = await runWords(['rm', '/vo/a', '/vo/missing', 'LFN:/vo/b', '/vo/a'], { manager: { remove } });
    expect(result.text).toBe('/vo/a is removed\n/vo/b is removed\n');
    expect(result.json).toEqual({
      successful: [{ lfn: '/vo/a' }, { lfn: '/vo/b' }],
      failed: [{ lfn: '/vo/missing', code: 'no-such-file', message: '/vo/missing is not in the catalog' }],
    });
  });

  it("counts by reason under DIRAC's name", async () => {
    const result = await runAs('dirac-dms-remove-files', ['/vo/missing1', '/vo/a', '/vo/missing2', '/vo/b', 'x'], { manager: { remove } });
    expect(result.text).toBe(
      `Failed to remove 2 files with error: No such file or directory
Failed to remove 1 files with error: Invalid LFN
Successfully removed 2 files
`,
    );
    expect(result.failures.size).toBe(3);
  });

  it('removes a hundred at a time, and begins no further ones after an interruption', async () => {
    const names = Array.from({ length: 250 }, (_, n) => `/vo/${n}`);
    chunks = [];
    expect((await runWords(['rm', ...names], { manager: { remove } })).succeeded).toBe(250);
    expect(chunks).toEqual([100, 100, 50]);

    const interruption = new AbortController();
    const interrupted = (lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>> => {
      interruption.abort();
      return remove(lfns);
    };
    const result = await runWords(['rm', ...names], { manager: { remove: interrupted }, signal: interruption.signal });
    expect(result.succeeded).toBe(100);
    expect(result.failures.size).toBe(0);
  });

  it('undoes an upload that was not registered, at the StorageElement named last', async () => {
    let at: string | undefined;
    const removeUnregistered = (lfns: readonly Lfn[], storageElement: string): Promise<BulkResult<true, Lfn>> => {
      at = storageElement;
      return remove(lfns);
    };
    const openStorageElement = (name: string) => Promise.resolve({ name: `${name}-REAL` } as never);
    const parts = { manager: { removeUnregistered }, session: { openStorageElement } };
    expect((await runWords(['rm', '--unregistered', '/vo/a', '/vo/b', 'ALIAS'], parts)).text).toBe('/vo/a is removed\n/vo/b is removed\n');
    expect(at).toBe('ALIAS-REAL');
    await expect(runWords(['rm', '--unregistered', 'ALIAS'], parts)).rejects.toThrow(UsageError);
  });
});
