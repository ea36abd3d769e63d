import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { given } from '../../../../scripts/catalogs/facts.mjs';
import { fillDatabase, nameOf } from '../../../../scripts/catalogs/fill.mjs';
import { element, prepareGateways } from '../../../../scripts/catalogs/gateway.mjs';
import { createCatalogDatabase, sqlOf } from '../../../../scripts/catalogs/mariadb.mjs';
import { startFileCatalogService } from '../../../../scripts/catalogs/service.mjs';

const alice = { username: 'alice', group: 'users' };
const bob = { username: 'bob', group: 'guests' };
const users = ['alice', 'bob'];
const groups = { users: { users: ['alice'] }, guests: { users: ['bob'] } };
const size = { files: 10_000, filesPerDirectory: 1000 };
const put = (lfn: string) => ({ lfn, sizeBytes: 1, checksum: '00620062' });

interface Answer {
  readonly successful: readonly { readonly lfn: string }[];
  readonly failed: readonly { readonly lfn: string; readonly code: string; readonly message: string }[];
}

/** Users are known by their tokens: the service knows them by the first DN of their entry in the Registry. */
describe("a gateway on DIRAC's service", () => {
  const { server, python, pki, directory } = given();
  const database = 'gateway_on_service';
  let gateways: Awaited<ReturnType<typeof prepareGateways>>;
  let service: Awaited<ReturnType<typeof startFileCatalogService>>;

  beforeAll(async () => {
    createCatalogDatabase(server, { name: database, layout: 'level', python });
    fillDatabase(server, { name: database, layout: 'level', ...size });
    // Every file has a replica at another StorageElement.
    sqlOf(
      server,
      `USE ${database}; INSERT INTO FC_StorageElements (SEID, SEName) VALUES (7, 'ELSEWHERE');
       INSERT INTO FC_Replicas (RepID, FileID, SEID, Status) SELECT FileID, FileID, 7, 7 FROM FC_Files;
       INSERT INTO FC_ReplicaInfo (RepID, RepType, PFN) SELECT RepID, 'Master', '' FROM FC_Replicas;`,
    );
    gateways = await prepareGateways({ pki, directory, users, groups });
    service = await startFileCatalogService({
      ...{ python, pki, directory, server, database, layout: 'level', users, groups },
      securityManager: 'VOMSSecurityManager',
      hostProperties: ['FileCatalogManagement'],
    });
  }, 60_000);
  afterEach(() => gateways.stop());
  afterAll(async () => {
    await service.close();
    await gateways.close();
  });

  const start = () => gateways.start({ catalog: { CatalogType: 'FileCatalog', TimeoutSeconds: 120 }, serviceUrl: service.url });
  const ask = async (gateway: Awaited<ReturnType<typeof start>>, user: typeof alice, method: string, items: readonly object[]) => {
    const { status, body } = await (await gateway.as(user))('/presign', { storageElement: element, method, items });
    return { status, ...(body as Answer) };
  };

  it('decides new files and refuses new replicas in one request, and decides the replicas in one of their own', async () => {
    const gateway = await start();
    const [fresh, registered] = ['/vo/d0/new', '/vo/d0/f0'].map(put);
    const mixed = await ask(gateway, alice, 'put_object', [fresh!, registered!]);
    expect(mixed.successful.map(({ lfn }) => lfn)).toEqual(['/vo/d0/new']);
    expect(mixed.failed).toMatchObject([
      { lfn: '/vo/d0/f0', code: 'file-exists', message: expect.stringContaining('ask for a new replica of it apart from new names') },
    ]);
    expect((await ask(gateway, alice, 'put_object', [registered!])).successful.map(({ lfn }) => lfn)).toEqual(['/vo/d0/f0']);
    for (const items of [[fresh!, registered!], [registered!], [fresh!]])
      expect((await ask(gateway, bob, 'put_object', items)).successful).toEqual([]);
  });

  it('answers for 10 000 names in one request, each once, and grants none that is not granted by itself', async () => {
    const gateway = await start();
    const lfns = Array.from({ length: 10_000 }, (_, at) => (at % 2 === 0 ? nameOf(at, size) : `/vo/d${at % 10}/missing${at}`));
    const read = await ask(
      gateway,
      bob,
      'get_object',
      lfns.map((lfn) => ({ lfn })),
    );
    expect([read.status, read.successful.length + read.failed.length]).toEqual([200, lfns.length]);
    expect(new Set([...read.successful, ...read.failed].map(({ lfn }) => lfn)).size).toBe(lfns.length);
    const written = await ask(gateway, bob, 'put_object', lfns.map(put));
    expect([written.status, written.successful, written.failed.length]).toEqual([200, [], lfns.length]);
  }, 240_000);
});
