// @ts-check
/**
 * The configuration of the installation that `npm run test:dirac` makes: what its Configuration server hands out, and the local files of
 * the server, of a client and of our gateway.
 */

/** @typedef {{[name: string]: string | number | string[] | Section}} Section */
/** @typedef {import('../world/configuration.mjs').Store & {anotherBucket: string, secureOrigin: string}} Store */

/**
 * Users of the installation by name, with the group of their proxy; certificates are `<name>.crt` of the test PKI.
 * Alice's and Dave's homes are closed to each other; Carol is an administrator of the catalog; Bob is a member whose certificate is revoked.
 */
export const people = {
  alice: { group: 'demo_user' },
  dave: { group: 'demo_user' },
  carol: { group: 'demo_admin' },
  bob: { group: 'demo_user' },
};

/** Proxies nobody may be let in with, beside Bob's: whose they are and the group they claim. */
export const strangers = {
  /** Has a good certificate; the Registry does not know her. */
  mallory: { name: 'mallory', group: 'demo_user' },
  /** Alice, claiming a group she is not in. */
  aliceAsAdmin: { name: 'alice', group: 'demo_admin' },
};
export const vo = 'demo';

const subject = '/DC=ch/DC=example/O=Test Grid';
/** @param {string} name */
export const userDn = (name) => `${subject}/OU=Users/CN=${name}`;
export const hostDn = `${subject}/OU=hosts/CN=localhost`;

/** Installations before version 9 have setups and instances of systems. */
const setup = 'Demo';
const instance = 'Production';
/** @param {string} version */
export const hasSetups = (version) => Number(version.split('.')[0]) < 9;

/** What sits below `/Systems/<System>`, one level deeper where there are instances. @param {string} version @param {Section} section @returns {Section} */
function system(version, section) {
  return hasSetups(version) ? { [instance]: section } : section;
}

/**
 * Names of the StorageElements, each another way to write the same bucket down.
 * `derived`: everything from a base; `derivedOther`: from the same base with another bucket; `defaultPort`: `Port = 0`;
 * `banned`: everything is banned by its status; `secure`: over https; `otherVo`: for another VO.
 */
export const elements = /** @type {const} */ ({
  plain: 'PLAIN-S3',
  derived: 'DERIVED-S3',
  derivedOther: 'DERIVED-OTHER-S3',
  defaultPort: 'DEFAULT-PORT-S3',
  banned: 'BANNED-S3',
  secure: 'SECURE-S3',
  otherVo: 'OTHER-VO-S3',
});

/**
 * What the Configuration server hands out.
 * @param {{version: string, store: Store, gatewayUrls: string[], configurationUrl: string, statusUrl: string, fileCatalogUrl?: string | undefined}} facts
 */
export function centralConfiguration({ version, store, gatewayUrls, configurationUrl, statusUrl, fileCatalogUrl }) {
  const { hostname, port, protocol } = new URL(store.origin);
  const s3 = {
    PluginName: 'S3',
    Protocol: 's3',
    Access: 'remote',
    Host: hostname,
    Port: port,
    Path: store.bucket,
    SecureConnection: protocol === 'https:' ? 'True' : 'False',
    Region: store.region,
  };
  return text({
    DIRAC: {
      VirtualOrganization: vo,
      ...(hasSetups(version)
        ? { Setups: { [setup]: { DataManagement: instance, Configuration: instance, ResourceStatus: instance, Accounting: instance } } }
        : {}),
      Configuration: { Name: 'Demo', Servers: configurationUrl, MasterServer: configurationUrl },
    },
    Systems: {
      Configuration: system(version, { URLs: { Server: configurationUrl } }),
      DataManagement: system(version, {
        URLs: {
          S3Gateway: gatewayUrls.map((url) => `${url}/DataManagement/S3Gateway`),
          ...(fileCatalogUrl === undefined ? {} : { FileCatalog: fileCatalogUrl }),
        },
        // New directories are closed to everybody but their owner.
        Services: { FileCatalog: { SecurityManager: 'VOMSSecurityManager', GlobalReadAccess: 'no', DefaultUmask: 0o700 } },
      }),
      ResourceStatus: system(version, { URLs: { ResourceStatus: `${statusUrl}/ResourceStatus/ResourceStatus` } }),
      Accounting: system(version, { URLs: { DataStore: `${statusUrl}/Accounting/DataStore` } }),
    },
    Registry: {
      Users: Object.fromEntries(Object.keys(people).map((name) => [name, { DN: userDn(name) }])),
      Groups: {
        demo_user: { Users: ['alice', 'dave', 'bob'], Properties: 'NormalUser', VO: vo },
        demo_admin: { Users: 'carol', Properties: ['NormalUser', 'FileCatalogManagement', 'CSAdministrator'], VO: vo },
      },
      Hosts: { localhost: { DN: hostDn, Properties: ['TrustedHost', 'CSAdministrator'] } },
      DefaultGroup: 'demo_user',
    },
    Operations: {
      Defaults: {
        DataManagement: { AccessProtocols: 's3', WriteProtocols: 's3', RegistrationProtocols: 's3' },
        ...(hasSetups(version) ? { ResourceStatus: { Config: { State: 'Active' } } } : {}),
      },
    },
    Resources: {
      ...(fileCatalogUrl === undefined
        ? {}
        : { FileCatalogs: { FileCatalog: { AccessType: 'Read-Write', Status: 'Active', Master: 'True' } } }),
      Sites: { LCG: { 'LCG.Demo.org': { SE: Object.values(elements) } } },
      StorageElementBases: { 'BASE-S3': { BackendType: 'S3', S3: s3 } },
      StorageElements: {
        [elements.plain]: { BackendType: 'S3', S3: s3 },
        [elements.derived]: { BaseSE: 'BASE-S3' },
        [elements.derivedOther]: { BaseSE: 'BASE-S3', S3: { Access: 'remote', Path: store.anotherBucket } },
        [elements.secure]: { BackendType: 'S3', S3: { ...s3, Port: new URL(store.secureOrigin).port, SecureConnection: 'True' } },
        [elements.otherVo]: { BackendType: 'S3', VO: 'other', S3: s3 },
        [elements.defaultPort]: { BackendType: 'S3', S3: { ...s3, Port: 0 } },
        [elements.banned]: { BackendType: 'S3', S3: s3 },
      },
    },
  });
}

/**
 * The local file of a DIRAC server or client.
 * @param {{version: string, pki: string, configurationUrl: string}} facts
 */
export function clientConfiguration({ version, pki, configurationUrl }) {
  return text({
    DIRAC: {
      ...(hasSetups(version) ? { Setup: setup } : {}),
      Configuration: { Servers: configurationUrl },
      Security: { 'Grid-Security': pki, CertFile: `${pki}/host.crt`, KeyFile: `${pki}/host.key` },
    },
    LocalSite: { Site: 'LCG.Demo.org' },
  });
}

/**
 * The local file of the Configuration server, which also holds its own section.
 * @param {{version: string, pki: string, configurationUrl: string}} facts
 */
export function serverConfiguration({ version, pki, configurationUrl }) {
  return text({
    DIRAC: {
      ...(hasSetups(version) ? { Setup: setup, Setups: { [setup]: { Configuration: instance } } } : {}),
      Configuration: { Master: 'yes', Name: 'Demo' },
      Security: {
        'Grid-Security': pki,
        UseServerCertificate: 'yes',
        CertFile: `${pki}/host.crt`,
        KeyFile: `${pki}/host.key`,
      },
    },
    Systems: {
      Configuration: system(version, {
        Services: {
          Server: {
            HandlerPath: 'DIRAC/ConfigurationSystem/Service/ConfigurationHandler.py',
            Port: new URL(configurationUrl.replace('dips:', 'https:')).port,
            Authorization: { Default: 'authenticated', commitNewData: 'CSAdministrator', getVersion: 'authenticated' },
          },
        },
      }),
    },
  });
}

/**
 * The local file of our gateway: the keys, which it alone has, its catalog, its certificate and the directory of the CAs.
 * @param {{version: string, pki: string, configurationUrl: string, refreshSeconds: number, store: Store, catalog: string | undefined, probeKey: string}} facts
 * `catalog`: file of its own catalog; none where the configuration has the File Catalog
 */
export function gatewayConfiguration({ version, pki, configurationUrl, refreshSeconds, store, catalog, probeKey }) {
  const keys = { S3: { Aws_access_key_id: store.credentials.accessKeyId, Aws_secret_access_key: store.credentials.secretAccessKey } };
  const own = Object.values(elements).filter((name) => name !== elements.derived && name !== elements.derivedOther);
  return text({
    DIRAC: {
      ...(hasSetups(version) ? { Setup: setup } : {}),
      Configuration: { Servers: configurationUrl, RefreshTime: refreshSeconds },
      Security: { 'Grid-Security': pki, CertFile: `${pki}/host.crt`, KeyFile: `${pki}/host.key` },
    },
    Systems: {
      DataManagement: system(version, {
        Services: {
          S3Gateway: {
            Host: '127.0.0.1',
            CertFile: `${pki}/host.crt`,
            KeyFile: `${pki}/host.key`,
            Probe: { Host: '127.0.0.1', SecretKeys: probeKey },
          },
        },
      }),
    },
    Resources: {
      ...(catalog === undefined ? {} : { FileCatalogs: { FileCatalog: { CatalogType: 'Sqlite', Path: catalog } } }),
      StorageElementBases: { 'BASE-S3': keys },
      StorageElements: Object.fromEntries(own.map((name) => [name, keys])),
    },
  });
}

/** @param {string} version @param {string} option of the gateway's section */
export const gatewayOption = (version, option) =>
  `/Systems/DataManagement/${hasSetups(version) ? `${instance}/` : ''}Services/S3Gateway/${option}`;

/** @param {Section} section */
export function text(section, indent = '') {
  /** @type {string[]} */
  const lines = [];
  for (const [name, value] of Object.entries(section)) {
    if (typeof value === 'object' && !Array.isArray(value))
      lines.push(`${indent}${name}`, `${indent}{`, text(value, `${indent}  `), `${indent}}`);
    else lines.push(`${indent}${name} = ${Array.isArray(value) ? value.join(', ') : value}`);
  }
  return lines.filter((line) => line !== '').join('\n') + (indent === '' ? '\n' : '');
}
