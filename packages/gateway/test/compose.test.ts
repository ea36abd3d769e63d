import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@dirac-s3/core';
import { seedSqliteFileCatalog } from '@dirac-s3/core/adapters/catalog/sqlite';
import type { ConfigurationState, DiracConfiguration } from '@dirac-s3/core/config';
import { presignAnswerSchema } from '@dirac-s3/core/rest-api';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { composeGateway, type ComposedGateway } from '../src/compose.js';
import { createLog } from '../src/ops/log.js';
import { startServer, type RunningServer } from '../src/server.js';
import { createDevelopmentIssuer, type DevelopmentIssuer } from '../src/testing/development-issuer.js';
import {
  closedAuthentication,
  credentials,
  issuerSettings,
  noSecurity,
  registry,
  secretAccessKey,
  storageElement,
} from './support/settings.js';

/** The gateway as it is composed for real: SQLite catalog, DIRAC's permission rules, SigV4. Only the configuration is made by hand. */
let folder: string;
let issuer: DevelopmentIssuer;
let lines: string[];
let configuration: DiracConfiguration;
let server: RunningServer | undefined;
let closeGateway: () => void = () => undefined;

const guid = 'A0B1C2D3-0000-1111-2222-333344445555';
const mine = '/vo/user/a/alice/data.bin';
const his = '/vo/user/b/bob/data.bin';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compose-test-'));
  lines = [];
  const jwksFile = join(folder, 'jwks.json');
  issuer = await createDevelopmentIssuer({ jwksFile });
  const catalog = join(folder, 'catalog.db');
  await seedSqliteFileCatalog(catalog, [
    { path: '/vo', owner: 'erin', group: 'vo_admin', mode: 0o755 },
    { path: '/vo/user', owner: 'erin', group: 'vo_admin', mode: 0o755 },
    { path: '/vo/user/a/alice', owner: 'alice', group: 'vo_user', mode: 0o700 },
    { path: '/vo/user/b/bob', owner: 'bob', group: 'vo_user', mode: 0o700 },
  ]);
  configuration = {
    storageElements: new Map([
      ['CERN-S3', storageElement('CERN-S3')],
      ['WRITER-S3', storageElement('WRITER-S3')],
      ['FAR-S3', storageElement('FAR-S3', { access: 'via-gateway' })],
    ]),
    fileStorageElements: new Map(),
    dataManagement: {
      ownSite: undefined,
      registrationProtocols: ['s3'],
      thirdPartyProtocols: [],
      elements: new Map(),
      groups: new Map(),
      siteOf: new Map(),
      baseOf: new Map(),
      multiHops: new Map(),
    },
    credentials: new Map([
      ['CERN-S3', { main: credentials, writeOnly: undefined }],
      ['WRITER-S3', { main: credentials, writeOnly: { accessKeyId: 'AKIAWRITER', secretAccessKey: new Secret('writer-secret-key') } }],
    ]),
    registry,
    gateway: {
      host: '127.0.0.1',
      port: 0,
      tls: undefined,
      logLevel: 'debug',
      maxItems: 100,
      maxBodyBytes: 100_000,
      requestTimeoutSeconds: 20,
      headersTimeoutSeconds: 10,
      shutdownTimeoutSeconds: 10,
      issuers: [issuerSettings(issuer, { file: jwksFile })],
      authentication: closedAuthentication,
      policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never' },
      probe: undefined,
      uploadSessions: { keys: undefined, lifetimeSeconds: 3600, limitSeconds: 604_800 },
    },
    catalog: { type: 'sqlite', path: catalog },
    catalogRules: { securityManager: 'VOMSSecurityManager', globalReadAccess: false, defaultMode: 0o755, visibleStates: ['AprioriGood'] },
    gatewayUrls: [],
    security: noSecurity,
    idProviders: new Map(),
    resourceStatus: { urls: [], cacheSeconds: 300 },
    vo: undefined,
  };
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  closeGateway();
  closeGateway = () => undefined;
  await rm(folder, { recursive: true });
});

const configurationState = (): ConfigurationState => ({
  central: 'stale',
  version: '2026-05-06 07:08:09.123456',
  server: 'dips://cs.example.org:9135/Configuration/Server',
  fetchedAt: new Date('2026-05-06T07:08:10Z'),
  lastFailure: { at: new Date('2026-05-06T07:18:10Z'), reason: 'down' },
});

async function compose(change: Partial<DiracConfiguration> = {}) {
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const clock = { now: () => new Date() };
  return composeGateway({
    configuration: { ...configuration, ...change },
    log,
    version: '1.2.3',
    clock,
    configurationState,
    env: {},
    userId: undefined,
  });
}

async function start(change: Partial<DiracConfiguration> = {}): Promise<ComposedGateway> {
  const gateway = await compose(change);
  closeGateway = gateway.close;
  server = await startServer(gateway.app, configuration.gateway);
  return gateway;
}

async function call(username: string, path: string, body?: unknown): Promise<Response> {
  const token = await issuer.mint({ username, group: username === 'erin' ? 'vo_admin' : 'vo_user' });
  return fetch(`${server!.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const presign = async (username: string, request: object) => {
  const response = await call(username, '/presign', { storageElement: 'CERN-S3', ...request });
  const answer: unknown = await response.json();
  return response.ok ? presignAnswerSchema.parse(answer) : Promise.reject(new Error(JSON.stringify(answer)));
};

const registration = (lfn: string) => ({
  files: [{ lfn, sizeBytes: 3, checksum: '0a1b2c3d', guid, storageElement: 'CERN-S3', pfn: `s3://store.internal:9000/data${lfn}` }],
});
const log = () =>
  lines
    .join('')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const codes = (answer: { failed: { lfn: string; code: string }[] }) => answer.failed.map(({ lfn, code }) => [lfn, code]);

describe('the composed gateway', () => {
  it('takes a file through its life: upload form, registration, URL, removal', async () => {
    await start();
    const upload = await presign('alice', { method: 'put_object', items: [{ lfn: mine, sizeBytes: 3, checksum: '0a1b2c3d' }] });
    expect(upload.successful).toMatchObject([
      { lfn: mine, kind: 'post', fields: { key: mine.slice(1), 'x-amz-meta-checksum': '0a1b2c3d' } },
    ]);

    expect(await (await call('alice', '/catalog/files', registration(mine))).json()).toEqual({ successful: [{ lfn: mine }], failed: [] });

    const download = await presign('alice', { method: 'get_object', items: [{ lfn: mine }] });
    const [entry] = download.successful;
    const url = new URL(entry!.url);
    expect(url.origin + url.pathname).toBe(`https://store.internal:9000/data${mine}`);
    expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('3600');

    const again = await presign('alice', { method: 'put_object', items: [{ lfn: mine }] });
    expect(codes(again)).toEqual([[mine, 'file-exists']]);

    expect((await presign('alice', { method: 'delete_object', items: [{ lfn: mine }] })).successful).toHaveLength(1);
    expect(await (await call('alice', '/catalog/files/remove', { lfns: [mine] })).json()).toEqual({
      successful: [{ lfn: mine }],
      failed: [],
    });
    expect(await (await call('alice', '/catalog/exists', { lfns: [mine] })).json()).toMatchObject({ successful: [{ value: false }] });
  });

  it('serves by another configuration from the next request on', async () => {
    const { reconfigure } = await start();
    const items = [{ lfn: mine, sizeBytes: 3, checksum: '0a1b2c3d' }];
    expect((await presign('alice', { method: 'put_object', items })).successful).toHaveLength(1);

    const banned = storageElement('CERN-S3', { status: { Read: 'Active', Write: 'Banned', Remove: 'Active', Check: 'Active' } });
    await reconfigure({ ...configuration, storageElements: new Map([['CERN-S3', banned]]) });
    await expect(presign('alice', { method: 'put_object', items })).rejects.toThrow('its WriteAccess forbids put_object');

    const users = new Map([...registry.groups, ['vo_user', { ...registry.groups.get('vo_user')!, users: ['bob'] }]]);
    await reconfigure({ ...configuration, registry: { ...registry, groups: users } });
    await expect(presign('alice', { method: 'put_object', items })).rejects.toThrow('unauthenticated');
  });

  it('goes on by the old configuration when the new one cannot be served', async () => {
    const { reconfigure } = await start();
    await expect(reconfigure({ ...configuration, catalog: { type: 'gateway' } })).rejects.toThrow('the gateway needs a catalog');
    expect((await call('alice', '/whoami')).status).toBe(200);
  });

  it('says that a changed listener counts after a restart', async () => {
    const { reconfigure } = await start();
    await reconfigure({ ...configuration, gateway: { ...configuration.gateway, port: 1 } });
    expect(log()).toContainEqual(expect.objectContaining({ level: 'warn', msg: expect.stringContaining('after a restart') }));
  });

  it("refuses another user's file, beside what is allowed", async () => {
    await start();
    await call('bob', '/catalog/files', registration(his));
    const answer = await presign('alice', { method: 'get_object', items: [{ lfn: his }, { lfn: mine }, { lfn: '/vo/../x' }] });
    expect(codes(answer)).toContainEqual([his, 'permission-denied']);
    expect(codes(answer)).toContainEqual(['/vo/../x', 'invalid-lfn']);
    const upload = await presign('alice', { method: 'put_object', items: [{ lfn: `${his}.new` }, { lfn: mine }] });
    expect(codes(upload)).toEqual([[`${his}.new`, 'permission-denied']]);
    expect(upload.successful.map(({ lfn }) => lfn)).toEqual([mine]);
    expect((await presign('erin', { method: 'get_object', items: [{ lfn: his }] })).successful).toHaveLength(1);
  });

  it('lets a name of hostile size fail alone, for presigning and in the catalog', async () => {
    await start();
    const long = `/vo/${'x'.repeat(20_000)}`;
    const answer = await presign('alice', { method: 'put_object', items: [{ lfn: long }, { lfn: mine }] });
    expect(codes(answer)).toEqual([[long, 'invalid-lfn']]);
    expect(answer.successful.map(({ lfn }) => lfn)).toEqual([mine]);
    const there = await (await call('alice', '/catalog/exists', { lfns: [long, mine] })).json();
    expect(there).toMatchObject({ successful: [{ lfn: mine, value: false }], failed: [{ lfn: long, code: 'invalid-lfn' }] });
    const added = await call('alice', '/catalog/files', {
      files: [registration(mine).files[0], { ...registration(his).files[0], lfn: long }],
    });
    expect(await added.json()).toMatchObject({ successful: [{ lfn: mine }], failed: [{ lfn: long, code: 'invalid-lfn' }] });
  });

  it('signs uploads by PUT with a write-only key alone', async () => {
    await start();
    const items = [{ lfn: mine, sizeBytes: 3 }];
    expect(codes(await presign('alice', { method: 'put_object', upload: 'put', items }))).toEqual([[mine, 'upload-unsafe']]);
    const safe = await presign('alice', { storageElement: 'WRITER-S3', method: 'put_object', upload: 'put', items });
    expect(safe.successful[0]?.url).toContain('AKIAWRITER');
    const listed = (await (await call('alice', '/storage-elements')).json()) as { storageElements: { name: string; uploads: string[] }[] };
    expect(listed.storageElements.map(({ name, uploads }) => [name, uploads])).toEqual([
      ['CERN-S3', ['post']],
      ['WRITER-S3', ['post', 'put']],
    ]);
  });

  it('answers for the whole request: unknown and unusable StorageElements, lifetimes beyond the cap', async () => {
    await start();
    const get = { method: 'get_object', items: [{ lfn: mine }] };
    await expect(presign('alice', { ...get, storageElement: 'NOPE' })).rejects.toThrow(/"unknown-storage-element"/);
    await expect(presign('alice', { ...get, storageElement: 'FAR-S3' })).rejects.toThrow(/"unknown-storage-element"/);
    await expect(presign('alice', { ...get, expirationSeconds: 86_401 })).rejects.toThrow(/"expiration-refused"/);
  });

  it('audits every decision under the id of its request, before the answer', async () => {
    await start();
    await presign('alice', { method: 'get_object', items: [{ lfn: his }] });
    await presign('alice', { method: 'put_object', items: [{ lfn: mine }] });
    const records = log().filter(({ msg }) => msg === 'audit');
    expect(records).toEqual([
      expect.objectContaining({ username: 'alice', method: 'get_object', lfn: his, granted: false }),
      expect.objectContaining({ username: 'alice', method: 'put_object', lfn: mine, granted: true, expiresAt: expect.any(String) }),
    ]);
    const requests = log().filter(({ msg }) => msg === 'request');
    expect(records.map(({ requestId }) => requestId)).toEqual(requests.map(({ requestId }) => requestId));
  });

  it('answers nothing when the audit cannot be written', async () => {
    const failing = createLog({
      level: 'error',
      destination: {
        write: (line) => {
          if (line.includes('"audit"')) throw new Error('disk full');
        },
      },
    });
    const clock = { now: () => new Date() };
    const gateway = await composeGateway({
      configuration,
      configurationState,
      log: failing,
      version: '1',
      clock,
      env: {},
      userId: undefined,
    });
    closeGateway = gateway.close;
    server = await startServer(gateway.app, configuration.gateway);
    const response = await call('alice', '/presign', { storageElement: 'CERN-S3', method: 'put_object', items: [{ lfn: mine }] });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('store.internal');
  });

  it('is ready while its catalog answers, and fails closed when it does not', async () => {
    await start();
    const ready = await call('alice', '/health/ready');
    expect(ready.status).toBe(200);
    // The reason of a failure and the servers' names are for the log.
    expect(await ready.json()).toEqual({
      status: 'ok',
      configuration: { central: 'stale', version: '2026-05-06 07:08:09.123456', fetchedAt: '2026-05-06T07:08:10.000Z' },
    });
    closeGateway();
    expect((await call('alice', '/health/ready')).status).toBe(503);
    await expect(presign('alice', { method: 'get_object', items: [{ lfn: mine }] })).rejects.toThrow(/"catalog-unavailable"/);
    expect(await (await call('alice', '/catalog/exists', { lfns: [mine] })).json()).toMatchObject({
      status: 503,
      code: 'catalog-unavailable',
    });
  });

  it('says at start what it found for each StorageElement, and never a secret', async () => {
    await start();
    const found = log().filter(({ msg }) => String(msg).startsWith('storage element'));
    expect(found).toEqual([
      expect.objectContaining({ level: 'info', storageElement: 'CERN-S3', bucket: 'data', access: 'direct', uploads: ['post'] }),
      expect.objectContaining({
        level: 'info',
        storageElement: 'WRITER-S3',
        endpoint: 'https://store.internal:9000',
        uploads: ['post', 'put'],
      }),
      expect.objectContaining({ level: 'warn', storageElement: 'FAR-S3', access: 'via-gateway' }),
    ]);
    await presign('alice', { method: 'put_object', items: [{ lfn: mine }] });
    for (const secret of [secretAccessKey, 'writer-secret-key', 'AKIA', 'X-Amz-Signature=']) expect(lines.join('')).not.toContain(secret);
  });

  it('shares nothing with another instance but the catalog: what one registers the other serves', async () => {
    await start();
    const other = await compose();
    const second = await startServer(other.app, configuration.gateway);
    await call('alice', '/catalog/files', registration(mine));
    const token = await issuer.mint({ username: 'alice', group: 'vo_user' });
    const response = await fetch(`${second.url}/api/v1/catalog/exists`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ lfns: [mine] }),
    });
    expect(await response.json()).toEqual({ successful: [{ lfn: mine, value: true }], failed: [] });
    await second.stop();
    other.close();
  });
});

describe("the gateway on DIRAC's catalog", () => {
  const cache = { allowedSeconds: 5, refusedSeconds: 5, cacheSize: 10 };
  const compareWithService = 'refuse' as const;
  const database = {
    host: '127.0.0.1',
    port: 1,
    socketPath: undefined,
    database: 'FileCatalogDB',
    user: 'reader',
    password: new Secret('the-password'),
    caFile: undefined,
    timeoutSeconds: 2,
    connections: 2,
    allowReplica: false,
  };

  it('starts while the database is down, and grants nothing to anybody', async () => {
    await start({ catalog: { type: 'file-catalog-db', database, service: undefined, compareWithService, cache } });
    for (const username of ['alice', 'erin']) {
      for (const [method, item] of [
        ['get_object', { lfn: mine }],
        ['put_object', { lfn: mine, sizeBytes: 1, checksum: '00620062' }],
        ['delete_object', { lfn: mine }],
      ] as const) {
        const response = await call(username, '/presign', { storageElement: 'CERN-S3', method, items: [item] });
        const answer = (await response.json()) as { successful?: unknown[]; failed?: { code: string }[]; code?: string };
        expect([answer.successful ?? [], answer.code ?? answer.failed?.[0]?.code]).toEqual([[], 'catalog-unavailable']);
      }
    }
    expect((await call('alice', '/health/ready')).status).toBe(503);
    expect(lines.join('')).not.toContain('the-password');
  });

  it('changes nothing in a catalog it only reads', async () => {
    await start({ catalog: { type: 'file-catalog-db', database, service: undefined, compareWithService, cache } });
    const response = await call('alice', '/catalog/files', registration(mine));
    expect(((await response.json()) as { code: string }).code).toBe('unsupported-operation');
  });

  it('does not start without a certificate to show to the service', async () => {
    const service = { service: 'DataManagement/FileCatalog', urls: ['dips://localhost:1/DataManagement/FileCatalog'], timeoutSeconds: 2 };
    await expect(compose({ catalog: { type: 'file-catalog', service, cache } })).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(compose({ catalog: { type: 'file-catalog-db', database, service, compareWithService, cache } })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});

describe('the gateway does not start', () => {
  it.each<[string, () => Partial<DiracConfiguration>, RegExp]>([
    ['without a catalog of its own', () => ({ catalog: { type: 'gateway' } }), /\/Resources\/FileCatalogs: /],
    [
      'without an issuer',
      () => ({ gateway: { ...configuration.gateway, issuers: [] } }),
      /\/Systems\/DataManagement\/Services\/S3Gateway\/Issuers: /,
    ],
    [
      'without a StorageElement it has keys for',
      () => ({ storageElements: new Map([['FAR-S3', storageElement('FAR-S3', { access: 'via-gateway' })]]) }),
      /\/Resources\/StorageElements: /,
    ],
    ['with a catalog that cannot be opened', () => ({ catalog: { type: 'sqlite', path: join(folder, 'absent', 'c.db') } }), /absent/],
  ])('%s, and says why', async (_title, change, message) => {
    await expect(compose(change())).rejects.toThrow(message);
  });
});
