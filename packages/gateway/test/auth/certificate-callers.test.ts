import type { DiracS3Error } from '@dirac-s3/core';
import type { AuthenticationSettings, Registry } from '@dirac-s3/core/config';
import type { TrustStore } from '@dirac-s3/core/x509';
import { describe, expect, it } from '@jest/globals';
import { createAuthenticator, type Authenticator, type Caller } from '../../src/auth/index.js';
import { Grid, type Credential } from '../support/grid.js';
import { closedAuthentication, registry as base } from '../support/settings.js';

const start = new Date('2026-05-06T07:08:09.000Z');
const grid = new Grid(start);
const alice = grid.certificate('alice');
const host = grid.certificate('gw');

/** `gw` is a trusted host, `plain` a host that is not; alice is in two groups and prefers neither. */
const registry: Registry = {
  ...base,
  hosts: new Map([...base.hosts, ['plain', { dns: ['/DC=org/CN=plain'], properties: ['JobAdministrator'] }]]),
};
const clientCertificates = { caDirectory: '/nowhere', revocation: 'if-present', minRsaBits: 2048 } as const;

interface World {
  authenticate: Authenticator;
  now: Date;
  trust: TrustStore | Error;
  asked: number;
}

async function world(settings: Partial<AuthenticationSettings> = {}, known = registry): Promise<World> {
  const made: World = { authenticate: () => Promise.reject(new Error('not yet')), now: start, trust: grid.trust(), asked: 0 };
  made.authenticate = await createAuthenticator({
    settings: { ...closedAuthentication, clientCertificates, ...settings },
    issuers: [],
    registry: known,
    trust: () => {
      made.asked += 1;
      return made.trust instanceof Error ? Promise.reject(made.trust) : Promise.resolve(made.trust);
    },
    clock: { now: () => made.now },
  });
  return made;
}

const come = async (credential: Credential, extraCredentials?: unknown, options: { by?: World; method?: string } = {}): Promise<Caller> => {
  const { authenticate } = options.by ?? (await world());
  return authenticate({ authorization: [], certificates: credential.chain, extraCredentials }, options.method ?? 'Default');
};
const refusalOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'it was let in',
    (fault: unknown) => `${(fault as DiracS3Error).code}: ${(fault as DiracS3Error).message}`,
  );

describe('a user with a certificate', () => {
  it('acts in his default group, or in the one he asks for', async () => {
    expect((await come(alice)).identity).toEqual({
      dn: '/DC=org/CN=alice',
      username: 'alice',
      group: 'vo_user',
      vo: 'vo',
      properties: ['NormalUser'],
      source: 'certificate',
    });
    expect((await come(alice, 'other_user')).identity).toMatchObject({ group: 'other_user', vo: 'other' });
    expect(await refusalOf(come(alice, 'vo_admin'))).toMatch(/^unauthenticated: the Registry/);
  });

  it('with a proxy acts in the group of the proxy, and cannot ask for another', async () => {
    const proxy = grid.proxy(alice, { group: 'other_user' });
    expect((await come(proxy)).identity).toMatchObject({ username: 'alice', group: 'other_user', dn: '/DC=org/CN=alice' });
    expect((await come(proxy, 'vo_user')).identity).toMatchObject({ group: 'other_user' });
    expect((await come(grid.proxy(alice), 'other_user')).identity).toMatchObject({ group: 'vo_user' });
    expect(await refusalOf(come(grid.proxy(alice, { group: 'vo_admin' })))).toMatch(/the Registry/);
    expect(await refusalOf(come(grid.proxy(alice, { group: 'hosts' })))).toMatch(/the Registry/);
  });

  it('keeps the group nearest to himself, whatever a later proxy says', async () => {
    const job = grid.proxy(grid.proxy(alice, { group: 'vo_user' }), { group: 'other_user' });
    expect((await come(job)).identity).toMatchObject({ group: 'vo_user' });
  });

  it.each(['carol', 'mallory', 'dave', 'zoe'])('is not let in when he is %s: suspended, unknown, or in no group', async (name) => {
    expect(await refusalOf(come(grid.certificate(name)))).toMatch(/^unauthenticated: the Registry/);
    expect(await refusalOf(come(grid.proxy(grid.certificate(name), { group: 'vo_user' })))).toMatch(/^unauthenticated: the Registry/);
  });

  it('of another authority with the same names is refused, and told why', async () => {
    const forged = new Grid(start, 'forger').certificate('alice');
    expect(await refusalOf(come(forged))).toMatch(/^unauthenticated: the certificate is not accepted: /);
    expect(await refusalOf(come({ ...forged, chain: [...forged.chain, new Grid(start, 'forger').authority] }))).toMatch(/not accepted/);
  });

  it('is judged by the certificate alone, although a token came too', async () => {
    const { authenticate } = await world();
    const certificates = new Grid(start, 'forger').certificate('alice').chain;
    expect(await refusalOf(authenticate({ authorization: ['Bearer a.b.c'], certificates }, 'Default'))).toMatch(
      /the certificate is not accepted/,
    );
    const caller = await authenticate({ authorization: ['Bearer a.b.c'], certificates: alice.chain }, 'Default');
    expect(caller.identity).toMatchObject({ source: 'certificate' });
  });

  it('needs a credential at all', async () => {
    const by = await world();
    expect(await refusalOf(by.authenticate({ authorization: [], certificates: [] }, 'ping'))).toMatch(/^unauthenticated: no token came/);
    expect(by.asked).toBe(0);
  });

  it('is not looked at where certificates are switched off', async () => {
    const off = await world({ clientCertificates: undefined });
    expect(await refusalOf(come(alice, undefined, { by: off }))).toMatch(/no token came/);
    expect(off.asked).toBe(0);
  });
});

describe('the dictionary of credentials', () => {
  it('is that of DIRAC for a proxy', async () => {
    const proxy = grid.proxy(alice, { group: 'vo_user', cn: '1782518023', until: new Date(start.getTime() + 43_144_000) });
    expect((await come(proxy, undefined, { method: 'whoami' })).credentials).toEqual({
      subject: '/DC=org/CN=alice/CN=1782518023',
      issuer: '/DC=org/CN=alice',
      secondsLeft: 43_144,
      isProxy: true,
      isLimitedProxy: false,
      validDN: false,
      validGroup: false,
      DN: '/DC=org/CN=alice',
      identity: '/DC=org/CN=alice',
      group: 'vo_user',
      VO: 'vo',
      properties: ['NormalUser'],
      username: 'alice',
    });
  });

  it('has neither identity nor VO for a certificate, and keeps the extraCredentials that were text', async () => {
    expect((await come(host, 'hosts')).credentials).toEqual({
      subject: '/DC=org/CN=gw',
      issuer: '/DC=org/CN=Root CA',
      secondsLeft: 86_400,
      isProxy: false,
      isLimitedProxy: false,
      validDN: false,
      validGroup: false,
      DN: '/DC=org/CN=gw',
      group: 'hosts',
      properties: ['TrustedHost'],
      username: 'gw',
      extraCredentials: 'hosts',
    });
  });

  it('tells the chain of the host where it acts for a user', async () => {
    const { credentials } = await come(host, ['/DC=org/CN=bob', 'vo_user']);
    expect(credentials).toMatchObject({ subject: '/DC=org/CN=gw', DN: '/DC=org/CN=bob', username: 'bob', group: 'vo_user' });
    expect(credentials).not.toHaveProperty('extraCredentials');
  });
});

describe('hosts', () => {
  it('are let in, but are no user', async () => {
    const caller = await come(host, 'hosts');
    expect(caller.identity).toBeUndefined();
    expect(await refusalOf(come(host))).toMatch(/the Registry/);
    expect(await refusalOf(come(grid.certificate('alice'), 'hosts'))).toMatch(/the Registry/);
  });

  it('that are trusted act for a user', async () => {
    expect((await come(host, ['/DC=org/CN=bob', 'vo_user'])).identity).toEqual({
      dn: '/DC=org/CN=bob',
      username: 'bob',
      group: 'vo_user',
      vo: 'vo',
      properties: ['NormalUser'],
      source: 'delegation',
      via: 'gw',
    });
  });

  it.each(['plain', 'alice', 'mallory'])('%s may not', async (name) => {
    expect(await refusalOf(come(grid.certificate(name), ['/DC=org/CN=bob', 'vo_user']))).toMatch(/the Registry/);
    expect(await refusalOf(come(grid.proxy(grid.certificate(name), { group: 'vo_user' }), ['/DC=org/CN=bob', 'vo_user']))).toMatch(
      /the Registry/,
    );
  });
});

describe('visitors', () => {
  it('may use what is for all, and are no user', async () => {
    const stranger = grid.certificate('mallory');
    for (const method of ['ping', 'echo']) {
      const caller = await come(stranger, undefined, { method });
      expect(caller.identity).toBeUndefined();
      expect(caller.credentials).toMatchObject({ username: 'anonymous', group: 'visitor', properties: [] });
    }
    expect(await refusalOf(come(stranger, undefined, { method: 'whoami' }))).toMatch(/the Registry/);
  });

  it('claiming a group get none of its properties', async () => {
    const open = await world({ rules: new Map([['Default', ['any']]]) });
    const caller = await come(grid.proxy(grid.certificate('mallory'), { group: 'vo_admin' }), undefined, { by: open });
    expect(caller).toMatchObject({ identity: undefined, credentials: { properties: [] } });
    const asDirac = await world({ rules: new Map([['Default', ['any']]]), authorization: 'as-dirac' });
    const there = await come(grid.proxy(grid.certificate('mallory'), { group: 'vo_admin' }), undefined, { by: asDirac });
    expect(there).toMatchObject({ identity: undefined, credentials: { properties: ['NormalUser', 'FileCatalogManagement'] } });
  });

  it("are kept out by the service's own rule for a method", async () => {
    const strict = await world({
      rules: new Map([
        ['ping', ['authenticated']],
        ['whoami', ['FileCatalogManagement']],
      ]),
    });
    expect(await refusalOf(come(grid.certificate('mallory'), undefined, { by: strict, method: 'ping' }))).toMatch(/the Registry/);
    expect(await refusalOf(come(alice, undefined, { by: strict, method: 'whoami' }))).toMatch(/the Registry/);
  });
});

describe('limited proxies', () => {
  const limited = grid.proxy(alice, { group: 'vo_user', limited: true });

  it('are accepted, and recorded', async () => {
    const { identity, credentials } = await come(limited);
    expect(identity).toMatchObject({ username: 'alice', limitedProxy: true });
    expect(identity).not.toHaveProperty('restrictions');
    expect(credentials).toMatchObject({ isLimitedProxy: true });
    expect((await come(grid.proxy(alice))).identity).not.toHaveProperty('limitedProxy');
  });

  it('may only read where the policy says so, and full ones may write', async () => {
    const strict = await world({ limitedProxies: 'read-only' });
    expect((await come(limited, undefined, { by: strict })).identity).toMatchObject({ restrictions: [{ access: ['read'], path: '/' }] });
    expect((await come(grid.proxy(limited), undefined, { by: strict })).identity).toMatchObject({ limitedProxy: true, restrictions: [{}] });
    expect((await come(grid.proxy(alice), undefined, { by: strict })).identity).not.toHaveProperty('restrictions');
  });

  it('of a trusted host narrow whom it acts for', async () => {
    const strict = await world({ limitedProxies: 'read-only' });
    const caller = await come(grid.proxy(host, { limited: true }), ['/DC=org/CN=bob', 'vo_user'], { by: strict });
    expect(caller.identity).toMatchObject({ username: 'bob', limitedProxy: true, restrictions: [{ access: ['read'] }] });
  });
});

describe('a connection that lasts', () => {
  const until = new Date(start.getTime() + 30_000);
  const short = grid.proxy(alice, { until });

  it('outlives no proxy', async () => {
    const by = await world();
    await come(short, undefined, { by });
    by.now = until;
    await come(short, undefined, { by });
    by.now = new Date(until.getTime() + 1);
    expect(await refusalOf(come(short, undefined, { by }))).toMatch(
      /^unauthenticated: the certificate is not accepted: .*(?:expired|ended|notAfter)/,
    );
  });

  it('outlives no authority: a certificate that was revoked meanwhile is refused at the next request', async () => {
    const by = await world();
    const revoked = grid.certificate('bob', 7);
    await come(revoked, undefined, { by });
    by.trust = grid.trust([7]);
    expect(await refusalOf(come(revoked, undefined, { by }))).toMatch(/not accepted: .*revoked/);
    by.trust = grid.trust();
    expect((await come(revoked, undefined, { by })).identity).toMatchObject({ username: 'bob' });
    by.trust = new Grid(start, 'forger').trust();
    expect(await refusalOf(come(revoked, undefined, { by }))).toMatch(/not accepted/);
  });

  it('outlives no list of revocations: the verdict is a minute old at most', async () => {
    const by = await world();
    by.trust = grid.trust([7], new Date(start.getTime() + 10_000));
    await come(alice, undefined, { by });
    by.now = new Date(start.getTime() + 60_000);
    expect(await refusalOf(come(alice, undefined, { by }))).toMatch(/not accepted: .*revocation/);
    // A clock that was set back is no reason to keep a verdict either.
    by.now = new Date(start.getTime() - 2 * 86_400_000);
    expect(await refusalOf(come(alice, undefined, { by }))).toMatch(/not accepted: .*not (?:yet )?valid|not accepted: .*begin/);
  });

  it('keeps the verdict of its own certificates only', async () => {
    const by = await world();
    await come(alice, undefined, { by });
    const same = new Grid(start, 'forger').certificate('alice');
    expect(await refusalOf(come(same, undefined, { by }))).toMatch(/not accepted/);
    expect((await come(alice, undefined, { by })).identity).toMatchObject({ username: 'alice' });
  });

  it('says that it may pass when the authorities cannot be read', async () => {
    const by = await world();
    by.trust = new Error('EIO');
    expect(await refusalOf(come(alice, undefined, { by }))).toBe('gateway-unavailable: certificates cannot be judged at the moment');
  });
});
