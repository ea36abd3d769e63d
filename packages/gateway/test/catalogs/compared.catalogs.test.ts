import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { given } from '../../../../scripts/catalogs/facts.mjs';
import { fillDatabase } from '../../../../scripts/catalogs/fill.mjs';
import { databaseSection, element, prepareGateways } from '../../../../scripts/catalogs/gateway.mjs';
import { createCatalogDatabase, createReader, sqlOf } from '../../../../scripts/catalogs/mariadb.mjs';
import { startFileCatalogService } from '../../../../scripts/catalogs/service.mjs';
import { requiredTables } from '@dirac-s3/core/adapters/catalog/file-catalog-db';

type Gateways = Awaited<ReturnType<typeof prepareGateways>>;
type Site = Parameters<Gateways['start']>[0];

const users = ['alice', 'bob', 'carol'];
const groups = {
  users: { users: ['alice'] },
  guests: { users: ['bob'] },
  admins: { users: ['carol'], properties: ['NormalUser', 'FileCatalogManagement'] },
};
const mine = '/vo/d0/f0';

/** The real gateway, the real database and the real service, which judges by VOMSSecurityManager. */
describe.each(['level', 'closure'] as const)('a gateway on the database beside the service of the %s layout', (layout) => {
  const { server, python, pki, directory } = given();
  const account = { database: `compared_${layout}`, user: `compared_${layout}`, password: 'reader-of-this-run' };
  const agreeing = { SecurityManager: 'VOMSSecurityManager', GlobalReadAccess: 'False' };
  const differing = { SecurityManager: 'NoSecurityManager', GlobalReadAccess: 'False' };
  let gateways: Gateways;
  let service: Awaited<ReturnType<typeof startFileCatalogService>>;

  beforeAll(async () => {
    createCatalogDatabase(server, { name: account.database, layout, python });
    fillDatabase(server, { name: account.database, layout, files: 200, filesPerDirectory: 20 });
    // rwxrwx---: the group counts.
    sqlOf(
      server,
      `UPDATE ${account.database}.${layout === 'level' ? 'FC_DirectoryInfo' : 'FC_DirectoryList'} SET Mode = 504 WHERE DirID > 2`,
    );
    createReader(server, { ...account, tables: requiredTables[layout] });
    gateways = await prepareGateways({ pki, directory, users, groups });
    service = await startFileCatalogService({
      ...{ python, pki, directory, server, database: account.database, layout, users, groups },
      securityManager: 'VOMSSecurityManager',
      hostProperties: ['FileCatalogManagement'],
    });
  }, 60_000);
  afterEach(() => gateways.stop());
  afterAll(async () => {
    await service.close();
    await gateways.close();
  });

  const siteOf = (rules: NonNullable<Site['rules']>, compareWithService?: string): Site => ({
    catalog: {
      ...databaseSection(server, account),
      CatalogURL: 'DataManagement/FileCatalog',
      ...(compareWithService === undefined ? {} : { CompareWithService: compareWithService }),
    },
    rules,
    serviceUrl: service.url,
  });
  const presign = { storageElement: element, method: 'get_object', items: [{ lfn: mine }] };

  it('serves when both agree, and says how much was compared', async () => {
    const gateway = await gateways.start(siteOf(agreeing));
    expect(gateway.log()).toMatch(/"compared":\d{3,},"different":0,"msg":"the database of the File Catalog and its service agree"/);
    const { status, body } = await (await gateway.as({ username: 'alice', group: 'users' }))('/presign', presign);
    expect([status, body.successful.length]).toEqual([200, 1]);
  });

  it('does not start when they differ, and names who may do what by whom', async () => {
    for (const site of [siteOf(differing), siteOf(differing, 'refuse')]) {
      const said = await gateways.start(site).then(
        () => 'it started',
        (fault: unknown) => (fault as Error).message,
      );
      expect(said).toMatch(/^the gateway ended with 2 before it was ready/);
      expect(said).toMatch(/(?:getFileMetadata|addFile) of \/vo\/d\d+\S* by bob\/guests: allowed, and by the service refused/);
      expect(said).toContain('dirac-s3-gateway: the database of the File Catalog and its service give different answers');
      expect(said).not.toContain('"msg":"listening"');
      expect(said).not.toContain(account.password);
    }
  });

  it('does not start when only the users of the Registry differ', async () => {
    const more = { ...groups, users: { users: ['alice', 'dave'] } };
    const others = await prepareGateways({ pki, directory, users: [...users, 'dave'], groups: more });
    try {
      await expect(others.start(siteOf(agreeing))).rejects.toThrow(/ by dave\/users: allowed, and by the service refused/);
    } finally {
      await others.stop();
      await others.close();
    }
  });

  it('says so and goes on where the operator wants a report', async () => {
    const gateway = await gateways.start(siteOf(differing, 'report'));
    expect(gateway.log()).toMatch(/"different":[1-9]\d*,"msg":"the database of the File Catalog and its service differ"/);
    const { status, body } = await (await gateway.as({ username: 'alice', group: 'users' }))('/presign', presign);
    expect([status, body.successful.length]).toEqual([200, 1]);
  });

  it('compares nothing where the operator wants nothing compared', async () => {
    expect((await gateways.start(siteOf(differing, 'no'))).log()).not.toMatch(/compared/);
  });

  it('warns and starts while the service cannot be asked', async () => {
    await service.kill();
    expect((await gateways.start(siteOf(differing))).log()).toMatch(
      /"msg":"the database of the File Catalog and its service could not be compared"/,
    );
    await service.restart();
  });
});
