import { channel } from 'node:diagnostics_channel';
import { createSecureContext, type SecureContext } from 'node:tls';
import { BodyConnection, LostConnection, type BodyTaker } from './body-connection.js';
import { ConnectionFault, type Unavailable } from './connection-fault.js';
import { cutUrl, type UrlParts } from './cut-url.js';
import { UnfamiliarAnswer, type ResponseHead } from './response-head.js';
import { trustedWith } from './tls.js';

export interface BodyRequest {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'DELETE' | 'POST' | 'PUT';
  readonly url: string;
  /** With `content-length`, when there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body. */
  readonly pieces?: readonly Uint8Array[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches large bodies, and sends short requests: the two that stores are asked most. What it does not understand is for the ordinary client, and so
 * is then everything else for that host.
 */
export interface BodyClient {
  /**
   * Asks for an answer of known length, taken in large pieces.
   *
   * @throws UnfamiliarAnswer, ConnectionFault, what the taker throws, and the reason of an aborted signal
   */
  send(request: BodyRequest, taker: BodyTaker): Promise<void>;
  /** Closes idle connections. */
  close(): void;
}

export interface BodyClientOptions {
  /** What a connection that fails is called. */
  readonly unavailable: Unavailable;
  /** PEM file of an authority to trust beside the public ones. */
  readonly caFile?: string | undefined;
  /** A connection on which nothing moves for so long is given up. Default 60. */
  readonly idleTimeoutSeconds?: number | undefined;
  /** Default 10. */
  readonly connectTimeoutSeconds?: number | undefined;
}

/** Name of the `node:diagnostics_channel` on which requests of this client are published, as Node.js publishes its own. */
export const answeredRequestChannel = 'dirac-s3:http.client.response';

/** Published when the head of an answer is there. */
export interface AnsweredRequest {
  readonly method: string;
  /** As it was asked, its signature included: not for a log. */
  readonly url: string;
  readonly status: number;
}

const answered = channel(answeredRequestChannel);

/** Keeps connections; a request gets one of its own while it is under way. */
export function createBodyClient(options: BodyClientOptions): BodyClient {
  const { unavailable, caFile, idleTimeoutSeconds = 60, connectTimeoutSeconds = 10 } = options;
  const idle = new Map<string, BodyConnection[]>();
  const unfamiliar = new Set<string>();
  let secureContext: SecureContext | undefined;
  const open = (place: UrlParts, key: string): BodyConnection =>
    new BodyConnection(place, {
      // Made once: reading the public authorities takes longer than a handshake.
      secureContext: place.secure
        ? (secureContext ??= createSecureContext(caFile === undefined ? {} : { ca: trustedWith(caFile) }))
        : undefined,
      idleMilliseconds: idleTimeoutSeconds * 1000,
      connectMilliseconds: connectTimeoutSeconds * 1000,
      onClose: (closed) =>
        idle.set(
          key,
          (idle.get(key) ?? []).filter((one) => one !== closed),
        ),
    });
  const faultOf = (thrown: unknown, { connected }: BodyConnection, hostname: string): unknown => {
    if (!(thrown instanceof LostConnection)) return thrown;
    const { code, cause } = thrown;
    if (code === 'silence') return new ConnectionFault('timeout', `nothing came from ${hostname} for ${idleTimeoutSeconds} seconds`);
    return connected
      ? new ConnectionFault(unavailable, `the connection to ${hostname} was lost (${code})`, { cause })
      : new ConnectionFault(unavailable, `${hostname} cannot be reached (${code})`, { nothingSent: true, cause });
  };
  return {
    async send({ method = 'GET', url, headers, pieces = [], signal }, taker) {
      signal?.throwIfAborted();
      const place = cutUrl(url);
      const key = `${place.secure} ${place.hostname} ${place.port}`;
      if (unfamiliar.has(key)) throw new UnfamiliarAnswer('a host that was not understood', { unsent: true });
      const request = { method, head: requestHead(method, place, headers), pieces };
      const connection = idle.get(key)?.pop() ?? open(place, key);
      const abort = (): void => connection.destroy(signal?.reason as unknown);
      signal?.addEventListener('abort', abort, { once: true });
      const head = { wanted: true };
      const begin = (answer: ResponseHead): void => {
        if (answered.hasSubscribers) answered.publish({ method, url, status: answer.status } satisfies AnsweredRequest);
        try {
          taker.begin(answer);
        } catch (thrown) {
          head.wanted = false;
          throw thrown;
        }
      };
      try {
        if (await connection.exchange(request, { begin, take: (bytes) => taker.take(bytes) })) {
          connection.rest();
          idle.set(key, [...(idle.get(key) ?? []), connection]);
        } else connection.destroy();
      } catch (thrown) {
        // What the taker does not want says nothing of the host.
        if (thrown instanceof UnfamiliarAnswer && head.wanted) unfamiliar.add(key);
        throw faultOf(thrown, connection, place.hostname);
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
    close: () => {
      for (const connection of [...idle.values()].flat()) connection.destroy();
    },
  };
}

/** RFC 9112, section 3; what does not fit into a line is left to a client that says so. */
function requestHead(method: string, { secure, hostname, port, path }: UrlParts, headers: Readonly<Record<string, string>>): string {
  const name = hostname.includes(':') ? `[${hostname}]` : hostname;
  const host = port === (secure ? 443 : 80) ? name : `${name}:${port}`;
  const lines = Object.entries({ host, ...headers, connection: 'keep-alive' }).map(([field, value]) => `${field}: ${value}`);
  if (!lines.every((line) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [\t\x20-\x7e]*$/.test(line)))
    throw new UnfamiliarAnswer('a line of the request', { unsent: true });
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}
