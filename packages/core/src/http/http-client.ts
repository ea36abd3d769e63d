import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { DiracS3Error } from '../errors/index.js';
import { ConnectionFault, isAbort, systemCodeOf, type Unavailable } from './connection-fault.js';
import { cutUrl } from './cut-url.js';
import { answerOf, type HttpAnswer } from './http-answer.js';
import { createClientContext, trustedWith, type TlsSettings } from './tls.js';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  /** With `content-length`, when there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Writes the body; the request is complete when it returns, and destroyed when it throws. */
  readonly body?: ((to: BodyWriter) => Promise<void>) | undefined;
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

export interface HttpClientOptions {
  /** What a connection that fails is called. */
  readonly unavailable: Unavailable;
  /** PEM file of an authority to trust beside the public ones. */
  readonly caFile?: string | undefined;
  /** Certificate to show and authorities to trust, instead of the public ones and of `caFile`. */
  readonly tls?: TlsSettings | undefined;
  /** A connection on which nothing moves for so long is given up. Default 60. */
  readonly idleTimeoutSeconds?: number | undefined;
  /** Default 10. */
  readonly connectTimeoutSeconds?: number | undefined;
}

/** Connections to one host; more requests wait for one of them. */
const maxSockets = 32;

/**
 * A small client on `node:http`: keeps connections, writes bodies with backpressure, and sends the path exactly as it is given, since a
 * signature covers it and a URL parser would change some.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { unavailable, caFile, tls, idleTimeoutSeconds = 60, connectTimeoutSeconds = 10 } = options;
  const http = new HttpAgent({ keepAlive: true, maxSockets });
  const https = new HttpsAgent({
    keepAlive: true,
    maxSockets,
    ...(caFile === undefined ? {} : { ca: trustedWith(caFile) }),
    // A resumed session shows the server the last certificate of a chain only, or is refused by it.
    ...(tls && { secureContext: createClientContext(tls), maxCachedSessions: 0 }),
  });
  return {
    send: (request) => new Exchange(request, { http, https, unavailable, idleTimeoutSeconds, connectTimeoutSeconds }).run(),
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

interface Connections {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
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
      request.on('error', (error) => reject(this.#faultOf(error)));
    });
    answered.catch(() => undefined);
    try {
      await this.#asked.body?.(this.#writer(answered));
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
