import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rateGate } from './body-changes.js';
import { ProxyExchange, type Passed } from './exchange.js';
import type { FaultPlan, ProxyFault } from './fault-plan.js';

/** One request that came through, when it is over. Its query is left out: there are signatures in it. */
export interface ProxyEvent extends Passed {
  /** From 1, in the order of arrival. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  /** Of a multipart upload. */
  readonly partNumber?: number;
  /** What was asked for of an object, where that is not all. */
  readonly range?: string;
  readonly fault?: ProxyFault;
}

export interface FaultProxyOptions {
  /** `http://host:port` of the store. */
  readonly store: string;
  readonly plan: FaultPlan;
  /** Default: a free port. */
  readonly port?: number;
  /** Both directions together. Default: no limit. */
  readonly bytesPerSecond?: number | undefined;
  readonly onEvent?: (event: ProxyEvent) => void;
}

export interface FaultProxy {
  /** Where clients go instead of the store. URLs are signed for this host. */
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * HTTP between an S3 client and its store on loopback, on which things go wrong. Requests pass as they are, their Host too, so that signatures
 * made for the proxy's address hold at any store that takes an address for a path-style host.
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { store, plan, port = 0, bytesPerSecond, onEvent } = options;
  const { hostname, port: storePort } = new URL(store);
  const around = {
    store: { host: hostname, port: Number(storePort) },
    gate: bytesPerSecond === undefined ? undefined : rateGate(bytesPerSecond),
  };
  let number = 0;
  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = incoming;
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    const fault = plan({ method, target: url, hasBody });
    const { range } = headers;
    const known = { number: ++number, method, ...nameOf(url), ...(range !== undefined && { range }), ...(fault && { fault }) };
    void new ProxyExchange(incoming, response, { ...around, fault }).run().then((passed) => onEvent?.({ ...known, ...passed }));
  };
  const server = createServer({ keepAliveTimeout: 30_000, maxHeaderSize: 64 * 1024, requestTimeout: 0 }, serve);
  server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    serve(incoming, response);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function nameOf(target: string): Pick<ProxyEvent, 'path' | 'partNumber'> {
  const [path = '', query = ''] = target.split('?', 2);
  const part = /(?:^|&)partNumber=(\d+)/.exec(query)?.[1];
  return { path, ...(part !== undefined && { partNumber: Number(part) }) };
}
