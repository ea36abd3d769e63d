import { describe, expect, test } from '@jest/globals';
import { resolve, type Sections } from './cfg-text.js';

const path = '/Systems/DataManagement/Services/S3Gateway';
const tls = { CertFile: '/c.pem', KeyFile: '/k.pem' };
const gateway = (options: Sections, more: Sections = {}) =>
  resolve({ ...more, Systems: { DataManagement: { Services: { S3Gateway: options } } } });

describe('client certificates', () => {
  const certificatesOf = (options: Sections, more?: Sections) => gateway(options, more).config.gateway.authentication.clientCertificates;

  test('are asked for with https, unless switched off', () => {
    expect(certificatesOf({})).toBeUndefined();
    expect(certificatesOf(tls)).toEqual({ caDirectory: '/etc/grid-security/certificates', revocation: 'if-present', minRsaBits: 2048 });
    expect(certificatesOf({ ...tls, ClientCertificates: 'no' })).toBeUndefined();
  });

  test('cannot be had without https', () => {
    expect(gateway({ ClientCertificates: 'yes' }).errors).toEqual([`${path}/ClientCertificates needs CertFile and KeyFile`]);
  });

  test('are judged as the options say', () => {
    expect(certificatesOf({ ...tls, CADirectory: '/cas', Revocation: 'required', MinRsaBits: 1024 })).toEqual({
      caDirectory: '/cas',
      revocation: 'required',
      minRsaBits: 1024,
    });
    expect(gateway({ ...tls, MinRsaBits: 512 }).errors).toEqual([expect.stringMatching(/MinRsaBits must be a whole number from 1024/)]);
    expect(gateway({ ...tls, Revocation: 'never' }).errors).toEqual([expect.stringMatching(/Revocation must be if-present or/)]);
  });

  test.each<[Sections, string]>([
    [{ CALocation: '/a', 'Grid-Security': '/b' }, '/b/certificates'],
    [{ CALocation: '/a' }, '/a'],
    [{ 'Grid-Security': '/b/' }, '/b/certificates'],
    [{}, '/etc/grid-security/certificates'],
  ])('%j in /DIRAC/Security: the authorities are in %s', (Security, expected) => {
    expect(certificatesOf(tls, { DIRAC: { Security } })?.caDirectory).toBe(expected);
    expect(certificatesOf({ ...tls, CADirectory: '/own' }, { DIRAC: { Security } })?.caDirectory).toBe('/own');
  });
});

describe('the rules of the service', () => {
  test('are those of its Authorization section, word by word', () => {
    const { config, warnings } = gateway({ Authorization: { Default: 'authenticated, group:adm', whoami: 'all', ping: '' } });
    expect(warnings).toEqual([]);
    expect([...config.gateway.authentication.rules]).toEqual([
      ['Default', ['authenticated', 'group:adm']],
      ['whoami', ['all']],
    ]);
  });

  test('are read from TornadoS3Gateway where S3Gateway has none', () => {
    const services = (S3Gateway: Sections) =>
      resolve({
        Systems: { DataManagement: { Services: { S3Gateway, TornadoS3Gateway: { Authorization: { Default: 'NormalUser' } } } } },
      }).config.gateway.authentication.rules.get('Default');
    expect(services({})).toEqual(['NormalUser']);
    expect(services({ Authorization: { Default: 'Operator' } })).toEqual(['Operator']);
    expect(services({ Authorization: { whoami: 'all' } })).toBeUndefined();
  });

  test('of methods that do not exist are told', () => {
    expect(gateway({ Authorization: { createPresignedURL: 'NormalUser' } }).warnings).toEqual([
      `${path}/Authorization/createPresignedURL is no method; did you mean createPresignedUrl?`,
    ]);
  });
});

describe('policies for callers', () => {
  test('are strict, but for limited proxies', () => {
    expect(gateway({}).config.gateway.authentication).toMatchObject({ authorization: 'closed', limitedProxies: 'accept' });
    const { config, warnings } = gateway({ Policies: { Authorization: 'as-dirac', LimitedProxies: 'read-only' } });
    expect(warnings).toEqual([]);
    expect(config.gateway.authentication).toMatchObject({ authorization: 'as-dirac', limitedProxies: 'read-only' });
  });

  test.each([
    [{ Authorization: 'open' }, /Policies\/Authorization must be closed or as-dirac/],
    [{ LimitedProxies: 'no' }, /Policies\/LimitedProxies must be accept or read-only/],
    [{ LimitedProxy: 'accept' }, undefined],
  ])('%j is a fault', (Policies, fault) => {
    const { errors, warnings } = gateway({ Policies });
    if (fault === undefined) expect(warnings).toEqual([expect.stringMatching(/did you mean LimitedProxies\?$/)]);
    else expect(errors).toEqual([expect.stringMatching(fault)]);
  });
});

describe('issuers', () => {
  const base = { Issuer: 'https://idp.example.org', Algorithms: 'RS256', JwksUrl: 'https://idp.example.org/certs' };
  const one = (options: Sections) => gateway({ Issuers: { Idp: { ...base, ...options } } });
  const common = { name: 'Idp', issuer: base.Issuer, algorithms: ['RS256'], jwks: { url: base.JwksUrl } };

  test('of DiracX need their VOs, and no audience', () => {
    const { config, errors, warnings } = one({ Kind: 'diracx', VOs: 'lhcb, gridpp' });
    expect([errors, warnings]).toEqual([[], []]);
    expect(config.gateway.issuers).toEqual([{ ...common, kind: 'diracx', audience: undefined, vos: ['lhcb', 'gridpp'] }]);
    const without = one({ Kind: 'diracx' });
    expect(without.errors).toEqual([expect.stringMatching(/Issuers\/Idp\/VOs must be set/)]);
    expect(without.config.gateway.issuers).toEqual([]);
  });

  test('of the WLCG profile map groups, and users where the Registry does not', () => {
    const options = { Kind: 'wlcg', Audience: 'https://s3gw', Groups: { lhcb_user: '/lhcb', lhcb_prod: '/lhcb/prod' }, BasePath: '/lhcb' };
    const { config, errors, warnings } = one({ ...options, Users: { alice: 'a-b-c' } });
    expect([errors, warnings]).toEqual([[], []]);
    const groups = [
      { group: 'lhcb_user', path: '/lhcb' },
      { group: 'lhcb_prod', path: '/lhcb/prod' },
    ];
    const expected = { ...common, kind: 'wlcg', audience: 'https://s3gw', vos: undefined, groups, basePath: '/lhcb' };
    expect(config.gateway.issuers).toEqual([{ ...expected, users: new Map([['a-b-c', 'alice']]) }]);
    expect(one(options).config.gateway.issuers).toEqual([{ ...expected, users: undefined }]);
  });

  const wlcg = { Kind: 'wlcg', Audience: 'x', Groups: { user: '/lhcb' } };
  test.each<[Sections, RegExp]>([
    [{ Kind: 'saml' }, /Kind must be oidc or diracx or wlcg/],
    [{}, /Audience must be set/],
    [{ Kind: 'wlcg', Groups: { user: '/lhcb' } }, /Audience must be set/],
    [{ Kind: 'wlcg', Audience: 'x' }, /Groups must name at least one group/],
    [{ ...wlcg, Groups: { user: 'lhcb' } }, /Groups\/user must be a group of the issuer/],
    [{ ...wlcg, Groups: { user: '/lhcb/' } }, /Groups\/user must be a group of the issuer/],
    [{ ...wlcg, Users: { alice: '1', bob: '1' } }, /Users\/alice is the `sub` of another user too/],
    [{ ...wlcg, Users: { alice: '' } }, /Users\/alice must be the claim `sub`/],
    [{ ...wlcg, BasePath: '/lhcb/../x' }, /BasePath an LFN must not contain/],
    [{ ...wlcg, BasePath: 'lhcb' }, /BasePath an LFN must start with/],
  ])('%j is left out', (options, fault) => {
    const { config, errors } = one(options);
    expect(errors).toEqual([expect.stringMatching(fault)]);
    expect(config.gateway.issuers).toEqual([]);
  });

  test.each<[Sections, string]>([
    [{ Kind: 'diracx', VOs: 'lhcb', UsernameClaim: 'sub' }, 'UsernameClaim is not read'],
    [{ ...wlcg, GroupClaim: 'sub' }, 'GroupClaim is not read'],
    [{ Audience: 'x', Groups: { user: '/lhcb' } }, 'Groups is not read'],
  ])('%j: what another kind has is not read', (options, remark) => {
    expect(one(options).warnings).toEqual([`${path}/Issuers/Idp/${remark}`]);
  });
});
