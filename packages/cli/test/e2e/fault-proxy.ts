import { createServer, type Server, type Socket } from 'node:net';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What the proxy does to the next connections; the signature survives, since nothing inside a request is changed. */
export type Fault =
  | { readonly kind: 'none' }
  /** Answers this status without asking the store. */
  | { readonly kind: 'status'; readonly status: number }
  /** Cuts both sides after so many bytes from the store (down) or from the client (up). */
  | { readonly kind: 'cut'; readonly direction: 'down' | 'up'; readonly afterBytes: number }
  /** Flips one bit of the byte at this offset of what the store sends. */
  | { readonly kind: 'corrupt'; readonly atByte: number };

/** A TCP proxy between a client and a server that can answer for the server, cut, and corrupt. */
export class FaultProxy {
  fault: Fault = { kind: 'none' };
  /** Called when bytes of a client were handed on. */
  afterRequest: () => void = () => undefined;
  /** Connections whose client has sent something and has got nothing since. */
  readonly waiting = new Set<Socket>();
  /** How often the server went away from a client that waited. */
  abandoned = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(storePort: number): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server);
    server.on('connection', (client) => proxy.#serve(client, storePort));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket, storePort: number): void {
    const { fault } = this;
    this.#track(client);
    if (fault.kind === 'status') {
      answer(client, fault.status);
      return;
    }
    const store = connect(storePort, '127.0.0.1');
    this.#track(store);
    const cut = (): void => {
      client.resetAndDestroy();
      store.destroy();
    };
    let up = 0;
    let down = 0;
    client.on('data', (chunk: Buffer) => {
      up += chunk.length;
      if (fault.kind === 'cut' && fault.direction === 'up' && up > fault.afterBytes) {
        cut();
        return;
      }
      this.waiting.add(client);
      if (!store.write(chunk)) client.pause();
      this.afterRequest();
    });
    store.on('drain', () => client.resume());
    store.on('data', (chunk: Buffer) => {
      this.waiting.delete(client);
      if (fault.kind === 'corrupt' && fault.atByte >= down && fault.atByte < down + chunk.length) chunk[fault.atByte - down]! ^= 1;
      down += chunk.length;
      if (fault.kind === 'cut' && fault.direction === 'down' && down > fault.afterBytes) {
        cut();
        return;
      }
      if (!client.write(chunk)) store.pause();
    });
    client.on('drain', () => store.resume());
    client.on('close', () => {
      this.waiting.delete(client);
      store.destroy();
    });
    store.on('close', () => {
      if (this.waiting.delete(client)) this.abandoned += 1;
      client.end();
    });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

function answer(client: Socket, status: number): void {
  client.once('data', () => {
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>InternalError</Code></Error>`;
    client.end(
      `HTTP/1.1 ${status} Fault\r\nContent-Type: application/xml\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
}
