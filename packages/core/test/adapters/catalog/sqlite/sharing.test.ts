import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { addFiles } from '../../../../src/adapters/catalog/sqlite/add-files.js';
import { SqliteConnection, type Sql } from '../../../../src/adapters/catalog/sqlite/connection.js';
import { openSqliteFileCatalog } from '../../../../src/adapters/catalog/sqlite/index.js';
import { readFacts } from '../../../../src/adapters/catalog/sqlite/queries.js';
import { parseLfn } from '../../../../src/domain/index.js';
import { identityOf, newFile } from '../../../../src/testing/index.js';
import { optionsFor, withCatalog } from './temporary-catalog.js';

const admin = identityOf('carol', { properties: ['FileCatalogManagement'] });
const file = parseLfn('/vo/file');

/** Runs something while another process writes to the file and holds its lock; `commit` makes it let go. */
async function besideWriter(path: string, work: (commit: () => Promise<void>) => Promise<void>): Promise<void> {
  const script = `
    import Database from 'libsql';
    const database = new Database(process.argv[1], { timeout: 5000 });
    database.exec('BEGIN IMMEDIATE');
    database.exec("INSERT INTO directories (path, parent, owner, owner_group, mode) VALUES ('/theirs', '/', 'x', 'x', 511)");
    console.log('locked');
    process.stdin.once('data', () => { database.exec('COMMIT'); process.exit(0); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    await once(createInterface(child.stdout), 'line');
    await work(async () => {
      child.stdin.write('commit\n');
      await ended;
    });
  } finally {
    child.kill();
    await ended;
  }
}

describe('several processes on one file', () => {
  it('read while another writes, and write when it is done', () =>
    withCatalog((catalog, path) =>
      besideWriter(path, async (commit) => {
        const user = catalog.catalogFor(admin);
        const adding = user.addFiles([newFile(file)]);
        const theirs = parseLfn('/theirs');
        expect((await user.exists([theirs])).successful.get(theirs)).toBe(false);
        await commit();
        expect((await adding).successful.get(file)).toBe(true);
        expect((await user.exists([theirs])).successful.get(theirs)).toBe(true);
      }),
    ));

  it('open it while another writes, and are told, without SQL, when the lock is never given back', () =>
    withCatalog((_catalog, path) =>
      besideWriter(path, async () => {
        const impatient = new SqliteConnection(path, { attempts: 2 });
        await expect(impatient.write((sql) => sql.all('SELECT 1'))).rejects.toMatchObject({
          code: 'catalog-unavailable',
          message: 'the file catalog database is locked by another process (SQLITE_BUSY)',
        });
        impatient.close();
      }),
    ));

  it('see what the other one did, and agree on who was first', async () => {
    await withCatalog(async (one, path) => {
      const two = openSqliteFileCatalog(optionsFor(path));
      const names = Array.from({ length: 20 }, (_, at) => parseLfn(`/vo/f${at}`));
      const results = await Promise.all(
        names.flatMap((lfn, at) =>
          [one, two].map((catalog, which) => catalog.catalogFor(admin).addFiles([newFile(lfn, { sizeBytes: at * 2 + which })])),
        ),
      );
      expect(results.map(({ successful }) => successful.size).reduce((sum, size) => sum + size)).toBe(names.length);
      expect(await one.lookUpReplicas(names)).toEqual(await two.lookUpReplicas(names));
      two.close();
    });
  });
});

describe('a transaction', () => {
  it('leaves nothing behind when it fails, and the connection usable', async () => {
    await withCatalog(async (_catalog, path) => {
      const connection = new SqliteConnection(path);
      const insert = (sql: Sql, name: string) =>
        sql.run("INSERT INTO directories (path, parent, owner, owner_group, mode) VALUES (?, '/', 'x', 'x', 0)", name);
      const twice = connection.write((sql) => {
        insert(sql, '/new');
        insert(sql, '/new');
      });
      await expect(twice).rejects.toMatchObject({ code: 'catalog-unavailable' });
      const ours = connection.write((sql) => {
        insert(sql, '/new');
        throw new RangeError('a fault of ours');
      });
      await expect(ours).rejects.toThrow(RangeError);
      expect(await connection.read((sql) => sql.all('SELECT path FROM directories'))).toEqual([{ path: '/' }]);
      await connection.write((sql) => insert(sql, '/new'));
      connection.close();
    });
  });

  it('cannot break the rules of the name space, whatever a program asks', async () => {
    await withCatalog(async (catalog, path) => {
      await catalog.catalogFor(admin).addFiles([newFile(file)]);
      const connection = new SqliteConnection(path);
      const directory = "INSERT INTO directories (path, parent, owner, owner_group, mode) VALUES (?, ?, 'x', 'x', 0)";
      const attempts: ((sql: Sql) => void)[] = [
        (sql) => sql.run(directory, file, '/vo'),
        (sql) => sql.run(directory, `${file}/below`, file),
        (sql) => sql.run(directory, '/orphan/child', '/orphan'),
        (sql) => sql.run("UPDATE files SET directory = '/nowhere'"),
        (sql) => sql.run('UPDATE files SET size_bytes = -1'),
        (sql) => sql.run('UPDATE directories SET mode = 512'),
        (sql) => sql.run("DELETE FROM directories WHERE path = '/vo'"),
        (sql) =>
          sql.run('INSERT INTO files SELECT ?, lfn, 0, checksum, ?, owner, owner_group, 0, status, 0, 0 FROM files', `${file}/x`, 'g'),
        (sql) => sql.run("INSERT INTO files SELECT '/vo', '/', 0, checksum, 'g', owner, owner_group, 0, status, 0, 0 FROM files"),
      ];
      for (const attempt of attempts) {
        await expect(connection.write(attempt)).rejects.toMatchObject({ message: expect.stringMatching(/failed \(SQLITE_CONSTRAINT/) });
      }
      connection.close();
    });
  });
});

describe('an error of SQLite', () => {
  it('is catalog-unavailable, never a permission, and quotes no SQL', async () => {
    await withCatalog(
      async (catalog, path) => {
        const database = new Database(path);
        database.exec('DROP TABLE replicas; DROP TABLE files');
        database.close();
        const user = catalog.catalogFor(admin);
        const calls = [
          catalog.checkPermission({ identity: admin, method: 'getReplicas', lfns: [file] }),
          catalog.lookUpReplicas([file]),
          user.addFiles([newFile(file)]),
          user.hasAccess('addFile', [file]),
        ];
        for (const outcome of await Promise.allSettled(calls)) {
          expect(outcome).toMatchObject({
            status: 'rejected',
            reason: { code: 'catalog-unavailable', message: 'the file catalog database failed (SQLITE_ERROR)' },
          });
        }
      },
      { rules: { securityManager: 'NoSecurityManager', globalReadAccess: true } },
    );
  });
});

describe('the number of statements', () => {
  const counted = (sql: Sql) => {
    const counter = { count: 0 };
    const counting: Sql = {
      all: (...args) => {
        counter.count += 1;
        return sql.all(...args);
      },
      run: (...args) => {
        counter.count += 1;
        sql.run(...args);
      },
    };
    return { counter, counting };
  };
  const lfns = (count: number) => Array.from({ length: count }, (_, at) => parseLfn(`/vo/d${count}/${at % 7}/f${at}`));

  it('does not grow with the number of names', async () => {
    await withCatalog(async (_catalog, path) => {
      const connection = new SqliteConnection(path);
      const rules = {
        securityManager: 'VOMSSecurityManager',
        globalReadAccess: false,
        visibleStates: ['AprioriGood'],
        openRoot: 'never',
        vomsRoleOf: () => undefined,
      } as const;
      const context = { rules, defaultMode: 0o775, identity: admin, now: new Date(0) };
      const numbers = { facts: new Set<number>(), adding: new Set<number>() };
      for (const count of [1, 10, 3000]) {
        await connection.write((sql) => {
          const reading = counted(sql);
          readFacts(reading.counting, lfns(count));
          numbers.facts.add(reading.counter.count);
          const adding = counted(sql);
          expect(
            addFiles(
              adding.counting,
              context,
              lfns(count).map((lfn) => newFile(lfn)),
            ).successful.size,
          ).toBe(count);
          numbers.adding.add(adding.counter.count);
        });
      }
      expect(numbers).toEqual({ facts: new Set([2]), adding: new Set([8]) });
      connection.close();
    });
  });
});
