import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLfnDirectory, type DiracS3Error } from '@dirac-s3/core';
import type { DiracxIssuer, Registry, WlcgIssuer } from '@dirac-s3/core/config';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JWTPayload } from 'jose';
import type { Authenticator } from '../../src/auth/index.js';
import { createDevelopmentIssuer, type DevelopmentIssuer } from '../../src/testing/development-issuer.js';
import { tokenAuthenticator } from '../support/authenticator.js';
import { issuerSettings, registry as base } from '../support/settings.js';

const now = new Date('2026-05-06T07:08:09.000Z');
const seconds = now.getTime() / 1000;
const subject = '73f16d93-2441-4a50-88ff-85360d78c6b5';

/** Alice has a DN of DIRAC's making for her `sub`; so has erin. */
const registry: Registry = {
  ...base,
  users: new Map([
    ...base.users,
    ['alice', { dns: ['/DC=org/CN=alice', `/O=DIRAC/CN=${subject}`], suspendedVos: [], defaultGroups: [] }],
    ['erin', { dns: ['/O=DIRAC/CN=erins-sub', '/O=DIRAC/CN=a/CN=b'], suspendedVos: [], defaultGroups: [] }],
  ]),
};

let folder: string;
let plain: DevelopmentIssuer;
let diracx: DevelopmentIssuer;
let iam: DevelopmentIssuer;
let diracxSettings: DiracxIssuer;
let wlcgSettings: WlcgIssuer;
let authenticate: Authenticator;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinds-test-'));
  const make = (name: string) =>
    createDevelopmentIssuer({ jwksFile: join(folder, name), issuer: `https://${name}.invalid`, audience: `for-${name}` });
  [plain, diracx, iam] = [await make('plain'), await make('diracx'), await make('iam')];
  const common = (issuer: DevelopmentIssuer, name: string) => ({
    name,
    issuer: issuer.issuer,
    algorithms: ['ES256'],
    jwks: { file: join(folder, name) },
    vos: undefined,
  });
  diracxSettings = { ...common(diracx, 'diracx'), kind: 'diracx', audience: undefined, vos: ['vo'] };
  wlcgSettings = {
    ...common(iam, 'iam'),
    kind: 'wlcg',
    audience: iam.audience,
    groups: [
      { group: 'vo_user', path: '/vo' },
      { group: 'vo_admin', path: '/vo/admin' },
    ],
    users: undefined,
    basePath: parseLfnDirectory('/'),
  };
  authenticate = await open();
});
afterAll(() => rm(folder, { recursive: true }));

const open = (changes: { readonly diracx?: Partial<DiracxIssuer>; readonly wlcg?: Partial<WlcgIssuer> } = {}) =>
  tokenAuthenticator(
    [
      issuerSettings(plain, { file: join(folder, 'plain') }),
      { ...diracxSettings, ...changes.diracx },
      { ...wlcgSettings, ...changes.wlcg },
    ],
    { registry, now },
  );
const present = async (token: string, by = authenticate) =>
  (await by({ authorization: [`Bearer ${token}`], certificates: [] }, 'Default')).identity;
const refusalOf = (token: string, by = authenticate): Promise<string> =>
  present(token, by).then(
    () => 'it was let in',
    (fault: unknown) => `${(fault as DiracS3Error).code}: ${(fault as DiracS3Error).message}`,
  );
const without = (claims: JWTPayload, name: string): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));

/** As DiracX's `AccessTokenPayload` is written. */
const diracxClaims = (more: JWTPayload = {}): JWTPayload => ({
  sub: `vo:${subject}`,
  vo: 'vo',
  iss: diracx.issuer,
  dirac_properties: ['NormalUser'],
  jti: '019a0000-0000-7000-8000-000000000000',
  preferred_username: 'alice',
  dirac_group: 'vo_user',
  dirac_policies: {},
  exp: seconds + 1200,
  ...more,
});

describe('a token of DiracX', () => {
  const sign = (more?: JWTPayload) => diracx.sign(diracxClaims(more));

  it('is accepted without audience and dates of its beginning', async () => {
    expect(await present(await sign())).toEqual({
      username: 'alice',
      group: 'vo_user',
      vo: 'vo',
      properties: ['NormalUser'],
      source: 'token',
    });
  });

  it('gives properties only as far as the group does, and no more than it names', async () => {
    const boastful = await sign({ dirac_properties: ['FileCatalogManagement', 'NormalUser'] });
    expect(await present(boastful)).toMatchObject({ properties: ['NormalUser'] });
    const modest = await sign({ preferred_username: 'erin', dirac_group: 'vo_admin' });
    expect(await present(modest)).toMatchObject({ username: 'erin', properties: ['NormalUser'] });
    expect(await present(await sign({ dirac_properties: [] }))).toMatchObject({ properties: [] });
    expect(await present(await diracx.sign(without(diracxClaims(), 'dirac_properties')))).toMatchObject({ properties: [] });
  });

  it.each<[string, JWTPayload, RegExp]>([
    ['of a VO that is not configured', { vo: 'other', dirac_group: 'other_user' }, /"vo"/],
    ['whose group is of another VO', { dirac_group: 'other_user' }, /"dirac_group"/],
    ['for a group the user is not in', { dirac_group: 'vo_admin' }, /Registry/],
    ['for a suspended user', { preferred_username: 'carol' }, /Registry/],
    ['for an unknown group', { dirac_group: 'nope' }, /speak for/],
    ['with properties that are no list', { dirac_properties: 'FileCatalogManagement' }, /"dirac_properties"/],
    ['that says it is a refresh token', { legacy_exchange: false }, /refresh token/],
    ['that has ended', { exp: seconds - 60 }, /expired/],
    ['that begins later', { nbf: seconds + 60 }, /"nbf"/],
  ])('%s is refused', async (_title, more, message) => {
    expect(await refusalOf(await sign(more))).toMatch(message);
  });

  it.each(['iss', 'vo', 'dirac_group', 'preferred_username', 'exp'])('without %s is refused', async (name) => {
    expect(await refusalOf(await diracx.sign(without(diracxClaims(), name)))).toMatch(/^unauthenticated: /);
  });

  it('for refreshing, as DiracX writes one, is refused', async () => {
    const refresh = await diracx.sign({ jti: '019a', exp: seconds + 3600, legacy_exchange: false, dirac_policies: {} });
    expect(await refusalOf(refresh)).toMatch(/issuer of the token is not accepted/);
  });

  it('is held to an audience where one is configured', async () => {
    const strict = await open({ diracx: { audience: 'dirac-s3' } });
    expect(await refusalOf(await sign(), strict)).toMatch(/"aud"/);
    expect(await present(await sign({ aud: 'dirac-s3' }), strict)).toMatchObject({ username: 'alice' });
  });
});

const wlcgClaims = (more: JWTPayload = {}): JWTPayload => ({
  'wlcg.ver': '1.0',
  'wlcg.groups': ['/vo'],
  iss: iam.issuer,
  sub: subject,
  aud: iam.audience,
  scope: 'openid wlcg.groups',
  exp: seconds + 1200,
  iat: seconds,
  nbf: seconds,
  jti: 'x',
  ...more,
});

describe('a token of the WLCG profile', () => {
  const sign = (more?: JWTPayload) => iam.sign(wlcgClaims(more));

  it("names the user by DIRAC's DN for its subject, and the group by the mapping", async () => {
    expect(await present(await sign())).toEqual({
      username: 'alice',
      group: 'vo_user',
      vo: 'vo',
      properties: ['NormalUser'],
      source: 'token',
    });
  });

  it("takes the issuer's own list of users where there is one, and then nothing else", async () => {
    const listed = await open({ wlcg: { users: new Map([['someone', 'bob']]) } });
    expect(await present(await sign({ sub: 'someone' }), listed)).toMatchObject({ username: 'bob' });
    expect(await refusalOf(await sign(), listed)).toMatch(/"sub"/);
  });

  it('means the first of its groups that is mapped', async () => {
    expect(await present(await sign({ 'wlcg.groups': ['/elsewhere', '/vo', '/vo/admin'] }))).toMatchObject({ group: 'vo_user' });
    const asAdmin = { sub: 'erins-sub', 'wlcg.groups': ['/vo/admin', '/vo'] };
    expect(await present(await sign(asAdmin))).toMatchObject({
      username: 'erin',
      group: 'vo_admin',
      properties: ['NormalUser', 'FileCatalogManagement'],
    });
  });

  it.each<[string, JWTPayload, RegExp]>([
    ['with another audience', { aud: 'https://wlcg.cern.ch/jwt/v1/any' }, /"aud"/],
    ['with another version', { 'wlcg.ver': '2.0' }, /"wlcg.ver"/],
    ['with groups that are not mapped', { 'wlcg.groups': ['/vo/other', '/vo_user', 'vo', '/VO'] }, /"wlcg.groups"/],
    ['with no groups', { 'wlcg.groups': [] }, /"wlcg.groups"/],
    ['with groups that are text', { 'wlcg.groups': '/vo' }, /"wlcg.groups"/],
    ['of a subject nobody has', { sub: 'unknown' }, /"sub"/],
    ['of a subject with a slash', { sub: 'a/CN=b', 'wlcg.groups': ['/vo/admin'] }, /"sub"/],
    ['of somebody who is not in the group', { 'wlcg.groups': ['/vo/admin'] }, /"sub"/],
    ['with a scope that is a list', { scope: ['storage.read:/'] }, /"scope"/],
    ['issued in the future', { iat: seconds + 60 }, /"iat"/],
  ])('%s is refused', async (_title, more, message) => {
    expect(await refusalOf(await sign(more))).toMatch(message);
  });

  it.each(['wlcg.ver', 'wlcg.groups', 'sub', 'aud', 'exp', 'iss'])('without %s is refused', async (name) => {
    expect(await refusalOf(await iam.sign(without(wlcgClaims(), name)))).toMatch(/^unauthenticated: /);
  });

  it('is narrowed to its storage scopes', async () => {
    const identity = await present(await sign({ scope: 'wlcg.groups storage.read:/vo/a storage.modify:/vo/a/b' }));
    expect(identity?.restrictions).toEqual([
      { access: ['read'], path: '/vo/a' },
      { access: ['write', 'remove'], path: '/vo/a/b' },
    ]);
    expect((await present(await sign({ scope: 'compute.create wlcg.groups' })))?.restrictions).toEqual([]);
    expect(Object.isFrozen(identity?.restrictions)).toBe(true);
    const below = await open({ wlcg: { basePath: parseLfnDirectory('/vo') } });
    expect((await present(await sign({ scope: 'storage.read:/a' }), below))?.restrictions).toEqual([{ access: ['read'], path: '/vo/a' }]);
  });
});

describe('issuers side by side', () => {
  it('are read by their own kind, whatever claims a token borrows', async () => {
    const everything = { ...diracxClaims(), ...wlcgClaims(), preferred_username: 'alice', dirac_group: 'vo_user' };
    expect(await present(await plain.sign({ ...everything, iss: plain.issuer, aud: plain.audience }))).toMatchObject({ username: 'alice' });
    expect(await refusalOf(await iam.sign({ ...diracxClaims(), iss: iam.issuer, aud: iam.audience }))).toMatch(/"wlcg.ver"/);
    expect(await refusalOf(await diracx.sign({ ...wlcgClaims(), iss: diracx.issuer }))).toMatch(/"vo"/);
    expect(await refusalOf(await plain.sign({ ...wlcgClaims(), iss: plain.issuer, aud: plain.audience }))).toMatch(/"preferred_username"/);
  });

  it('do not vouch for one another', async () => {
    expect(await refusalOf(await iam.sign(diracxClaims()))).toMatch(/signature/);
    expect(await refusalOf(await diracx.sign(wlcgClaims()))).toMatch(/signature/);
  });
});
