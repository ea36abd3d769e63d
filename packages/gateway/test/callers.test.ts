import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseLfnDirectory } from '@dirac-s3/core';
import { seedSqliteFileCatalog } from '@dirac-s3/core/adapters/catalog/sqlite';
import type { AuthenticationSettings, DiracConfiguration, IssuerSettings } from '@dirac-s3/core/config';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { composeGateway, type ComposedGateway } from '../src/compose.js';
import { createLog } from '../src/ops/log.js';
import { startServer, type RunningServer } from '../src/server.js';
import { createDevelopmentIssuer, type DevelopmentIssuer } from '../src/testing/development-issuer.js';
import { Grid, pemOf, type Credential } from './support/grid.js';
import { closedAuthentication, credentials, noSecurity, registry, storageElement } from './support/settings.js';

/** The gateway as it is composed for real, over https with a directory of authorities: what callers of each kind may do in the end. */
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/tls/${name}`, import.meta.url));
const tls = { certFile: fixture('cert.pem'), keyFile: fixture('key.pem') };
const grid = new Grid(new Date());
const alice = grid.certificate('alice');
const mine = '/vo/user/a/alice/data.bin';
const lines: string[] = [];

let folder: string;
let ca: Buffer;
let issuer: DevelopmentIssuer;
let gateway: ComposedGateway;
let server: RunningServer;
let configuration: DiracConfiguration;

beforeAll(async () => {
  ca = await readFile(tls.certFile);
  folder = await mkdtemp(join(tmpdir(), 'callers-test-'));
  const catalog = join(folder, 'catalog.db');
  await seedSqliteFileCatalog(catalog, [
    { path: '/vo', owner: 'erin', group: 'vo_admin', mode: 0o755 },
    { path: '/vo/user', owner: 'erin', group: 'vo_admin', mode: 0o755 },
    { path: '/vo/user/a/alice', owner: 'alice', group: 'vo_user', mode: 0o700 },
  ]);
  const caDirectory = join(folder, 'certificates');
  await mkdir(caDirectory);
  await writeFile(join(caDirectory, '0a1b2c3d.0'), pemOf(grid.authority));
  issuer = await createDevelopmentIssuer({ jwksFile: join(folder, 'jwks.json') });
  configuration = {
    storageElements: new Map([['CERN-S3', storageElement('CERN-S3')]]),
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
    credentials: new Map([['CERN-S3', { main: credentials, writeOnly: undefined }]]),
    registry: {
      ...registry,
      users: new Map([...registry.users].map(([name, user]) => [name, { ...user, dns: [...user.dns, `/O=DIRAC/CN=${name}`] }])),
    },
    gateway: {
      host: '127.0.0.1',
      port: 0,
      tls,
      logLevel: 'debug',
      maxItems: 100,
      maxBodyBytes: 100_000,
      requestTimeoutSeconds: 20,
      headersTimeoutSeconds: 10,
      shutdownTimeoutSeconds: 10,
      issuers: [],
      authentication: { ...closedAuthentication, clientCertificates: { caDirectory, revocation: 'if-present', minRsaBits: 2048 } },
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
  gateway = await composeGateway({
    configuration,
    log: createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } }),
    version: '1.2.3',
    clock: { now: () => new Date() },
    env: {},
    userId: undefined,
    configurationState: () => ({ central: 'local', version: undefined, server: undefined, fetchedAt: undefined, lastFailure: undefined }),
  });
  server = await startServer(gateway.app, configuration.gateway);
});
afterAll(async () => {
  await server.stop();
  gateway.close();
  await rm(folder, { recursive: true });
});

type Who = Pick<Credential, 'cert' | 'key'> | { readonly token: string };
interface Answer {
  readonly status: number;
  readonly successful?: readonly { readonly lfn: string; readonly value?: unknown }[];
  readonly failed?: readonly { readonly lfn: string; readonly code: string }[];
  readonly detail?: string;
}

function call(who: Who, path: string, body: unknown): Promise<Answer> {
  const text = JSON.stringify(body);
  const shown: RequestOptions = 'token' in who ? {} : { cert: who.cert, key: who.key };
  const headers = { 'content-type': 'application/json', ...('token' in who && { authorization: `Bearer ${who.token}` }) };
  return new Promise((resolve, reject) => {
    httpsRequest(`${server.url}/api/v1${path}`, { ca, agent: false, method: 'POST', headers, ...shown }, (response) => {
      void response.toArray().then((parts: Buffer[]) => {
        resolve({ status: response.statusCode ?? 0, ...(JSON.parse(Buffer.concat(parts).toString()) as object) });
      }, reject);
    })
      .on('error', reject)
      .end(text);
  });
}
const presign = (who: Who, method: string, lfn = mine) => call(who, '/presign', { storageElement: 'CERN-S3', method, items: [{ lfn }] });
const audit = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'audit');
const reconfigure = (authentication: Partial<AuthenticationSettings>, issuers: readonly IssuerSettings[] = []) =>
  gateway.reconfigure({
    ...configuration,
    gateway: { ...configuration.gateway, issuers, authentication: { ...configuration.gateway.authentication, ...authentication } },
  });

describe('without any issuer of tokens', () => {
  it('a user with a proxy gets his URLs, and the audit says how he came', async () => {
    const { status, successful } = await presign(grid.proxy(alice, { group: 'vo_user' }), 'put_object');
    expect([status, successful?.length]).toEqual([200, 1]);
    const last = audit().at(-1);
    expect(last).toMatchObject({ username: 'alice', group: 'vo_user', dn: '/DC=org/CN=alice', source: 'certificate', granted: true });
    expect(last).not.toHaveProperty('limitedProxy');
  });

  it('nobody gets those of another', async () => {
    const { failed } = await presign(grid.proxy(grid.certificate('bob')), 'put_object');
    expect(failed).toEqual([expect.objectContaining({ lfn: mine, code: 'permission-denied' })]);
  });

  it('a host is no user of this interface, nor can it act for one here', async () => {
    expect((await presign(grid.certificate('gw'), 'put_object')).status).toBe(401);
  });

  it('a rule for createPresignedUrl holds here too', async () => {
    await reconfigure({ rules: new Map([['createPresignedUrl', ['FileCatalogManagement']]]) });
    const proxy = grid.proxy(alice);
    expect((await presign(proxy, 'put_object')).status).toBe(401);
    expect((await call(proxy, '/catalog/exists', { lfns: [mine] })).status).toBe(200);
    await reconfigure({});
  });
});

describe('a trusted host', () => {
  /** A call as DIRAC's clients make it. */
  const rpc = (who: Credential, form: Record<string, string>): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const options = { ca, agent: false, method: 'POST', headers, cert: who.cert, key: who.key };
      httpsRequest(`${server.url}/DataManagement/S3Gateway`, options, (response) => {
        void response.toArray().then((parts: Buffer[]) => resolve(`${response.statusCode} ${Buffer.concat(parts).toString()}`), reject);
      })
        .on('error', reject)
        .end(new URLSearchParams(form).toString());
    });
  const presigning = {
    method: 'createPresignedUrl',
    args: JSON.stringify(['CERN-S3', 'put_object', { [`s3://store.internal:9000/data${mine}`]: {} }, 3600]),
    extraCredentials: '["/DC=org/CN=alice", "vo_user"]',
  };

  it('acts for a user by RPC, and the audit names both', async () => {
    expect(await rpc(grid.certificate('gw'), presigning)).toMatch(/^200 .*"OK": ?true.*x-amz-signature/);
    expect(audit().at(-1)).toMatchObject({ username: 'alice', dn: '/DC=org/CN=alice', source: 'delegation', via: 'gw', granted: true });
  });

  it('and nobody else does', async () => {
    for (const name of ['bob', 'alice', 'mallory']) expect(await rpc(grid.certificate(name), presigning)).toMatch(/^401 /);
    expect(await rpc(grid.certificate('gw'), { ...presigning, extraCredentials: '["/DC=org/CN=alice", "vo_admin"]' })).toMatch(/^401 /);
  });

  it('is told who it is', async () => {
    const answer = await rpc(grid.certificate('gw'), { method: 'whoami', args: '[]', extraCredentials: '"hosts"' });
    expect(JSON.parse(answer.slice(4))).toMatchObject({ OK: true, Value: { username: 'gw', group: 'hosts', properties: ['TrustedHost'] } });
    expect(await rpc(grid.certificate('mallory'), { method: 'whoami', args: '[]' })).toMatch(/^401 /);
    expect(await rpc(grid.certificate('mallory'), { method: 'ping', args: '[]' })).toMatch(/^200 /);
  });
});

describe('a limited proxy', () => {
  const limited = grid.proxy(alice, { limited: true });

  it('may write, and the audit says what it was', async () => {
    expect((await presign(limited, 'put_object')).successful).toHaveLength(1);
    expect(audit().at(-1)).toMatchObject({ source: 'certificate', limitedProxy: true, granted: true });
  });

  it('may only read where the policy says so, by URL and in the catalog', async () => {
    await reconfigure({ limitedProxies: 'read-only' });
    expect((await presign(limited, 'put_object')).failed).toEqual([expect.objectContaining({ lfn: mine, code: 'permission-denied' })]);
    expect(audit().at(-1)).toMatchObject({ limitedProxy: true, narrowed: true, granted: false });
    expect((await call(limited, '/catalog/files/remove', { lfns: [mine] })).failed).toEqual([
      expect.objectContaining({ lfn: mine, code: 'permission-denied' }),
    ]);
    expect((await call(limited, '/catalog/exists', { lfns: [mine] })).successful).toEqual([{ lfn: mine, value: false }]);
    expect((await presign(grid.proxy(alice), 'put_object')).successful).toHaveLength(1);
    await reconfigure({});
  });
});

describe('a narrowed token', () => {
  it('does what its scopes name, by URL and in the catalog, and nothing else', async () => {
    const settings: IssuerSettings = {
      kind: 'wlcg',
      name: 'Iam',
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: ['ES256'],
      jwks: { file: join(folder, 'jwks.json') },
      vos: undefined,
      groups: [{ group: 'vo_user', path: '/vo' }],
      users: undefined,
      basePath: parseLfnDirectory('/'),
    };
    await reconfigure({}, [settings]);
    const token = await issuer.sign({
      'wlcg.ver': '1.0',
      'wlcg.groups': ['/vo'],
      iss: issuer.issuer,
      aud: issuer.audience,
      sub: 'alice',
      exp: Math.floor(Date.now() / 1000) + 600,
      scope: 'storage.read:/vo/user/a/alice/in storage.create:/vo/user/a/alice/out',
    });
    const [read, created, beside] = ['in/x', 'out/x', 'output/x'].map((name) => `/vo/user/a/alice/${name}`) as [string, string, string];
    expect((await presign({ token }, 'put_object', created)).successful).toHaveLength(1);
    for (const [method, lfn] of [
      ['put_object', read],
      ['put_object', beside],
      ['get_object', created],
      ['delete_object', created],
    ] as const)
      expect([method, lfn, (await presign({ token }, method, lfn)).failed?.[0]?.code]).toEqual([method, lfn, 'permission-denied']);
    expect(await call({ token }, '/catalog/exists', { lfns: [read, created] })).toMatchObject({
      successful: [{ lfn: read, value: false }],
      failed: [{ lfn: created, code: 'permission-denied' }],
    });
    expect((await call({ token }, '/catalog/files/remove', { lfns: [created] })).failed).toMatchObject([{ code: 'permission-denied' }]);
    await reconfigure({});
  });
});

it('authorities that cannot be read keep a configuration from being served, and the old one goes on', async () => {
  const clientCertificates = { caDirectory: join(folder, 'absent'), revocation: 'if-present', minRsaBits: 2048 } as const;
  await expect(reconfigure({ clientCertificates })).rejects.toMatchObject({
    code: 'invalid-configuration',
    message: expect.stringMatching(/absent/),
  });
  expect((await presign(grid.proxy(alice), 'put_object')).status).toBe(200);
});
