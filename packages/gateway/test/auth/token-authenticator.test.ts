import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiracS3Error } from '@dirac-s3/core';
import type { IssuerSettings, OidcIssuer } from '@dirac-s3/core/config';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { base64url, exportJWK, importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import type { Authenticator } from '../../src/auth/index.js';
import { tokenAuthenticator } from '../support/authenticator.js';
import { createDevelopmentIssuer, type DevelopmentIssuer } from '../../src/testing/development-issuer.js';
import { issuerSettings } from '../support/settings.js';

let folder: string;
let jwksFile: string;
let issuer: DevelopmentIssuer;
let settings: OidcIssuer;
let authenticate: Authenticator;

const now = new Date('2026-05-06T07:08:09.000Z');
const seconds = now.getTime() / 1000;
const open = (issuers: readonly IssuerSettings[], at = now) => tokenAuthenticator(issuers, { now: at });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'authenticator-test-'));
  jwksFile = join(folder, 'jwks.json');
  issuer = await createDevelopmentIssuer({ jwksFile });
  settings = issuerSettings(issuer, { file: jwksFile });
  authenticate = await open([settings]);
});

afterAll(() => rm(folder, { recursive: true }));

const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: issuer.issuer,
  aud: issuer.audience,
  exp: seconds + 600,
  preferred_username: 'alice',
  dirac_group: 'vo_user',
  ...more,
});
const without = (name: string): JWTPayload => Object.fromEntries(Object.entries(claims()).filter(([claim]) => claim !== name));
const factsOf = (token: string) => ({ authorization: [`Bearer ${token}`], certificates: [] });
const withHeaders = async (...authorization: string[]) => {
  const { identity } = await authenticate({ authorization, certificates: [] }, 'Default');
  if (identity === undefined) throw new Error('no identity');
  return identity;
};
const present = (token: string) => withHeaders(`Bearer ${token}`);

async function refusalOf(attempt: Promise<unknown>): Promise<DiracS3Error> {
  const outcome: unknown = await attempt.then(
    () => new Error('it was let in'),
    (fault: unknown) => fault,
  );
  if (!(outcome instanceof DiracS3Error)) throw outcome;
  return outcome;
}

async function expectRefused(token: string, message: RegExp): Promise<void> {
  const fault = await refusalOf(present(token));
  expect(fault.code).toBe('unauthenticated');
  expect(fault.message).toMatch(message);
  expect(fault.cause).toBeInstanceOf(Error);
  expect(fault.message).not.toContain(token);
}

describe('a proper token', () => {
  it('gives username and group, with VO and properties of the Registry', async () => {
    const identity = await present(await issuer.sign(claims()));
    expect(identity).toEqual({ username: 'alice', group: 'vo_user', vo: 'vo', properties: ['NormalUser'], source: 'token' });
  });

  it('gets no property and no VO from what it says of itself', async () => {
    const boastful = claims({ vo: 'other', properties: ['FileCatalogManagement'], dirac_properties: ['FileCatalogManagement'] });
    const identity = await present(await issuer.sign(boastful));
    expect(identity.vo).toBe('vo');
    expect(identity.properties).toEqual(['NormalUser']);
  });

  it('lets a user suspended for one VO act in another', async () => {
    const token = await issuer.sign(claims({ preferred_username: 'carol', dirac_group: 'other_user' }));
    expect(await present(token)).toMatchObject({ username: 'carol', vo: 'other' });
  });

  it('may say that it is an access token, and be issued as late as the clocks may differ', async () => {
    expect(
      await present(await issuer.sign(claims({ typ: 'Bearer', token_use: 'access', iat: seconds + 5, nbf: seconds + 5 }))),
    ).toBeDefined();
  });

  it('may name several audiences, and be as late as the clocks may differ', async () => {
    const token = await issuer.sign(claims({ aud: ['elsewhere', issuer.audience], exp: seconds - 5 }));
    expect((await present(token)).username).toBe('alice');
  });

  it('is accepted with the scheme in any case', async () => {
    const token = await issuer.sign(claims());
    expect(await withHeaders(`bearer ${token}`)).toMatchObject({ username: 'alice' });
  });
});

describe('refuses', () => {
  it('a token signed by nobody (alg none)', async () => {
    const payload = claims();
    await expectRefused(new UnsecuredJWT(payload).encode(), /not a JSON Web Token|algorithm|signature/);
    const header = base64url.encode(JSON.stringify({ alg: 'none', kid: 'development-key' }));
    const forged = `${header}.${base64url.encode(JSON.stringify(payload))}.AAAA`;
    await expectRefused(forged, /algorithm/);
  });

  it('a token of HS256 whose secret is the public key', async () => {
    const published = await readFile(jwksFile, 'utf8');
    const [jwk] = (JSON.parse(published) as { keys: object[] }).keys;
    const header = base64url.encode(JSON.stringify({ alg: 'HS256', kid: 'development-key' }));
    const signed = `${header}.${base64url.encode(JSON.stringify(claims()))}`;
    for (const secret of [published, JSON.stringify(jwk)]) {
      await expectRefused(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`, /algorithm/);
    }
  });

  it('a token that brings its own key', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = await exportJWK(pair.publicKey);
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid: 'development-key', jwk }).sign(pair.privateKey);
    await expectRefused(token, /signature/);
  });

  it('a token of a key id that the issuer does not have', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await expectRefused(await new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid: 'other' }).sign(pair.privateKey), /signature/);
  });

  it('a token of another asymmetric algorithm than the configured ones', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'development-key' }).sign(pair.privateKey);
    await expectRefused(token, /algorithm/);
  });

  it('an unknown critical header', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'ES256', kid: 'development-key', crit: ['b64'], b64: true })
      .sign(pair.privateKey);
    await expectRefused(token, /signature/);
  });

  it.each(['logout+jwt', 'secevent+jwt', 'JWE'])('a token of the type %s', async (typ) => {
    const file = join(folder, 'typed.json');
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFile(file, JSON.stringify({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k' }] }));
    const typed = await open([{ ...settings, jwks: { file } }]);
    const sign = (header: string) =>
      new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid: 'k', typ: header }).sign(pair.privateKey);
    expect((await refusalOf(typed(factsOf(await sign(typ)), 'Default'))).message).toMatch(/no access token/);
    for (const good of ['JWT', 'at+jwt', 'application/at+JWT'])
      await expect(typed(factsOf(await sign(good)), 'Default')).resolves.toBeDefined();
  });

  it('a token that names a group of a VO the issuer does not speak for', async () => {
    const narrow = await open([{ ...settings, vos: ['other'] }]);
    expect((await refusalOf(narrow(factsOf(await issuer.sign(claims())), 'Default'))).message).toMatch(/does not speak for/);
    await expect(narrow(factsOf(await issuer.sign(claims({ dirac_group: 'other_user' }))), 'Default')).resolves.toBeDefined();
    expect((await refusalOf(narrow(factsOf(await issuer.sign(claims({ dirac_group: 'nope' }))), 'Default'))).message).toMatch(/speak for/);
  });

  it('altered claims', async () => {
    const [header, , signature] = (await issuer.sign(claims())).split('.');
    await expectRefused(`${header}.${base64url.encode(JSON.stringify(claims({ preferred_username: 'erin' })))}.${signature}`, /signature/);
  });

  it.each<[string, () => JWTPayload, RegExp]>([
    ['another issuer', () => claims({ iss: 'https://elsewhere.invalid' }), /issuer/],
    ['the issuer with a slash more', () => claims({ iss: `${issuer.issuer}/` }), /issuer/],
    ['no issuer', () => without('iss'), /issuer/],
    ['another audience', () => claims({ aud: 'another-service' }), /"aud"/],
    ['no audience', () => without('aud'), /"aud"/],
    ['an end in the past', () => claims({ exp: seconds - 60 }), /expired/],
    ['no end', () => without('exp'), /"exp"/],
    ['an end that is no number', () => claims({ exp: 'tomorrow' as unknown as number }), /"exp"/],
    ['a beginning in the future', () => claims({ nbf: seconds + 60 }), /"nbf"/],
    ['an issue in the future', () => claims({ iat: seconds + 60 }), /"iat"/],
    ['an issue that is no number', () => claims({ iat: 'now' as unknown as number }), /"iat"/],
    ['the type of a refresh token', () => claims({ typ: 'Refresh' }), /no access token/],
    ['the type of an ID token', () => claims({ typ: 'ID' }), /no access token/],
    ['a type that is no text', () => claims({ typ: ['Bearer'] }), /no access token/],
    ['another use than access', () => claims({ token_use: 'id' }), /no access token/],
    ['no username', () => without('preferred_username'), /"preferred_username"/],
    ['a list of usernames', () => claims({ preferred_username: ['alice'] }), /"preferred_username"/],
    ['an empty username', () => claims({ preferred_username: '' }), /"preferred_username"/],
    ['no group', () => without('dirac_group'), /"dirac_group"/],
    ['a list of groups', () => claims({ dirac_group: ['vo_user', 'vo_admin'] }), /"dirac_group"/],
    ['a user the Registry does not know', () => claims({ preferred_username: 'mallory' }), /Registry/],
    ['a group the user is not in', () => claims({ dirac_group: 'vo_admin' }), /Registry/],
    ['a group the Registry does not know', () => claims({ dirac_group: 'nope' }), /Registry/],
    ['a user outside every group', () => claims({ preferred_username: 'dave' }), /Registry/],
    ['a member that is no user of the Registry', () => claims({ preferred_username: 'zoe', dirac_group: 'ghosts' }), /Registry/],
    ['a user suspended for the VO of the group', () => claims({ preferred_username: 'carol' }), /Registry/],
    ['a name of the prototype', () => claims({ preferred_username: 'constructor' }), /Registry/],
    ['a name in other letters', () => claims({ preferred_username: 'Alice' }), /Registry/],
    ['the group of hosts', () => claims({ dirac_group: 'hosts' }), /Registry/],
  ])('a token with %s', async (_title, make, message) => {
    await expectRefused(await issuer.sign(make()), message);
  });

  it('a token for a group without a VO', async () => {
    await expect(present(await issuer.sign(claims({ dirac_group: 'vo_less' })))).rejects.toThrow(/the vo is empty/);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['no header', [], /no token/],
    ['an empty header', [''], /Bearer/],
    ['another scheme', ['Basic YWxpY2U6cGFzcw=='], /Bearer/],
    ['no token after the scheme', ['Bearer '], /Bearer/],
    ['two tokens', ['Bearer aaa bbb'], /Bearer/],
    ['two headers', ['Bearer aaa', 'Bearer bbb'], /more than one/],
    ['something that is no JWT', ['Bearer abc'], /not a JSON Web Token/],
    ['an encrypted JWT', ['Bearer eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..a.b.c'], /not a JSON Web Token/],
  ])('%s', async (_title, authorization, message) => {
    const fault = await refusalOf(withHeaders(...authorization));
    expect(fault.code).toBe('unauthenticated');
    expect(fault.message).toMatch(message);
  });

  it('a token of an issuer whose keys are those of another configured issuer', async () => {
    const secondFile = join(folder, 'second.json');
    const second = await createDevelopmentIssuer({ jwksFile: secondFile, issuer: 'https://second.invalid' });
    const both = await open([settings, { ...issuerSettings(second, { file: secondFile }), name: 'Second' }]);
    const caller = await both(factsOf(await second.sign(claims({ iss: second.issuer }))), 'Default');
    expect(caller.identity).toMatchObject({ username: 'alice' });
    const crossed = await second.sign(claims());
    expect((await refusalOf(both(factsOf(crossed), 'Default'))).message).toMatch(/signature/);
  });
});

describe('will not start', () => {
  it.each<[string, () => Partial<OidcIssuer>, RegExp]>([
    ['with a symmetric algorithm', () => ({ algorithms: ['ES256', 'HS256'] }), /HS256/],
    ['with the algorithm none', () => ({ algorithms: ['none'] }), /none/],
    ['without an algorithm', () => ({ algorithms: [] }), /no algorithm/],
    ['without an audience', () => ({ audience: '' }), /no audience/],
    ['with a key file that is not there', () => ({ jwks: { file: join(folder, 'absent.json') } }), /absent\.json/],
  ])('%s', async (_title, change, message) => {
    const fault = await refusalOf(open([{ ...settings, ...change() }]));
    expect(fault.code).toBe('invalid-configuration');
    expect(fault.message).toMatch(message);
    expect(fault.message).toContain('"Development"');
  });

  it.each<[string, string, RegExp]>([
    ['is not JSON', '{', /JSON/],
    ['is no key set', '[]', /JWK set/],
    ['holds no key', '{"keys":[]}', /no key/],
    ['holds a shared key', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', /private or shared/],
    [
      'holds a private key',
      JSON.stringify({ keys: [generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })] }),
      /private or shared/,
    ],
    ['holds nonsense', '{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}', /cannot be used/],
  ])('with a key file that %s', async (_title, content, message) => {
    const file = join(folder, 'broken.json');
    await writeFile(file, content);
    expect((await refusalOf(open([{ ...settings, jwks: { file } }]))).message).toMatch(message);
  });

  it('accepts every kind of public key a configured algorithm can need', async () => {
    const file = join(folder, 'kinds.json');
    const kinds = [generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('ed25519')];
    const keys = kinds.map(({ publicKey }) => publicKey.export({ format: 'jwk' }));
    await writeFile(file, JSON.stringify({ keys }));
    expect(await importJWK(keys[0]!, 'RS256')).toBeDefined();
    await expect(open([{ ...settings, algorithms: ['RS256', 'EdDSA'], jwks: { file } }])).resolves.toBeDefined();
  });
});
