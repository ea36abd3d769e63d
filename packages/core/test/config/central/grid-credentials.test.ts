import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findGridCredentials,
  parseCfg,
  readAuthorities,
  readGridCertificate,
  resolveSecurity,
  type GridCredentialPlaces,
} from '../../../src/config/index.js';
import { issue, keyPemOf, type Issued } from '../../dirac-protocol/pki.js';

const security = (text = '') => resolveSecurity(parseCfg(`DIRAC\n{\nSecurity\n{\n${text}\n}\n}\n`, { file: 'x.cfg' }).tree);
const places = (text = '', env: Record<string, string> = {}, userId: number | undefined = 1000): GridCredentialPlaces =>
  findGridCredentials({ security: security(text).settings, env, userId });

describe('where credentials are looked for', () => {
  test('a proxy: the variables first, then the file of the user', () => {
    expect(places('', { X509_USER_PROXY: '/a', GRID_PROXY_FILE: '/b' })).toMatchObject({
      show: 'proxy',
      proxyFiles: [
        { path: '/b', named: true },
        { path: '/a', named: true },
        { path: '/tmp/x509up_u1000', named: false },
      ],
    });
    expect(findGridCredentials({ security: security().settings, env: {}, userId: undefined }).proxyFiles).toEqual([]);
  });

  test('a host certificate: the variables, then the options, then the usual names in both directories', () => {
    const options = 'CertFile = /c.pem\nKeyFile = /k.pem\nUseServerCertificate = yes';
    expect(places(options)).toMatchObject({ show: 'host', hostCertificates: [{ certFile: '/c.pem', keyFile: '/k.pem' }] });
    expect(places(options, { DIRAC_X509_HOST_CERT: '/e.pem' }).hostCertificates).toEqual([{ certFile: '/e.pem', keyFile: '/k.pem' }]);
    expect(places('Grid-Security = /gs', { DIRAC_ROOT_PATH: '/opt/dirac' }).hostCertificates.slice(0, 3)).toEqual([
      { certFile: '/gs/servercert.pem', keyFile: '/gs/serverkey.pem' },
      { certFile: '/opt/dirac/etc/grid-security/servercert.pem', keyFile: '/opt/dirac/etc/grid-security/serverkey.pem' },
      { certFile: '/gs/hostcert.pem', keyFile: '/gs/hostkey.pem' },
    ]);
    expect(places().hostCertificates).toEqual([]);
  });

  test('authorities: Grid-Security, CALocation, the variable, the installation, the system', () => {
    const env = { X509_CERT_DIR: '/env', DIRAC_ROOT_PATH: '/opt/dirac' };
    expect(places('Grid-Security = /gs\nCALocation = /cas', env).authorityDirectories).toEqual([
      '/gs/certificates',
      '/cas',
      '/env',
      '/opt/dirac/etc/grid-security/certificates',
      '/etc/grid-security/certificates',
    ]);
  });

  test.each([
    ['', {}, 'proxy'],
    ['UseTokens = yes', {}, 'token'],
    ['', { DIRAC_USE_ACCESS_TOKEN: 'true' }, 'token'],
    ['UseTokens = yes', { DIRAC_USE_ACCESS_TOKEN: 'no' }, 'proxy'],
    ['UseTokens = yes\nUseServerCertificate = yes', {}, 'host'],
  ] as const)('%j and %j mean a %s', (text, env, show) => {
    expect(places(text, env).show).toBe(show);
  });

  test('checks of servers cannot be switched off', () => {
    expect(security('SkipCAChecks = yes').warnings).toEqual([
      { path: '/DIRAC/Security/SkipCAChecks', message: expect.stringContaining('is not obeyed'), source: 'x.cfg:5:1' },
    ]);
    expect(security('SkipCAChecks = no').warnings).toEqual([]);
    expect(security('UseServerCertificate = perhaps').warnings).toHaveLength(1);
  });
});

describe('reading them', () => {
  const authority = issue('Root', { ca: true });
  const user = issue('alice', { issuer: authority });
  const clock = { now: () => new Date() };
  const userId = process.geteuid?.();
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dirac-s3-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const file = async (name: string, content: string, mode = 0o600): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, content);
    await chmod(path, mode);
    return path;
  };
  const proxyPem = (issued: Issued): string => issued.certPem + keyPemOf(issued) + authority.certPem;
  const readProxy = (path: string, named = true) => readGridCertificate({ ...places(), proxyFiles: [{ path, named }] }, { userId, clock });
  const readHost = (certFile: string, keyFile: string) =>
    readGridCertificate({ ...places('UseServerCertificate = yes'), hostCertificates: [{ certFile, keyFile }] }, { userId, clock });

  test('a proxy is its certificates in their order and its key', async () => {
    const path = await file('proxy', proxyPem(user));
    const found = await readProxy(path);
    expect(found).toMatchObject({ asHost: false, file: path });
    expect(found!.certificate.certChainPem).toBe(user.certPem + authority.certPem);
    expect(found!.certificate.keyPem.reveal()).toBe(keyPemOf(user));
    expect(JSON.stringify(found)).not.toContain('PRIVATE');
  });

  test('the first of several files that exists counts', async () => {
    const path = await file('proxy', proxyPem(user));
    const proxyFiles = [
      { path: join(directory, 'none'), named: true },
      { path, named: false },
    ];
    expect(await readGridCertificate({ ...places(), proxyFiles }, { userId, clock })).toMatchObject({ file: path });
  });

  test.each([0o640, 0o604, 0o620, 0o644, 0o700 | 0o001])('a proxy of mode %o is refused', async (mode) => {
    const path = await file('proxy', proxyPem(user), mode);
    await expect(readProxy(path)).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringMatching(/chmod 600/) });
  });

  test('a proxy of another user, a link in a directory of everybody, and a directory are refused', async () => {
    const path = await file('proxy', proxyPem(user));
    await expect(readGridCertificate({ ...places(), proxyFiles: [{ path, named: true }] }, { userId: 4_000_000, clock })).rejects.toThrow(
      /belongs to another user/,
    );
    await symlink(path, join(directory, 'link'));
    await expect(readProxy(join(directory, 'link'), false)).rejects.toThrow(/symbolic link/);
    expect(await readProxy(join(directory, 'link'))).toBeDefined();
    await expect(readProxy(directory)).rejects.toThrow(/is not a regular file/);
  });

  test('a proxy that is out of date is refused with the time, even if only its issuer is', async () => {
    const expired = issue('old', { expired: true });
    await expect(readProxy(await file('proxy', proxyPem(expired)))).rejects.toThrow(/out of date since \d{4}-/);
    await expect(readProxy(await file('proxy', user.certPem + keyPemOf(user) + expired.certPem))).rejects.toThrow(/out of date/);
  });

  test.each<readonly [string, () => string]>([
    ['nothing', () => ''],
    ['no key', () => user.certPem],
    ['no certificate', () => keyPemOf(user)],
    ['two keys', () => proxyPem(user) + keyPemOf(user)],
    ['a certificate that is none', () => keyPemOf(user) + '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['far too much', () => ' '.repeat(1024 * 1024 + 1)],
  ])('a proxy with %s is refused, without showing anything of it', async (_, content) => {
    const path = await file('proxy', content());
    const fault: unknown = await readProxy(path).catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining(path) });
    expect(String(fault)).not.toMatch(/MI|AAAA/);
  });

  test('without a proxy all places are named', async () => {
    const found = {
      ...places(),
      proxyFiles: [
        { path: join(directory, 'a'), named: true },
        { path: join(directory, 'b'), named: false },
      ],
    };
    await expect(readGridCertificate(found, { userId, clock })).rejects.toThrow(
      `there is no proxy (looked for ${directory}/a, ${directory}/b)`,
    );
  });

  test('a host certificate has its key in another file, which others cannot read', async () => {
    const [cert, key] = [await file('cert', user.certPem, 0o644), await file('key', keyPemOf(user), 0o640)];
    expect(await readHost(cert, key)).toMatchObject({ asHost: true, file: cert });
    await chmod(key, 0o644);
    await expect(readHost(cert, key)).rejects.toThrow(/the key .* can be read or changed by others/);
    await expect(readHost(cert, join(directory, 'none'))).rejects.toThrow(`there is no host certificate with its key (looked for ${cert})`);
  });

  test('where a token is sent, no certificate is read', async () => {
    expect(await readGridCertificate(places('UseTokens = yes'), { userId, clock })).toBeUndefined();
  });

  test('authorities are the files of hashed names, other files and broken ones are passed over', async () => {
    const other = issue('Other Root', { ca: true });
    await mkdir(join(directory, 'cas'));
    await file('cas/11111111.0', `Some CA\n${authority.certPem}`);
    await file('cas/22222222.1', other.certPem);
    await file('cas/33333333.0', 'broken');
    await file('cas/33333333.r0', authority.certPem);
    await file('cas/root.pem', issue('Unhashed', { ca: true }).certPem);
    const authorityDirectories = [join(directory, 'none'), join(directory, 'cas')];
    expect(new Set(await readAuthorities({ ...places(), authorityDirectories }))).toEqual(new Set([authority.certPem, other.certPem]));
  });

  test('no authorities is a refusal', async () => {
    await expect(readAuthorities({ ...places(), authorityDirectories: [directory] })).rejects.toThrow(/has none/);
    await expect(readAuthorities({ ...places(), authorityDirectories: [join(directory, 'none')] })).rejects.toThrow(
      /there is no directory/,
    );
  });
});
