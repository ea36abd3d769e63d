import { describe, expect, it } from '@jest/globals';
import { bulkMap, DiracS3Error, type Lfn } from '@dirac-s3/core';
import type { CatalogAdministration, DirectoryEntry } from '@dirac-s3/core/adapters/catalog/sqlite';
import type { FileCatalog } from '@dirac-s3/core/ports';
import { UsageError } from '../../src/exit-codes.js';
import { runWords } from './run-command.js';

const asUser = (made: Lfn[]) => ({
  catalog: () =>
    Promise.resolve({
      createDirectories: (directories: readonly Lfn[]) =>
        bulkMap(directories, (path) => {
          if (path.startsWith('/other')) throw new DiracS3Error('permission-denied', 'this needs Write on the directory /other');
          made.push(path);
          return true as const;
        }),
    } as unknown as FileCatalog),
});
const asAdministrator = (made: DirectoryEntry[]) => ({
  administration: () =>
    Promise.resolve({
      createDirectories: (directories: readonly DirectoryEntry[]) => {
        if (directories.some(({ path }) => path === '/vo/file')) return Promise.reject(new DiracS3Error('conflict', '/vo/file: is a file'));
        made.push(...directories);
        return Promise.resolve();
      },
    } as unknown as CatalogAdministration),
});

describe('mkdir', () => {
  it('makes directories as the user, and tells which it could not', async () => {
    const made: Lfn[] = [];
    const result = await runWords(['mkdir', '/vo/a', '/other/b', '/vo/../c'], { session: asUser(made) });
    expect(result.text).toBe('/vo/a is there\n');
    expect([...result.failures].map(([name, { code }]) => [name, code])).toEqual([
      ['/other/b', 'permission-denied'],
      ['/vo/../c', 'invalid-lfn'],
    ]);
    expect(made).toEqual(['/vo/a']);
  });

  it('gives directories an owner and a mode as the keeper of the catalog, each for itself', async () => {
    const made: DirectoryEntry[] = [];
    const words = ['mkdir', '/vo/user/a/alice', '/vo/file', '--owner', 'alice:vo_user', '--mode', '0700'];
    const result = await runWords(words, { session: asAdministrator(made) });
    expect(made).toEqual([{ path: '/vo/user/a/alice', owner: 'alice', group: 'vo_user', mode: 0o700 }]);
    expect(result.json).toMatchObject({ successful: [{ lfn: '/vo/user/a/alice' }], failed: [{ lfn: '/vo/file', code: 'conflict' }] });
  });

  it.each([
    [['--owner', 'alice:vo_user'], 'belong together'],
    [['--mode', '0700'], 'belong together'],
    [['--owner', 'alice', '--mode', '0700'], 'user:group'],
    [['--owner', 'alice:vo_user', '--mode', '448'], 'octal'],
    [['--owner', 'alice:vo_user', '--mode', '7777'], 'octal'],
  ])('refuses %j before anything is made', async (options, reason) => {
    const outcome = runWords(['mkdir', '/vo/a', ...options], { session: { ...asUser([]), ...asAdministrator([]) } });
    await expect(outcome).rejects.toThrow(reason);
    await expect(outcome).rejects.toBeInstanceOf(UsageError);
  });
});
