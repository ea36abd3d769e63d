import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { s3Methods, type Presigned } from '../../src/domain/index.js';
import type { UrlSource } from '../../src/ports/index.js';
import { createS3StorageElement, type S3StorageElement, type S3StorageElementOptions } from '../../src/storage/index.js';
import { countedWaits, elementAt } from './world.js';

export interface Hostile {
  readonly se: S3StorageElement;
  readonly port: number;
  /** Requests as `GET /bucket/…`. */
  readonly seen: string[];
  readonly waited: number[];
}

type Options = Partial<S3StorageElementOptions>;

/** Unsigned URLs of whatever listens there. */
export function urlsOf(origin: string): UrlSource {
  return {
    presign: ({ method, items }) => {
      const { httpMethod } = s3Methods[method];
      const expiresAt = new Date(Date.now() + 3_600_000);
      const signed = ({ lfn }: { lfn: string }): Presigned => ({
        kind: 'url',
        httpMethod,
        url: `${origin}/bucket${lfn}?X-Amz-Signature=topsecret`,
        headers: {},
        expiresAt,
      });
      return Promise.resolve({ successful: new Map(items.map((item) => [item.lfn, signed(item)])), failed: new Map() });
    },
  };
}

/** A StorageElement whose store is a function. */
export async function withHostileStore(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  work: (hostile: Hostile) => Promise<void>,
  options: Options = {},
): Promise<void> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${(request.url ?? '').replace(/\?.*/, '')}`);
    answer(request, response);
  });
  try {
    await withServer(server, (port) => run({ port, seen, options, work }));
  } finally {
    server.closeAllConnections();
  }
}

/** A StorageElement whose store does not even speak HTTP. */
export async function withRawStore(
  answer: (socket: Socket, head: string) => void,
  work: (hostile: Hostile) => Promise<void>,
  options: Options = {},
): Promise<void> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = text.slice(0, end);
      text = '';
      seen.push(/^\S+ [^ ?]+/.exec(head)?.[0] ?? '');
      answer(socket, head);
    });
  });
  try {
    await withServer(server, (port) => run({ port, seen, options, work }));
  } finally {
    sockets.forEach((socket) => socket.destroy());
  }
}

async function run({
  port,
  seen,
  options,
  work,
}: {
  port: number;
  seen: string[];
  options: Options;
  work: (hostile: Hostile) => Promise<void>;
}) {
  const { retry, waited } = countedWaits();
  const urls = urlsOf(`http://127.0.0.1:${port}`);
  const se = createS3StorageElement({ element: elementAt(port), urls, retry, ...options });
  try {
    await work({ se, port, seen, waited });
  } finally {
    se.close();
  }
}

async function withServer(server: Server, work: (port: number) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}
