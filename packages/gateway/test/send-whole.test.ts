import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from '@jest/globals';
import { sendWhole } from '../src/send-whole.js';
import { startServer } from '../src/server.js';
import { listenSettings } from './support/gateway.js';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/tls/${name}`, import.meta.url));
const bodyOf = (length: number): Buffer => Buffer.from('abcdefghij'.repeat(Math.ceil(length / 10))).subarray(0, length);

/** Asks many times over one connection, each time as soon as it has the whole answer, with more than one TLS record. */
const eagerClient = `
  const { request, Agent } = require('node:https');
  const { parentPort, workerData: { port, ca, times } } = require('node:worker_threads');
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca });
  const body = Buffer.alloc(40_000, 'q');
  const ask = () => new Promise((resolve, reject) => {
    request({ agent, host: '127.0.0.1', port, method: 'POST', headers: { 'content-length': body.length } }, (response) => {
      let length = 0;
      response.on('data', (chunk) => (length += chunk.length)).on('end', () => resolve(length)).on('error', reject);
    }).on('error', reject).end(body);
  });
  (async () => {
    const answers = [];
    for (let n = 0; n < times; n += 1) answers.push(await ask().catch((error) => error.code));
    parentPort.postMessage(answers);
  })();`;

describe('a whole answer', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  const serve = async (answer: (response: ServerResponse) => void): Promise<number> => {
    server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };

  it.each([0, 1, 8191, 8192, 16_384, 300_000])('of %d bytes arrives, with its length', async (length) => {
    const port = await serve((response) => sendWhole(response, bodyOf(length)));
    const answer = await fetch(`http://127.0.0.1:${port}`);
    expect(answer.headers.get('content-length')).toBe(String(length));
    expect(Buffer.from(await answer.arrayBuffer()).equals(bodyOf(length))).toBe(true);
  });

  it.each([10, 100_000])('of %d bytes is a head alone when only that is asked for', async (length) => {
    const port = await serve((response) => sendWhole(response, bodyOf(length)));
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'HEAD' });
    expect([answer.headers.get('content-length'), await answer.text()]).toEqual([String(length), '']);
  });

  it('is not at its end while a client that does not read holds it up', async () => {
    const body = bodyOf(64 << 20);
    const served: ServerResponse[] = [];
    const port = await serve((response) => {
      served.push(response);
      sendWhole(response, body);
    });
    const asked = request({ host: '127.0.0.1', port }).end();
    const [message] = (await once(asked, 'response')) as [IncomingMessage];
    expect(served[0]?.writableEnded).toBe(false);
    let length = 0;
    for await (const chunk of message) length += (chunk as Buffer).length;
    expect(length).toBe(body.length);
    expect(served[0]?.writableEnded).toBe(true);
  });

  it('leaves the connection usable for a client that asks again at once, over TLS', async () => {
    const body = bodyOf(500_000);
    const tls = { certFile: fixture('cert.pem'), keyFile: fixture('key.pem') };
    const running = await startServer(
      (message, response) => {
        const answer = (): void => {
          sendWhole(response, body);
          // What the gateway may be doing for others when the client has read its answer.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
        };
        message.resume().once('end', () => setTimeout(answer, 1));
      },
      { ...listenSettings, tls },
    );
    const { port } = new URL(running.url);
    const client = new Worker(eagerClient, { eval: true, workerData: { port, ca: await readFile(tls.certFile, 'utf8'), times: 50 } });
    try {
      const [answers] = (await once(client, 'message')) as [unknown[]];
      expect(answers).toEqual(Array.from({ length: 50 }, () => body.length));
    } finally {
      await client.terminate();
      await running.stop();
    }
  });
});
