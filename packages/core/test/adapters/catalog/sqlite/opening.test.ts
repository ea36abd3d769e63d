import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { openSqliteFileCatalog, seedSqliteFileCatalog } from '../../../../src/adapters/catalog/sqlite/index.js';
import { applicationId, migrations } from '../../../../src/adapters/catalog/sqlite/schema.js';
import { createIdentity, parseLfn, parseLfnDirectory } from '../../../../src/domain/index.js';
import { fixedClock, identityOf, newFile } from '../../../../src/testing/index.js';
import { inFolder, optionsFor, withCatalog } from './temporary-catalog.js';

const root = parseLfnDirectory('/');
const file = parseLfn('/file');
const admin = identityOf('carol', { properties: ['FileCatalogManagement'] });

function openIn(folder: string) {
  return openSqliteFileCatalog(optionsFor(join(folder, 'catalog.db')));
}

function withRawDatabase(folder: string, work: (database: Database.Database) => void): void {
  const database = new Database(join(folder, 'catalog.db'));
  work(database);
  database.close();
}

const refusal = (code: string, text: string): unknown => expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('a fresh catalog', () => {
  it('holds the root alone, which nobody owns and only administrators can add to', async () => {
    await withCatalog(async (catalog, path) => {
      const users = [identityOf('alice'), identityOf('root', { group: 'root' })];
      for (const user of users) {
        const added = await catalog.catalogFor(user).addFiles([newFile(file)]);
        expect(added.failed.get(file)?.code).toBe('permission-denied');
        const { successful } = await catalog.catalogFor(user).listDirectory([root]);
        expect(successful.get(root)).toEqual({ files: new Map(), directories: [] });
      }
      const database = new Database(path);
      expect(database.prepare('SELECT * FROM directories').all()).toEqual([
        { path: '/', parent: null, owner: 'nobody', owner_group: 'nobody', mode: 0o775, created_at: null, modified_at: null },
      ]);
      database.close();
      expect((await catalog.catalogFor(admin).addFiles([newFile(file)])).successful.size).toBe(1);
    });
  });

  it('belongs to a name no identity can have', () => {
    const facts = { vo: 'vo', properties: [], source: 'local' } as const;
    expect(() => createIdentity({ ...facts, username: 'nobody', group: 'users' })).toThrow('is not a user');
    expect(() => createIdentity({ ...facts, username: 'alice', group: 'nobody' })).toThrow('is not a group');
  });
});

describe('opening', () => {
  it('finds again what was stored, in the one file alone', async () => {
    await inFolder(async (folder) => {
      const first = openIn(folder);
      await first.catalogFor(admin).addFiles([newFile(file)]);
      first.close();
      const copy = join(folder, 'copy.db');
      copyFileSync(join(folder, 'catalog.db'), copy);
      const second = openSqliteFileCatalog(optionsFor(copy));
      expect((await second.catalogFor(admin).getFileMetadata([file])).successful.get(file)?.owner).toBe('carol');
      second.close();
    });
  });

  it('keeps the file in WAL mode, so that readers never wait', async () => {
    await withCatalog(async (_catalog, path) => {
      const database = new Database(path);
      expect(database.pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
      database.close();
    });
  });

  it('refuses the schema of a newer program', () =>
    inFolder((folder) => {
      openIn(folder).close();
      withRawDatabase(folder, (database) => database.exec('PRAGMA user_version = 99'));
      expect(() => openIn(folder)).toThrow(refusal('invalid-configuration', 'schema version 99; this program knows 2'));
    }));

  it('takes over a file of the first version, whose directories have no dates', () =>
    inFolder(async (folder) => {
      withRawDatabase(folder, (database) => {
        database.exec(`${migrations[0]!}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1`);
        database.exec("INSERT INTO directories (path, parent, owner, owner_group, mode) VALUES ('/old', '/', 'alice', 'users', 493)");
      });
      const catalog = openIn(folder);
      const user = catalog.catalogFor(admin);
      const [old, fresh] = [parseLfn('/old'), parseLfn('/old/new')];
      await user.createDirectories([fresh]);
      const at = fixedClock().now();
      expect([...(await user.getDirectoryMetadata([old, fresh])).successful]).toEqual([
        [old, { owner: 'alice', ownerGroup: 'users', mode: 0o755 }],
        [fresh, { owner: 'carol', ownerGroup: 'users', mode: 0o775, createdAt: at, modifiedAt: at }],
      ]);
      catalog.close();
    }));

  it("refuses another program's database and leaves it as it is", () =>
    inFolder((folder) => {
      withRawDatabase(folder, (database) => database.exec('CREATE TABLE theirs (x TEXT)'));
      expect(() => openIn(folder)).toThrow(refusal('invalid-configuration', 'not a file catalog of dirac-s3'));
      withRawDatabase(folder, (database) => {
        expect(database.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }]);
        expect(database.pragma('journal_mode')).toEqual([{ journal_mode: 'delete' }]);
      });
    }));

  it('refuses a file that is no database, and a folder that does not exist', () =>
    inFolder((folder) => {
      writeFileSync(join(folder, 'catalog.db'), 'no database '.repeat(1000));
      expect(() => openIn(folder)).toThrow(refusal('catalog-unavailable', 'SQLITE_NOTADB'));
      expect(() => openIn(join(folder, 'missing'))).toThrow(refusal('catalog-unavailable', 'cannot be opened or created'));
    }));

  it.each([-1, 0o1407, 1.5, Number.NaN])('refuses %d as the mode of new entries', (defaultMode) =>
    inFolder((folder) => {
      const options = optionsFor(join(folder, 'catalog.db'), { rules: { defaultMode } });
      expect(() => openSqliteFileCatalog(options)).toThrow(refusal('invalid-configuration', 'between 0 and 511'));
    }),
  );
});

describe('closing', () => {
  it('may be done twice; afterwards every call is refused', async () => {
    await withCatalog(async (catalog) => {
      catalog.close();
      catalog.close();
      const unavailable = { code: 'catalog-unavailable', message: 'the file catalog is closed' };
      const question = { identity: admin, method: 'exists', lfns: [file] } as const;
      await expect(catalog.checkPermission(question)).rejects.toMatchObject(unavailable);
      await expect(catalog.lookUpReplicas([file])).rejects.toMatchObject(unavailable);
      await expect(catalog.catalogFor(admin).addFiles([newFile(file)])).rejects.toMatchObject(unavailable);
    });
  });
});

describe('seeding', () => {
  it('sets up directories of a new file, and again without harm', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'catalog.db');
      const home = { path: '/vo/user/a/alice', owner: 'alice', group: 'users', mode: 0o700 };
      for (let time = 1; time <= 2; time += 1) {
        await seedSqliteFileCatalog(path, [home]);
        const catalog = openSqliteFileCatalog(optionsFor(path));
        const lfn = parseLfn(`${home.path}/file`);
        const question = (name: string) => ({ identity: identityOf(name), method: 'addFile' as const, lfns: [lfn] });
        expect((await catalog.checkPermission(question('alice'))).get(lfn)).toEqual({ allowed: true });
        expect((await catalog.checkPermission(question('bob'))).get(lfn)?.allowed).toBe(false);
        expect((await catalog.catalogFor(identityOf('alice')).addFiles([newFile(lfn)])).successful.size).toBe(1);
        catalog.close();
      }
    });
  });
});
