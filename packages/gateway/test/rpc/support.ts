import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedSqliteFileCatalog } from '@dirac-s3/core/adapters/catalog/sqlite';
import { parseCfg, resolveConfiguration, type DiracConfiguration } from '@dirac-s3/core/config';
import { composeGateway, type ComposedGateway } from '../../src/compose.js';
import { createLog } from '../../src/ops/log.js';
import { startServer, type RunningServer } from '../../src/server.js';
import { recordedCfg, type Store } from './recorded-cfg.js';
import { createDevelopmentIssuer, type DevelopmentIssuer } from '../../src/testing/development-issuer.js';
import { configurationState } from '../support/services.js';

/** The gateway as it is composed for real, from a configuration as DIRAC installations write it; only tokens stand in for proxies. */
export interface RpcWorld {
  readonly folder: string;
  readonly issuer: DevelopmentIssuer;
  readonly configuration: DiracConfiguration;
  readonly gateway: ComposedGateway;
  readonly server: RunningServer;
  /** Where the probe listener is, when the settings have one. */
  readonly probe: RunningServer | undefined;
  log(): string;
  /** A call as a DIRAC client sends it, as ciuser unless told otherwise. */
  call(method: string, args: unknown, options?: CallOptions): Promise<Response>;
  /** The decoded answer of `createPresignedUrl`. */
  presign(...args: unknown[]): Promise<Answer>;
  post(body: string | Uint8Array, options?: CallOptions): Promise<Response>;
  token(username?: string): Promise<string>;
  close(): Promise<void>;
}

export interface CallOptions {
  /** `` sends none. */
  readonly username?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly OK: boolean;
  readonly Value: { readonly Successful: Record<string, unknown>; readonly Failed: Record<string, string> };
  readonly Errno: number;
  readonly Message: string;
}

export interface RpcWorldOptions {
  /** Lines for the section of the service. */
  readonly settings?: string;
  readonly edit?: (configuration: DiracConfiguration) => DiracConfiguration;
  readonly now?: () => Date;
  /** Default: everything. */
  readonly logLevel?: 'debug' | 'error';
  /** Port and keys of the store behind every StorageElement; it need not exist for what is only signed. */
  readonly store?: Store;
}

export async function startRpcWorld({
  settings,
  store,
  edit = (same) => same,
  now = () => new Date(),
  logLevel = 'debug',
}: RpcWorldOptions = {}): Promise<RpcWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'rpc-test-'));
  const jwksFile = join(folder, 'jwks.json');
  const catalog = join(folder, 'catalog.db');
  const issuer = await createDevelopmentIssuer({ jwksFile });
  const directory = (path: string, owner: string, mode: number) => ({ path, owner, group: 'dirac_user', mode });
  await seedSqliteFileCatalog(catalog, [
    directory('/dirac', 'admin', 0o755),
    directory('/dirac/user', 'admin', 0o755),
    directory('/dirac/user/c/ciuser', 'ciuser', 0o755),
    directory('/dirac/user/x', 'other', 0o755),
    directory('/dirac/user/o/other', 'other', 0o700),
  ]);
  const { tree, errors: syntax } = parseCfg(recordedCfg({ jwksFile, catalog, issuer, settings, store }), { file: 'rpc-test.cfg' });
  const { config, errors } = resolveConfiguration(tree, { role: 'gateway' });
  if (syntax.length + errors.length > 0) throw new Error(JSON.stringify([...syntax, ...errors]));
  const configuration = edit(config);
  const lines: string[] = [];
  const log = createLog({ level: logLevel, destination: { write: (line) => void lines.push(line) } });
  const gateway = await composeGateway({
    configuration,
    configurationState,
    log,
    version: '1.2.3',
    clock: { now },
    env: {},
    userId: undefined,
  });
  const server = await startServer(gateway.app, configuration.gateway);
  const probe = gateway.probe && (await startServer(gateway.probe.listener, gateway.probe.settings));
  const tokens = new Map<string, string>();
  const token = async (username = 'ciuser'): Promise<string> => {
    const held = tokens.get(username) ?? (await issuer.mint({ username, group: 'dirac_user' }));
    tokens.set(username, held);
    return held;
  };
  const post: RpcWorld['post'] = async (body, { username = 'ciuser', path = '/DataManagement/S3Gateway', headers = {} } = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(username !== '' && { authorization: `Bearer ${await token(username)}` }),
        ...headers,
      },
      body: typeof body === 'string' ? body : Uint8Array.from(body),
    });
  const call: RpcWorld['call'] = (method, args, options) =>
    post(new URLSearchParams({ method, args: JSON.stringify(args), clientVO: 'dirac', clientSetup: 'None' }).toString(), options);
  return {
    folder,
    issuer,
    configuration,
    gateway,
    server,
    probe,
    log: () => lines.join(''),
    call,
    presign: async (...args) => (await (await call('createPresignedUrl', args)).json()) as Answer,
    post,
    token,
    close: async () => {
      await Promise.all([server.stop(), probe?.stop()]);
      gateway.close();
      await rm(folder, { recursive: true });
    },
  };
}
