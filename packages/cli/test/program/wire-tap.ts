import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy that keeps what goes through it, both ways. */
export class WireTap {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #seen: Buffer[] = [];
  /** That were opened until now. */
  connections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Before the server at this URL on loopback. */
  static async start(target: string): Promise<WireTap> {
    const port = Number(new URL(target).port);
    const server = createServer();
    const tap = new WireTap(server);
    server.on('connection', (client) => tap.#serve(client, connect(port, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return tap;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** All bytes as text, one character each. */
  get seen(): string {
    return Buffer.concat(this.#seen).toString('latin1');
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket, server: Socket): void {
    this.connections += 1;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes) => this.#seen.push(Buffer.from(bytes)));
      from.on('error', () => to.destroy());
      from.on('close', () => this.#sockets.delete(from));
      from.pipe(to);
    }
  }
}
