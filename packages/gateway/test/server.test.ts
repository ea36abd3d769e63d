import { Agent, createServer, get as httpGet, type IncomingMessage, type RequestListener } from 'node:http';
import { get as httpsGet } from 'node:https';
import { readFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { startServer } from '../src/server.js';
import { listenSettings, startTestGateway } from './support/gateway.js';
import { fakeServices } from './support/services.js';

/** A promise that is resolved from outside. */
function signal(): { readonly promise: Promise<void>; readonly raise: () => void } {
  let raise = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    raise = resolve;
  });
  return { promise, raise };
}

const bodyOf = async (message: IncomingMessage): Promise<string> => Buffer.concat(await message.toArray()).toString();
const portOf = (url: string): number => Number(new URL(url).port);

/** The code of the fault of a request, or its status. */
const outcomeOf = (url: string): Promise<string | number> =>
  fetch(url).then(
    ({ status }) => status,
    (fault: unknown) => String(((fault as Error).cause as { code?: string }).code),
  );

describe('stopping', () => {
  it('finishes what runs, refuses what is new, then is gone', async () => {
    const [started, finish] = [signal(), signal()];
    const services = fakeServices();
    const gateway = await startTestGateway({
      services: {
        ...services,
        presignUrls: async (command) => {
          started.raise();
          await finish.promise;
          return services.presignUrls(command);
        },
      },
    });
    const running = gateway.call('/presign', { body: { storageElement: 'CERN-S3', method: 'get_object', items: [{ lfn: '/vo/a' }] } });
    await started.promise;

    const stopped = gateway.server.stop();
    expect(await outcomeOf(gateway.server.url)).toBe('ECONNREFUSED');
    finish.raise();
    const response = await running;
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('close');
    expect(((await response.json()) as { successful: unknown[] }).successful).toHaveLength(1);
    expect(await stopped).toBe('drained');
    await gateway.close().catch(() => undefined);
  });

  it('does not wait for connections that are only kept open', async () => {
    const server = await startServer((_request, response) => response.end('ok'), listenSettings);
    const agent = new Agent({ keepAlive: true });
    const message = await new Promise<IncomingMessage>((resolve) => httpGet(server.url, { agent }, resolve));
    expect(await bodyOf(message)).toBe('ok');
    expect(await server.stop()).toBe('drained');
    agent.destroy();
  });

  it('closes a kept connection as soon as the answer on it is complete', async () => {
    const [started, finish] = [signal(), signal()];
    const server = await startServer((_request, response) => {
      response.write('first ');
      started.raise();
      void finish.promise.then(() => response.end('last'));
    }, listenSettings);
    const agent = new Agent({ keepAlive: true });
    const answer = new Promise<IncomingMessage>((resolve) => httpGet(server.url, { agent }, resolve));
    await started.promise;
    const stopped = server.stop();
    finish.raise();
    expect(await bodyOf(await answer)).toBe('first last');
    expect(await stopped).toBe('drained');
    agent.destroy();
  });

  it('cuts off what outlasts the shutdown timeout, and says so', async () => {
    const started = signal();
    const server = await startServer(() => started.raise(), { ...listenSettings, shutdownTimeoutSeconds: 0.05 });
    const request = outcomeOf(server.url);
    await started.promise;
    expect(await server.stop()).toBe('cut-off');
    expect(await request).toBe('UND_ERR_SOCKET');
  });
});

describe('listening', () => {
  it('says on which port, when the system chose it', async () => {
    const server = await startServer((_request, response) => response.end(), listenSettings);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(await outcomeOf(server.url)).toBe(200);
    await server.stop();
  });

  it('writes an IPv6 address as a URL wants it', async () => {
    const server = await startServer((_request, response) => response.end(), { ...listenSettings, host: '::1' }).catch(() => undefined);
    // Machines without IPv6 cannot listen there at all.
    if (server) {
      expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
      await server.stop();
    }
  });

  it('names host and port when they are taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startServer(() => undefined, { ...listenSettings, port })).rejects.toMatchObject({
      code: 'invalid-configuration',
      message: expect.stringMatching(new RegExp(`^cannot listen on 127\\.0\\.0\\.1 port ${port}: .*EADDRINUSE`)),
    });
    other.close();
  });
});

describe('limits of the connection', () => {
  it('closes a connection whose headers come too slowly', async () => {
    const server = await startServer((_request, response) => response.end(), { ...listenSettings, headersTimeoutSeconds: 0.2 });
    const socket = connect(portOf(server.url), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const answer = (await socket.toArray()).join('');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await server.stop();
  });

  it('closes a connection whose body comes too slowly', async () => {
    const listener: RequestListener = (request, response) => void request.resume().on('end', () => response.end());
    const server = await startServer(listener, { ...listenSettings, headersTimeoutSeconds: 0.2, requestTimeoutSeconds: 0.2 });
    const socket = connect(portOf(server.url), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    expect((await socket.toArray()).join('')).toMatch(/^HTTP\/1\.1 408 /);
    await server.stop();
  });

  it.each([
    ['headers of hostile size', `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na', 400],
    ['a length and chunks', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ])('refuses %s', async (_title, text, status) => {
    const server = await startServer((_request, response) => response.end('reached'), listenSettings);
    const socket = connect(portOf(server.url), '127.0.0.1');
    socket.write(text);
    const answer = (await socket.toArray()).join('');
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).not.toContain('reached');
    await server.stop();
  });
});

describe('https', () => {
  // Made for the tests, for 127.0.0.1; signs for itself.
  const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/tls/${name}`, import.meta.url));
  const tls = { certFile: fixture('cert.pem'), keyFile: fixture('key.pem') };

  it('is spoken when the settings name a certificate', async () => {
    const server = await startServer((_request, response) => response.end('sealed'), { ...listenSettings, tls });
    expect(server.url).toMatch(/^https:/);
    const ca = await readFile(tls.certFile);
    const message = await new Promise<IncomingMessage>((resolve, reject) => httpsGet(server.url, { ca }, resolve).on('error', reject));
    expect(await bodyOf(message)).toBe('sealed');
    await server.stop();
  });

  it('names the file that cannot be used', async () => {
    const absent = fixture('absent.pem');
    const start = (change: Partial<typeof tls>) => startServer(() => undefined, { ...listenSettings, tls: { ...tls, ...change } });
    await expect(start({ keyFile: absent })).rejects.toThrow(`the key file "${absent}" cannot be read`);
    await expect(start({ certFile: absent })).rejects.toThrow(`the certificate file "${absent}" cannot be read`);
    const nonsense = fixture('nonsense.pem');
    await expect(start({ certFile: nonsense })).rejects.toThrow(nonsense);
  });
});
