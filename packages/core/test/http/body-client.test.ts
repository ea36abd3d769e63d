import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createBodyClient, UnfamiliarAnswer, type BodyClient, type BodyTaker } from '../../src/http/index.js';

const mebibyte = 1024 * 1024;
const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A server whose every connection is handled by hand; gives its port and the number of connections so far. */
async function listen(answer: (socket: Socket, request: string) => void): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => answer(socket, data.toString('latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

function clientOf(options: { idleTimeoutSeconds?: number; connectTimeoutSeconds?: number } = {}): BodyClient {
  const client = createBodyClient({ unavailable: 'storage-unavailable', ...options });
  closing.push(() => client.close());
  return client;
}

/** Takes bytes after a moment, so that an early reuse of their memory would show. */
function collector(wait = 1): BodyTaker & { readonly bytes: () => Buffer; readonly pieces: Buffer[] } {
  const pieces: Buffer[] = [];
  const places: Promise<void>[] = [];
  return {
    begin: () => undefined,
    take: (bytes) => {
      const place = pieces.push(Buffer.alloc(0)) - 1;
      const taken = sleep(wait).then(() => void (pieces[place] = Buffer.from(bytes)));
      places.push(taken);
      return taken;
    },
    bytes: () => Buffer.concat(pieces),
    pieces,
  };
}

const head = (length: number, more = ''): string => `HTTP/1.1 206 Partial Content\r\nContent-Length: ${length}\r\n${more}\r\n`;
const urlOf = (port: number, path = '/bucket/x?y=%2F'): string => `http://127.0.0.1:${port}${path}`;

describe('a body client', () => {
  test('asks with the path and headers as they are, and gets the bytes in order, by one connection', async () => {
    const body = randomBytes(5 * mebibyte + 17);
    const asked: string[] = [];
    const { port, connections } = await listen((socket, request) => {
      asked.push(request);
      socket.write(head(body.length));
      socket.write(body);
    });
    const client = clientOf();
    for (let round = 0; round < 3; round += 1) {
      const taker = collector();
      await client.send({ url: urlOf(port), headers: { range: 'bytes=0-1' } }, taker);
      expect(taker.bytes().equals(body)).toBe(true);
      expect(taker.pieces.length).toBeLessThan(40);
    }
    expect(connections()).toBe(1);
    expect(asked[0]).toBe(`GET /bucket/x?y=%2F HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nrange: bytes=0-1\r\nconnection: keep-alive\r\n\r\n`);
  });

  test('reads the same, however the answer is cut', async () => {
    const body = randomBytes(3000);
    const whole = Buffer.concat([Buffer.from(head(body.length)), body]);
    const { port } = await listen((socket, request) => {
      const step = Number(/x-step: (\d+)/.exec(request)?.[1]);
      void (async () => {
        socket.setNoDelay(true);
        for (let at = 0; at < whole.length; at += step) {
          socket.write(whole.subarray(at, at + step));
          await sleep(0);
        }
      })();
    });
    const client = clientOf();
    for (const step of [7, 61, 62, 64, 1000, 3062]) {
      const taker = collector();
      await client.send({ url: urlOf(port), headers: { 'x-step': String(step) } }, taker);
      expect(taker.bytes().equals(body)).toBe(true);
    }
  });

  test('does not read on while both buffers are being taken', async () => {
    const body = Buffer.alloc(64 * mebibyte, 7);
    let sent = 0;
    const { port } = await listen((socket) => {
      socket.write(head(body.length));
      const more = (): void => {
        while (sent < body.length) {
          sent += mebibyte;
          if (!socket.write(body.subarray(sent - mebibyte, sent))) return void socket.once('drain', more);
        }
      };
      more();
    });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let taken = 0;
    const got = clientOf().send(
      { url: urlOf(port), headers: {} },
      { begin: () => undefined, take: (bytes) => ((taken += bytes.length), held) },
    );
    await sleep(500);
    expect(taken).toBeLessThanOrEqual(mebibyte);
    // The rest is in the buffers of the system.
    expect(sent).toBeLessThan(40 * mebibyte);
    release();
    await got;
    expect(taken).toBe(body.length);
  });

  test('takes a slow taker for no silence of the server', async () => {
    const body = Buffer.alloc(4 * mebibyte);
    const { port } = await listen((socket) => void socket.write(Buffer.concat([Buffer.from(head(body.length)), body])));
    const taker = collector(700);
    await clientOf({ idleTimeoutSeconds: 0.5 }).send({ url: urlOf(port), headers: {} }, taker);
    expect(taker.bytes().length).toBe(body.length);
  });

  test.each([
    [
      'is reset in the body',
      (socket: Socket) => void socket.write(`${head(100)}some`, () => socket.resetAndDestroy()),
      'storage-unavailable',
      /was lost/,
    ],
    ['ends in the body', (socket: Socket) => void socket.end(`${head(100)}some`), 'storage-unavailable', /was lost/],
    ['ends in the head', (socket: Socket) => void socket.end('HTTP/1.1 206'), 'storage-unavailable', /was lost/],
    ['says nothing', () => undefined, 'timeout', /nothing came from 127.0.0.1 for 0.3 seconds/],
    ['stops in the body', (socket: Socket) => void socket.write(`${head(100)}some`), 'timeout', /nothing came/],
  ])('says so when the connection %s', async (_, answer, code, message) => {
    const { port } = await listen(answer);
    const got = clientOf({ idleTimeoutSeconds: 0.3 }).send({ url: urlOf(port), headers: {} }, collector());
    await expect(got).rejects.toMatchObject({ code });
    await expect(got).rejects.toThrow(message);
  });

  test('says that nothing was sent when nobody listens', async () => {
    const { port } = await listen(() => undefined);
    closing.splice(0).forEach((close) => close());
    await expect(clientOf().send({ url: urlOf(port), headers: {} }, collector())).rejects.toMatchObject({
      code: 'storage-unavailable',
      nothingSent: true,
    });
  });

  test.each([
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['more bytes than announced', `${head(5)}hello, and more`],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ])('leaves an answer with %s to others, and its connection with it', async (_, answer) => {
    const { port, connections } = await listen((socket) => void socket.write(answer));
    const client = clientOf();
    const taker = collector();
    await expect(client.send({ url: urlOf(port), headers: {} }, taker)).rejects.toMatchObject({ unsent: false });
    // All that comes after it goes to them at once.
    const later = client.send({ url: urlOf(port), headers: {} }, taker);
    await expect(later).rejects.toBeInstanceOf(UnfamiliarAnswer);
    await expect(later).rejects.toMatchObject({ unsent: true });
    expect(connections()).toBe(1);
    expect(taker.pieces).toHaveLength(0);
  });

  test('bytes that come after an answer end the connection, and are no answer to the next question', async () => {
    const { port, connections } = await listen((socket) => {
      socket.write(`${head(5)}hello`);
      setTimeout(() => socket.write(`${head(5)}wrong`), 50);
    });
    const client = clientOf();
    for (let round = 1; round <= 2; round += 1) {
      const taker = collector();
      await client.send({ url: urlOf(port), headers: {} }, taker);
      expect(taker.bytes().toString()).toBe('hello');
      await sleep(150);
    }
    expect(connections()).toBe(2);
  });

  test('uses no connection again shortly before the server closes it', async () => {
    const { port, connections } = await listen((socket) => void socket.write(`${head(5, 'Keep-Alive: timeout=1\r\n')}hello`));
    const client = clientOf();
    for (let round = 1; round <= 2; round += 1) {
      await client.send({ url: urlOf(port), headers: {} }, collector());
      await sleep(100);
    }
    expect(connections()).toBe(2);
  });

  test('uses no connection again that the server wants to close', async () => {
    const { port, connections } = await listen((socket) => void socket.write(`${head(5, 'Connection: close\r\n')}hello`));
    const client = clientOf();
    for (let round = 1; round <= 2; round += 1) {
      const taker = collector();
      await client.send({ url: urlOf(port), headers: {} }, taker);
      expect(taker.bytes().toString()).toBe('hello');
    }
    expect(connections()).toBe(2);
  });

  test('a body without a byte is one', async () => {
    const { port } = await listen((socket) => void socket.write(head(0)));
    const taker = collector();
    await clientOf().send({ url: urlOf(port), headers: {} }, taker);
    expect(taker.pieces).toHaveLength(0);
  });

  test('what the taker throws ends the request, after all that was being taken', async () => {
    const body = Buffer.alloc(4 * mebibyte);
    const { port, connections } = await listen((socket) => void socket.write(Buffer.concat([Buffer.from(head(body.length)), body])));
    const client = clientOf();
    let under = 0;
    const failing: BodyTaker = {
      begin: () => undefined,
      take: async () => {
        const turn = (under += 1);
        await sleep(turn === 1 ? 200 : 10);
        under -= 1;
        if (turn === 2) throw new Error('the disk is full');
      },
    };
    await expect(client.send({ url: urlOf(port), headers: {} }, failing)).rejects.toThrow('the disk is full');
    expect(under).toBe(0);
    const refusing: BodyTaker = {
      ...failing,
      begin: () => {
        throw new Error('another object');
      },
    };
    await expect(client.send({ url: urlOf(port), headers: {} }, refusing)).rejects.toThrow('another object');
    expect(connections()).toBe(2);
  });

  test('an aborted signal ends it with its reason, before and in the middle', async () => {
    const { port, connections } = await listen((socket) => void socket.write(`${head(100)}some`));
    const controller = new AbortController();
    const client = clientOf();
    const got = client.send({ url: urlOf(port), headers: {}, signal: controller.signal }, collector());
    setTimeout(() => controller.abort(), 50);
    await expect(got).rejects.toMatchObject({ name: 'AbortError' });
    await expect(client.send({ url: urlOf(port), headers: {}, signal: controller.signal }, collector())).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(connections()).toBe(1);
  });

  test('sends no header that would be two', async () => {
    const { port, connections } = await listen(() => undefined);
    const got = clientOf().send({ url: urlOf(port), headers: { 'x-a': 'b\r\nx-c: d' } }, collector());
    await expect(got).rejects.toBeInstanceOf(UnfamiliarAnswer);
    expect(connections()).toBe(0);
  });

  test('over TLS, a certificate nobody trusts is refused before anything is asked', async () => {
    const asked: string[] = [];
    const { port } = await listen((_, request) => asked.push(request));
    const server = createTlsServer({}, (socket) => socket.on('data', (data) => asked.push(data.toString())));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const { port: tlsPort } = server.address() as AddressInfo;
    for (const one of [tlsPort, port]) {
      const got = clientOf({ connectTimeoutSeconds: 0.5 }).send({ url: `https://127.0.0.1:${one}/bucket/x`, headers: {} }, collector());
      await expect(got).rejects.toMatchObject({ nothingSent: true });
    }
    expect(asked.join('')).not.toContain('GET');
  });
});
