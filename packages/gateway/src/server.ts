import { createServer as createHttpServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { GatewaySettings } from '@dirac-s3/core/config';
import { DiracS3Error } from '@dirac-s3/core';
import { followHostCertificate, refuseResumedSessions, tlsOptions } from './tls-listener.js';

export type ListenSettings = Pick<
  GatewaySettings,
  'host' | 'port' | 'tls' | 'requestTimeoutSeconds' | 'headersTimeoutSeconds' | 'shutdownTimeoutSeconds' | 'authentication'
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

export interface ListenOptions {
  /** Seconds between two looks at the files of the host certificate. Default 60. */
  readonly certificateCheckSeconds?: number;
  /** Hears that another host certificate is served (no fault), or why what the files hold cannot be. */
  readonly onHostCertificate?: (fault: string | undefined) => void;
}

/** Listens on http, or https when the settings name a certificate; a renewed one is served without a restart. */
export async function startServer(
  listener: RequestListener,
  settings: ListenSettings,
  { certificateCheckSeconds = 60, onHostCertificate = () => undefined }: ListenOptions = {},
): Promise<RunningServer> {
  const secure = settings.tls && createSecureServer(settings, settings.tls);
  const server = secure ?? createHttpServer(limitsOf(settings));
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
  const following = { everySeconds: certificateCheckSeconds, report: onHostCertificate };
  const stopFollowing = secure && followHostCertificate(secure, settings.tls, following);
  return {
    url: urlOf(server, settings),
    stop: () => {
      stopping = true;
      stopFollowing?.();
      for (const response of running) if (!response.headersSent) response.setHeader('Connection', 'close');
      return drain(server, settings.shutdownTimeoutSeconds);
    },
  };
}

function limitsOf({ requestTimeoutSeconds, headersTimeoutSeconds }: ListenSettings): ServerOptions & { readonly headersTimeout: number } {
  const headersTimeout = Math.min(headersTimeoutSeconds, requestTimeoutSeconds) * 1000;
  return {
    requestTimeout: requestTimeoutSeconds * 1000,
    headersTimeout,
    // How often the two are enforced; Node's thirty seconds would make short ones long.
    connectionsCheckingInterval: Math.max(100, Math.min(5_000, headersTimeout / 4)),
    // Node's strict parser: no header that two programs could read differently.
    insecureHTTPParser: false,
    // What a client can make us keep before anybody knows who he is; OpenSSL itself stops at 100 KB of certificates.
    maxHeaderSize: 16_384,
  };
}

function createSecureServer(settings: ListenSettings, tls: NonNullable<ListenSettings['tls']>): HttpsServer {
  const limits = limitsOf(settings);
  const clientCertificates = settings.authentication.clientCertificates !== undefined;
  try {
    const server = createHttpsServer({ ...limits, ...tlsOptions(tls, { clientCertificates, handshakeMs: limits.headersTimeout }) });
    refuseResumedSessions(server);
    return server;
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
      reject(
        new DiracS3Error('invalid-configuration', `cannot listen on ${host ?? 'any address'} port ${port}: ${messageOf(cause)}`, {
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

function urlOf(server: Server, { host, tls }: ListenSettings): string {
  const { address, port } = server.address() as AddressInfo;
  const place = host ?? address;
  return `${tls ? 'https' : 'http'}://${place.includes(':') ? `[${place}]` : place}:${port}`;
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
