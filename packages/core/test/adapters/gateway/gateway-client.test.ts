import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { GatewayClient, RestClientOptions } from '../../../src/adapters/gateway/index.js';
import { parseLfn, Secret, type Lfn } from '../../../src/domain/index.js';
import { clientCertificateOf, issue, keyPemOf } from '../../dirac-protocol/pki.js';
import { clientOf, deadUrl, each, problem, startScriptedGateway, token, type Script, type ScriptedGateway } from './scripted-gateway.js';

const lfn = parseLfn('/vo/a');
const truth: Script = each(() => ({ value: true }));
const done: Script = each(() => ({}));

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

const start = async (script: Script): Promise<ScriptedGateway> => {
  const gateway = await startScriptedGateway(script);
  closing.push(() => gateway.close());
  return gateway;
};
const open = (gateways: readonly (ScriptedGateway | string)[], options: Partial<RestClientOptions> = {}): GatewayClient => {
  const client = clientOf(
    gateways.map((gateway) => (typeof gateway === 'string' ? gateway : gateway.url)),
    options,
  );
  closing.push(() => client.close());
  return client;
};

describe('an answer of the gateway', () => {
  const ask = async (script: Script, names: readonly Lfn[] = [lfn]) => open([await start(script)]).catalog.exists(names);

  test('fails the names it leaves out, and keeps the order asked', async () => {
    const [a, b, c] = ['/vo/a', '/vo/b', '/vo/c'].map(parseLfn) as [Lfn, Lfn, Lfn];
    const { successful, failed } = await ask(
      () => ({
        body: {
          successful: [{ lfn: c, value: false }],
          failed: [{ lfn: a, code: 'permission-denied', errno: 13, message: 'not yours' }],
        },
      }),
      [a, b, c],
    );
    expect([...successful]).toEqual([[c, false]]);
    expect([...failed]).toEqual([
      [a, { code: 'permission-denied', message: 'not yours' }],
      [b, { code: 'gateway-unavailable', message: expect.stringContaining(b) }],
    ]);
  });

  test.each<[string, unknown]>([
    [
      'names that nobody asked for',
      {
        successful: [
          { lfn: '/vo/a', value: true },
          { lfn: '/vo/other', value: true },
        ],
        failed: [],
      },
    ],
    [
      'a name twice',
      {
        successful: [
          { lfn: '/vo/a', value: true },
          { lfn: '/vo/a', value: false },
        ],
        failed: [],
      },
    ],
    [
      'a name both ways',
      { successful: [{ lfn: '/vo/a', value: true }], failed: [{ lfn: '/vo/a', code: 'internal', errno: 1, message: '' }] },
    ],
    ['a value of another type', { successful: [{ lfn: '/vo/a', value: 'yes' }], failed: [] }],
    ['an unknown code', { successful: [], failed: [{ lfn: '/vo/a', code: 'whatever', errno: 1, message: '' }] }],
    ['a field more', { successful: [{ lfn: '/vo/a', value: true, more: 1 }], failed: [] }],
    ['nothing at all', {}],
    ['a list', []],
  ])('with %s is refused as a whole', async (_, body) => {
    await expect(ask(() => ({ body }))).rejects.toMatchObject({ code: 'gateway-unavailable' });
  });

  test('that is no JSON is refused', async () => {
    await expect(ask((_, response) => void response.end('<html>welcome</html>'))).rejects.toMatchObject({ code: 'gateway-unavailable' });
  });

  test('with a name like a property of objects is only text', async () => {
    const names = ['/vo/__proto__', '/vo/constructor'].map(parseLfn);
    expect([...(await ask(truth, names)).successful]).toEqual(names.map((name) => [name, true]));
  });

  test('that is a problem of ours is thrown under its code, any other as the gateway being unavailable', async () => {
    await expect(ask(() => problem('too-many-items', 413, 'lfns: 7 items'))).rejects.toMatchObject({
      code: 'too-many-items',
      message: 'lfns: 7 items',
    });
    await expect(ask(() => problem('invented', 418))).rejects.toMatchObject({
      code: 'gateway-unavailable',
      message: expect.stringContaining('418'),
    });
    await expect(ask(() => ({ status: 500, body: 'oops' }))).rejects.toMatchObject({ code: 'gateway-unavailable' });
  });

  test('that breaks off is not taken for whole', async () => {
    const breaking: Script = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"successful":');
      setImmediate(() => response.destroy());
      return undefined;
    };
    await expect(ask(breaking)).rejects.toMatchObject({ code: 'gateway-unavailable' });
  });
});

describe('large questions', () => {
  const names = Array.from({ length: 2500 }, (_, n) => parseLfn(`/vo/${n}`));

  test('are cut into requests of a thousand names, and their answers put together in order', async () => {
    const gateway = await start(truth);
    const { successful, failed } = await open([gateway]).catalog.exists(names);
    expect([[...successful.keys()], failed.size]).toEqual([names, 0]);
    expect(gateway.seen.map(({ body }) => (body as { lfns: unknown[] }).lfns.length)).toEqual([1000, 1000, 500]);
  });

  test('keep what the earlier requests did when a later one fails', async () => {
    let requests = 0;
    const gateway = await start((request, response) => (++requests === 2 ? problem('timeout', 500) : done(request, response)));
    const { successful, failed } = await open([gateway]).catalog.removeFiles(names);
    expect([...successful.keys()]).toEqual(names.slice(0, 1000));
    expect([...failed.keys()]).toEqual(names.slice(1000));
    expect(new Set([...failed.values()].map(({ code }) => code))).toEqual(new Set(['timeout']));
    expect(requests).toBe(2);
  });

  test('about nothing ask nobody', async () => {
    const gateway = await start(truth);
    expect((await open([gateway]).catalog.exists([])).successful.size).toBe(0);
    expect(gateway.seen).toEqual([]);
  });
});

describe('the only gateway', () => {
  /** Closes the connection when it is used a second time, as a server does with an idle one. */
  const closingOnce = (script: Script): Script => {
    let questions = 0;
    return (request, response) => ((questions += 1) === 2 ? void response.destroy() : script(request, response));
  };

  test('is asked again, by another connection, when it closed the one that was kept', async () => {
    const gateway = await start(closingOnce(truth));
    const { catalog } = open([gateway]);
    for (let n = 0; n < 2; n++) expect((await catalog.exists([lfn])).successful.get(lfn)).toBe(true);
    expect(gateway.seen).toHaveLength(3);
  });

  test('is not asked again for a removal: it may have been done', async () => {
    const gateway = await start(closingOnce(done));
    const { catalog } = open([gateway]);
    expect((await catalog.removeFiles([lfn])).successful.size).toBe(1);
    await expect(catalog.removeFiles([lfn])).rejects.toMatchObject({ code: 'gateway-unavailable' });
    expect(gateway.seen).toHaveLength(2);
  });
});

describe('of several gateways', () => {
  test('the next is asked when one is not there, and stays the first to be asked', async () => {
    const gateway = await start(truth);
    const lines: string[] = [];
    const dead = await deadUrl();
    const { catalog } = open([dead, gateway], { onRequest: (line) => lines.push(line) });
    for (let n = 0; n < 3; n++) expect((await catalog.exists([lfn])).successful.get(lfn)).toBe(true);
    const path = '/api/v1/catalog/exists';
    expect(lines).toEqual([`POST ${dead}${path}`, ...Array.from({ length: 3 }, () => `POST ${gateway.url}${path}`)]);
    expect(lines.join()).not.toContain('topsecret');
  });

  test.each([502, 503, 504])('the next is asked when one answers %d', async (status) => {
    const [broken, gateway] = [await start(() => ({ status, body: 'down' })), await start(truth)];
    expect((await open([broken, gateway]).catalog.exists([lfn])).successful.get(lfn)).toBe(true);
    expect([broken.seen.length, gateway.seen.length]).toEqual([1, 1]);
  });

  test('the next is asked when one dies over a question', async () => {
    const [dying, gateway] = [await start((_, response) => void response.destroy()), await start(truth)];
    expect((await open([dying, gateway]).catalog.exists([lfn])).successful.get(lfn)).toBe(true);
    expect(dying.seen).toHaveLength(1);
  });

  test.each<[string, Script]>([
    ['dies over it', (_, response) => void response.destroy()],
    ['answers 503', () => ({ status: 503, body: 'down' })],
  ])('no other is asked for a removal when one %s: it may have been done', async (_, script) => {
    const [dying, gateway] = [await start(script), await start(done)];
    await expect(open([dying, gateway]).catalog.removeFiles([lfn])).rejects.toMatchObject({ code: 'gateway-unavailable' });
    expect(gateway.seen).toEqual([]);
  });

  test('another is asked for a removal when nothing can have been sent', async () => {
    const gateway = await start(done);
    expect((await open([await deadUrl(), gateway]).catalog.removeFiles([lfn])).successful.size).toBe(1);
  });

  test('no other is asked when one refuses: its word counts', async () => {
    const [refusing, gateway] = [await start(() => problem('permission-denied', 403)), await start(truth)];
    await expect(open([refusing, gateway]).catalog.exists([lfn])).rejects.toMatchObject({ code: 'permission-denied' });
    expect(gateway.seen).toEqual([]);
  });

  test('the reason of the last is told when none answers', async () => {
    const down = await start(() => problem('catalog-unavailable', 503, 'no catalog'));
    await expect(open([await deadUrl(), down]).catalog.exists([lfn])).rejects.toMatchObject({ code: 'catalog-unavailable' });
    await expect(open([await deadUrl()]).catalog.exists([lfn])).rejects.toMatchObject({
      code: 'gateway-unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test.each([
    [0, 0],
    [0.34, 1],
    [0.67, 2],
    [0.999, 2],
    [1, 0],
  ])('a random one is asked first (%d)', async (random, expected) => {
    const gateways = [await start(truth), await start(truth), await start(truth)];
    await open(gateways, { random: () => random }).catalog.exists([lfn]);
    expect(gateways.findIndex(({ seen }) => seen.length > 0)).toBe(expected);
  });

  test('none may take longer than the whole question', async () => {
    const silent = await start(() => undefined);
    await expect(open([silent, silent], { timeoutSeconds: 0.2 }).catalog.exists([lfn])).rejects.toMatchObject({ code: 'timeout' });
    expect(silent.seen).toHaveLength(1);
  });
});

describe('a grid proxy', () => {
  const authority = issue('Authority', { ca: true });
  const user = issue('alice', { issuer: authority });

  test('is shown with all of its certificates, and no token beside it', async () => {
    const host = issue('127.0.0.1', { issuer: authority, hosts: ['127.0.0.1'] });
    const seen: unknown[] = [];
    const tls = { key: keyPemOf(host), cert: host.certPem, ca: authority.certPem, requestCert: true, rejectUnauthorized: true };
    const server = createHttpsServer(tls, ({ socket, headers }, response) => {
      if (!(socket instanceof TLSSocket)) throw new Error('there is no TLS');
      const { subject } = socket.getPeerCertificate();
      seen.push([subject.CN, headers.authorization]);
      response.end('{"storageElements":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const client = open([`https://127.0.0.1:${(server.address() as AddressInfo).port}`], {
      credential: { certificate: clientCertificateOf(user) },
      caPem: [authority.certPem],
    });
    expect(await client.storageElements()).toEqual([]);
    expect(seen).toEqual([['alice', undefined]]);
  });

  test('is not shown over plain http, and nothing is asked', async () => {
    const gateway = await start(truth);
    const client = open([gateway], { credential: { certificate: clientCertificateOf(user) } });
    await expect(client.storageElements()).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('plain http'),
    });
    expect(gateway.seen).toEqual([]);
  });
});

describe('the token', () => {
  test('is asked for each request and sent to the gateway', async () => {
    const gateway = await start(truth);
    let asked = 0;
    const client = open([gateway], { credential: { token: () => Promise.resolve(new Secret(`token-${++asked}`)) } });
    await client.catalog.exists([lfn]);
    await client.catalog.exists([lfn]);
    expect(gateway.seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test.each([301, 302, 307, 308])('never follows a redirect (%d)', async (status) => {
    const elsewhere = await start(truth);
    const gateway = await start(
      (_, response) => void response.writeHead(status, { location: `${elsewhere.url}/api/v1/catalog/exists` }).end(),
    );
    await expect(open([gateway]).catalog.exists([lfn])).rejects.toMatchObject({
      code: 'gateway-unavailable',
      message: expect.stringContaining('redirect'),
    });
    expect(elsewhere.seen).toEqual([]);
  });

  test.each([
    'http://gateway.example.org:9169/DataManagement/S3Gateway',
    'http://127.0.0.1.example.org/',
    'dips://gateway.example.org/',
    'nonsense',
  ])('is not sent to %s', (url) => {
    expect(() => clientOf([url])).toThrow(
      expect.objectContaining({
        code: 'invalid-configuration',
        message: expect.stringContaining('/Systems/DataManagement/URLs/S3Gateway'),
      }),
    );
  });

  test('is not sent where the URL brings a password of its own, and that one is not shown', () => {
    expect(() => clientOf(['https://alice:hunter2@gateway.example.org/'])).toThrow(
      expect.objectContaining({ code: 'invalid-configuration', message: expect.not.stringContaining('hunter2') }),
    );
  });

  test('that no header can carry is refused without being shown', async () => {
    const gateway = await start(truth);
    for (const bad of ['', 'two words', `${token}\r\nX-Injected: 1`]) {
      const asked = open([gateway], { credential: { token: () => new Secret(bad) } }).catalog.exists([lfn]);
      await expect(asked).rejects.toMatchObject({ code: 'unauthenticated', message: expect.not.stringContaining('topsecret') });
    }
    expect(gateway.seen).toEqual([]);
  });

  test('that cannot be had is the reason, and nobody is asked', async () => {
    const gateway = await start(truth);
    const asked = open([gateway], { credential: { token: () => Promise.reject(new Error('no token file')) } }).catalog.exists([lfn]);
    await expect(asked).rejects.toThrow('no token file');
    expect(gateway.seen).toEqual([]);
  });
});

describe('a client', () => {
  test('without any gateway says which option is missing', async () => {
    await expect(open([]).whoami()).rejects.toMatchObject({
      code: 'gateway-unavailable',
      message: expect.stringContaining('/Systems/DataManagement/URLs/S3Gateway'),
    });
  });

  test('uses the origin of a configured URL alone', async () => {
    const gateway = await start(() => ({ body: { username: 'alice', group: 'users', vo: 'vo', properties: [], source: 'token' } }));
    const client = open([`${gateway.url}/DataManagement/S3Gateway`]);
    expect(await client.whoami()).toMatchObject({ username: 'alice' });
    expect(gateway.seen.map(({ line }) => line)).toEqual(['GET /api/v1/whoami']);
  });

  test('trusts a gateway of an unknown authority only with the certificate of that', async () => {
    const own = issue('127.0.0.1', { ca: true, hosts: ['127.0.0.1'] });
    const server = createHttpsServer({ key: keyPemOf(own), cert: own.certPem }, (_, response) => response.end('{"storageElements":[]}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    closing.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    expect(await open([url], { caPem: [own.certPem] }).storageElements()).toEqual([]);
    await expect(open([url]).storageElements()).rejects.toMatchObject({ code: 'gateway-unavailable' });
  });
});
