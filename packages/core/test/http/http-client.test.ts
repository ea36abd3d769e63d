import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createHttpClient, type HttpClient, type HttpRequest } from '../../src/http/index.js';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** What becomes of a request, given the number of its connection and its own number on that. */
type Handler = (socket: Socket, place: { readonly connection: number; readonly request: number }) => void;

const answer = (socket: Socket, body = 'yes'): void =>
  void socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: keep-alive\r\n\r\n${body}`);

/** A server whose every request is handled by hand. It takes requests whose body is `q`, or that have none. */
async function serve(handle: Handler): Promise<{ url: string; requests: string[]; connections: () => number }> {
  let connections = 0;
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const connection = (connections += 1);
    let [request, text] = [0, ''];
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (!(text.startsWith('POST') ? text.endsWith('\r\n\r\nq') : text.endsWith('\r\n\r\n'))) return;
      requests.push(text);
      text = '';
      handle(socket, { connection, request: (request += 1) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, requests, connections: () => connections };
}

function newClient(options: { idleTimeoutSeconds?: number } = {}): HttpClient {
  const client = createHttpClient({ unavailable: 'gateway-unavailable', ...options });
  closing.push(() => client.close());
  return client;
}

const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({ method: 'GET', url, headers: {}, ...more });
const post = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  ...{ method: 'POST', url, headers: { 'content-length': '1' }, body: (to) => to.write(Buffer.from('q')) },
  ...more,
});
const textOf = async (client: HttpClient, request: HttpRequest): Promise<string> =>
  (await (await client.send(request)).start(100)).toString('latin1');

/** As a server that closes an idle connection while the next request is on its way: it reads nothing and says nothing. */
const closesKept: Handler = (socket, { connection, request }) => {
  if (connection === 1 && request === 2) socket.destroy();
  else answer(socket);
};

describe('a connection that was kept and is closed when it is used again', () => {
  test.each([
    ['GET', get],
    ['POST with its body', post],
  ])('does not fail a repeatable %s: that goes once more, by a new one', async (_, requestOf) => {
    const { url, requests, connections } = await serve(closesKept);
    const client = newClient();
    expect(await textOf(client, requestOf(url, { repeatable: true }))).toBe('yes');
    expect(await textOf(client, requestOf(url, { repeatable: true }))).toBe('yes');
    expect([requests.length, connections()]).toEqual([3, 2]);
  });

  test('fails a request that must not be done twice', async () => {
    const { url, requests } = await serve(closesKept);
    const client = newClient();
    expect(await textOf(client, post(url))).toBe('yes');
    await expect(client.send(post(url))).rejects.toMatchObject({ code: 'gateway-unavailable', nothingSent: false });
    expect(requests).toHaveLength(2);
  });

  test('is not made up for a second time: the new one has the last word', async () => {
    const { url, requests } = await serve((socket, { request, connection }) =>
      connection === 1 && request === 1 ? answer(socket) : socket.destroy(),
    );
    const client = newClient();
    expect(await textOf(client, get(url, { repeatable: true }))).toBe('yes');
    await expect(client.send(get(url, { repeatable: true }))).rejects.toMatchObject({ code: 'gateway-unavailable' });
    expect(requests).toHaveLength(3);
  });
});

describe('a repeatable request is sent once', () => {
  test('when its own new connection is closed', async () => {
    const { url, requests } = await serve((socket) => void socket.destroy());
    await expect(newClient().send(get(url, { repeatable: true }))).rejects.toMatchObject({ code: 'gateway-unavailable' });
    expect(requests).toHaveLength(1);
  });

  test('when the connection is lost after the answer began', async () => {
    const { url, requests } = await serve((socket, { request }) => {
      if (request === 1) answer(socket);
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', () => socket.destroy());
    });
    const client = newClient();
    expect(await textOf(client, get(url, { repeatable: true }))).toBe('yes');
    await expect(textOf(client, get(url, { repeatable: true }))).rejects.toMatchObject({ code: 'gateway-unavailable' });
    expect(requests).toHaveLength(2);
  });

  test('when the server is silent', async () => {
    const { url, requests } = await serve((socket, { request }) => (request === 1 ? answer(socket) : undefined));
    const client = newClient({ idleTimeoutSeconds: 0.2 });
    expect(await textOf(client, get(url, { repeatable: true }))).toBe('yes');
    await expect(client.send(get(url, { repeatable: true }))).rejects.toMatchObject({ code: 'timeout' });
    expect(requests).toHaveLength(2);
  });

  test('when nobody wants its answer any more', async () => {
    const abort = new AbortController();
    const { url, requests } = await serve((socket, { request }) => (request === 1 ? answer(socket) : abort.abort()));
    const client = newClient();
    expect(await textOf(client, get(url, { repeatable: true }))).toBe('yes');
    await expect(client.send(get(url, { repeatable: true, signal: abort.signal }))).rejects.toMatchObject({ name: 'AbortError' });
    expect(requests).toHaveLength(2);
  });
});
