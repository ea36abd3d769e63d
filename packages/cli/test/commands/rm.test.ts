import { describe, expect, it } from '@jest/globals';
import { BulkResultBuilder, DiracS3Error, parseLfn, type BulkResult, type Lfn, type LfnDirectory } from '@dirac-s3/core';
import type { DirectoryListing, FileCatalog, FileMetadata } from '@dirac-s3/core/ports';
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

const downFor =
  (name: string) =>
  (lfns: readonly Lfn[]): Promise<BulkResult<true, Lfn>> =>
    lfns.some((lfn) => lfn === name) ? Promise.reject(new DiracS3Error('catalog-unavailable', 'down')) : remove(lfns);

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

  it('still tells what was removed when the catalog fails for one of the hundreds', async () => {
    const names = Array.from({ length: 250 }, (_, n) => `/vo/${n}`);
    const { succeeded, failures } = await runWords(['rm', ...names], { manager: { remove: downFor('/vo/100') } });
    expect(succeeded).toBe(150);
    expect([...failures]).toEqual(names.slice(100, 200).map((name) => [name, { code: 'catalog-unavailable', message: 'down' }]));
    // Nothing was removed before: DIRAC's exit codes tell such a fault from files that failed.
    await expect(runAs('dirac-dms-remove-files', names, { manager: { remove: downFor('/vo/0') } })).rejects.toThrow('down');
  });

  it('still tells which directories are clean when the catalog fails for a later one', async () => {
    const directories = ['/vo/one', '/vo/two', '/vo/three'];
    const listing = (path: string): DirectoryListing => ({
      files: new Map([[parseLfn(`${path}/file`), {} as FileMetadata]]),
      directories: [],
    });
    const catalog = {
      listDirectory: (paths: readonly LfnDirectory[]) =>
        Promise.resolve({ successful: new Map(paths.map((path) => [path, listing(path)])), failed: new Map() }),
    } as unknown as FileCatalog;
    const parts = { manager: { remove: downFor('/vo/two/file') }, session: { catalog: () => Promise.resolve(catalog) } };
    const result = await runAs('dirac-dms-clean-directory', directories, parts);
    expect(result.json).toEqual({
      successful: [
        { directory: '/vo/one', removed: 1 },
        { directory: '/vo/three', removed: 1 },
      ],
      failed: [{ lfn: '/vo/two', code: 'catalog-unavailable', message: 'down' }],
    });
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
