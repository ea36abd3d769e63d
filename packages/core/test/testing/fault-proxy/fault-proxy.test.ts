import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startFaultProxy, type FaultProxy, type FaultProxyOptions, type ProxyEvent, type ProxyFault } from '../../../src/testing/index.js';

const body = Buffer.from('0123456789'.repeat(1000));

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

interface Seen {
  readonly line: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly complete: boolean;
}

describe('the fault proxy', () => {
  let store: Server;
  let proxy: FaultProxy;
  let seen: Seen[];
  let events: ProxyEvent[];
  let fault: ProxyFault | undefined;
  let refuseEarly: boolean;

  const start = async (options: Partial<FaultProxyOptions> = {}): Promise<void> => {
    proxy = await startFaultProxy({
      store: `http://127.0.0.1:${(store.address() as AddressInfo).port}`,
      plan: () => fault,
      onEvent: (event) => events.push(event),
      ...options,
    });
  };
  beforeEach(async () => {
    [seen, events, fault, refuseEarly] = [[], [], undefined, false];
    store = createServer((incoming, response) => {
      if (refuseEarly) return void response.writeHead(403, { connection: 'close' }).end('refused');
      const chunks: Buffer[] = [];
      const note = (): void => {
        const { method = '', url = '', rawHeaders, complete } = incoming;
        seen.push({ line: `${method} ${url}`, rawHeaders, body: Buffer.concat(chunks), complete });
      };
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).once('close', note);
      incoming.once('end', () => response.writeHead(200, { 'content-length': body.length, ETag: '"e"' }).end(body));
    });
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
    await start();
  });
  afterEach(async () => {
    await proxy.close();
    store.closeAllConnections();
    store.close();
  });

  interface Got {
    readonly status: number;
    readonly headers: IncomingMessage['headers'];
    readonly body: Buffer;
    /** Why the body ended before its end. */
    readonly lost?: string;
  }
  const send = (method: string, { path = '/b/k?X-Amz-Signature=secret', content = Buffer.alloc(0), headers = {} } = {}): Promise<Got> =>
    new Promise((resolve, reject) => {
      const length = method === 'PUT' || method === 'POST' ? { 'content-length': content.length } : {};
      const options = { host: '127.0.0.1', port: proxy.port, method, path, headers: { ...length, ...headers }, agent: false };
      const request = httpRequest(options, (message) => {
        const chunks: Buffer[] = [];
        const over = (lost?: string): void =>
          resolve({ status: message.statusCode ?? 0, headers: message.headers, body: Buffer.concat(chunks), ...(lost && { lost }) });
        message
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .once('end', () => over())
          .once('error', (error) => over((error as NodeJS.ErrnoException).code ?? 'lost'));
      });
      request.once('error', reject).end(content);
    });
  /** The event of the only request. */
  const event = async (): Promise<ProxyEvent> => {
    while (events.length === 0) await new Promise(setImmediate);
    expect(events).toHaveLength(1);
    return events[0]!;
  };

  test('passes path, Host and headers as they are, both bodies whole, and tells of neither query nor headers', async () => {
    const path = '/b/a/../b//%41?partNumber=3&uploadId=u&X-Amz-Signature=topsecret';
    const answer = await send('PUT', { path, content: body, headers: { 'X-Amz-Meta-Checksum': 'AbC' } });
    expect(answer).toMatchObject({ status: 200, body, headers: { etag: '"e"' } });
    expect(seen).toMatchObject([{ line: `PUT ${path}`, body, complete: true }]);
    const { rawHeaders } = seen[0]!;
    expect(rawHeaders[rawHeaders.findIndex((name) => /^host$/i.test(name)) + 1]).toBe(`127.0.0.1:${proxy.port}`);
    expect(rawHeaders[rawHeaders.indexOf('X-Amz-Meta-Checksum') + 1]).toBe('AbC');
    expect(await event()).toEqual({
      number: 1,
      method: 'PUT',
      path: '/b/a/../b//%41',
      partNumber: 3,
      status: 200,
      requestBytes: body.length,
      answerBytes: body.length,
    });
    expect(JSON.stringify(events)).not.toContain('topsecret');
  });

  test('keeps a connection to the client over many requests, HEAD and chunked bodies among them', async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    const answers: string[] = [];
    socket.setEncoding('latin1').on('data', (text: string) => answers.push(text));
    const statuses = (): number => answers.join('').split('HTTP/1.1 200').length - 1;
    socket.write('HEAD /b/1 HTTP/1.1\r\nHost: h\r\n\r\n');
    while (statuses() < 1) await new Promise(setImmediate);
    socket.write('PUT /b/2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n');
    while (statuses() < 2) await new Promise(setImmediate);
    socket.write('GET /b/3 HTTP/1.1\r\nHost: h\r\n\r\n');
    while (statuses() < 3) await new Promise(setImmediate);
    socket.destroy();
    expect(seen.map(({ line, body: bytes }) => [line, bytes.toString()])).toEqual([
      ['HEAD /b/1', ''],
      ['PUT /b/2', 'hello'],
      ['GET /b/3', ''],
    ]);
  });

  test.each([403, 429, 500, 503] as const)("answers %i in the store's stead", async (status) => {
    fault = { kind: 'answer', status };
    const answer = await send('PUT', { content: body });
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toContain('<Error><Code>');
    expect(await event()).toMatchObject({ status, fault, requestBytes: body.length });
    expect((await send('HEAD')).body).toHaveLength(0);
    expect(seen).toEqual([]);
  });

  test.each([
    ['reset', 0, 0],
    ['reset', 0.5, 5000],
    ['close', 0.9999, 9999],
    ['close', 0.25, 2500],
  ] as const)('cuts an answer (%s) at exactly its place %d', async (how, place, length) => {
    fault = { kind: 'cut-answer', place, how };
    const answer = await send('GET').catch((error: unknown) => ({ status: 200, body: Buffer.alloc(0), lost: codeOf(error) }));
    expect(answer).toMatchObject({ status: 200, lost: 'ECONNRESET' });
    // What was on its way may be lost with a reset, and only then.
    if (how === 'close') expect(answer.body).toEqual(body.subarray(0, length));
    else expect(body.subarray(0, length).subarray(0, answer.body.length)).toEqual(answer.body);
    expect(await event()).toMatchObject({ answerBytes: length, fault });
  });

  test.each(['reset', 'close'] as const)('cuts a request (%s) at its place: the store has part of the body and knows it', async (how) => {
    fault = { kind: 'cut-request', place: 0.5, how };
    await expect(send('PUT', { content: body })).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
    expect(await event()).toMatchObject({ requestBytes: 5000, answerBytes: 0, fault });
    expect(events[0]).not.toHaveProperty('status');
    while (seen.length === 0) await new Promise(setImmediate);
    expect(seen[0]!.complete).toBe(false);
    expect(seen[0]!.body.length).toBeLessThanOrEqual(5000);
  });

  test('loses an answer after the store did what it was asked to', async () => {
    fault = { kind: 'lose-answer' };
    await expect(send('PUT', { content: body })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(seen).toMatchObject([{ body, complete: true }]);
    expect(await event()).not.toHaveProperty('status');
  });

  test.each([0, 0.5, 0.99999])('changes one byte of a body, on the way in and on the way out, at %d', async (place) => {
    const at = Math.floor(place * body.length);
    const other = Buffer.from(body);
    other[at]! ^= 0x81;
    fault = { kind: 'corrupt-request', place, mask: 0x81 };
    expect((await send('PUT', { content: body })).body).toEqual(body);
    expect(seen[0]!.body).toEqual(other);
    fault = { kind: 'corrupt-answer', place, mask: 0x81 };
    expect(await send('GET')).toMatchObject({ status: 200, body: other });
  });

  test.each([true, false])('answers a completion with 200 and an error, done %p', async (done) => {
    fault = { kind: 'failed-complete', done };
    const answer = await send('POST', { path: '/b/k?uploadId=u', content: Buffer.from('<x/>') });
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toContain('<Code>InternalError</Code>');
    expect(seen.map(({ line }) => line)).toEqual(done ? ['POST /b/k?uploadId=u'] : []);
  });

  test.each([
    ['delay', 'GET'],
    ['trickle', 'GET'],
    ['trickle', 'PUT'],
  ] as const)('takes its time (%s of %s) and passes everything', async (kind, method) => {
    fault = { kind, milliseconds: 200 };
    const begin = performance.now();
    expect(await send(method, { content: method === 'PUT' ? body : Buffer.alloc(0) })).toMatchObject({ status: 200, body });
    expect(performance.now() - begin).toBeGreaterThan(150);
    expect(seen[0]!.complete).toBe(true);
  });

  test('lets no more pass than so many bytes per second', async () => {
    await proxy.close();
    await start({ bytesPerSecond: 50_000 });
    const begin = performance.now();
    await Promise.all([send('GET'), send('PUT', { content: body })]);
    // 30 000 bytes in all.
    expect(performance.now() - begin).toBeGreaterThan(500);
  });

  test('passes a refusal that comes before the body was read, and ends that connection', async () => {
    refuseEarly = true;
    const answer = await send('PUT', { content: Buffer.alloc(20_000_000) }).catch(codeOf);
    // A client that writes on while the answer comes may see the end of the connection first, as without a proxy.
    if (typeof answer === 'string') expect(answer).toMatch(/EPIPE|ECONNRESET/);
    else expect(answer).toMatchObject({ status: 403, headers: { connection: 'close' } });
  });

  test('shows a store that is gone as a connection that ends', async () => {
    store.closeAllConnections();
    await new Promise((resolve) => store.close(resolve));
    await expect(send('GET')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test("gives up the store's connection when the client is gone", async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.write(`PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nhello`);
    await once(store, 'request');
    socket.destroy();
    while (seen.length === 0) await new Promise(setImmediate);
    expect(seen[0]).toMatchObject({ complete: false });
  });
});
