import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Secret } from '../../../src/domain/index.js';
import { createGatewayClient, type GatewayClient, type RestClientOptions } from '../../../src/adapters/gateway/index.js';

export const token = 'eyJhbGciOiJFUzI1NiJ9.topsecret.signature';

export interface SeenRequest {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface ScriptedGateway {
  readonly url: string;
  readonly seen: SeenRequest[];
  close(): void;
}

/** What a request is answered with: a status and JSON, or whatever the function does to the response. */
export type Script = (request: SeenRequest, response: ServerResponse) => { status?: number; body: unknown } | undefined;

/** A gateway that answers as it is told; the real one is met in the gateway's own tests. */
export async function startScriptedGateway(script: Script): Promise<ScriptedGateway> {
  const seen: SeenRequest[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const body = method === 'POST' ? await json(request) : undefined;
    const asked = { line: `${method} ${url}`, authorization: headers.authorization, body };
    seen.push(asked);
    const told = script(asked, response);
    if (told !== undefined) response.writeHead(told.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(told.body));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The URL of a port where nobody listens. */
export async function deadUrl(): Promise<string> {
  const gateway = await startScriptedGateway(() => undefined);
  gateway.close();
  return gateway.url;
}

export function problem(code: string, status: number, detail = 'as it is'): { status: number; body: unknown } {
  return { status, body: { type: `urn:dirac-s3:problem:${code}`, title: 'T', status, detail, code, errno: 1, requestId: 'r' } };
}

/** Answers each name of a request with this entry. */
export const each =
  (entry: (lfn: string) => object): Script =>
  ({ body }) => {
    const { lfns, files, items } = body as { lfns?: string[]; files?: { lfn: string }[]; items?: { lfn: string }[] };
    const names = lfns ?? (files ?? items ?? []).map(({ lfn }) => lfn);
    return { body: { successful: names.map((lfn) => ({ lfn, ...entry(lfn) })), failed: [] } };
  };

export function clientOf(urls: readonly string[], options: Partial<RestClientOptions> = {}): GatewayClient {
  return createGatewayClient({ urls, credential: { token: () => new Secret(token) }, random: () => 0, timeoutSeconds: 20, ...options });
}
