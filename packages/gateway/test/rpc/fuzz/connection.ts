import { connect, type Socket } from 'node:net';
import type { FuzzedRequest } from './bodies.js';

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** A connection that is kept, as proxies keep theirs: what one request leaves behind would become the next one's trouble. */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async ask(request: FuzzedRequest, token: string): Promise<RawAnswer> {
    const socket = (this.#socket ??= connect({ port: this.#port, host: '127.0.0.1', noDelay: true }));
    const head = [
      `${request.verb} ${request.path} HTTP/1.1`,
      'Host: gateway',
      `Content-Length: ${request.body.length}`,
      ...(token === '' ? [] : [`Authorization: Bearer ${token}`]),
      ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), request.body]));
    return this.#answer(socket);
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #answer(socket: Socket): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      let text = '';
      const done = (outcome: () => void): void => {
        clearTimeout(timer);
        socket.removeAllListeners();
        outcome();
      };
      const fail = (reason: string): void => {
        done(() => reject(new Error(reason)));
        this.close();
      };
      const timer = setTimeout(() => fail('no answer within ten seconds'), 10_000);
      socket.on('error', (error) => fail(String(error)));
      socket.on('end', () => fail(`the connection ended after ${JSON.stringify(text.slice(0, 200))}`));
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        const end = text.indexOf('\r\n\r\n');
        if (end === -1) return;
        const head = text.slice(0, end);
        const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
        const chunked = /^transfer-encoding: chunked$/im.test(head);
        if (chunked ? !text.endsWith('0\r\n\r\n') : text.length < end + 4 + length) return;
        if (/^connection: close$/im.test(head)) this.close();
        done(() => resolve({ status: Number(head.slice(9, 12)), body: text.slice(end + 4) }));
      });
    });
  }
}
