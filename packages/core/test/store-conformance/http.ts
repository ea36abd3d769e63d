import { request } from 'node:http';
import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Outgoing {
  readonly origin: string;
  readonly method: string;
  /** Goes out exactly as it is. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Sends the body without its length. */
  readonly chunked?: boolean;
}

/** One request on a connection of its own. */
export function send({ origin, method, target, headers = {}, body, chunked = false }: Outgoing): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const length =
      chunked || 'content-length' in headers || (body === undefined && method !== 'PUT')
        ? {}
        : { 'content-length': String(Buffer.byteLength(body ?? '')) };
    const outgoing = request({ hostname, port, method, path: target, headers: { ...length, ...headers }, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response
        .on('data', (piece: Buffer) => pieces.push(piece))
        .on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }))
        .on('error', reject);
    });
    // A store may refuse and close while the body is still going out; the answer counts.
    outgoing.on('error', reject);
    if (chunked) {
      outgoing.write(body ?? '');
      outgoing.end();
    } else outgoing.end(body);
  });
}

/** Bytes on a socket; `until` decides by what came back so far when it is over. */
export function converse(
  origin: string,
  pieces: { readonly first: string | Buffer; readonly next?: (received: string) => string | Buffer | undefined; readonly cut?: boolean },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname, () => {
      socket.write(pieces.first, () => pieces.cut && socket.destroy());
    });
    let received = '';
    let answered = false;
    socket.on('data', (data) => {
      received += data.toString('latin1');
      const next = answered ? undefined : pieces.next?.(received);
      if (next !== undefined) {
        answered = true;
        socket.write(next);
      }
    });
    socket.on('error', reject).on('close', () => resolve(received));
  });
}

/** `200`, or `403 SignatureDoesNotMatch`: status and, of a refusal, S3's code. */
export function say({ status, body }: Answer): string {
  const code = status < 400 ? undefined : /<Code>([^<]*)<\/Code>/.exec(body.toString('utf8'))?.[1];
  return code === undefined ? String(status) : `${status} ${code}`;
}
