import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { systemCodeOf } from './connection-fault.js';
import type { UrlParts } from './cut-url.js';
import { parseResponseHead, UnfamiliarAnswer, type ResponseHead } from './response-head.js';

/** What becomes of an answer. */
export interface BodyTaker {
  /** Looks at the head; what it throws ends the request. */
  begin(head: ResponseHead): void;
  /** The next bytes of the body, in order; their memory is used again when the promise has resolved. Two may be under way at a time. */
  take(bytes: Buffer): Promise<void>;
}

export interface BodyConnectionOptions {
  readonly secureContext: SecureContext | undefined;
  readonly idleMilliseconds: number;
  readonly connectMilliseconds: number;
  /** The connection has ended. */
  readonly onClose: (connection: BodyConnection) => void;
}

/** The connection ended: with the code of a system or TLS error, or because nothing came. */
export class LostConnection extends Error {
  readonly code: string;

  constructor(code: string, cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

interface Fault {
  readonly thrown: Error;
}

/** As it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Request line and headers. */
  readonly head: string;
  /** The body. */
  readonly pieces: readonly Uint8Array[];
}

interface Exchange {
  readonly method: string;
  readonly taker: BodyTaker;
  readonly settle: (fault: Fault | undefined) => void;
  head: ResponseHead | undefined;
  /** The first one. */
  fault: Fault | undefined;
  /** Bytes of the body that were not given away yet. */
  left: number;
}

const bufferBytes = 256 * 1024;

/**
 * A connection that reads into two buffers in turn: while one is being taken, the other one fills. Node's streams allocate a buffer per read
 * and hand it through several layers, which costs more than all the rest of a download.
 */
export class BodyConnection {
  readonly #socket: Socket;
  readonly #options: BodyConnectionOptions;
  /** A body that fits into the first never needs the second. */
  readonly #buffers: [Buffer, Buffer | undefined] = [Buffer.allocUnsafeSlow(bufferBytes), undefined];
  /** What is under way with each buffer. */
  readonly #taking: [Promise<void> | undefined, Promise<void> | undefined] = [undefined, undefined];
  /** The buffer that fills, and the place of its bytes that were not given away. */
  #turn: 0 | 1 = 0;
  #from = 0;
  #filled = 0;
  #exchange: Exchange | undefined;
  #restMilliseconds = 0;
  /** The other end was reached. */
  connected = false;

  constructor(place: UrlParts, options: BodyConnectionOptions) {
    this.#options = options;
    const onread: OnReadOpts = { buffer: () => this.#room(), callback: (count) => this.#read(count) };
    const { hostname: host, port, secure } = place;
    const tls = { ...(isIP(host) === 0 && { servername: host }), ...(options.secureContext && { secureContext: options.secureContext }) };
    // The types of `tls.connect` do not know `onread`, which it hands to the socket below (Node.js documentation, net.Socket.connect).
    const socket = secure ? connectTls({ host, port, ...tls, ...{ onread } }) : connectTcp({ host, port, onread });
    this.#socket = socket;
    socket.setNoDelay(true);
    const slow = setTimeout(() => this.destroy(new LostConnection('ETIMEDOUT')), options.connectMilliseconds);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(slow);
      this.connected = true;
      socket.setTimeout(options.idleMilliseconds);
    });
    // While both buffers are being taken, the silence is ours.
    socket.on('timeout', () => {
      if (this.#taking[this.#turn] === undefined) this.destroy(new LostConnection('silence'));
    });
    socket.on('error', (error: Error) => this.#end({ thrown: new LostConnection(systemCodeOf(error), error) }));
    socket.once('close', () => {
      clearTimeout(slow);
      this.#end({ thrown: new LostConnection('closed') });
      options.onClose(this);
    });
  }

  /** Sends a request, and resolves when its whole body was taken. One at a time. True when the connection can be used again. */
  exchange({ method, head, pieces }: WireRequest, taker: BodyTaker): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const socket = this.#socket;
      // Whoever answers before he has all of the request still waits for the rest of it.
      const settle: Exchange['settle'] = (fault) =>
        fault === undefined ? resolve(!socket.destroyed && socket.writableLength === 0) : reject(fault.thrown);
      this.#exchange = { method, taker, settle, head: undefined, fault: undefined, left: 0 };
      socket.ref();
      socket.setTimeout(this.#options.idleMilliseconds);
      socket.cork();
      socket.write(head, 'latin1');
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    });
  }

  /** Waits for the next exchange, or the end of the process; not until the server would close it, just when it is used again. */
  rest(): void {
    this.#socket.setTimeout(this.#restMilliseconds);
    this.#socket.unref();
  }

  /** Ends it, with what the exchange under way fails with. */
  destroy(thrown: unknown = new LostConnection('closed')): void {
    this.#end({ thrown: thrown as Error });
    this.#socket.destroy();
  }

  #room(): Buffer {
    const buffer = (this.#buffers[this.#turn] ??= Buffer.allocUnsafeSlow(bufferBytes));
    return buffer.subarray(this.#filled);
  }

  /** False: nothing more is read until a buffer is free. */
  #read(count: number): boolean {
    const exchange = this.#exchange;
    try {
      if (exchange === undefined) throw new UnfamiliarAnswer('nobody asked');
      this.#filled += count;
      if (exchange.head === undefined && !this.#begin(exchange)) return true;
      return this.#pass(exchange);
    } catch (thrown) {
      this.destroy(thrown);
      return false;
    }
  }

  /** False while the head is not complete. */
  #begin(exchange: Exchange): boolean {
    const parsed = parseResponseHead(this.#buffers[this.#turn]!.subarray(0, this.#filled), exchange.method);
    if (parsed === undefined) return false;
    exchange.taker.begin(parsed.head);
    exchange.head = parsed.head;
    this.#restMilliseconds = restMillisecondsOf(parsed.head, this.#options.idleMilliseconds);
    exchange.left = parsed.head.contentLength;
    this.#from = parsed.length;
    return true;
  }

  #pass(exchange: Exchange): boolean {
    const there = this.#filled - this.#from;
    if (there > exchange.left) throw new UnfamiliarAnswer('more than the length of the body', { status: exchange.head?.status });
    if (there < exchange.left && this.#filled < bufferBytes) return true;
    exchange.left -= there;
    this.#give(exchange, this.#buffers[this.#turn]!.subarray(this.#from, this.#filled));
    if (exchange.left === 0) {
      this.#end(undefined);
      return true;
    }
    return this.#taking[this.#turn] === undefined;
  }

  #give(exchange: Exchange, bytes: Buffer): void {
    const given = this.#turn;
    // Now, and not when the next answer is awaited: the room for it is asked for as soon as this one was read.
    [this.#from, this.#filled] = [0, 0];
    if (bytes.length === 0) return;
    this.#turn = given === 0 ? 1 : 0;
    this.#taking[given] = exchange.taker.take(bytes).then(
      () => {
        this.#taking[given] = undefined;
        if (given !== this.#turn || this.#exchange !== exchange) return;
        // It was waited for.
        this.#socket.setTimeout(this.#options.idleMilliseconds);
        this.#socket.resume();
      },
      (thrown: unknown) => {
        this.#taking[given] = undefined;
        exchange.fault ??= { thrown: thrown as Error };
        this.destroy(thrown);
      },
    );
  }

  /** Settles the exchange, after what was given away was taken: nothing writes any more when it is asked for again. */
  #end(fault: Fault | undefined): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#exchange = undefined;
    exchange.fault ??= fault;
    if (exchange.head?.keepAlive !== true) this.#socket.destroy();
    void Promise.all(this.#taking.map((taking) => taking ?? Promise.resolve())).then(() => exchange.settle(exchange.fault));
  }
}

/** A second less than the server says in `Keep-Alive: timeout=…`: its clock began earlier. */
function restMillisecondsOf({ headers }: ResponseHead, idleMilliseconds: number): number {
  const seconds = /(?:^|[ ,])timeout=(\d{1,6})/i.exec(headers.get('keep-alive') ?? '')?.[1];
  return seconds === undefined ? idleMilliseconds : Math.max(1, Math.min(idleMilliseconds, (Number(seconds) - 1) * 1000));
}
