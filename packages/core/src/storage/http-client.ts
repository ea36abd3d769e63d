import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { DiracS3Error } from '../errors/index.js';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Writes the body; the request ends when it returns. Not started for requests without a body. */
  readonly body?: ((request: BodyWriter) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where a body goes: resolves when the next bytes may be written, so that memory stays bounded. */
export interface BodyWriter {
  /** Throws {@link AnsweredEarly} once the server has answered: the rest of the body is not wanted. */
  write(bytes: Uint8Array): Promise<void>;
}

/** The server answered before it had the whole body. Control flow of {@link createHttpClient}, never seen outside. */
class AnsweredEarly extends Error {}

export interface HttpClient {
  send(request: HttpRequest): Promise<IncomingMessage>;
  close(): void;
}

export interface HttpClientOptions {
  /** PEM file of an authority to trust beside the system's. */
  readonly caFile?: string | undefined;
  /** A connection without any traffic for so long is given up. Default 60. */
  readonly idleTimeoutSeconds?: number;
  readonly maxSockets?: number;
}

/**
 * A small client for presigned requests: connections are kept, bodies are written with backpressure, the path is sent exactly
 * as it was signed (a URL parser would change some), and a redirect is an answer like any other, never followed.
 *
 * @throws storage-unavailable (no connection, connection lost), timeout (idle for too long)
 */
export function createHttpClient({ caFile, idleTimeoutSeconds = 60, maxSockets = 32 }: HttpClientOptions = {}): HttpClient {
  const shared = { keepAlive: true, maxSockets };
  const http = new HttpAgent(shared);
  const https = new HttpsAgent({ ...shared, ...(caFile === undefined ? {} : { ca: [...rootCertificates, readCa(caFile)] }) });
  return {
    send: (request) => send(request, { http, https, idleMilliseconds: idleTimeoutSeconds * 1000 }),
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

interface Connections {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  readonly idleMilliseconds: number;
}

async function send(
  { method, url, headers, body, signal }: HttpRequest,
  { http, https, idleMilliseconds }: Connections,
): Promise<IncomingMessage> {
  const { secure, hostname, port, path } = cutUrl(url);
  const options = { method, hostname, port, path, headers, signal, timeout: idleMilliseconds };
  const request = secure ? httpsRequest({ ...options, agent: https }) : httpRequest({ ...options, agent: http });
  request.on('timeout', () =>
    request.destroy(new DiracS3Error('timeout', `${hostname} did not answer for ${idleMilliseconds / 1000} seconds`)),
  );
  const response = responseOf(request, hostname);
  try {
    await body?.(writerOf(request, response));
    request.end();
  } catch (thrown) {
    if (!(thrown instanceof AnsweredEarly)) {
      request.destroy();
      response.catch(() => undefined);
      throw thrown;
    }
  }
  return response;
}

function responseOf(request: ClientRequest, hostname: string): Promise<IncomingMessage> {
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', (message) => {
      // Errors of the connection after the answer surface on its body, where they are handled.
      request.on('error', () => undefined);
      resolve(message);
    });
    request.once('error', (error) => reject(connectionError(error, hostname)));
  });
  response.catch(() => undefined);
  return response;
}

function writerOf(request: ClientRequest, response: Promise<IncomingMessage>): BodyWriter {
  let answered = false;
  let lost: unknown;
  const over = response.then(
    () => void (answered = true),
    (error: unknown) => void (lost = error),
  );
  return {
    write: async (bytes) => {
      if (lost !== undefined) throw lost as Error;
      if (answered) throw new AnsweredEarly();
      if (request.write(bytes)) return;
      await Promise.race([new Promise((resolve) => request.once('drain', resolve)), over]);
    },
  };
}

/** What a failed connection means for the caller; an abort stays what it is. */
export function connectionError(error: unknown, host: string): Error {
  if (error instanceof DiracS3Error) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown fault';
  return new DiracS3Error('storage-unavailable', `the connection to ${host} failed (${code})`, { cause: error });
}

/** Cut by hand: `new URL` would rewrite the path that was signed. */
function cutUrl(url: string): { secure: boolean; hostname: string; port: number; path: string } {
  const match = /^(https?):\/\/(\[[^\]]+\]|[^/:@]+)(?::(\d+))?(\/.*)$/.exec(url);
  if (!match) throw new DiracS3Error('invalid-storage-url', 'the presigned URL is not an http(s) URL with a path');
  const [, scheme, host = '', port, path = ''] = match;
  const secure = scheme === 'https';
  return { secure, hostname: host.replace(/^\[|\]$/g, ''), port: port === undefined ? (secure ? 443 : 80) : Number(port), path };
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DiracS3Error('invalid-configuration', `CAFile ${file} cannot be read`, { cause });
  }
}
