import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { text as readText } from 'node:stream/consumers';
import { decodeJson, encodeJson, sOk, type DiracResult, type DiracValue } from '../../src/dirac-protocol/index.js';
import { issue, keyPemOf, type Issued } from './pki.js';

/** One authority, a server certificate for this machine, a host and a user to ask with. */
export function makePki() {
  const root = issue('Test Root', { ca: true });
  const authority = issue('Test Sub CA', { ca: true, issuer: root });
  return {
    root,
    caPem: [root.certPem, authority.certPem],
    authority,
    server: issue('server', { issuer: authority, hosts: ['localhost', '127.0.0.1'] }),
    host: issue('dirac.example.org', { issuer: authority }),
    user: issue('ciuser', { issuer: authority }),
  };
}

export type Pki = ReturnType<typeof makePki>;

/** What a stub was asked. */
export interface Asked {
  readonly service: string;
  readonly method: string;
  readonly args: readonly DiracValue[];
  readonly extraCredentials: DiracValue;
  readonly vo: string;
  readonly setup: string;
  /** Common name of the client certificate. */
  readonly peer: string | undefined;
  readonly authorization: string | undefined;
  /** Port of the client: the same for the same connection. */
  readonly clientPort?: number | undefined;
}

export interface Stub {
  readonly url: string;
  readonly port: number;
  readonly asked: Asked[];
  close(): Promise<void>;
}

type Answer =
  DiracResult | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> } | 'silence' | 'reset';

export interface StubOptions {
  readonly pki: Pki;
  readonly certificate?: Issued;
  readonly answer: (asked: Asked) => Answer | Promise<Answer>;
}

/** DIRAC's HTTPS server as far as a client sees it: a form by POST, a client certificate or none. */
export async function startHttpsStub({ pki, answer, certificate = pki.server }: StubOptions): Promise<Stub> {
  const asked: Asked[] = [];
  const server = createHttpsServer(
    {
      cert: certificate.certPem,
      key: keyPemOf(certificate),
      ca: pki.caPem,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      void (async () => {
        const form = new URLSearchParams(await readText(request));
        const { socket } = request;
        if (!(socket instanceof TLSSocket)) throw new Error('no TLS');
        const question: Asked = {
          service: request.url!.slice(1),
          method: form.get('method')!,
          args: decodeJson(form.get('args')!) as DiracValue[],
          extraCredentials: form.has('extraCredentials') ? decodeJson(form.get('extraCredentials')!) : null,
          vo: form.get('clientVO')!,
          setup: form.get('clientSetup')!,
          peer: socket.authorized ? peerOf(socket) : undefined,
          authorization: request.headers.authorization,
          clientPort: socket.remotePort,
        };
        asked.push(question);
        const result = await answer(question);
        if (result === 'silence') return;
        if (result === 'reset') return void socket.destroy();
        if ('OK' in result) response.writeHead(200, { 'content-type': 'application/json' }).end(encodeJson(result));
        else response.writeHead(result.status, result.headers).end(result.body ?? '');
      })();
    },
  );
  const port = await listen(server);
  return { url: `https://localhost:${port}/DataManagement/FileCatalog`, port, asked, close: () => stop(server) };
}

/** One side of a DISET conversation, on nothing but the bytes. */
export interface Wire {
  readonly socket: TLSSocket;
  /** The next message, decoded. */
  receive(): Promise<DiracValue>;
  /** The next bytes exactly as they came: `<length>:<payload>`, with `dka` in front of a keep-alive. */
  receiveText(): Promise<string>;
  send(value: DiracValue): void;
  sendText(text: string): void;
}

export interface DisetStubOptions {
  readonly pki: Pki;
  readonly certificate?: Issued;
  /** Everything after the TLS handshake; {@link converse} is how DIRAC does it. */
  readonly serve: (wire: Wire, peer: string) => Promise<void>;
}

export async function startDisetStub({ pki, serve, certificate = pki.server }: DisetStubOptions): Promise<Omit<Stub, 'asked'>> {
  const server = createTlsServer(
    {
      cert: certificate.certPem,
      key: keyPemOf(certificate),
      ca: pki.caPem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      socket.on('error', () => undefined);
      serve(wireOf(socket), peerOf(socket)).then(
        () => void socket.end(),
        () => void socket.destroy(),
      );
    },
  );
  const port = await listen(server);
  return { url: `dips://localhost:${port}/DataManagement/FileCatalog`, port, close: () => stop(server) };
}

/** A whole conversation as DIRAC's server has it; keeps what was asked in `asked`. */
export function converse(asked: Asked[], answer: (asked: Asked) => DiracResult | Promise<DiracResult>) {
  return async (wire: Wire, peer: string): Promise<void> => {
    const proposal = (await wire.receive()) as { Value: [[string, string, string], [string, string], DiracValue, string] };
    const [[service, setup, vo], [, method], extraCredentials] = proposal.Value;
    wire.send(sOk(null));
    const { Value: args } = (await wire.receive()) as { Value: DiracValue[] };
    const question: Asked = { service, setup, vo, method, args, extraCredentials, peer, authorization: undefined };
    asked.push(question);
    wire.send(await answer(question));
  };
}

function peerOf(socket: TLSSocket): string {
  return String(socket.getPeerCertificate().subject.CN);
}

function wireOf(socket: TLSSocket): Wire {
  let buffered = '';
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const receiveText = async (): Promise<string> => {
    for (;;) {
      const match = /^(?:dka)?(\d+):/.exec(buffered);
      const end = match === null ? Infinity : match[0].length + Number(match[1]);
      if (buffered.length >= end) {
        const message = buffered.slice(0, end);
        buffered = buffered.slice(end);
        return message;
      }
      const next = await chunks.next();
      if (next.done === true) throw new Error('the client is gone');
      buffered += next.value.toString('latin1');
    }
  };
  return {
    socket,
    receiveText,
    receive: async () => decodeJson((await receiveText()).replace(/^(?:dka)?\d+:/, '')),
    send: (value) => {
      const payload = encodeJson(value);
      socket.write(`${payload.length}:${payload}`);
    },
    sendText: (text) => void socket.write(text, 'latin1'),
  };
}

async function listen(server: NetServer | HttpsServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.set(server, new Set());
  server.on('connection', (socket) => {
    open.get(server)?.add(socket);
    socket.once('close', () => open.get(server)?.delete(socket));
  });
  return (server.address() as AddressInfo).port;
}

const open = new Map<NetServer | HttpsServer, Set<{ destroy(): unknown }>>();

async function stop(server: NetServer | HttpsServer): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  open.get(server)?.forEach((socket) => socket.destroy());
  open.delete(server);
  await closed;
}
