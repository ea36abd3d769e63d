import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DiracS3Error, parseLfn, Secret, type Identity } from '@dirac-s3/core';
import { openSqliteFileCatalog, type SqliteFileCatalog } from '@dirac-s3/core/adapters/catalog/sqlite';
import { createGatewayClient, type GatewayClient } from '@dirac-s3/core/adapters/gateway';
import { fileCatalogContract, identityOf } from '@dirac-s3/core/testing';
import { createApp } from '../../src/app.js';
import { createLog } from '../../src/ops/log.js';
import { startServer, type RunningServer } from '../../src/server.js';
import { listenSettings } from '../support/gateway.js';
import { fakeServices, type FakeServices } from '../support/services.js';

/** Core's client on the gateway it was made for, over a real catalog. Who proves to be whom is tested elsewhere. */
describe("core's client of the gateway", () => {
  const identities = new Map<string, Identity>();
  const clients: GatewayClient[] = [];
  let folder: string;
  let sqlite: SqliteFileCatalog;
  let services: FakeServices;
  let server: RunningServer;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'client-test-'));
    sqlite = openSqliteFileCatalog({
      path: join(folder, 'catalog.db'),
      rules: { securityManager: 'VOMSSecurityManager', globalReadAccess: false, defaultMode: 0o775, visibleStates: ['AprioriGood'] },
      vomsRoleOf: () => undefined,
      openRoot: 'never',
      clock: { now: () => new Date() },
    });
    services = fakeServices({
      catalogs: sqlite,
      authenticate: ({ authorization: [header = ''] }) => {
        const identity = identities.get(header.replace('Bearer ', ''));
        if (identity === undefined) return Promise.reject(new DiracS3Error('unauthenticated', 'who?'));
        return Promise.resolve({ credentials: {}, identity });
      },
    });
    const app = createApp({
      services: () => services,
      limits: { maxItems: 10_000, maxBodyBytes: 8_388_608, requestTimeoutSeconds: 20 },
      logger: createLog({ level: 'error', destination: { write: () => undefined } }).logger,
      clock: { now: () => new Date() },
      version: '1.2.3',
    });
    server = await startServer(app, listenSettings);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await server.stop();
    sqlite.close();
    rmSync(folder, { recursive: true });
  });

  const clientOf = (identity: Identity): GatewayClient => {
    const token = `${identity.username}-${identity.group}`;
    identities.set(token, identity);
    const client = createGatewayClient({
      urls: [`${server.url}/DataManagement/S3Gateway`],
      credential: { token: () => new Secret(token) },
    });
    clients.push(client);
    return client;
  };

  describe('as a file catalog', () => {
    it.each([...fileCatalogContract])('$name', ({ check }) =>
      check({
        catalogs: { catalogFor: (identity) => clientOf(identity).catalog },
        createDirectory: (directory) => sqlite.administration.createDirectories([directory]),
        addFile: async (file, owner) => {
          await clientOf(owner).catalog.addFiles([file]);
        },
      }),
    );
  });

  it('gets URLs and forms, with their end as an instant', async () => {
    const { urls } = clientOf(identityOf('alice'));
    const items = [{ lfn: '/vo/b' }, { lfn: '/vo/missing' }, { lfn: '/vo/a' }];
    const got = await urls.presign({ storageElement: 'CERN-S3', method: 'get_object', items });
    expect([...got.successful.keys()]).toEqual(['/vo/b', '/vo/a']);
    expect(got.successful.get('/vo/a')).toMatchObject({ kind: 'url', httpMethod: 'GET', expiresAt: new Date('2026-01-02T04:04:05.000Z') });
    expect([...got.failed]).toEqual([['/vo/missing', { code: 'no-such-file', message: '/vo/missing is not registered' }]]);
    const put = await urls.presign({
      storageElement: 'CERN-S3',
      method: 'put_object',
      items: [{ lfn: '/vo/a', sizeBytes: 1, checksum: '00620062' }],
    });
    expect(put.successful.get('/vo/a')).toMatchObject({ kind: 'post', fields: { key: '/vo/a' } });
    expect(services.asked.at(-1)?.arguments).toEqual([
      expect.objectContaining({ items: [{ lfn: '/vo/a', sizeBytes: 1, checksum: '00620062' }], identity: identityOf('alice') }),
    ]);
  });

  it('learns what is stored under many names', async () => {
    const { objects } = clientOf(identityOf('alice'));
    const names = ['/vo/free', '/vo/missing', '/vo/a'].map(parseLfn);
    const { successful, failed } = await objects.listed('CERN-S3', names);
    expect([...successful]).toEqual([
      ['/vo/free', undefined],
      ['/vo/a', { sizeBytes: 3, etag: 'd41d8cd98f00b204e9800998ecf8427e' }],
    ]);
    expect([...failed]).toEqual([['/vo/missing', { code: 'permission-denied', message: '/vo/missing: not yours' }]]);
  });

  it('throws the refusal of a whole request under its own code', async () => {
    const { urls } = clientOf(identityOf('alice'));
    const asked = urls.presign({ storageElement: 'NO-SUCH', method: 'get_object', items: [{ lfn: '/vo/a' }] });
    await expect(asked).rejects.toMatchObject({ code: 'unknown-storage-element', message: expect.stringContaining('NO-SUCH') });
    const stranger = createGatewayClient({ urls: [server.url], credential: { token: () => new Secret('stranger') } });
    clients.push(stranger);
    await expect(stranger.whoami()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('learns who it is and what storage there is', async () => {
    const client = clientOf(identityOf('alice'));
    expect(await client.whoami()).toMatchObject({ username: 'alice', group: 'users', vo: 'vo', properties: [], source: 'local' });
    expect((await client.storageElements()).map(({ name, uploads }) => [name, uploads])).toEqual([
      ['CERN-S3', ['post']],
      ['OPEN-S3', ['post', 'put']],
    ]);
  });

  it('asks about thousands of names in order', async () => {
    const names = Array.from({ length: 2500 }, (_, n) => parseLfn(`/vo/${n}`));
    const { successful } = await clientOf(identityOf('alice')).catalog.exists(names);
    expect([...successful]).toEqual(names.map((name) => [name, false]));
  });
});
