import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { requiredTables } from '@dirac-s3/core/adapters/catalog/file-catalog-db';
import { given } from '../../../../scripts/catalogs/facts.mjs';
import { fillDatabase, nameOf } from '../../../../scripts/catalogs/fill.mjs';
import { databaseSection, element, prepareGateways } from '../../../../scripts/catalogs/gateway.mjs';
import { createCatalogDatabase, createReader, sqlOf } from '../../../../scripts/catalogs/mariadb.mjs';
import { startFileCatalogService } from '../../../../scripts/catalogs/service.mjs';

type Gateways = Awaited<ReturnType<typeof prepareGateways>>;
type Running = Awaited<ReturnType<Gateways['start']>>;

const users = ['alice', 'bob', 'carol'];
const groups = { users: { users: ['alice', 'carol'] }, guests: { users: ['bob'] } };
const [alice, bob] = [
  { username: 'alice', group: 'users' },
  { username: 'bob', group: 'guests' },
];
const size = { files: 1_000_000, filesPerDirectory: 1_000_000 };
const large = '/vo/d0';
/** A thousand of them, each tenth of which is bob's and of nobody else's business. */
const asked = Array.from({ length: 1000 }, (_, at) => nameOf(at * 997, size));
const bobs = asked.filter((_name, at) => at % 10 === 0);
const rules = { SecurityManager: 'FullSecurityManager', GlobalReadAccess: 'False' };
const limitOfAnswer = 10_000;

describe.each(['level', 'closure'] as const)('a directory of a million files in the %s layout', (layout) => {
  const { server, python, pki, directory } = given();
  const account = { database: `large_${layout}`, user: `large_${layout}`, password: 'reader-of-this-run' };
  let gateways: Gateways;

  beforeAll(async () => {
    createCatalogDatabase(server, { name: account.database, layout, python });
    fillDatabase(server, { name: account.database, layout, ...size });
    const isBobs = `(FileID - 1) % 9970 = 0`;
    sqlOf(
      server,
      `USE ${account.database}; SET FOREIGN_KEY_CHECKS = 0; INSERT INTO FC_Users VALUES (8, 'bob'); INSERT INTO FC_Groups VALUES (8, 'guests');
       UPDATE FC_Files SET UID = 8, GID = 8 WHERE ${isBobs};
       UPDATE ${layout === 'level' ? 'FC_FileInfo' : 'FC_Files'} SET Mode = 384 WHERE ${isBobs};`,
    );
    createReader(server, { ...account, tables: requiredTables[layout] });
    gateways = await prepareGateways({ pki, directory, users, groups });
  }, 300_000);
  afterEach(() => gateways.stop());
  afterAll(async () => {
    await gateways.close();
    sqlOf(server, `DROP DATABASE ${account.database}`);
  });

  /** Names that are granted to a user, and how long it took. */
  const granted = async (gateway: Running, user: typeof alice, method: string, names = asked) => {
    const start = performance.now();
    const items = names.map((lfn) => (method === 'put_object' ? { lfn, sizeBytes: 1, checksum: '00620062' } : { lfn }));
    const { status, body } = await (await gateway.as(user))('/presign', { storageElement: element, method, items });
    expect(body).toMatchObject({ successful: expect.anything() });
    const { successful, failed } = body as { successful: { lfn: string }[]; failed: { code: string }[] };
    expect([status, successful.length + failed.length]).toEqual([200, names.length]);
    return {
      names: successful.map(({ lfn }) => lfn),
      codes: [...new Set(failed.map(({ code }) => code))],
      milliseconds: performance.now() - start,
    };
  };
  const expectRights = async (gateway: Running, limit: number): Promise<void> => {
    const others = asked.filter((name) => !bobs.includes(name));
    for (const [user, method, names, codes] of [
      [alice, 'get_object', others, ['permission-denied']],
      [bob, 'get_object', asked, []],
      // A file decides about itself.
      [bob, 'put_object', bobs, ['permission-denied']],
      [bob, 'delete_object', bobs, ['permission-denied']],
    ] as const) {
      const found = await granted(gateway, user, method);
      expect([method, found.names, found.codes]).toEqual([method, names, codes]);
      expect(found.milliseconds).toBeLessThan(limit);
    }
    const beside = [`${large}/new`, `${large}/F0`, `${large}/f0/below`];
    expect((await granted(gateway, bob, 'put_object', beside)).names).toEqual([]);
  };

  it('is judged in it as in any other by the database, and listed by nobody', async () => {
    const gateway = await gateways.start({ catalog: databaseSection(server, account), rules });
    await expectRights(gateway, limitOfAnswer);
    const before = peakMiB(gateway.pid);
    const list = async (user: typeof alice, ...directories: string[]) =>
      (await gateway.as(user))('/catalog/directories/list', { directories });
    const start = performance.now();
    const answers = await Promise.all(Array.from({ length: 8 }, () => list(alice, large)));
    expect(performance.now() - start).toBeLessThan(2 * limitOfAnswer);
    for (const { body } of answers) {
      const message = `${large}: 1000000 files and directories are in it, and one listing gives 100000 at most`;
      expect(body).toMatchObject({ successful: [], failed: [{ lfn: large, code: 'too-many-items', message }] });
    }
    expect((await list(alice, '/vo')).body).toMatchObject({ successful: [{ lfn: '/vo', directories: [large] }] });
    expect(peakMiB(gateway.pid) - before).toBeLessThan(100);
    await expectRights(gateway, limitOfAnswer);
  }, 120_000);

  it('is judged in it alike by the service, whose listing ends with the time for it', async () => {
    const service = await startFileCatalogService({
      ...{ python, pki, directory, server, database: account.database, layout, users, groups },
      securityManager: 'FullSecurityManager',
      hostProperties: ['FileCatalogManagement'],
    });
    try {
      const serviceUrl = service.url;
      const patient = await gateways.start({ catalog: { CatalogType: 'FileCatalog', TimeoutSeconds: 60 }, serviceUrl, rules });
      await expectRights(patient, 60_000);
      const hasty = await gateways.start({ catalog: { CatalogType: 'FileCatalog', TimeoutSeconds: 3 }, serviceUrl, rules });
      const start = performance.now();
      const { status, body } = await (await hasty.as(alice))('/catalog/directories/list', { directories: [large] });
      expect(performance.now() - start).toBeLessThan(6_000);
      expect([status, (body as { code: string }).code]).toEqual([504, 'timeout']);
      expect(peakMiB(hasty.pid)).toBeLessThan(300);
    } finally {
      await service.close();
    }
  }, 240_000);
});

/** Most memory a process ever had. */
function peakMiB(pid: number): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
