import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { given } from '../../../../scripts/catalogs/facts.mjs';
import { mariaDbPid, startMariaDb } from '../../../../scripts/catalogs/mariadb.mjs';
import { requiredTables, type FileCatalogDb } from '../../src/adapters/catalog/file-catalog-db/index.js';
import type { FileCatalogDatabase } from '../../src/config/types.js';
import { parseLfn, parseLfnDirectory, Secret, type CatalogMethod, type Lfn } from '../../src/domain/index.js';
import { identityOf, newFile } from '../../src/testing/index.js';
import { CatalogDatabase } from './database.js';

const alice = identityOf('alice');
const bob = identityOf('bob', { group: 'guests' });
const administrator = identityOf('carol', { properties: ['FileCatalogManagement'] });
const home = '/vo/alice';
const file = parseLfn(`${home}/file`);
const open = { securityManager: 'NoSecurityManager', globalReadAccess: true } as const;

async function expectSoon(holds: () => boolean): Promise<void> {
  for (let times = 0; times < 500 && !holds(); times += 1) await pause(10);
  expect(holds()).toBe(true);
}

describe.each(['level', 'closure'] as const)('a FileCatalogDB of the %s layout', (layout) => {
  let database: CatalogDatabase;
  const catalogs: FileCatalogDb[] = [];
  const connect = (...args: Parameters<CatalogDatabase['open']>): FileCatalogDb => {
    const catalog = database.open(...args);
    catalogs.push(catalog);
    return catalog;
  };
  const allows = async (catalog: FileCatalogDb, identity = alice, method: CatalogMethod = 'addFile', lfn: Lfn = file) =>
    (await catalog.checkPermission({ identity, method, lfns: [lfn] })).get(lfn)?.allowed;
  /** Every question there is, of somebody who may do everything. */
  const everyQuestion = (catalog: FileCatalogDb): Promise<unknown>[] => [
    catalog.checkPermission({ identity: administrator, method: 'getFileMetadata', lfns: [file] }),
    catalog.lookUpReplicas([file]),
    catalog.catalogFor(administrator).getReplicas([file]),
    catalog.catalogFor(administrator).hasAccess('addFile', [file]),
  ];
  const expectRefusal = async (catalog: FileCatalogDb, refusal: { code: string; message: RegExp }) => {
    for (const outcome of await Promise.allSettled(everyQuestion(catalog))) {
      const message = expect.stringMatching(refusal.message);
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: refusal.code, message } });
    }
  };

  beforeAll(async () => {
    database = await CatalogDatabase.create(`faults_${layout}`, layout);
    await fill();
  });
  const fill = async (): Promise<void> => {
    await database.clear();
    await database.directories(home, { owner: 'alice', group: 'users', mode: 0o755 });
    await database.file(newFile(file), { owner: 'alice', group: 'users', mode: 0o644 });
  };
  afterEach(async () => {
    for (const catalog of catalogs.splice(0)) await catalog.close();
  });
  afterAll(() => database.close());

  it('is known by its tables', async () => {
    expect(await connect().detectLayout()).toBe(layout);
  });

  it.each(requiredTables[layout])('cannot be used without SELECT on %s, and can once it is granted', async (table) => {
    await database.grant(requiredTables[layout].filter((name) => name !== table));
    const catalog = connect(open);
    await expectRefusal(catalog, { code: 'catalog-unavailable', message: new RegExp(`SELECT from (it|them)$`) });
    await database.grant(requiredTables[layout]);
    expect(await allows(catalog)).toBe(true);
  });

  it('refuses when a table is gone, without a word of SQL, and answers when it is back', async () => {
    const catalog = connect(open);
    expect(await allows(catalog)).toBe(true);
    await database.sql('RENAME TABLE FC_Statuses TO Hidden');
    await expectRefusal(catalog, { code: 'catalog-unavailable', message: /^the file catalog database (?!.*SELECT \w+ FROM)/ });
    await database.sql('RENAME TABLE Hidden TO FC_Statuses');
    expect(await allows(catalog)).toBe(true);
  });

  it('finds names by the index of directory and name, whatever it is called', async () => {
    const key = (
      (await database.sql("SHOW INDEX FROM FC_Files WHERE Column_name = 'FileName' AND Seq_in_index = 2")) as [{ Key_name: string }]
    )[0].Key_name;
    const catalog = connect();
    expect(await allows(catalog)).toBe(true);
    // The foreign key of the closure layout needs an index at every moment.
    await database.sql(`ALTER TABLE FC_Files ADD UNIQUE INDEX renamed (DirID, FileName), DROP INDEX ${key}`);
    await expect(allows(catalog)).rejects.toMatchObject({ code: 'catalog-unavailable', message: /ER_KEY_DOES_NOT_EXITS/ });
    expect(await allows(catalog)).toBe(true);
    const kind = layout === 'level' ? 'INDEX' : 'UNIQUE INDEX';
    await database.sql(`ALTER TABLE FC_Files ADD ${kind} ${key} (DirID, FileName), DROP INDEX renamed`);
    await expect(allows(catalog)).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect(await allows(catalog)).toBe(true);
  });

  it.each<[string, Partial<FileCatalogDatabase>, RegExp]>([
    ['a wrong password', { password: new Secret('guess') }, /refuses the account \(ER_ACCESS_DENIED_ERROR\)$/],
    ['an unknown account', { user: 'nobody' }, /refuses the account/],
    ['another database', { database: 'mysql' }, /refuses the account|ER_/],
    ['a port where nobody listens', { port: 1 }, /cannot be reached \(ECONNREFUSED\)$/],
    ['a host that does not exist', { host: 'nowhere.invalid' }, /cannot be reached/],
    ['a CA that did not sign', { caFile: '/etc/ssl/certs/ca-certificates.crt' }, /cannot be reached|failed/],
  ])('refuses with %s', async (_fault, settings, message) => {
    const catalog = connect(open, settings);
    await expectRefusal(catalog, { code: 'catalog-unavailable', message });
    await expect(allows(catalog)).rejects.not.toThrow(/guess/);
  });

  it('is reached by TLS and by its socket', async () => {
    const { caFile, socketPath } = given().server;
    expect(await allows(connect({}, { caFile, host: '127.0.0.1' }))).toBe(true);
    expect(await allows(connect({}, { socketPath, port: 1 }))).toBe(true);
    expect(() => database.open({}, { caFile: '/nowhere.pem' })).toThrow(/CA file "\/nowhere.pem"/);
  });

  it('is read and never written', async () => {
    const tables = requiredTables[layout].map((table) => `${database.name}.${table}`).join(', ');
    const state = () => database.sql(`CHECKSUM TABLE ${tables}`);
    const before = await state();
    const catalog = connect();
    const stranger = identityOf('Stranger', { group: 'Strangers' });
    expect(await allows(catalog, stranger)).toBe(false);
    const user = catalog.catalogFor(alice);
    const item = newFile(file);
    for (const change of [
      user.addFiles([item]),
      user.removeFiles([file]),
      user.addReplicas([item]),
      user.removeReplicas([item]),
      user.createDirectories([file]),
      user.removeDirectories([file]),
      user.changePaths([file], { mode: 0o700 }),
    ]) {
      await expect(change).rejects.toMatchObject({ code: 'unsupported-operation' });
    }
    expect(await state()).toEqual(before);
  });

  it('is not asked while it is read-only, unless the operator says that replicas are good enough', async () => {
    const [catalog, tolerant] = [connect(open), connect(open, { allowReplica: true })];
    expect(await allows(catalog)).toBe(true);
    await database.sql('SET GLOBAL read_only = 1');
    try {
      await expectRefusal(catalog, { code: 'catalog-unavailable', message: /is read-only/ });
      expect(await allows(tolerant)).toBe(true);
    } finally {
      await database.sql('SET GLOBAL read_only = 0');
    }
    expect(await allows(catalog)).toBe(true);
  });

  it('grants nothing when it is empty', async () => {
    await database.clear();
    await database.sql(layout === 'level' ? 'DELETE FROM FC_DirectoryInfo' : 'DELETE FROM FC_DirectoryList');
    await expectRefusal(connect(open), { code: 'catalog-unavailable', message: /has no directory "\/"/ });
    await fill();
  });

  it('asks two statements of 10 000 names as of one, and compares byte by byte', async () => {
    const catalog = connect();
    const lfns = [file, ...Array.from({ length: 9999 }, (_, at) => parseLfn(`${at % 2 === 0 ? home : '/vo'}/d${at}/File`))];
    const questions = async (count: number): Promise<number> => {
      const started = Number(((await database.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")) as [{ Value: string }])[0].Value);
      expect((await catalog.checkPermission({ identity: alice, method: 'addFile', lfns: lfns.slice(0, count) })).size).toBe(count);
      return Number(((await database.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")) as [{ Value: string }])[0].Value) - started;
    };
    await questions(1);
    expect(await questions(1)).toBe(2);
    expect(await questions(10_000)).toBe(2);
    const answers = await catalog.checkPermission({ identity: bob, method: 'addFile', lfns });
    expect([...answers.values()].some(({ allowed }) => allowed)).toBe(false);
  });

  it('takes a name that does not fit its columns for missing, not for the name it would be cut to', async () => {
    const catalog = connect();
    const long = 'x'.repeat(128);
    await database.file(newFile(parseLfn(`${home}/${long}`)), { owner: 'alice', group: 'users', mode: 0o644 });
    const [exact, longer] = [parseLfn(`${home}/${long}`), parseLfn(`${home}/${long}y`)];
    const registrations = await catalog.lookUpReplicas([exact, longer]);
    expect([registrations.get(exact)?.registered, registrations.get(longer)?.registered]).toEqual([true, false]);
    await fill();
  });

  it('tells of a mode the permission bits: the service writes any number', async () => {
    await database.directory(home, { owner: 'alice', group: 'users', mode: 0o2775 });
    const table = layout === 'level' ? 'FC_FileInfo' : 'FC_Files';
    await database.sql(`UPDATE ${table} SET Mode = ?`, [0o2664]);
    const user = connect().catalogFor(administrator);
    const directory = parseLfnDirectory(home);
    expect((await user.getDirectoryMetadata([directory])).successful.get(directory)?.mode).toBe(0o775);
    expect((await user.getFileMetadata([file])).successful.get(file)?.mode).toBe(0o664);
    expect((await user.listDirectory([directory])).successful.get(directory)?.files.get(file)?.mode).toBe(0o664);
    await fill();
  });

  it('refuses what has no mode or no owner', async () => {
    const rules = { securityManager: 'FullSecurityManager' } as const;
    const catalog = connect(rules);
    expect(await allows(catalog, alice, 'getReplicas')).toBe(true);
    if (layout === 'level') {
      await database.sql('DELETE FROM FC_FileInfo');
      expect(await allows(catalog, alice, 'getReplicas')).toBe(false);
    } else {
      await database.sql('SET FOREIGN_KEY_CHECKS = 0; UPDATE FC_Files SET UID = 999, GID = 999, Mode = 496');
      expect(await allows(catalog, alice, 'getReplicas')).toBe(false);
    }
    await fill();
  });

  it('does not take an owner it does not know for anybody', async () => {
    const table = layout === 'level' ? 'FC_DirectoryInfo' : 'FC_DirectoryList';
    await database.sql(`SET FOREIGN_KEY_CHECKS = 0; UPDATE ${table} SET UID = 999, GID = 999`);
    const catalog = connect();
    for (const name of ['null', 'unknown0', 'undefined']) expect(await allows(catalog, identityOf(name, { group: name }))).toBe(false);
    expect(await allows(catalog)).toBe(false);
    await fill();
  });

  if (layout === 'level') {
    it('lets the directory above decide while a directory has no info yet', async () => {
      await database.directory('/vo', { owner: 'bob', group: 'guests', mode: 0o700 });
      await database.sql('DELETE FROM FC_DirectoryInfo WHERE DirID = ?', [await database.directoryId(parseLfn(home))]);
      const catalog = connect();
      expect([await allows(catalog, bob), await allows(catalog, alice)]).toEqual([true, false]);
      await fill();
    });

    it('grants nothing on a file that is there twice, and sees the one that is not hidden', async () => {
      const catalog = connect({ securityManager: 'FullSecurityManager' });
      await database.file(newFile(file), { owner: 'bob', group: 'guests', mode: 0o777 }, 'Trash');
      expect([await allows(catalog, alice), await allows(catalog, bob)]).toEqual([true, false]);
      await database.file(newFile(file), { owner: 'bob', group: 'guests', mode: 0o777 });
      expect([await allows(catalog, alice), await allows(catalog, bob)]).toEqual([false, false]);
      await fill();
    });
  }

  it('does not trust a replica at a StorageElement it does not know', async () => {
    await database.sql('SET FOREIGN_KEY_CHECKS = 0; UPDATE FC_Replicas SET SEID = 999');
    await expect(connect().lookUpReplicas([file])).rejects.toMatchObject({ code: 'catalog-unavailable', message: /StorageElement/ });
    await fill();
  });

  it('sees one state of the catalog in all statements of a question', async () => {
    const catalog = connect();
    const state = { stop: false };
    const [here, there] = [parseLfn(`${home}/file`), parseLfn('/vo/file')];
    await database.directory('/vo', { owner: 'alice', group: 'users', mode: 0o755 });
    const vo = await database.directoryId(parseLfn('/vo'));
    const alices = await database.directoryId(parseLfn(home));
    const move = (async () => {
      while (!state.stop) for (const id of [vo, alices]) await database.sql('UPDATE FC_Files SET DirID = ?', [id]);
    })();
    for (let times = 0; times < 200; times += 1) {
      const found = await catalog.lookUpReplicas([here, there]);
      const places = [here, there].map((lfn) => found.get(lfn)).filter((one) => one?.registered === true);
      expect(places).toEqual([{ registered: true, what: 'file', storageElements: ['FIRST-SE'] }]);
    }
    state.stop = true;
    await move;
    await fill();
  });

  it('ends a question that takes too long, on the server too, and answers the next', async () => {
    const catalog = connect({}, { timeoutSeconds: 1, connections: 1 });
    expect(await allows(catalog)).toBe(true);
    // A lock on the table makes every reader wait.
    const lock = database.sql('LOCK TABLES FC_Files WRITE; DO SLEEP(3); UNLOCK TABLES');
    await pause(200);
    const start = performance.now();
    await expect(allows(catalog)).rejects.toMatchObject({ code: 'timeout' });
    expect(performance.now() - start).toBeLessThan(1500);
    await lock;
    expect(await allows(catalog)).toBe(true);
  });

  it('refuses while the server is stopped, for no longer than the deadline, and answers when it goes on', async () => {
    const catalog = connect(open, { timeoutSeconds: 1, connections: 2 });
    expect(await allows(catalog)).toBe(true);
    const pid = mariaDbPid(given().server.directory);
    process.kill(pid, 'SIGSTOP');
    try {
      // Until each of its threads has noticed, it may still answer.
      const stateOf = (task: string): string => readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
      await expectSoon(() => readdirSync(`/proc/${pid}/task`).every((task) => stateOf(task).includes(') T ')));
      const start = performance.now();
      await expectRefusal(catalog, { code: 'timeout', message: /did not answer within 1 s|too slow/ });
      expect(performance.now() - start).toBeLessThan(2000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect(await allows(catalog)).toBe(true);
  });
});

describe('a server that is killed', () => {
  it('is missed with a clear error, never with a permission, and found again by itself', async () => {
    const { directory, port } = given().server;
    const database = await CatalogDatabase.create('killed', 'level');
    await database.directories(home, { owner: 'alice', group: 'users', mode: 0o755 });
    const catalog = database.open({ securityManager: 'VOMSSecurityManager' }, { timeoutSeconds: 2 });
    const wrong: unknown[] = [];
    const refusals = new Set<string>();
    let granted = 0;
    let stop = false;
    const load = Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        while (!stop) {
          const identity = at % 2 === 0 ? alice : bob;
          try {
            const answer = (await catalog.checkPermission({ identity, method: 'addFile', lfns: [file] })).get(file);
            if (answer?.allowed !== (identity === alice)) wrong.push(answer);
            granted += 1;
          } catch (thrown) {
            refusals.add((thrown as { code: string }).code);
            await pause(5);
          }
        }
      }),
    );
    await pause(300);
    database.abandon();
    process.kill(mariaDbPid(directory), 'SIGKILL');
    await pause(500);
    const before = granted;
    startMariaDb(directory, port);
    await pause(500);
    stop = true;
    await load;
    await catalog.close();
    expect(wrong).toEqual([]);
    expect([...refusals].filter((code) => code !== 'catalog-unavailable' && code !== 'timeout')).toEqual([]);
    expect(refusals.size).toBeGreaterThan(0);
    expect(granted).toBeGreaterThan(before + 10);
  });
});
