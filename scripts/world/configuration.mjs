// @ts-check
/**
 * The DIRAC configuration of the sample world: a central file everybody shares, and the server's local one, which alone holds the
 * credentials of the StorageElements and the path of the catalog.
 */

/** @typedef {{accessKeyId: string, secretAccessKey: string}} Keys */
/** @typedef {{origin: string, region: string, bucket: string, credentials: Keys, writeOnlyCredentials?: Keys | undefined}} Store */

/**
 * StorageElements by name; each is the same bucket, seen at its own origin (a proxy that injects faults has another one), with or without the
 * write-only key of the store beside the main one.
 * @typedef {Record<string, {origin: string, writeOnlyKey?: boolean}>} Elements
 */

/** Two users of one group and an administrator of the catalog. */
export const people = {
  alice: { username: 'alice', group: 'demo_user' },
  bob: { username: 'bob', group: 'demo_user' },
  carol: { username: 'carol', group: 'demo_admin' },
};

/**
 * @param {{store: Store, gatewayUrls: string[], elements: Elements}} facts
 */
export function centralConfiguration({ store, gatewayUrls, elements }) {
  return `DIRAC
{
  VirtualOrganization = demo
}
Systems
{
  DataManagement
  {
    URLs
    {
      S3Gateway = ${gatewayUrls.map((url) => `${url}/DataManagement/S3Gateway`).join(', ')}
    }
    Services
    {
      FileCatalog
      {
        SecurityManager = VOMSSecurityManager
        GlobalReadAccess = no
        DefaultUmask = 448
      }
    }
  }
}
Registry
{
  Users
  {
    alice
    {
      DN = /DC=org/DC=example/CN=alice
    }
    bob
    {
      DN = /DC=org/DC=example/CN=bob
    }
    carol
    {
      DN = /DC=org/DC=example/CN=carol
    }
  }
  Groups
  {
    demo_user
    {
      Users = alice, bob
      Properties = NormalUser
      VO = demo
    }
    demo_admin
    {
      Users = carol
      Properties = NormalUser, FileCatalogManagement
      VO = demo
    }
  }
}
Operations
{
  Defaults
  {
    DataManagement
    {
      AccessProtocols = s3
      WriteProtocols = s3
      RegistrationProtocols = s3
    }
  }
}
Resources
{
  StorageElements
  {
${Object.entries(elements)
  .map(([name, { origin }]) => storageElement(name, new URL(origin), store))
  .join('\n')}
  }
}
`;
}

/** @param {string} name @param {URL} origin @param {Store} store */
function storageElement(name, origin, store) {
  return `    ${name}
    {
      BackendType = S3
      S3
      {
        PluginName = S3
        Protocol = s3
        Access = remote
        Host = ${origin.hostname}
        Port = ${origin.port}
        Path = ${store.bucket}
        SecureConnection = ${origin.protocol === 'https:' ? 'True' : 'False'}
        Region = ${store.region}
      }
    }`;
}

/**
 * What a process that holds the keys has in its local dirac.cfg.
 * @param {{central: string, store: Store, elements: Elements, catalog: string}} facts
 */
export function privateConfiguration({ central, store, elements, catalog }) {
  return `${pointerToCentral(central)}Resources
{
  FileCatalogs
  {
    FileCatalog
    {
      CatalogType = Sqlite
      Path = ${catalog}
    }
  }
  StorageElements
  {
${Object.entries(elements)
  .map(([name, { writeOnlyKey = false }]) => keysOf(name, store, { writeOnlyKey }))
  .join('\n')}
  }
}
`;
}

/** @param {string} name @param {Store} store @param {{writeOnlyKey: boolean}} options */
function keysOf(name, { credentials, writeOnlyCredentials }, { writeOnlyKey }) {
  const writer =
    writeOnlyKey && writeOnlyCredentials
      ? `
        Aws_write_access_key_id = ${writeOnlyCredentials.accessKeyId}
        Aws_write_secret_access_key = ${writeOnlyCredentials.secretAccessKey}`
      : '';
  return `    ${name}
    {
      S3
      {
        Aws_access_key_id = ${credentials.accessKeyId}
        Aws_secret_access_key = ${credentials.secretAccessKey}${writer}
      }
    }`;
}

/** @param {{issuer: string, audience: string, jwksFile: string, uploadKey: string | undefined}} settings `uploadKey`: the same at every gateway */
export function gatewayConfiguration({ issuer, audience, jwksFile, uploadKey }) {
  return `Systems
{
  DataManagement
  {
    Services
    {
      S3Gateway
      {
        Host = 127.0.0.1
        Port = 0
        UploadSessions
        {
${uploadKey === undefined ? '' : `          SecretKeys = ${uploadKey}\n`}        }
        Issuers
        {
          Development
          {
            Issuer = ${issuer}
            Audience = ${audience}
            Algorithms = ES256
            JwksFile = ${jwksFile}
          }
        }
      }
    }
  }
}
`;
}

/** @param {string} central */
export function pointerToCentral(central) {
  return `DIRAC
{
  Configuration
  {
    CentralFile = ${central}
  }
}
`;
}
