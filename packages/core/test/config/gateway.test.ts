import { Secret } from '../../src/domain/index.js';
import { describe, expect, test } from '@jest/globals';
import { parseCfg, resolveConfiguration } from '../../src/config/index.js';
import { cfg, resolve, s3, type Sections } from './cfg-text.js';

const path = '/Systems/DataManagement/Services/S3Gateway';
const gateway = (options: Sections, role?: 'gateway' | 'client') =>
  resolve({ Systems: { DataManagement: { Services: { S3Gateway: options } } } }, role === undefined ? {} : { role });

describe('the gateway', () => {
  test('has a default for every setting', () => {
    const { config, warnings, errors } = resolve({});
    expect([warnings, errors]).toEqual([[], []]);
    expect(config).toMatchObject({ vo: undefined, catalog: undefined, gatewayUrls: [] });
    expect(config.gateway).toEqual({
      host: '127.0.0.1',
      port: 9169,
      tls: undefined,
      logLevel: 'info',
      maxItems: 10_000,
      maxBodyBytes: 8_388_608,
      requestTimeoutSeconds: 60,
      headersTimeoutSeconds: 10,
      shutdownTimeoutSeconds: 30,
      issuers: [],
      authentication: { clientCertificates: undefined, rules: new Map(), authorization: 'closed', limitedProxies: 'accept' },
      policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never' },
      uploadSessions: { keys: undefined, lifetimeSeconds: 3600, limitSeconds: 604_800 },
    });
  });

  test('shows the certificate of the installation, and then listens on every address', () => {
    const security = { Security: { CertFile: '/etc/host.pem', KeyFile: '/etc/host.key' } };
    const { config } = resolve({ DIRAC: security });
    expect(config.gateway).toMatchObject({ host: undefined, tls: { certFile: '/etc/host.pem', keyFile: '/etc/host.key' } });
    const own = resolve({
      DIRAC: security,
      Systems: { DataManagement: { Services: { S3Gateway: { CertFile: '/etc/own.pem', KeyFile: '/etc/own.key', Host: '127.0.0.1' } } } },
    });
    expect(own.config.gateway).toMatchObject({ host: '127.0.0.1', tls: { certFile: '/etc/own.pem', keyFile: '/etc/own.key' } });
    expect(resolve({ DIRAC: { Security: { CertFile: '/etc/host.pem' } } }).config.gateway).toMatchObject({
      host: '127.0.0.1',
      tls: undefined,
    });
  });

  test('takes every setting', () => {
    const { config, warnings, errors } = gateway({
      Host: '0.0.0.0',
      Port: 0,
      CertFile: '/etc/cert.pem',
      KeyFile: '/etc/key.pem',
      LogLevel: 'DEBUG',
      MaxItems: 5,
      MaxBodyBytes: 4096,
      RequestTimeout: 20,
      HeadersTimeout: 20,
      ShutdownTimeout: 1,
      MetricsHost: '127.0.0.1',
      MetricsPort: 9170,
      UploadSessions: { SecretKeys: '0123456789abcdef0123456789abcdef', Lifetime: 600, Limit: 7200 },
      Policies: { DeleteUnregistered: 'as-dirac', PutRegistered: 'as-dirac', OpenRoot: 'as-dirac' },
    });
    expect([warnings, errors]).toEqual([[], []]);
    expect(config.gateway).toEqual({
      host: '0.0.0.0',
      port: 0,
      tls: { certFile: '/etc/cert.pem', keyFile: '/etc/key.pem' },
      logLevel: 'debug',
      maxItems: 5,
      maxBodyBytes: 4096,
      requestTimeoutSeconds: 20,
      headersTimeoutSeconds: 20,
      shutdownTimeoutSeconds: 1,
      issuers: [],
      authentication: {
        clientCertificates: { caDirectory: '/etc/grid-security/certificates', revocation: 'if-present', minRsaBits: 2048 },
        rules: new Map(),
        authorization: 'closed',
        limitedProxies: 'accept',
      },
      policies: { deleteUnregistered: 'as-dirac', putRegistered: 'as-dirac', openRoot: 'as-dirac' },
      metrics: { host: '127.0.0.1', port: 9170 },
      uploadSessions: { keys: [new Secret('0123456789abcdef0123456789abcdef')], lifetimeSeconds: 600, limitSeconds: 7200 },
    });
  });

  test.each<[Sections, string]>([
    [{ Port: '65536' }, 'Port must be a whole number from 0 to 65535 (it is "65536")'],
    [{ Port: '9169 # default' }, 'Port must be a whole number from 0 to 65535; a CFG has no trailing comments'],
    [{ LogLevel: 'loud' }, 'LogLevel must be debug or info or warn or error'],
    [{ MaxItems: '0' }, 'MaxItems must be a whole number from 1'],
    [{ MaxBodyBytes: 'many' }, 'MaxBodyBytes must be a whole number'],
    [{ CertFile: '/c' }, 'KeyFile must be set, because CertFile is'],
    [{ KeyFile: '/k' }, 'CertFile must be set, because KeyFile is'],
    [{ HeadersTimeout: '61' }, 'HeadersTimeout is 61, more than RequestTimeout (60) permits'],
    [{ Policies: { OpenRoot: 'always' } }, 'Policies/OpenRoot must be never or as-dirac'],
  ])('cannot start with %j, but a client can work with it', (options, message) => {
    expect(gateway(options).errors).toEqual([expect.stringContaining(`${path}/${message}`)]);
    expect(gateway(options, 'client').errors).toEqual([]);
    expect(gateway(options, 'client').warnings).toEqual([expect.stringContaining(`${path}/${message}`)]);
  });

  test('a remark names file, line and column', () => {
    expect(gateway({ Port: 'x' }).remarks[0]?.source).toBe('dirac.cfg:9:1');
  });

  test('what it does not read gets a warning with a suggestion', () => {
    expect(gateway({ MaxItem: 3, Bananas: 1, Issuer: {}, Policies: { PutRegisterd: 'refuse' } }).warnings).toEqual([
      `${path}/MaxItem is not read; did you mean MaxItems?`,
      `${path}/Bananas is not read`,
      `${path}/Issuer is not read; did you mean Issuers?`,
      `${path}/Policies/PutRegisterd is not read; did you mean PutRegistered?`,
    ]);
  });

  test("DIRAC's own options of every service are no reason for a warning", () => {
    expect(gateway({ Port: 9169, Protocol: 'https', Authorization: { Default: 'authenticated' } }).warnings).toEqual([]);
  });
});

describe('issuers', () => {
  const good = {
    Issuer: 'https://idp.example.org',
    Audience: 'dirac-s3',
    Algorithms: 'ES256, EdDSA',
    JwksUrl: 'https://idp.example.org/certs',
  };
  const issuers = (sections: Sections) => gateway({ Issuers: sections });
  const one = (options: Sections) => issuers({ Idp: { ...good, ...options } });

  test('are read with the claims DIRAC users have', () => {
    const { config, warnings, errors } = one({});
    expect([warnings, errors]).toEqual([[], []]);
    expect(config.gateway.issuers).toEqual([
      {
        kind: 'oidc',
        name: 'Idp',
        issuer: 'https://idp.example.org',
        audience: 'dirac-s3',
        algorithms: ['ES256', 'EdDSA'],
        jwks: { url: 'https://idp.example.org/certs' },
        usernameClaim: 'preferred_username',
        groupClaim: 'dirac_group',
        vos: undefined,
      },
    ]);
  });

  test('may have their keys in a file, and other claims', () => {
    const [issuer] = one({ JwksUrl: '', JwksFile: '/etc/jwks.json', UsernameClaim: 'sub', GroupClaim: 'grp' }).config.gateway.issuers;
    expect(issuer).toMatchObject({ jwks: { file: '/etc/jwks.json' }, usernameClaim: 'sub', groupClaim: 'grp' });
  });

  test.each(['http://127.0.0.1:8080/jwks', 'http://localhost/jwks', 'http://[::1]:1/jwks'])(
    'keys may come from %s: it is this machine',
    (url) => {
      expect(one({ JwksUrl: url }).config.gateway.issuers[0]?.jwks).toEqual({ url });
    },
  );

  test.each<[Sections, RegExp]>([
    [{ Issuer: '' }, /Issuer must be set/],
    [{ Audience: '' }, /Audience must be set/],
    [{ Algorithms: '' }, /Algorithms must be set/],
    [{ Algorithms: ',' }, /Algorithms must be one or more of RS256/],
    [{ Algorithms: 'HS256' }, /asymmetric algorithms only/],
    [{ Algorithms: 'ES256, none' }, /asymmetric algorithms only/],
    [{ Algorithms: 'es256' }, /asymmetric algorithms only/],
    [{ JwksUrl: 'http://idp.example.org/certs' }, /must be an https URL/],
    [{ JwksUrl: 'http://localhost.example.org/certs' }, /must be an https URL/],
    [{ JwksUrl: 'file:///etc/jwks.json' }, /must be an https URL/],
    [{ JwksUrl: 'https://alice@idp.example.org/certs' }, /must be a URL without user/],
    [
      { JwksUrl: 'https://svc:hunter2@idp.example.org/certs' },
      /^(?!.*(?:svc|hunter2)).*must be a URL without user or password \(its value is not shown/,
    ],
    [{ JwksUrl: 'certs' }, /must be a URL/],
    [{ JwksUrl: '' }, /exactly one of JwksFile and JwksUrl/],
    [{ JwksFile: '/etc/jwks.json' }, /exactly one of JwksFile and JwksUrl/],
  ])('are left out with an error when they cannot be trusted: %j', (options, reason) => {
    const { config, errors } = one(options);
    expect(config.gateway.issuers).toEqual([]);
    expect(errors).toEqual([expect.stringMatching(reason)]);
    expect(errors[0]?.startsWith(`${path}/Issuers/Idp/`)).toBe(true);
  });

  test('cannot share one value of "iss"', () => {
    const { config, errors } = issuers({ One: good, Two: { ...good, Audience: 'other' } });
    expect(config.gateway.issuers.map(({ name }) => name)).toEqual(['One']);
    expect(errors).toEqual([`${path}/Issuers/Two/Issuer belongs to another issuer section too`]);
  });

  test('misspelled options are told', () => {
    expect(one({ Audiense: 'x' }).warnings).toEqual([`${path}/Issuers/Idp/Audiense is not read; did you mean Audience?`]);
    expect(issuers({ Issuer: 'x' }).warnings).toEqual([`${path}/Issuers/Issuer is not read; each issuer is a section of its own`]);
  });
});

describe('gateway URLs', () => {
  const urls = (value: string, operations: Sections = {}) =>
    resolve({ Systems: { DataManagement: { URLs: { S3Gateway: value } } }, Operations: { Defaults: operations } });

  test('are kept in the order they are written', () => {
    const { config, warnings } = urls('https://b.example.org:8443/DataManagement/S3Gateway, http://127.0.0.1:9169');
    expect(config.gatewayUrls).toEqual(['https://b.example.org:8443/DataManagement/S3Gateway', 'http://127.0.0.1:9169']);
    expect(warnings).toEqual([]);
  });

  test('$MAINSERVERS$ stands for the main servers', () => {
    expect(
      urls('https://$MAINSERVERS$:8443/DataManagement/S3Gateway', { MainServers: 'a.example.org, b.example.org' }).config.gatewayUrls,
    ).toEqual(['https://a.example.org:8443/DataManagement/S3Gateway', 'https://b.example.org:8443/DataManagement/S3Gateway']);
    expect(urls('https://$MAINSERVERS$:8443/').warnings).toEqual([expect.stringMatching(/Operations has no MainServers/)]);
  });

  test.each([
    ['dips://gw.example.org:9169/DataManagement/S3Gateway', /holds a dips:\/\/ URL/],
    ['gw.example.org', /no URL/],
    ['https://alice:pw@gw.example.org', /with a user or password/],
  ])('%s is left out with a warning', (url, reason) => {
    const { config, warnings } = urls(`${url}, https://good.example.org`);
    expect(config.gatewayUrls).toEqual(['https://good.example.org']);
    expect(warnings).toEqual([expect.stringMatching(reason)]);
    expect(warnings[0]).not.toContain('pw');
  });
});

describe('the catalog', () => {
  const catalogs = (sections: Sections, choice?: string) =>
    resolve({
      Resources: { FileCatalogs: sections },
      Systems: { DataManagement: { Services: { S3Gateway: choice === undefined ? {} : { FileCatalog: choice } } } },
    });
  const sqlite = { CatalogType: 'Sqlite', Path: '/var/catalog.sqlite' };
  const database = { CatalogType: 'FileCatalogDB', User: 'reader', Password: 'hush' };
  const cache = { allowedSeconds: 0, refusedSeconds: 0, cacheSize: 100_000 };
  const withService = (section: Sections) =>
    resolve({
      Resources: { FileCatalogs: { FileCatalog: { AccessType: 'Read-Write' }, ...section } },
      Systems: { DataManagement: { URLs: { FileCatalog: 'dips://a.example.org:9197/DataManagement/FileCatalog' } } },
    });
  const service = {
    service: 'DataManagement/FileCatalog',
    urls: ['dips://a.example.org:9197/DataManagement/FileCatalog'],
    timeoutSeconds: 10,
  };

  test("is DIRAC's own service where there is no other", () => {
    expect(withService({}).config.catalog).toEqual({ type: 'file-catalog', service, cache });
    expect(withService({ Mine: sqlite }).config.catalog).toMatchObject({ type: 'sqlite' });
  });

  test("is DIRAC's database, with the service for what users change where it is named", () => {
    const defaults = {
      host: 'localhost',
      port: 3306,
      socketPath: undefined,
      database: 'FileCatalogDB',
      user: 'reader',
      password: expect.any(Secret),
      caFile: undefined,
      timeoutSeconds: 10,
      connections: 10,
      allowReplica: false,
    };
    const { catalog } = withService({ Mine: database }).config;
    expect(catalog).toEqual({ type: 'file-catalog-db', database: defaults, service: undefined, compareWithService: 'refuse', cache });
    expect(JSON.stringify(catalog)).not.toContain('hush');
    const more = { ...database, CatalogURL: 'DataManagement/FileCatalog', TimeoutSeconds: 3, CacheRefusedSeconds: 2 };
    expect(withService({ Mine: more }).config.catalog).toMatchObject({
      database: { timeoutSeconds: 3 },
      service: { ...service, timeoutSeconds: 3 },
      cache: { refusedSeconds: 2 },
    });
  });

  test.each<[string, Sections, string | undefined, unknown]>([
    [
      'the only one that is supported',
      { FileCatalog: { AccessType: 'Read-Write' }, Mine: sqlite },
      undefined,
      { type: 'sqlite', path: '/var/catalog.sqlite' },
    ],
    ['the one that is named', { A: sqlite, B: { CatalogType: 'Gateway' } }, 'B', { type: 'gateway' }],
    ['one whose section is called after its type', { Sqlite: { Path: '/x' } }, undefined, { type: 'sqlite', path: '/x' }],
    ['none', { FileCatalog: {}, TSCatalog: { CatalogType: 'TSCatalog' } }, undefined, undefined],
  ])('is %s', (_, sections, choice, expected) => {
    const { config, errors } = catalogs(sections, choice);
    expect(errors).toEqual([]);
    expect(config.catalog).toEqual(expected);
  });

  test.each<[Sections, string | undefined, RegExp]>([
    [{ A: sqlite, B: sqlite }, undefined, /S3Gateway\/FileCatalog must be set: A and B in \/Resources\/FileCatalogs are both possible/],
    [{ A: sqlite }, 'B', /S3Gateway\/FileCatalog names "B", which is not in/],
    [{ TSCatalog: {} }, 'TSCatalog', /FileCatalogs\/TSCatalog\/CatalogType must be Sqlite, FileCatalog, FileCatalogDB or Gateway/],
    [{ FileCatalog: {} }, 'FileCatalog', /^\/Systems\/DataManagement\/URLs\/FileCatalog must be set/],
    [{ A: { CatalogType: 'FileCatalogDB', User: 'reader' } }, undefined, /FileCatalogs\/A\/Password must be set/],
    [{ A: { ...database, Port: 'x' } }, undefined, /FileCatalogs\/A\/Port must be a whole number/],
    [{ A: { ...database, CacheAllowedSeconds: 9999 } }, undefined, /FileCatalogs\/A\/CacheAllowedSeconds must be/],
    [{ A: { ...database, CatalogURL: 'Other/Catalog' } }, undefined, /^\/Systems\/Other\/URLs\/Catalog must be set/],
    [{ A: { CatalogType: 'Sqlite' } }, undefined, /FileCatalogs\/A\/Path must be set/],
  ])('is an error where the choice is not clear (%j, %j)', (sections, choice, reason) => {
    const { config, errors } = catalogs(sections, choice);
    expect(config.catalog).toBeUndefined();
    expect(errors).toEqual([expect.stringMatching(reason)]);
  });
});

describe('the rules of the catalog', () => {
  const rules = (options: Sections, catalog: Sections = { CatalogType: 'Sqlite', Path: '/x' }) =>
    resolve({ Resources: { FileCatalogs: { C: catalog } }, Systems: { DataManagement: { Services: { FileCatalog: options } } } });

  test("are strict by default, where DIRAC's own are open", () => {
    expect(rules({}).config.catalogRules).toEqual({
      securityManager: 'VOMSSecurityManager',
      globalReadAccess: false,
      defaultMode: 0o775,
      visibleStates: ['AprioriGood'],
    });
  });

  test('are read where the FileCatalog service has them', () => {
    const options = {
      SecurityManager: 'FullSecurityManager',
      GlobalReadAccess: 'Yes',
      DefaultUmask: 493,
      VisibleFileStatus: 'AprioriGood, Probing',
      Port: 9197,
    };
    const { config, warnings, errors } = rules(options);
    expect([warnings, errors]).toEqual([[], []]);
    expect(config.catalogRules).toEqual({
      securityManager: 'FullSecurityManager',
      globalReadAccess: true,
      defaultMode: 0o755,
      visibleStates: ['AprioriGood', 'Probing'],
    });
  });

  test.each([
    ['SecurityManager', 'PolicyBasedSecurityManager', /must be VOMSSecurityManager or/],
    ['GlobalReadAccess', 'maybe', /must be one of y, yes/],
    ['DefaultUmask', '0775', /must be decimal, and looks octal: write 509 for the mode 775 \(DIRAC would read 775\)/],
    ['DefaultUmask', '775', /looks octal: write 509 for the mode 775 \(DIRAC would read 775\)/],
    ['DefaultUmask', '0o755', /looks octal: write 493 for the mode 755/],
    ['DefaultUmask', '512', /looks octal/],
    ['DefaultUmask', '999', /must be a mode written as a decimal number from 0 to 511/],
    ['DefaultUmask', '-1', /must be a mode/],
    ['DefaultUmask', 'rwxr-xr-x', /must be a mode/],
  ])('%s = %s is an error for whom it concerns: the embedded catalog', (name, value, reason) => {
    const remark = expect.stringMatching(reason) as unknown as string;
    expect(rules({ [name]: value }).errors).toEqual([remark]);
    expect(rules({ [name]: value }, { CatalogType: 'Gateway' }).errors).toEqual([]);
    expect(rules({ [name]: value }, { CatalogType: 'Gateway' }).warnings).toEqual([remark]);
  });

  test.each([
    ['0', 0],
    ['511', 0o777],
    ['420', 0o644],
  ])('DefaultUmask = %s is a decimal mode', (value, mode) => {
    expect(rules({ DefaultUmask: value }).config.catalogRules.defaultMode).toBe(mode);
  });
});

describe('the Registry', () => {
  const groups = { user: { Users: 'alice, bob', Properties: 'NormalUser', VO: 'lhcb', VOMSRole: '/lhcb/Role=user' } };
  const users = { alice: { DN: '/DC=org/CN=alice' }, bob: { DN: '/DC=org/CN=bob, /DC=net/CN=bob', Suspended: 'lhcb' } };

  test('tells who is who', () => {
    const { config, warnings } = resolve({ Registry: { Users: users, Groups: groups } });
    expect(warnings).toEqual([]);
    expect([...config.registry.users]).toEqual([
      ['alice', { dns: ['/DC=org/CN=alice'], suspendedVos: [], defaultGroups: [] }],
      ['bob', { dns: ['/DC=org/CN=bob', '/DC=net/CN=bob'], suspendedVos: ['lhcb'], defaultGroups: [] }],
    ]);
    expect([...config.registry.groups]).toEqual([
      ['user', { users: ['alice', 'bob'], properties: ['NormalUser'], vo: 'lhcb', vomsRole: '/lhcb/Role=user' }],
    ]);
  });

  test('a group without a VO belongs to the one of the installation', () => {
    const { config, warnings } = resolve({ DIRAC: { VirtualOrganization: 'gridpp' }, Registry: { Groups: { user: { Users: 'alice' } } } });
    expect(warnings).toEqual([]);
    expect(config.registry.groups.get('user')?.vo).toBe('gridpp');
    expect(config.vo).toBe('gridpp');
  });

  test("the installation's VO beats the group's, as in DIRAC, with a warning", () => {
    const { config, warnings } = resolve({ DIRAC: { VirtualOrganization: 'gridpp' }, Registry: { Groups: groups } });
    expect(config.registry.groups.get('user')?.vo).toBe('gridpp');
    expect(warnings).toEqual(['/Registry/Groups/user/VO is "lhcb", but /DIRAC/VirtualOrganization puts every group into "gridpp"']);
  });

  test('a group of no VO at all is told: nobody can act in it', () => {
    const { config, warnings } = resolve({ Registry: { Groups: { user: { Users: 'alice' }, empty: {} } } });
    expect(config.registry.groups.get('user')?.vo).toBe('');
    expect(warnings).toEqual(['/Registry/Groups/user/VO is not set: nobody can act in a group without a VO']);
  });

  test('the VO of a process does not become that of groups', () => {
    const { config } = resolve({ Registry: { Groups: { user: { Users: 'alice' } } } }, { vo: 'lhcb' });
    expect(config.vo).toBe('lhcb');
    expect(config.registry.groups.get('user')?.vo).toBe('');
  });
});

test('sections where options belong, and options where sections belong, end in remarks and never in an exception', () => {
  const odd: Sections = { Host: {}, Issuers: 'x', Policies: 'x' };
  expect(() => gateway(odd)).not.toThrow();
  const text = cfg({
    DIRAC: 'x',
    Registry: { Users: 'x', Groups: { a: 'x' } },
    Operations: 'x',
    Resources: { StorageElements: { X: { Alias: {}, S3: { ...s3, Host: {} } }, Y: 'x' }, FileCatalogs: 'x' },
    Systems: { DataManagement: { URLs: 'x' } },
  });
  const { config, warnings } = resolveConfiguration(parseCfg(text, { file: 'f' }).tree);
  expect(config.storageElements.size).toBe(0);
  expect(warnings.map(({ path: where }) => where)).toEqual(['/Resources/StorageElements/X/S3/Host']);
});
