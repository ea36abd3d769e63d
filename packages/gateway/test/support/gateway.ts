import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthenticationSettings } from '@dirac-s3/core/config';
import type { TrustStore } from '@dirac-s3/core/x509';
import { createApp, type AppDependencies } from '../../src/app.js';
import { createAuthenticator, type Authenticator } from '../../src/auth/index.js';
import { createLog } from '../../src/ops/log.js';
import { startServer, type ListenSettings, type RunningServer } from '../../src/server.js';
import { createDevelopmentIssuer, type DevelopmentIssuer } from '../../src/testing/development-issuer.js';
import { fakeServices, type FakeServices } from './services.js';
import { closedAuthentication, issuerSettings, registry } from './settings.js';

export const listenSettings: ListenSettings = {
  host: '127.0.0.1',
  port: 0,
  tls: undefined,
  requestTimeoutSeconds: 20,
  headersTimeoutSeconds: 10,
  shutdownTimeoutSeconds: 10,
  authentication: closedAuthentication,
};

export interface TestGateway {
  readonly server: RunningServer;
  readonly services: FakeServices;
  readonly issuer: DevelopmentIssuer;
  /** Lines of the log so far, parsed. */
  log(): Record<string, unknown>[];
  rawLog(): string;
  /** A request below `/api/v1`, as alice unless told otherwise. */
  call(path: string, options?: CallOptions): Promise<Response>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly method?: string;
  /** Sent as JSON; a text or bytes are sent as they stand. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly token?: string | undefined;
}

export interface TestGatewayOptions extends Partial<Pick<AppDependencies, 'newRequestId'>> {
  readonly services?: FakeServices;
  readonly limits?: Partial<AppDependencies['limits']>;
  readonly listen?: Partial<ListenSettings>;
  /** Instead of tokens. */
  readonly authenticate?: Authenticator;
  readonly authentication?: Partial<AuthenticationSettings>;
  readonly trust?: () => Promise<TrustStore>;
}

/** The gateway on a free port of this machine, with real authentication and fakes behind it. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-test-'));
  const jwksFile = join(folder, 'jwks.json');
  const issuer = await createDevelopmentIssuer({ jwksFile });
  const lines: string[] = [];
  const { logger } = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  const services = options.services ?? fakeServices();
  const issuers = [issuerSettings(issuer, { file: jwksFile })];
  const authentication = { ...closedAuthentication, ...options.authentication };
  const authenticate =
    options.authenticate ??
    (await createAuthenticator({
      settings: authentication,
      issuers,
      registry,
      trust: options.trust ?? (() => Promise.reject(new Error('no authorities'))),
      clock: { now: () => new Date() },
    }));
  const app = createApp({
    services: () => ({ ...services, authenticate }),
    limits: { maxItems: 100, maxBodyBytes: 100_000, requestTimeoutSeconds: 20, ...options.limits },
    logger,
    clock: { now: () => new Date() },
    version: '1.2.3',
    ...(options.newRequestId && { newRequestId: options.newRequestId }),
  });
  const server = await startServer(app, { ...listenSettings, authentication, ...options.listen });
  const alice = await issuer.mint({ username: 'alice', group: 'vo_user' });
  return {
    server,
    services,
    issuer,
    log: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    rawLog: () => lines.join(''),
    call: (path, { method, body, headers, token = alice } = {}) =>
      fetch(`${server.url}/api/v1${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        redirect: 'manual',
        headers: {
          ...(token !== '' && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }),
      }),
    close: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
