import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { GatewaySettings } from '@dirac-s3/core/config';
import { DiracS3Error } from '@dirac-s3/core';

export type ListenSettings = Pick<
  GatewaySettings,
  'host' | 'port' | 'tls' | 'requestTimeoutSeconds' | 'headersTimeoutSeconds' | 'shutdownTimeoutSeconds'
>;

export interface RunningServer {
  /** `http://host:port`, with the port the system gave when the settings say 0. */
  readonly url: string;
  /**
   * Refuses new connections, finishes the running requests, then resolves. What runs longer than the shutdown timeout is
   * cut off; the promise then resolves to `cut-off`.
   */
  stop(): Promise<'drained' | 'cut-off'>;
}

/** Listens on http, or https when the settings name a certificate. */
export async function startServer(listener: RequestListener, settings: ListenSettings): Promise<RunningServer> {
  const server = createServer(settings);
  const running = new Set<ServerResponse>();
  let stopping = false;
  server.on('request', (request, response) => {
    running.add(response);
    if (stopping) response.setHeader('Connection', 'close');
    response.once('close', () => {
      running.delete(response);
      // The connection is kept alive when the headers had left before the stop; then it is idle now.
      if (stopping) server.closeIdleConnections();
    });
    listener(request, response);
  });
  await listen(server, settings);
  return {
    url: urlOf(server, settings),
    stop: () => {
      stopping = true;
      for (const response of running) if (!response.headersSent) response.setHeader('Connection', 'close');
      return drain(server, settings.shutdownTimeoutSeconds);
    },
  };
}

function createServer({ tls, requestTimeoutSeconds, headersTimeoutSeconds }: ListenSettings): Server {
  const headersTimeout = Math.min(headersTimeoutSeconds, requestTimeoutSeconds) * 1000;
  const options: ServerOptions = {
    requestTimeout: requestTimeoutSeconds * 1000,
    headersTimeout,
    // How often the two are enforced; Node's thirty seconds would make short ones long.
    connectionsCheckingInterval: Math.max(100, Math.min(5_000, headersTimeout / 4)),
    // Node's strict parser: no header that two programs could read differently.
    insecureHTTPParser: false,
  };
  if (tls === undefined) return createHttpServer(options);
  const pem = (name: string, file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (cause) {
      throw new DiracS3Error('invalid-configuration', `the ${name} file "${file}" cannot be read: ${messageOf(cause)}`, { cause });
    }
  };
  try {
    return createHttpsServer({ ...options, cert: pem('certificate', tls.certFile), key: pem('key', tls.keyFile), minVersion: 'TLSv1.2' });
  } catch (cause) {
    if (cause instanceof DiracS3Error) throw cause;
    throw new DiracS3Error('invalid-configuration', `certificate "${tls.certFile}" and key "${tls.keyFile}": ${messageOf(cause)}`, {
      cause,
    });
  }
}

function listen(server: Server, { host, port }: ListenSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new DiracS3Error('invalid-configuration', `cannot listen on ${host} port ${port}: ${messageOf(cause)}`, { cause })),
    );
    server.listen(port, host, resolve);
  });
}

function urlOf(server: Server, { host, tls }: ListenSettings): string {
  const { port } = server.address() as AddressInfo;
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function drain(server: Server, timeoutSeconds: number): Promise<'drained' | 'cut-off'> {
  return new Promise((resolve) => {
    let outcome: 'drained' | 'cut-off' = 'drained';
    const timer = setTimeout(() => {
      outcome = 'cut-off';
      server.closeAllConnections();
    }, timeoutSeconds * 1000);
    server.close(() => {
      clearTimeout(timer);
      resolve(outcome);
    });
  });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
