import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { DiracS3Error } from '../errors/index.js';
import { createAgents, type Agents, type Trust } from './agents.js';
import { ConnectionFault, isAbort, systemCodeOf, type Unavailable } from './connection-fault.js';
import { cutUrl } from './cut-url.js';
import { answerOf, type HttpAnswer } from './http-answer.js';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  /** With `content-length`, when there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Writes the body; the request is complete when it returns, and destroyed when it throws. */
  readonly body?: ((to: BodyWriter) => Promise<void>) | undefined;
  /**
   * Doing it twice does no harm, and the body can be written again. Servers close connections that nobody uses, at times just when the next
   * request is on its way: such a request is then sent once more, by a new connection. Default false.
   */
  readonly repeatable?: boolean | undefined;
  /** The body, when it is short and there already; instead of `body`. */
  readonly pieces?: readonly Uint8Array[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where a body goes. */
export interface BodyWriter {
  /** Resolves when more bytes may be written, so that memory stays bounded. Rejects when nobody wants them any more. */
  write(bytes: Uint8Array): Promise<void>;
  /** As `write`, but resolves when the bytes have been handed to the system, so that their buffer can be used again. */
  flush(bytes: Uint8Array): Promise<void>;
}

export interface HttpClient {
  /**
   * Sends a request and gives the head of the answer, whatever its status; a redirect is an answer like any other and never followed.
   *
   * @throws ConnectionFault, what `body` throws, and the AbortError of `signal`
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Closes idle connections. */
  close(): void;
}

export interface HttpClientOptions extends Trust {
  /** What a connection that fails is called. */
  readonly unavailable: Unavailable;
  /** A connection on which nothing moves for so long is given up. Default 60. */
  readonly idleTimeoutSeconds?: number | undefined;
  /** Default 10. */
  readonly connectTimeoutSeconds?: number | undefined;
}

/**
 * A small client on `node:http`: keeps connections, writes bodies with backpressure, and sends the path exactly as it is given, since a
 * signature covers it and a URL parser would change some.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { unavailable, caFile, tls, idleTimeoutSeconds = 60, connectTimeoutSeconds = 10 } = options;
  const common = { unavailable, idleTimeoutSeconds, connectTimeoutSeconds };
  const { kept, fresh } = createAgents({ caFile, tls });
  return {
    async send(request) {
      const exchange = new Exchange(request, { ...common, ...kept });
      try {
        return await exchange.run();
      } catch (thrown) {
        if (request.repeatable !== true || !exchange.wasTooLate) throw thrown;
        return new Exchange(request, { ...common, ...fresh }).run();
      }
    },
    close: () => [kept, fresh].forEach(({ http, https }) => [http, https].forEach((agent) => agent.destroy())),
  };
}

/** Codes of a connection that the other end has closed. */
const closedCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

interface Connections extends Agents {
  readonly unavailable: Unavailable;
  readonly idleTimeoutSeconds: number;
  readonly connectTimeoutSeconds: number;
}

/** The server answered before it had the whole body. Never seen outside of this file. */
class AnsweredEarly extends Error {}

class Exchange {
  readonly #asked: HttpRequest;
  readonly #connections: Connections;
  readonly #hostname: string;
  readonly #request: ClientRequest;
  #message: IncomingMessage | undefined;
  #connected = false;
  #silent = false;
  /** The connection had been used before, and was found closed before an answer began. */
  wasTooLate = false;

  constructor(asked: HttpRequest, connections: Connections) {
    this.#asked = asked;
    this.#connections = connections;
    const { secure, ...place } = cutUrl(asked.url);
    this.#hostname = place.hostname;
    const { method, headers, signal } = asked;
    const options = { ...place, method, headers, signal, timeout: connections.idleTimeoutSeconds * 1000 };
    this.#request = secure ? httpsRequest({ ...options, agent: connections.https }) : httpRequest({ ...options, agent: connections.http });
    this.#watchConnection(secure ? 'secureConnect' : 'connect');
  }

  async run(): Promise<HttpAnswer> {
    const request = this.#request;
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', (message) => resolve((this.#message = message)));
      // After the answer began, errors surface on its body, and there they are handled.
      request.on('error', (error) => {
        this.wasTooLate = request.reusedSocket && !this.#silent && closedCodes.has(systemCodeOf(error));
        reject(this.#faultOf(error));
      });
    });
    answered.catch(() => undefined);
    try {
      await this.#asked.body?.(this.#writer(answered));
      for (const piece of this.#asked.pieces ?? []) request.write(piece);
      request.end();
    } catch (thrown) {
      if (!(thrown instanceof AnsweredEarly)) {
        request.destroy();
        throw thrown;
      }
      // A connection that still waits for the rest of a body cannot be used again.
      (await answered).once('close', () => request.destroy());
    }
    return answerOf(await answered, (error) => this.#faultOf(error));
  }

  #watchConnection(ready: 'connect' | 'secureConnect'): void {
    const request = this.#request;
    request.once('timeout', () => {
      this.#silent = true;
      this.#message?.destroy();
      request.destroy();
    });
    request.once('socket', (socket) => {
      if (!socket.connecting) return void (this.#connected = true);
      // Node takes its own listener away when an answer is complete: an abort at that very moment would find none, and end the process.
      socket.on('error', () => undefined);
      const timer = setTimeout(
        () => request.destroy(Object.assign(new Error('connect'), { code: 'ETIMEDOUT' })),
        this.#connections.connectTimeoutSeconds * 1000,
      );
      socket.once('close', () => clearTimeout(timer));
      socket.once(ready, () => {
        clearTimeout(timer);
        this.#connected = true;
      });
    });
  }

  #writer(answered: Promise<IncomingMessage>): BodyWriter {
    let lost: unknown;
    const over = answered.then(
      () => undefined,
      (error: unknown) => void (lost = error),
    );
    const refuseLost = (): void => {
      if (lost !== undefined) throw lost as Error;
      if (this.#message !== undefined) throw new AnsweredEarly();
    };
    return {
      flush: async (bytes) => {
        refuseLost();
        await Promise.race([new Promise<void>((resolve) => this.#request.write(bytes, () => resolve())), over]);
      },
      write: async (bytes) => {
        refuseLost();
        if (this.#request.write(bytes)) return;
        await Promise.race([new Promise((resolve) => this.#request.once('drain', resolve)), over]);
      },
    };
  }

  #faultOf(error: unknown): Error {
    if (error instanceof DiracS3Error) return error;
    if (isAbort(error)) return error;
    const { unavailable, idleTimeoutSeconds } = this.#connections;
    if (this.#silent) return new ConnectionFault('timeout', `nothing came from ${this.#hostname} for ${idleTimeoutSeconds} seconds`);
    const code = systemCodeOf(error);
    return this.#connected
      ? new ConnectionFault(unavailable, `the connection to ${this.#hostname} was lost (${code})`, { cause: error })
      : new ConnectionFault(unavailable, `${this.#hostname} cannot be reached (${code})`, { nothingSent: true, cause: error });
  }
}
