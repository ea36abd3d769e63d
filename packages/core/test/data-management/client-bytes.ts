import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Bytes that connections this process opens carry, both ways together: what passes through a client. */
export class ClientBytes {
  readonly #sockets = new Set<Socket>();
  #before = 0;
  readonly #note = (message: unknown): void => void this.#sockets.add((message as { socket: Socket }).socket);

  constructor() {
    subscribe('net.client.socket', this.#note);
  }

  /** Counts from now on. */
  reset(): void {
    this.#before = this.#total();
  }

  get count(): number {
    return this.#total() - this.#before;
  }

  stop(): void {
    unsubscribe('net.client.socket', this.#note);
  }

  #total(): number {
    return [...this.#sockets].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0);
  }
}
