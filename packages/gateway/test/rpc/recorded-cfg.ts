import type { DevelopmentIssuer } from '../../src/testing/development-issuer.js';

export interface Store {
  readonly port: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** That of the recording. */
const recordedStore: Store = { port: '19000', accessKeyId: 'S3RVER', secretAccessKey: 'S3RVERSECRET' };

export interface CfgFacts {
  readonly jwksFile: string;
  readonly catalog: string;
  readonly issuer: DevelopmentIssuer;
  /** Lines for the section of the service. */
  readonly settings?: string | undefined;
  readonly store?: Store | undefined;
}

/** Stores, catalog and users of the recorded exchanges, and two families of StorageElements that derive from bases. */
export const recordedCfg = ({ jwksFile, catalog, issuer, settings = '', store = recordedStore }: CfgFacts): string => `
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
      ${s3Section(store, 'base-bucket')}
    }
    TWIN-S3
    {
      ${s3Section(store, 'twin-bucket')}
    }
  }
  StorageElements
  {
    S3-INDIRECT
    {
      BackendType = S3
      ${s3Section(store, 'bucket1')}
    }
    S3-ALIAS
    {
      Alias = S3-INDIRECT
    }
    S3-PLAIN
    {
      BackendType = S3
      ${s3Section(store, 'plain', { host: 'plain.example.org', port: '0' })}
    }
    S3-SHORT
    {
      BackendType = S3
      ${s3Section(store, 'short', { more: 'MaxTransferExpiration = 600' })}
    }
    S3-VO
    {
      BackendType = S3
      ${s3Section(store, 'common', { more: 'VOPath\n{\ndirac = dirac-bucket\n}' })}
    }
    S3-BANNED
    {
      BackendType = S3
      ReadAccess = Banned
      CheckAccess = Banned
      ${s3Section(store, 'banned')}
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
        Port = ${store.port}
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
        ${settings}
      }
    }
  }
}
`;

function s3Section(store: Store, bucket: string, { host = '127.0.0.1', port = store.port, more = '' } = {}): string {
  return `S3
      {
        Protocol = s3
        PluginName = S3
        Access = remote
        Host = ${host}
        Port = ${port}
        Path = ${bucket}
        SecureConnection = False
        Aws_access_key_id = ${store.accessKeyId}
        Aws_secret_access_key = ${store.secretAccessKey}
        ${more}
      }`;
}
