import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { DiracS3Error, parseLfn } from '@dirac-s3/core';
import type { ObjectHead } from '@dirac-s3/core/storage';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createLog } from '../../src/ops/log.js';
import { createProbeListener, type Probe, type ProbeGrant, type ProbeListenerDependencies } from '../../src/probe/index.js';
import { startServer, type RunningServer } from '../../src/server.js';
import { listenSettings } from '../support/gateway.js';

/** The listener over HTTP; what is behind the link is made to fail in every way. */
let server: RunningServer;
let lines: string[];

const grant: ProbeGrant = {
  storageElement: 'CERN-S3',
  bucket: 'data',
  lfn: parseLfn('/vo/user/a/alice/f'),
  username: 'alice',
  group: 'vo_user',
  vo: 'vo',
  expiresAt: new Date('2030-01-01T00:00:00Z'),
};
const head: ObjectHead = {
  'content-length': '1234567890123',
  'content-type': 'binary/octet-stream',
  etag: '"abc"',
  'last-modified': 'Mon, 23 Nov 2026 21:03:41 GMT',
  'x-amz-meta-checksum': '10c902e5',
  'x-amz-meta-note': 'caf\u00e9',
  'x-amz-request-id': 'internal',
  'set-cookie': 'a=b',
  location: 'http://elsewhere',
  server: 'store',
  connection: 'close',
  'transfer-encoding': 'chunked',
};
const secretPath = '/probe1.eyJhbGljZSI.c2lnbmF0dXJl';

async function start(more: Partial<Probe> = {}, options: Partial<ProbeListenerDependencies> = {}): Promise<void> {
  lines = [];
  const { logger } = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const refuse = (): never => {
    throw new DiracS3Error('permission-denied', 'the link is not one of this gateway');
  };
  const probe: Probe = {
    linkFor: refuse,
    open: (path) => (path === secretPath ? grant : refuse()),
    head: () => Promise.resolve(head),
    ...more,
  };
  server = await startServer(createProbeListener({ probe: () => probe, logger, timeoutSeconds: 5, ...options }), listenSettings);
}
afterEach(() => server.stop());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const ask = (method: string, path = secretPath, headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request(`${server.url}${path}`, { method, headers }, (incoming) => {
      let body = '';
      incoming.setEncoding('latin1').on('data', (text: string) => (body += text));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
    });
    outgoing.on('error', reject);
    outgoing.end(headers['content-length'] === undefined ? undefined : 'x'.repeat(Number(headers['content-length'])));
  });
const log = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a link', () => {
  it('answers GET with the bare status: nothing is downloaded to learn that a file is there', async () => {
    await start();
    const { status, headers, body } = await ask('GET');
    expect([status, body, headers['content-length'], headers['cache-control']]).toEqual([200, '', '0', 'no-store']);
    expect(headers).not.toHaveProperty('etag');
  });

  it("answers HEAD with the store's headers of the object, and no other of its headers", async () => {
    await start();
    const { status, headers, body } = await ask('HEAD');
    expect([status, body]).toEqual([200, '']);
    const passed = ['content-length', 'content-type', 'etag', 'last-modified', 'x-amz-meta-checksum', 'x-amz-meta-note'];
    for (const name of passed) expect(headers[name]).toBe(head[name]);
    expect(Object.keys(headers).sort()).toEqual(
      [...passed, 'cache-control', 'connection', 'date', 'keep-alive', 'x-content-type-options'].sort(),
    );
    expect(headers.connection).toBe('keep-alive');
  });

  it.each(['GET', 'HEAD'])('answers 404 to %s only when the store says there is no such object', async (method) => {
    await start({ head: () => Promise.resolve(undefined) });
    expect(await ask(method)).toMatchObject({ status: 404, body: '', headers: { 'content-length': '0' } });
  });

  it.each<[string, Error, number]>([
    ['refuses', new DiracS3Error('storage-refused', 'the store answered 403'), 502],
    ['fails', new DiracS3Error('storage-unavailable', 'the store answered 500'), 502],
    ['is silent', new DiracS3Error('timeout', 'nothing came'), 504],
    ['is not what it was', new DiracS3Error('permission-denied', 'the StorageElement of the link is not what it was'), 403],
    ['is closed by now', new DiracS3Error('access-not-allowed', '"CERN-S3" is closed'), 403],
    ['is not configured any more', new DiracS3Error('unknown-storage-element', 'no such SE'), 403],
    ['says that a name is missing in another way', new DiracS3Error('no-such-file', 'no bucket'), 502],
    ['makes this program fail', new TypeError('secret detail'), 502],
  ])('is a failure, never "absent", when the store %s', async (_title, fault, status) => {
    await start({ head: () => Promise.reject(fault) });
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(method);
      expect([answer.status, answer.body, answer.headers['content-length']]).toEqual([status, '', '0']);
    }
  });

  it.each([{}, { 'content-length': '' }, { 'content-length': '1, 1' }])(
    'is a failure when the size is not told: %j is no empty object',
    async (told) => {
      await start({ head: () => Promise.resolve({ etag: '"a"', ...told }) });
      expect((await ask('HEAD')).status).toBe(502);
      expect((await ask('GET')).status).toBe(200);
    },
  );

  it('is a failure when a header of the store cannot be sent on', async () => {
    await start({ head: () => Promise.resolve({ 'content-length': '1', 'x-amz-meta-a': 'line\r\nbreak' }) });
    expect((await ask('HEAD')).status).toBe(502);
    expect((await ask('GET')).status).toBe(200);
  });

  it('does not wait for ever', async () => {
    await start({ head: () => new Promise(() => undefined) }, { timeoutSeconds: 0.05 });
    expect((await ask('HEAD')).status).toBe(504);
  });
});

describe('the listener', () => {
  it.each([
    '/',
    '/api/v1/health/ready',
    '/DataManagement/S3Gateway',
    `${secretPath}x`,
    `${secretPath}?x`,
    `${secretPath}/`,
    '/probe1',
    '//',
    '/%2e%2e/',
  ])('answers nothing at %s, and does not call it absent', async (path) => {
    await start();
    for (const method of ['GET', 'HEAD']) expect(await ask(method, path)).toMatchObject({ status: 403, body: '' });
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('refuses %s', async (method) => {
    await start();
    expect(await ask(method)).toMatchObject({ status: 405, body: '', headers: { allow: 'GET, HEAD' } });
  });

  it('refuses every link once links are not handed out any more', async () => {
    await start({}, { probe: () => undefined });
    expect((await ask('GET')).status).toBe(403);
  });

  it('says that it is busy instead of asking a store too much', async () => {
    let answer: (head: undefined) => void = () => undefined;
    const waiting = new Promise<undefined>((resolve) => (answer = resolve));
    await start({ head: () => waiting }, { maxRunning: 2 });
    const first = [ask('GET'), ask('GET')];
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await ask('GET')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    answer(undefined);
    for (const { status } of await Promise.all(first)) expect(status).toBe(404);
    expect((await ask('GET')).status).toBe(404);
  });

  it('does not take the body of one request for the next', async () => {
    await start();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const inner = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    socket.write(`GET ${secretPath} HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`);
    const answer = (await socket.toArray()).join('');
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toContain('Connection: close');
  });

  it('logs who asked for what, and never the link', async () => {
    await start();
    await ask('HEAD');
    await ask('GET', '/probe1.forgedpayload.forgedsignature');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log()).toEqual([
      expect.objectContaining({
        msg: 'probe',
        method: 'HEAD',
        status: 200,
        username: 'alice',
        group: 'vo_user',
        lfn: grant.lfn,
        storageElement: 'CERN-S3',
      }),
      expect.objectContaining({
        msg: 'probe',
        method: 'GET',
        status: 403,
        code: 'permission-denied',
        reason: 'the link is not one of this gateway',
      }),
    ]);
    expect(lines.join('')).not.toMatch(/probe1|eyJhbGljZSI|forged/);
  });
});
