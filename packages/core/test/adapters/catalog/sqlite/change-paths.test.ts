import { describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import type { SqliteFileCatalog } from '../../../../src/adapters/catalog/sqlite/index.js';
import { parseLfn, parseLfnDirectory, type Lfn } from '../../../../src/domain/index.js';
import { fixedClock, identityOf, newFile } from '../../../../src/testing/index.js';
import { withCatalog } from './temporary-catalog.js';

const [alice, bob] = [identityOf('alice'), identityOf('bob')];
const administrator = identityOf('carol', { properties: ['FileCatalogManagement'] });
const root = parseLfnDirectory('/');
const [tree, deep] = [parseLfn('/vo/tree'), parseLfn('/vo/tree/deep')];
const [mine, his] = [parseLfn(`${deep}/mine`), parseLfn(`${deep}/his`)];

/** A tree of alice, in which one file was given to bob and closed. */
async function fill({ administration, catalogFor }: SqliteFileCatalog): Promise<void> {
  await administration.createDirectories([tree, deep].map((path) => ({ path, owner: 'alice', group: 'users', mode: 0o755 })));
  await catalogFor(alice).addFiles([newFile(mine), newFile(his)]);
  await catalogFor(administrator).changePaths([his], { owner: 'bob' });
  await catalogFor(administrator).changePaths([his], { ownerGroup: 'bobs' });
  await catalogFor(administrator).changePaths([his], { mode: 0o700 });
}

async function modesOf({ catalogFor }: SqliteFileCatalog): Promise<number[]> {
  const catalog = catalogFor(administrator);
  const { successful: directories } = await catalog.getDirectoryMetadata([tree, deep]);
  const { successful: files } = await catalog.getFileMetadata([mine, his]);
  return [...directories.values(), ...files.values()].map(({ mode }) => mode);
}

describe('a change of a whole tree', () => {
  it.each(['VOMSSecurityManager', 'FullSecurityManager'] as const)(
    'is refused by the %s for one file of another user in it, and then nothing is changed',
    (securityManager) =>
      withCatalog(
        async (catalog) => {
          await catalog.administration.createDirectories([{ path: '/vo', owner: 'alice', group: 'users', mode: 0o755 }]);
          await fill(catalog);
          const user = catalog.catalogFor(alice);
          const asked = user.changePaths([mine, tree], { mode: 0o750 }, { recursive: true });
          expect([...(await asked).failed]).toEqual([
            [tree, { code: 'permission-denied', message: expect.stringContaining(`nothing is changed, because of ${his}: `) }],
          ]);
          expect(await modesOf(catalog)).toEqual([0o755, 0o755, 0o750, 0o700]);
          expect((await catalog.catalogFor(administrator).changePaths([tree], { mode: 0o750 }, { recursive: true })).successful.size).toBe(
            1,
          );
          expect(await modesOf(catalog)).toEqual([0o750, 0o750, 0o750, 0o750]);
        },
        { rules: { securityManager } },
      ),
  );

  it('leaves hidden files and neighbours with a longer name as they are', () =>
    withCatalog(async (catalog) => {
      await fill(catalog);
      const neighbour = parseLfn(`${tree}s`);
      await catalog.administration.createDirectories([{ path: neighbour, owner: 'alice', group: 'users', mode: 0o755 }]);
      await catalog.administration.setFileStatus(his, 'Trash');
      const user = catalog.catalogFor(alice);
      expect((await user.changePaths([tree], { mode: 0o711 }, { recursive: true })).successful.size).toBe(1);
      expect((await user.changePaths([his], { mode: 0o711 })).failed.get(his)?.code).toBe('no-such-file');
      await catalog.administration.setFileStatus(his, 'AprioriGood');
      expect(await modesOf(catalog)).toEqual([0o711, 0o711, 0o711, 0o700]);
      expect((await user.getDirectoryMetadata([neighbour])).successful.get(neighbour)?.mode).toBe(0o755);
    }));
});

describe('a call', () => {
  it('changes so many entries below its paths, and no more', () =>
    withCatalog(async (catalog, path) => {
      const names = ['/vo', '/vo/large', '/vo/small'];
      await catalog.administration.createDirectories(names.map((name) => ({ path: name, owner: 'alice', group: 'users', mode: 0o755 })));
      const sqlite = new Database(path);
      const add = sqlite.prepare(
        `WITH RECURSIVE n (at) AS (SELECT ?1 UNION ALL SELECT at + 1 FROM n WHERE at < ?2)
         INSERT INTO files (lfn, directory, size_bytes, checksum, guid, owner, owner_group, mode, status, created_at, modified_at)
         SELECT ?3 || '/f' || at, ?3, 1, '00620062', ?3 || at, 'alice', 'users', 420, 'AprioriGood', 0, 0 FROM n`,
      );
      add.run(1, 100_000, '/vo/large');
      add.run(1, 1, '/vo/small');
      const [large, small, empty] = ['/vo/large', '/vo/small', '/vo/empty'].map(parseLfn) as [Lfn, Lfn, Lfn];
      const user = catalog.catalogFor(alice);
      await user.createDirectories([empty]);
      const change = async (...paths: Lfn[]) => {
        const { successful, failed } = await user.changePaths(paths, { mode: 0o700 }, { recursive: true });
        return [[...successful.keys()], [...failed].map(([name, { code, message }]) => [name, code, message.replace(/^.*; /, '')])];
      };
      expect(await change(large, small, empty)).toEqual([[large, empty], [[small, 'too-many-items', 'ask for it by itself']]]);
      const changed = sqlite.prepare('SELECT count(*) AS files FROM files WHERE mode = ?');
      expect(changed.get(0o700)).toMatchObject({ files: 100_000 });
      add.run(100_001, 100_001, '/vo/large');
      expect(await change(large, small)).toEqual([
        [],
        [
          [large, 'too-many-items', 'change them part by part'],
          [small, 'too-many-items', 'ask for it by itself'],
        ],
      ]);
      expect(await change(small)).toEqual([[small], []]);
      sqlite.close();
    }));
});

describe('who may change what', () => {
  it.each([
    ['DirectorySecurityManager', true],
    ['DirectorySecurityManagerWithDelete', true],
    ['FullSecurityManager', true],
    ['VOMSSecurityManager', false],
  ] as const)('%s: a user gives his own file away: %s', (securityManager, allowed) =>
    withCatalog(
      async (catalog) => {
        await fill(catalog);
        for (const change of [{ ownerGroup: 'bobs' }, { owner: 'bob' }]) {
          const { failed } = await catalog.catalogFor(alice).changePaths([mine], change);
          expect(failed.get(mine)?.code).toBe(allowed ? undefined : 'permission-denied');
        }
        const facts = (await catalog.catalogFor(administrator).getFileMetadata([mine])).successful.get(mine);
        expect([facts?.owner, facts?.ownerGroup]).toEqual(allowed ? ['bob', 'bobs'] : ['alice', 'users']);
      },
      { rules: { securityManager } },
    ),
  );

  it('lets administrators alone change the root', () =>
    withCatalog(async (catalog) => {
      for (const change of [{ mode: 0o777 }, { owner: 'bob' }, { ownerGroup: 'users' }]) {
        const { failed } = await catalog.catalogFor(bob).changePaths([root], change, { recursive: true });
        expect(failed.get(root)?.code).toBe('permission-denied');
      }
      expect((await catalog.catalogFor(administrator).changePaths([root], { owner: 'carol' })).successful.size).toBe(1);
      expect((await catalog.catalogFor(administrator).getDirectoryMetadata([root])).successful.get(root)?.owner).toBe('carol');
    }));
});

it('keeps when something was changed last', () => {
  const clock = fixedClock('2026-03-01T12:00:00Z');
  return withCatalog(
    async (catalog) => {
      await fill(catalog);
      clock.advanceSeconds(60);
      const user = catalog.catalogFor(alice);
      await user.changePaths([deep, mine], { mode: 0o700 });
      const facts = [
        (await user.getDirectoryMetadata([deep])).successful.get(deep),
        (await user.getFileMetadata([mine])).successful.get(mine),
      ];
      for (const one of facts)
        expect([one?.createdAt, one?.modifiedAt]).toEqual([new Date('2026-03-01T12:00:00Z'), new Date('2026-03-01T12:01:00Z')]);
    },
    { clock },
  );
});
