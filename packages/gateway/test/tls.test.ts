import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer, request as httpsRequest, Agent, type RequestOptions } from 'node:https';
import { connect as connectPlain, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { certificatesOf } from '../src/peer-certificates.js';
import { startServer } from '../src/server.js';
import { refuseResumedSessions } from '../src/tls-listener.js';
import { closedAuthentication } from './support/settings.js';
import { listenSettings, startTestGateway, type TestGateway } from './support/gateway.js';
import { Grid, pemOf, type Credential } from './support/grid.js';

// Made for the tests, for 127.0.0.1; signs for itself.
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/tls/${name}`, import.meta.url));
const tls = { certFile: fixture('cert.pem'), keyFile: fixture('key.pem') };
const clientCertificates = { caDirectory: '/nowhere', revocation: 'if-present', minRsaBits: 2048 } as const;
const grid = new Grid(new Date());
const alice = grid.certificate('alice');
const proxy = grid.proxy(alice, { group: 'other_user' });

let gateway: TestGateway;
let ca: Buffer;
beforeAll(async () => {
  ca = await readFile(tls.certFile);
  gateway = await startTestGateway({ listen: { tls }, authentication: { clientCertificates }, trust: () => Promise.resolve(grid.trust()) });
});
afterAll(() => gateway.close());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const port = (): number => Number(new URL(gateway.server.url).port);

/** `GET /api/v1/whoami` over a connection of its own, or that of an agent. */
function whoami(
  credential: Pick<Credential, 'cert' | 'key'> | undefined,
  options: RequestOptions & ConnectionOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const shown = credential && { cert: credential.cert, key: credential.key };
    const call = httpsRequest(`${gateway.server.url}/api/v1/whoami`, { ca, agent: false, ...shown, ...options }, (response) => {
      void response.toArray().then((parts: Buffer[]) => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown> });
      }, reject);
    });
    call.on('error', reject).end();
  });
}

const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const only = (version: (typeof versions)[number]) => ({ minVersion: version, maxVersion: version });

describe.each(versions)('over %s', (version) => {
  it.each<[string, () => Credential, string]>([
    ['a certificate', () => alice, 'vo_user'],
    ['a proxy', () => proxy, 'other_user'],
    ['a proxy of a proxy', () => grid.proxy(proxy), 'other_user'],
    ['a limited proxy', () => grid.proxy(alice, { limited: true }), 'vo_user'],
    ['a proxy with all its authorities', () => withMore(proxy, grid.authority), 'other_user'],
  ])('%s comes in whole', async (_title, make, group) => {
    const { status, body } = await whoami(make(), only(version));
    expect([status, body]).toEqual([200, expect.objectContaining({ username: 'alice', group })]);
  });

  it.each<[string, () => Credential, RegExp]>([
    [
      'a forged chain of equal names',
      () => new Grid(new Date(), 'forger').proxy(new Grid(new Date(), 'forger').certificate('alice')),
      /not accepted/,
    ],
    ['a proxy that ended', () => grid.proxy(alice, { until: new Date(Date.now() - 1000) }), /not accepted/],
    ['a proxy without its user', () => ({ ...proxy, cert: pemOf(proxy.chain[0]!) }), /not accepted/],
    ['a user nobody knows', () => grid.certificate('mallory'), /the Registry/],
  ])('%s is told so, and refused', async (_title, make, message) => {
    const { status, body } = await whoami(make(), only(version));
    expect([status, body.code, body.detail]).toEqual([401, 'unauthenticated', expect.stringMatching(message)]);
  });

  it('no certificate is no fault of the connection: a token serves as well', async () => {
    expect((await whoami(undefined, only(version))).status).toBe(401);
    const authorization = `Bearer ${await gateway.issuer.mint({ username: 'bob', group: 'vo_user' })}`;
    expect((await whoami(undefined, { ...only(version), headers: { authorization } })).body).toMatchObject({ username: 'bob' });
    expect((await whoami(alice, { ...only(version), headers: { authorization } })).body).toMatchObject({ username: 'alice' });
  });

  it('every request of a kept connection is the same caller', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca, cert: proxy.cert, key: proxy.key, ...only(version) });
    const answers = [await whoami(undefined, { agent }), await whoami(undefined, { agent })];
    expect(answers.map(({ body }) => body.username)).toEqual(['alice', 'alice']);
    agent.destroy();
  });

  it('a session cannot be resumed: the next connection shows its certificates again', async () => {
    const sessions: Buffer[] = [];
    const first = await open({ ...shown(proxy), ...only(version) });
    first.on('session', (session) => sessions.push(session));
    await ask(first);
    const held = [...sessions, first.getSession()].filter((session) => session !== undefined);
    first.destroy();
    expect(held.length).toBeGreaterThan(0);
    for (const session of held) {
      const second = await open({ ...shown(proxy), ...only(version), session });
      expect(second.isSessionReused()).toBe(false);
      expect(await ask(second)).toMatch(/^HTTP\/1\.1 200 .*"username":"alice"/s);
      second.destroy();
      // Without certificates it is nobody, whatever session it brings.
      const third = await open({ ca, ...only(version), session });
      expect(await ask(third)).toMatch(/^HTTP\/1\.1 401 /);
      third.destroy();
    }
  });
});

it.each(versions)('a resumed session of %s is cut off before its request is read, should there ever be one', async (version) => {
  // A listener that hands out tickets, as Node's does by default.
  let requests = 0;
  const server = createHttpsServer({ cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) }, (_request, response) => {
    requests += 1;
    response.end('reached');
  });
  refuseResumedSessions(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: at } = server.address() as AddressInfo;
  const first = await open({ ca, ...only(version) }, at);
  let ticket = first.getSession();
  first.on('session', (session) => (ticket = session));
  expect(await ask(first)).toMatch(/reached/);
  const second = await open({ ca, ...only(version), session: ticket }, at);
  expect(second.isSessionReused()).toBe(true);
  expect(await ask(second).catch(() => '')).toBe('');
  expect(requests).toBe(1);
  server.close();
});

it('renegotiation is refused, so that no other certificate can come on a connection', async () => {
  const socket = await open({ ...shown(alice), ...only('TLSv1.2') });
  const outcome = await new Promise<string>((resolve) => {
    socket.on('error', ({ message }) => resolve(message));
    socket.on('close', () => resolve('closed'));
    socket.renegotiate({ rejectUnauthorized: false }, (fault) => resolve(fault === null ? 'renegotiated' : fault.message));
  });
  expect(outcome).toMatch(/no.renegotiation|closed/i);
  socket.destroy();
});

it.each(['TLSv1', 'TLSv1.1'] as const)('%s is not spoken', async (version) => {
  await expect(open({ ca, minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' })).rejects.toThrow(
    /protocol|alert|version|disconnected/i,
  );
});

it('a chain of hostile size ends the handshake', async () => {
  const many = Array.from({ length: 400 }, () => grid.authority);
  await expect(whoami(withMore(alice, ...many), only('TLSv1.2'))).rejects.toThrow();
  expect((await whoami(withMore(alice, ...many.slice(0, 100)), only('TLSv1.2'))).status).toBe(401);
});

it('a handshake that takes too long is ended', async () => {
  const server = await startServer(() => undefined, { ...listenSettings, tls, headersTimeoutSeconds: 0.2 });
  const socket = connectPlain(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket.resume(), 'close');
  await server.stop();
});

it('nobody is asked for a certificate where they are switched off', async () => {
  const seen: number[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push(certificatesOf(request.socket).length);
    response.end('{}');
  };
  for (const authentication of [closedAuthentication, { ...closedAuthentication, clientCertificates }]) {
    const server = await startServer(listener, { ...listenSettings, tls, authentication });
    await whoami(proxy, { port: Number(new URL(server.url).port) });
    await server.stop();
  }
  expect(seen).toEqual([0, 2]);
});

describe('the certificate of the gateway', () => {
  it('is followed: a renewed one is served, a broken one is told and the old one kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'host-certificate-'));
    const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
    await copyFile(tls.certFile, files.certFile);
    await copyFile(tls.keyFile, files.keyFile);
    const reports: (string | undefined)[] = [];
    const server = await startServer(
      (_request, response) => response.end(),
      { ...listenSettings, tls: files },
      {
        certificateCheckSeconds: 0.05,
        onHostCertificate: (fault) => reports.push(fault),
      },
    );
    const subject = async (): Promise<unknown> => {
      const socket = await open({ rejectUnauthorized: false }, Number(new URL(server.url).port));
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      return CN;
    };
    const reported = async (count: number): Promise<void> => {
      while (reports.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    expect(await subject()).toBe('dirac-s3 test');
    const renewed = grid.certificate('gw');
    await writeFile(files.certFile, renewed.cert);
    await reported(1);
    expect(reports[0]).toMatch(/key values mismatch/);
    expect(await subject()).toBe('dirac-s3 test');
    await writeFile(files.keyFile, renewed.key);
    await reported(2);
    expect(reports[1]).toBeUndefined();
    expect(await subject()).toBe('gw');
    await rm(files.keyFile);
    await reported(3);
    expect(reports[2]).toMatch(/key file .* cannot be read/);
    expect(await subject()).toBe('gw');
    await server.stop();
    await rm(folder, { recursive: true });
  });
});

function shown({ cert, key }: Credential): ConnectionOptions {
  return { ca, cert, key };
}

function withMore(credential: Credential, ...more: readonly Buffer[]): Credential {
  return { ...credential, cert: credential.cert + more.map(pemOf).join('') };
}

function open(options: ConnectionOptions, at = port()): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: at, host: '127.0.0.1', ...options }, () => resolve(socket)).on('error', reject);
  });
}

/** The answer to `GET /api/v1/whoami` on this connection, as text. */
async function ask(socket: TLSSocket): Promise<string> {
  socket.write('GET /api/v1/whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const parts = (await socket.toArray()) as Buffer[];
  return Buffer.concat(parts).toString();
}
