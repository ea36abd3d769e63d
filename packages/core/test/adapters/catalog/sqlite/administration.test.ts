import { describe, expect, it } from '@jest/globals';
import type { DirectoryEntry, FileStatus } from '../../../../src/adapters/catalog/sqlite/index.js';
import { parseLfn } from '../../../../src/domain/index.js';
import { fixedClock, identityOf, newFile } from '../../../../src/testing/index.js';
import { withCatalog } from './temporary-catalog.js';

const home: DirectoryEntry = { path: '/vo/alice', owner: 'alice', group: 'users', mode: 0o750 };
const alice = identityOf('alice');
const guest = identityOf('bob', { group: 'guests' });
const admin = identityOf('carol', { group: 'admins', properties: ['FileCatalogManagement'] });
const file = parseLfn('/vo/alice/file');

describe('createDirectories', () => {
  it('leaves the directories it has to make on the way to nobody', async () => {
    await withCatalog(async ({ administration, ...catalog }) => {
      await administration.createDirectories([home]);
      const beside = parseLfn('/vo/other');
      const verdicts = await catalog.checkPermission({ identity: alice, method: 'addFile', lfns: [beside, file] });
      expect([...verdicts.values()].map(({ allowed }) => allowed)).toEqual([false, true]);
    });
  });

  it('gives an existing directory its new owner and mode, the root too', async () => {
    await withCatalog(async ({ administration, ...catalog }) => {
      await administration.createDirectories([home, { ...home, owner: 'bob', group: 'guests' }, { ...home, path: '/', owner: 'bob' }]);
      const lfns = [file, parseLfn('/top')];
      const verdicts = await catalog.checkPermission({ identity: guest, method: 'addFile', lfns });
      expect([...verdicts.values()].every(({ allowed }) => allowed)).toBe(true);
    });
  });

  it('makes all or none', async () => {
    await withCatalog(async ({ administration, ...catalog }) => {
      await administration.createDirectories([home]);
      await catalog.catalogFor(alice).addFiles([newFile(file)]);
      const below = { ...home, path: `${file}/below` };
      await expect(administration.createDirectories([{ ...home, path: '/first' }, below])).rejects.toMatchObject({
        code: 'conflict',
        message: `${below.path}: ${file} is a file`,
      });
      expect([...(await catalog.catalogFor(admin).exists([parseLfn('/first')])).successful.values()]).toEqual([false]);
    });
  });

  it.each<[string, Partial<DirectoryEntry>]>([
    ['invalid-lfn', { path: '/vo/../x' }],
    ['invalid-lfn', { path: 'relative' }],
    ['invalid-argument', { owner: '' }],
    ['invalid-argument', { group: '' }],
    ['invalid-argument', { mode: 0o1777 }],
    ['invalid-argument', { mode: Number.NaN }],
  ])('answers %s to %j', (code, fault) =>
    withCatalog(async ({ administration }) => {
      await expect(administration.createDirectories([{ ...home, ...fault }])).rejects.toMatchObject({ code });
    }),
  );
});

describe('setFileStatus', () => {
  const withFile = (work: Parameters<typeof withCatalog>[0], clock = fixedClock()) =>
    withCatalog(
      async (catalog, path) => {
        await catalog.administration.createDirectories([home]);
        await catalog.catalogFor(alice).addFiles([newFile(file)]);
        return work(catalog, path);
      },
      { clock },
    );

  it('hides a file from ordinary questions, keeps its name taken, and can bring it back', () => {
    const clock = fixedClock();
    return withFile(async (catalog) => {
      const ofAlice = catalog.catalogFor(alice);
      clock.advanceSeconds(60);
      await catalog.administration.setFileStatus(file, 'Trash');
      const replica = { lfn: file, storageElement: 'SECOND-SE', pfn: 's3://second/file' };
      const hidden = [
        await ofAlice.getFileMetadata([file]),
        await ofAlice.getReplicas([file]),
        await ofAlice.addReplicas([replica]),
        await ofAlice.removeReplicas([{ ...replica, storageElement: 'FIRST-SE' }]),
      ];
      expect(hidden.map(({ failed }) => failed.get(file)?.code)).toEqual(Array(4).fill('no-such-file'));
      expect((await ofAlice.listDirectory([parseLfn(home.path)])).successful.get(parseLfn(home.path))?.files.size).toBe(0);
      expect((await ofAlice.exists([file])).successful.get(file)).toBe(true);
      expect((await ofAlice.addFiles([newFile(file)])).failed.get(file)).toEqual({
        code: 'conflict',
        message: `${file}: is registered already, in the state Trash`,
      });
      await catalog.administration.setFileStatus(file, 'AprioriGood');
      const metadata = (await ofAlice.getFileMetadata([file])).successful.get(file);
      expect(metadata).toMatchObject({ status: 'AprioriGood', modifiedAt: clock.now() });
      expect(metadata?.createdAt.getTime()).toBe(clock.now().getTime() - 60_000);
      expect((await ofAlice.getReplicas([file])).successful.get(file)?.has('FIRST-SE')).toBe(true);
    }, clock);
  });

  it('lets a hidden file be removed by whoever may write into its directory, and by nobody else', () =>
    withFile(async (catalog) => {
      await catalog.administration.setFileStatus(file, 'Trash');
      const removed = await catalog.catalogFor(guest).removeFiles([file]);
      expect(removed.failed.get(file)?.code).toBe('permission-denied');
      expect((await catalog.catalogFor(alice).removeFiles([file])).successful.get(file)).toBe(true);
      expect(await catalog.lookUpReplicas([file])).toEqual(new Map([[file, { registered: false }]]));
    }));

  it('refuses a state DIRAC does not have, a missing file and a name that is none', () =>
    withFile(async ({ administration }) => {
      await expect(administration.setFileStatus(file, 'Lost' as FileStatus)).rejects.toMatchObject({ code: 'invalid-argument' });
      await expect(administration.setFileStatus('/vo/alice/none', 'Trash')).rejects.toMatchObject({ code: 'no-such-file' });
      await expect(administration.setFileStatus('/vo//alice', 'Trash')).rejects.toMatchObject({ code: 'invalid-lfn' });
    }));
});
