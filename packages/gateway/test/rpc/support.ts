import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedSqliteFileCatalog } from '@dirac-s3/core/adapters/catalog/sqlite';
import { parseCfg, resolveConfiguration, type DiracConfiguration } from '@dirac-s3/core/config';
import { composeGateway, type ComposedGateway } from '../../src/compose.js';
import { createLog } from '../../src/ops/log.js';
import { startServer, type RunningServer } from '../../src/server.js';
import { createDevelopmentIssuer, type DevelopmentIssuer } from '../../src/testing/development-issuer.js';
import { configurationState } from '../support/services.js';

/** The gateway as it is composed for real, from a configuration as DIRAC installations write it; only tokens stand in for proxies. */
export interface RpcWorld {
  readonly folder: string;
  readonly issuer: DevelopmentIssuer;
  readonly configuration: DiracConfiguration;
  readonly gateway: ComposedGateway;
  readonly server: RunningServer;
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

/** Stores, catalog and users of the recorded exchanges, and two families of StorageElements that derive from bases. */
export const recordedCfg = (jwksFile: string, catalog: string, issuer: DevelopmentIssuer, more = ''): string => `
Registry
{
  Users
  {
    ciuser
    {
      DN = /DC=ch/DC=example/O=Test Grid/OU=Users/CN=ciuser
    }
    other
    {
      DN = /CN=other
    }
  }
  Groups
  {
    dirac_user
    {
      Users = ciuser, other
      Properties = NormalUser
      VO = dirac
    }
  }
}
Resources
{
  FileCatalogs
  {
    FileCatalog
    {
      CatalogType = Sqlite
      Path = ${catalog}
    }
  }
  StorageElementBases
  {
    BASE-S3
    {
      ${s3Section('base-bucket')}
    }
    TWIN-S3
    {
      ${s3Section('twin-bucket')}
    }
  }
  StorageElements
  {
    S3-INDIRECT
    {
      BackendType = S3
      ${s3Section('bucket1')}
    }
    S3-ALIAS
    {
      Alias = S3-INDIRECT
    }
    S3-PLAIN
    {
      BackendType = S3
      ${s3Section('plain', { host: 'plain.example.org', port: '0' })}
    }
    S3-SHORT
    {
      BackendType = S3
      ${s3Section('short', { more: 'MaxTransferExpiration = 600' })}
    }
    S3-VO
    {
      BackendType = S3
      ${s3Section('common', { more: 'VOPath\n{\ndirac = dirac-bucket\n}' })}
    }
    S3-BANNED
    {
      BackendType = S3
      ReadAccess = Banned
      CheckAccess = Banned
      ${s3Section('banned')}
    }
    S3-ELSEWHERE
    {
      BackendType = S3
      S3
      {
        Protocol = s3
        PluginName = S3
        Access = remote
        Host = 127.0.0.1
        Port = 19000
        Path = elsewhere
        SecureConnection = False
      }
    }
    DERIVED-ONE
    {
      BaseSE = BASE-S3
    }
    DERIVED-TWO
    {
      BaseSE = BASE-S3
      S3
      {
        Path = second-bucket
      }
    }
    TWIN-A
    {
      BaseSE = TWIN-S3
    }
    TWIN-B
    {
      BaseSE = TWIN-S3
    }
  }
}
Systems
{
  DataManagement
  {
    Services
    {
      S3Gateway
      {
        Host = 127.0.0.1
        Port = 0
        LogLevel = debug
        MaxItems = 10000
        MaxBodyBytes = 8388608
        Issuers
        {
          Development
          {
            Issuer = ${issuer.issuer}
            Audience = ${issuer.audience}
            Algorithms = ES256
            JwksFile = ${jwksFile}
          }
        }
        ${more}
      }
    }
  }
}
`;

function s3Section(bucket: string, { host = '127.0.0.1', port = '19000', more = '' } = {}): string {
  return `S3
      {
        Protocol = s3
        PluginName = S3
        Access = remote
        Host = ${host}
        Port = ${port}
        Path = ${bucket}
        SecureConnection = False
        Aws_access_key_id = S3RVER
        Aws_secret_access_key = S3RVERSECRET
        ${more}
      }`;
}

export interface RpcWorldOptions {
  /** Lines for the section of the service. */
  readonly settings?: string;
  readonly edit?: (configuration: DiracConfiguration) => DiracConfiguration;
  readonly now?: () => Date;
}

export async function startRpcWorld({ settings, edit = (same) => same, now = () => new Date() }: RpcWorldOptions = {}): Promise<RpcWorld> {
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
  const { tree, errors: syntax } = parseCfg(recordedCfg(jwksFile, catalog, issuer, settings), { file: 'rpc-test.cfg' });
  const { config, errors } = resolveConfiguration(tree, { role: 'gateway' });
  if (syntax.length + errors.length > 0) throw new Error(JSON.stringify([...syntax, ...errors]));
  const configuration = edit(config);
  const lines: string[] = [];
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
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
    log: () => lines.join(''),
    call,
    presign: async (...args) => (await (await call('createPresignedUrl', args)).json()) as Answer,
    post,
    token,
    close: async () => {
      await server.stop();
      gateway.close();
      await rm(folder, { recursive: true });
    },
  };
}
