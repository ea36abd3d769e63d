import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBodyClient, createHttpClient, withShortRequests, type HttpClient } from '../../src/http/index.js';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

interface Place {
  readonly url: string;
  /** Requests as they came, whole. */
  readonly seen: string[];
  readonly connections: () => number;
  readonly client: HttpClient;
}

/** A server that answers each whole request by hand, and the client. */
async function listen(answer: (request: string) => string | Buffer): Promise<Place> {
  const seen: string[] = [];
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const [head = ''] = text.split('\r\n\r\n', 1);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (text.length < head.length + 4 + length) return;
      seen.push(text);
      const reply = answer(text);
      text = '';
      socket.write(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bodies = createBodyClient({ unavailable: 'storage-unavailable', idleTimeoutSeconds: 5 });
  const client = withShortRequests(createHttpClient({ unavailable: 'storage-unavailable' }), bodies, 'storage-unavailable');
  closing.push(() => {
    client.close();
    bodies.close();
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/x?y=1`,
    seen,
    connections: () => connections,
    client,
  };
}

const post = (url: string, text: string): Parameters<HttpClient['send']>[0] => ({
  method: 'POST',
  url,
  headers: { 'content-length': String(text.length) },
  pieces: [Buffer.from(text.slice(0, 3)), Buffer.from(text.slice(3))],
});
const chunked = (status: string, text: string): string =>
  `HTTP/1.1 ${status}\r\nTransfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;

describe('short requests', () => {
  test('go one after the other by one connection, whatever their answers hold', async () => {
    const answers: Record<string, string> = {
      HEAD: 'HTTP/1.1 404 Not Found\r\nContent-Length: 235\r\nX-A: b\r\n\r\n',
      POST: 'HTTP/1.1 204 No Content\r\n\r\n',
      PUT: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nwrong',
      DELETE: 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    };
    const { client, url, seen, connections } = await listen((request) => answers[request.split(' ')[0] ?? ''] ?? '');
    for (let round = 0; round < 3; round += 1) {
      const head = await client.send({ method: 'HEAD', url, headers: {} });
      expect([head.status, head.headers['content-length'], head.headers['x-a']]).toEqual([404, '235', 'b']);
      await head.discard();
      expect((await client.send(post(url, 'a form'))).status).toBe(204);
      const refused = await client.send({ ...post(url, 'bytes'), method: 'PUT' });
      expect([refused.status, String(await refused.start(3))]).toEqual([403, 'wro']);
      expect((await client.send({ method: 'DELETE', url, headers: {} })).status).toBe(204);
    }
    expect(connections()).toBe(1);
    expect(seen.filter((request) => request.endsWith('\r\n\r\na form'))).toHaveLength(3);
  });

  test('hold bodies as long as they are', async () => {
    const text = 'x'.repeat(3_000_000);
    const { client, url, seen } = await listen(() => 'HTTP/1.1 204 No Content\r\n\r\n');
    for (let round = 0; round < 3; round += 1) expect((await client.send(post(url, text))).status).toBe(204);
    expect(seen.every((request) => request.endsWith(`\r\n\r\n${text}`))).toBe(true);
  });

  test('to which nothing follows are answered in spite of headers that announce chunks', async () => {
    const { client, url, seen } = await listen(() => 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let round = 0; round < 2; round += 1) expect((await client.send({ method: 'HEAD', url, headers: {} })).status).toBe(404);
    expect(seen.every((request) => request.includes('\r\nconnection: keep-alive\r\n'))).toBe(true);
    expect(seen).toHaveLength(2);
  });

  test('that were refused in chunks go again by the ordinary client, and all later ones', async () => {
    const { client, url, seen } = await listen(() => chunked('403 Forbidden', 'a reason'));
    const answer = await client.send(post(url, 'a form'));
    expect([answer.status, String(await answer.start(100))]).toEqual([403, 'a reason']);
    expect(seen).toHaveLength(2);
    await (await client.send(post(url, 'a form'))).discard();
    expect(seen).toHaveLength(3);
  });

  test('that were done go once, whatever is in the answer', async () => {
    const { client, url, seen } = await listen(() => chunked('200 OK', 'done'));
    const answer = await client.send(post(url, 'a form'));
    expect(answer.status).toBe(200);
    await answer.discard();
    expect(seen).toHaveLength(1);
  });

  test('that failed in chunks go once: what the store did is not known', async () => {
    const { client, url, seen } = await listen(() => chunked('503 Slow Down', 'a reason'));
    expect((await client.send(post(url, 'a form'))).status).toBe(503);
    expect(seen).toHaveLength(1);
  });

  test('with a line twice in the answer are asked again, for all of its headers', async () => {
    const { client, url, seen } = await listen(() => 'HTTP/1.1 200 OK\r\nVary: a\r\nVary: b\r\nContent-Length: 5\r\n\r\n');
    for (let round = 0; round < 2; round += 1) {
      const answer = await client.send({ method: 'HEAD', url, headers: {} });
      expect([answer.status, answer.headers['content-length']]).toEqual([200, '5']);
      await answer.discard();
    }
    expect(seen).toHaveLength(3);
  });

  test('with a long answer keep its status', async () => {
    const { client, url } = await listen(() => `HTTP/1.1 413 Too Large\r\nContent-Length: 20000\r\n\r\n${'x'.repeat(20_000)}`);
    const answer = await client.send(post(url, 'a form'));
    expect(answer.status).toBe(413);
    await answer.discard();
  });

  test('that fit into no line are left to the ordinary client, as those after them are not', async () => {
    const { client, url, seen } = await listen(() => 'HTTP/1.1 204 No Content\r\n\r\n');
    await (await client.send({ ...post(url, 'a form'), headers: { 'content-length': '6', 'x-a': 'caf\u00e9' } })).discard();
    await (await client.send(post(url, 'a form'))).discard();
    expect(seen.map((request) => request.includes('\r\nconnection: keep-alive\r\n'))).toEqual([false, true]);
  });

  test('of which nobody knows whether they were done fail, and those that can be repeated are', async () => {
    const { client, url, seen } = await listen((request) =>
      request.startsWith('POST') ? 'HTTP/1.0 200 OK\r\n\r\n' : 'HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n',
    );
    await expect(client.send(post(url, 'a form'))).rejects.toMatchObject({ code: 'storage-unavailable', nothingSent: false });
    expect(seen).toHaveLength(1);
    const other = await listen(() => 'HTTP/1.1 200 OK\r\nX: a\r\nX: b\r\nContent-Length: 0\r\n\r\n');
    expect((await other.client.send({ method: 'DELETE', url: other.url, headers: {} })).status).toBe(200);
  });
});
