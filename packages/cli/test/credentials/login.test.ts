import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sOk } from '@dirac-s3/core/dirac-protocol';
import { makePki, startHttpsStub } from '../../../core/test/dirac-protocol/stubs.js';
import { createLoginKeeper } from '../../src/compose-login.js';
import { openIssuer, type DevicePrompt } from '../../src/credentials/issuer-client.js';
import { loginFile, readLogin, writeLogin } from '../../src/credentials/login-file.js';
import { findLogin } from '../../src/credentials/login-token.js';
import { DeviceIssuer } from './device-issuer.js';

let issuer: DeviceIssuer;
let place: { home: string; stateDirectory: string; userId: number | undefined };
let now: number;
const clock = { now: () => new Date(now) };

beforeEach(async () => {
  now = Date.now();
  issuer = await new DeviceIssuer().start();
  const stateDirectory = await mkdtemp(join(tmpdir(), 'dirac-s3-login-'));
  place = { home: '/nonexistent', stateDirectory, userId: process.geteuid?.() };
});
afterEach(async () => {
  await issuer.close();
  await rm(place.stateDirectory, { recursive: true });
});

const keeper = (providers: { issuer: string; clientId?: string; scope?: string }[] = []) =>
  createLoginKeeper(
    { idProviders: new Map(providers.map(({ issuer: url, clientId, scope }, n) => [`P${n}`, { issuer: url, clientId, scope }])) },
    { environment: place, clock },
  );
const login = async (prompts: DevicePrompt[] = [], signal = new AbortController().signal) =>
  keeper([{ issuer: issuer.url, clientId: 'dirac-s3' }]).login(
    { issuer: undefined, clientId: undefined, scope: undefined },
    { show: (prompt) => void prompts.push(prompt), signal },
  );
const tokenNow = async () => (await (await findLogin({ environment: place, clock }))!.token()).reveal();

describe('the device flow', () => {
  it('shows the address and the code, waits for the user, and keeps what it is given for him alone', async () => {
    issuer.before.push('authorization_pending', 'authorization_pending');
    const prompts: DevicePrompt[] = [];
    expect(await login(prompts)).toMatchObject({ issuer: issuer.url, expiresAt: new Date(now + 3_600_000), file: loginFile(place) });
    expect(prompts).toEqual([
      { verificationUri: `${issuer.url}/enter`, completeUri: undefined, userCode: 'ABCD-EFGH', lifetimeSeconds: 60 },
    ]);
    expect((await stat(loginFile(place))).mode & 0o777).toBe(0o600);
    expect((await stat(join(place.stateDirectory, 'dirac-s3'))).mode & 0o777).toBe(0o700);
    expect(await tokenNow()).toBe('access-1');
    expect(issuer.requests.find(({ path }) => path === '/device')?.form.get('scope')).toBe('openid offline_access');
  });

  it.each([
    ['access_denied', /the user refused/],
    ['expired_token', /the code is out of date/],
  ] as const)('ends with %s and leaves nothing', async (answer, reason) => {
    issuer.before.push(answer);
    await expect(login()).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringMatching(reason) });
    expect(await readLogin(place)).toBeUndefined();
  });

  it('gives up when the code is out of date', async () => {
    issuer.deviceLifetimeSeconds = 1;
    issuer.before.push(...Array.from({ length: 100 }, () => 'authorization_pending' as const));
    const started = login();
    setTimeout(() => (now += 2000), 100);
    await expect(started).rejects.toThrow(/was not entered in time/);
  });

  it('ends at once when the user interrupts', async () => {
    issuer.before.push('authorization_pending', 'authorization_pending');
    const stop = new AbortController();
    const started = login([], stop.signal);
    stop.abort();
    await expect(started).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each([
    ['that offers no device flow', () => issuer.missing.add('device_authorization_endpoint'), /offers no device flow/],
    ['that is another one', () => (issuer.claimed = 'https://evil.example.org'), /cannot be used for discovery/],
  ])('refuses an issuer %s', async (_, prepare, reason) => {
    prepare();
    await expect(login()).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringMatching(reason) });
  });

  it('tells the code of the system where nobody answers, or an unknown authority signed for who does', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    const refused = openIssuer({ issuer: `https://127.0.0.1:${port}`, clientId: 'x', clock });
    await expect(refused).rejects.toThrow(/cannot be used for discovery \(ECONNREFUSED\)$/);
    const stub = await startHttpsStub({ pki: makePki(), answer: () => sOk(null) });
    const unknown = openIssuer({ issuer: new URL(stub.url).origin, clientId: 'x', clock });
    await expect(unknown).rejects.toThrow(/cannot be used for discovery \([A-Z_]*(?:CERT|SIGNATURE)[A-Z_]*\)$/);
    await stub.close();
  });

  it.each(['http://issuer.example.org', 'https://user:pw@issuer.example.org', 'ftp://x', 'x'])('refuses %s as an issuer', async (url) => {
    await expect(openIssuer({ issuer: url, clientId: 'x', clock })).rejects.toMatchObject({ code: 'invalid-configuration' });
  });

  it('asks which issuer, and as whom, where the configuration leaves it open', async () => {
    const ask = (providers: Parameters<typeof keeper>[0], url?: string) =>
      keeper(providers).login(
        { issuer: url, clientId: undefined, scope: undefined },
        { show: () => undefined, signal: new AbortController().signal },
      );
    await expect(ask([])).rejects.toThrow(/--issuer is needed/);
    await expect(ask([], issuer.url)).rejects.toThrow(/--client-id is needed/);
    await expect(ask([{ issuer: 'https://a' }, { issuer: 'https://b' }])).rejects.toThrow(/must be one of: https:\/\/a, https:\/\/b/);
  });
});

describe('the token of a login', () => {
  it('is refreshed when it is over, once for all who ask, and the new one is kept', async () => {
    await login();
    now += 3_600_000;
    const { token } = (await findLogin({ environment: place, clock }))!;
    expect((await Promise.all([token(), token(), token()])).map((secret) => secret.reveal())).toEqual(['access-2', 'access-2', 'access-2']);
    expect(await tokenNow()).toBe('access-2');
    expect(issuer.requests.filter(({ form }) => form.get('grant_type') === 'refresh_token')).toHaveLength(1);
  });

  it('is that of the process that was quicker, where the refresh token is used up', async () => {
    await login();
    const slow = (await findLogin({ environment: place, clock }))!;
    now += 3_600_000;
    expect(await tokenNow()).toBe('access-2');
    expect((await slow.token()).reveal()).toBe('access-2');
  });

  it('is over when the issuer refuses the refresh, and the refusal shows no token', async () => {
    await login();
    issuer.refreshTokens.clear();
    now += 3_600_000;
    const fault: unknown = await tokenNow().catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('invalid_grant') });
    expect(String(fault)).not.toMatch(/access-|refresh-/);
  });

  it('is over when there is no refresh token', async () => {
    await login();
    await writeLogin(place, { ...(await readLogin(place))!, refreshToken: undefined });
    now += 3_600_000;
    await expect(tokenNow()).rejects.toThrow(/the login is over; run: dirac-s3 login/);
  });

  it('is refused in a file that others can read, and one that is damaged', async () => {
    await login();
    await chmod(loginFile(place), 0o644);
    await expect(tokenNow()).rejects.toThrow(/the login .* can be read or changed by others/);
    await chmod(loginFile(place), 0o600);
    await writeFile(loginFile(place), '{"issuer":');
    await expect(tokenNow()).rejects.toThrow(/is damaged; run: dirac-s3 logout/);
  });
});

describe('logging out', () => {
  it('forgets the login here and at the issuer', async () => {
    await login();
    expect(await keeper().logout()).toBe('revoked');
    expect(issuer.requests.filter(({ path }) => path === '/revoke').map(({ form }) => form.get('token'))).toEqual([
      'refresh-1',
      'access-1',
    ]);
    await expect(readFile(loginFile(place))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await keeper().logout()).toBe('nobody');
  });

  it('forgets it here where the issuer does not', async () => {
    await login();
    issuer.missing.add('revocation_endpoint');
    expect(await keeper().logout()).toBe('forgotten');
    expect(await readLogin(place)).toBeUndefined();
  });
});
