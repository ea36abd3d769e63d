import { readFileSync } from 'node:fs';
import type { AuthorizationRules, Registry } from '@dirac-s3/core/config';
import { parseCfg, resolveConfiguration } from '@dirac-s3/core/config';
import { describe, expect, it } from '@jest/globals';
import { authorize, type Authorized, type Claim, type Decision } from '../../src/auth/authorize.js';

type Words = Readonly<Record<string, string>>;
interface Case {
  readonly rules: string;
  readonly case: string;
  readonly input: { readonly DN?: string; readonly group?: string; readonly extraCredentials?: unknown };
  readonly allowed: boolean;
  readonly credentials: Readonly<Record<string, unknown>>;
}
interface Vectors {
  readonly registry: Readonly<Record<string, Readonly<Record<string, Words>>>>;
  readonly rules: Readonly<Record<string, Words>>;
  readonly cases: readonly Case[];
}

/** Answers of DIRAC's own AuthManager. */
const vectors = JSON.parse(readFileSync(new URL('vectors/service-authorization.json', import.meta.url), 'utf8')) as Vectors;

/** Read by our own configuration reader, as a site would have them. */
interface Sections {
  readonly [name: string]: string | Sections;
}
const cfg = (sections: Sections): string =>
  Object.entries(sections)
    .map(([name, entry]) => (typeof entry === 'object' ? `${name}\n{\n${cfg(entry)}}\n` : `${name} = ${entry}\n`))
    .join('');
const settingsOf = (sections: Sections) => resolveConfiguration(parseCfg(cfg(sections), { file: 'vectors' }).tree).config;
const registry: Registry = settingsOf({ Registry: vectors.registry }).registry;
const rulesOf = (words: Words): AuthorizationRules =>
  settingsOf({ Systems: { DataManagement: { Services: { S3Gateway: { Authorization: words } } } } }).gateway.authentication.rules;

const claimOf = ({ DN, ...rest }: Case['input']): Claim => ({ dns: DN === undefined ? [] : [DN], ...rest });
const dictionaryOf = ({ dn, username, group, properties, extraCredentials }: Authorized) => ({
  ...(username !== undefined && { username }),
  ...(group !== undefined && { group }),
  properties,
  ...(dn !== undefined && { DN: dn }),
  ...(extraCredentials !== undefined && { extraCredentials }),
});
const titled = (cases: readonly Case[]) => cases.map((one) => [`${one.rules}: ${one.case}`, one] as const);
const judge = ({ rules, input }: Pick<Case, 'rules' | 'input'>, policy: 'closed' | 'as-dirac'): Decision =>
  authorize(claimOf(input), 'm', { registry, rules: rulesOf(vectors.rules[rules] ?? {}), policy });

describe("DIRAC's vectors, policy as-dirac", () => {
  it('are all here', () => {
    expect(vectors.cases).toHaveLength(35);
    expect(vectors.cases.filter(({ allowed }) => allowed)).toHaveLength(16);
  });

  it.each(titled(vectors.cases))('%s', (_title, one) => {
    const decision = judge(one, 'as-dirac');
    expect(decision.allowed).toBe(one.allowed);
    if (decision.allowed) expect(dictionaryOf(decision.caller)).toEqual(one.credentials);
    else expect(decision.reason).toMatch(/\w/);
  });
});

describe("DIRAC's vectors, closed", () => {
  /** Let in by DIRAC, not by us: a method without a rule. */
  const refused = new Set([
    'None: bob claiming adm',
    "None: bob, cert only, extraCredentials='adm'",
    'None: unknown DN',
    'None: trusted host for bob/adm',
    'Grp: trusted host for a host DN',
  ]);
  /** Let in by both, by us without the properties of a group they are not in. */
  const stripped = new Set(["Any: bob, cert only, extraCredentials='adm'", 'Any: unknown DN', 'Any: trusted host for bob/adm']);

  it.each(titled(vectors.cases))('%s', (title, one) => {
    const decision = judge(one, 'closed');
    expect(decision.allowed).toBe(one.allowed && !refused.has(title));
    if (decision.allowed) {
      const expected = stripped.has(title) ? { ...one.credentials, properties: [] } : one.credentials;
      expect(dictionaryOf(decision.caller)).toEqual(expected);
      expect(decision.caller.kind === 'visitor').toBe(stripped.has(title));
    }
  });

  it('differ in these cases only, and never let in more', () => {
    const titles = vectors.cases.map((one) => `${one.rules}: ${one.case}`);
    for (const title of [...refused, ...stripped]) expect(titles).toContain(title);
    for (const one of vectors.cases) if (!one.allowed) expect(judge(one, 'closed').allowed).toBe(false);
  });
});

describe('rules', () => {
  const ask = (input: Case['input'], words: Words, policy: 'closed' | 'as-dirac' = 'closed', hardCoded?: readonly string[]): Decision =>
    authorize(claimOf(input), 'm', { registry, rules: rulesOf(words), hardCoded, policy });
  const alice = { DN: '/CN=alice' };
  const bob = { DN: '/CN=bob' };

  it('come from the method, then from the program, then from Default', () => {
    expect(ask(bob, { createPresignedUrl: 'x', Default: 'authenticated' }).allowed).toBe(true);
    expect(ask(bob, { Default: 'FileCatalogManagement' }, 'closed', ['authenticated']).allowed).toBe(true);
    expect(
      authorize(claimOf(bob), 'whoami', { registry, rules: rulesOf({ whoami: 'Operator' }), hardCoded: ['all'], policy: 'closed' }),
    ).toEqual({
      allowed: false,
      reason: expect.stringMatching(/none of the properties/),
    });
  });

  it('name properties in any case, and leave only those that matched', () => {
    expect(ask(alice, { Default: 'filecatalogMANAGEMENT, Operator' })).toMatchObject({
      allowed: true,
      caller: { properties: ['FileCatalogManagement'] },
    });
  });

  it.each<[string, boolean, boolean]>([
    ['group:adm', true, false],
    ['group:u', false, true],
    ['authenticated, group:adm', true, false],
    ['NormalUser, group:u, group:adm', true, true],
    ['authenticated, vo:vo', true, true],
    ['authenticated, vo:other', false, false],
    ['authenticated, VO:other', false, false],
    ['VO:vo', true, true],
    ['any, group:adm', true, false],
    ['authenticated, group:', false, false],
    ['authenticated, vo:', false, false],
    ['Operator, group:u, group:adm', false, false],
  ])('%s: alice in adm %s, bob in u %s', (rule, aliceIn, bobIn) => {
    expect([ask(alice, { Default: rule }).allowed, ask({ ...bob, group: 'u' }, { Default: rule }).allowed]).toEqual([aliceIn, bobIn]);
    if (!rule.includes('VO:')) expect(ask(bob, { Default: rule }, 'as-dirac').allowed).toBe(bobIn);
  });

  it('keep a stranger out of a group that a rule for anybody names', () => {
    const words = { Default: 'any, group:adm' };
    expect(ask({ DN: '/CN=x', group: 'adm' }, words).allowed).toBe(false);
    expect(ask({}, words).allowed).toBe(false);
    expect(ask({}, { Default: 'all' })).toMatchObject({ allowed: true, caller: { kind: 'visitor', properties: [], username: undefined } });
    expect(ask({}, {}).allowed).toBe(false);
    expect(ask({}, {}, 'as-dirac').allowed).toBe(true);
  });

  it('hold for the user a host acts for; as-dirac they lose their groups, unless they are the own rule of the method', () => {
    const forBob = { DN: '/CN=gw', extraCredentials: ['/CN=bob', 'u'] };
    const inGroup = { Default: 'authenticated, group:adm' };
    expect(ask(forBob, inGroup).allowed).toBe(false);
    expect(ask(forBob, inGroup, 'as-dirac').allowed).toBe(true);
    expect(ask(forBob, { Default: 'group:adm' }, 'as-dirac').allowed).toBe(false);
    expect(ask(forBob, {}, 'as-dirac', ['authenticated', 'group:adm']).allowed).toBe(true);
    expect(ask(forBob, {}, 'closed', ['authenticated', 'group:adm']).allowed).toBe(false);
    const own = { registry, rules: new Map([['m', ['authenticated', 'group:adm']]]), policy: 'as-dirac' as const };
    expect(authorize(claimOf(forBob), 'm', own).allowed).toBe(false);
  });
});

describe('delegation', () => {
  const source = { registry, rules: rulesOf({ Default: 'authenticated' }), policy: 'closed' as const };
  const ask = (DN: string, extraCredentials: unknown, group?: string): Decision =>
    authorize({ dns: [DN], group, extraCredentials }, 'm', source);

  it('is for trusted hosts, and says which one it was', () => {
    expect(ask('/CN=gw', ['/CN=bob', 'u'])).toMatchObject({
      allowed: true,
      caller: { kind: 'user', username: 'bob', group: 'u', dn: '/CN=bob', via: 'gw' },
    });
    expect(ask('/CN=alice', 'adm')).toMatchObject({ caller: { via: undefined } });
  });

  it.each([
    ['/CN=plain', /"plain", who is not trusted/],
    ['/CN=alice', /no host, who is not trusted/],
    ['/CN=x', /no host, who is not trusted/],
  ])('is not for %s', (dn, reason) => {
    expect(ask(dn, ['/CN=bob', 'u'])).toEqual({ allowed: false, reason: expect.stringMatching(reason) });
  });

  it.each([
    [[]],
    [['/CN=bob']],
    [['/CN=bob', false]],
    [['/CN=bob', '']],
    [['', 'u']],
    [['/CN=bob', 'u', 'x']],
    [[['/CN=bob'], 'u']],
    [{ 0: '/CN=bob', 1: 'u', length: 2 }],
    [{}],
    [7],
    [true],
    [false],
    [null],
  ])('is not asked for by %j', (extra) => {
    expect(ask('/CN=gw', extra).allowed).toBe(false);
    expect(ask('/CN=alice', extra).allowed).toBe(false);
  });

  it('reaches nobody who could not come himself', () => {
    for (const pair of [
      ['/CN=bob', 'adm'],
      ['/CN=susp', 'u'],
      ['/CN=x', 'u'],
      ['/CN=bob', 'absent'],
      ['/CN=bob', 'hosts'],
      ['/CN=gw', 'u'],
    ])
      expect([pair, ask('/CN=gw', pair).allowed]).toEqual([pair, false]);
  });

  it('cannot be done by token, whatever its user is called', () => {
    const claim = { dns: [], username: 'gw', group: 'u', extraCredentials: ['/CN=bob', 'u'] };
    expect(authorize(claim, 'm', source).allowed).toBe(false);
    expect(authorize({ ...claim, extraCredentials: 'hosts' }, 'm', source).allowed).toBe(false);
  });
});

describe('the caller', () => {
  const source = { registry, rules: rulesOf({ Default: 'authenticated' }), policy: 'closed' as const };

  it('is found under any spelling of his DN, and called by that of the Registry', () => {
    expect(authorize({ dns: ['/CN=b\\/ob', '/CN=bob'], group: 'u' }, 'm', source)).toMatchObject({
      caller: { username: 'bob', dn: '/CN=bob' },
    });
  });

  it('chooses a group by extraCredentials only where none is known', () => {
    expect(authorize({ dns: ['/CN=alice'], extraCredentials: 'u' }, 'm', source)).toMatchObject({ caller: { group: 'u' } });
    expect(authorize({ dns: ['/CN=alice'], group: 'u', extraCredentials: 'adm' }, 'm', source)).toMatchObject({ caller: { group: 'u' } });
    expect(authorize({ dns: ['/CN=alice'], extraCredentials: '' }, 'm', source)).toMatchObject({ caller: { group: 'adm' } });
  });

  it('is a host only when he says so', () => {
    expect(authorize({ dns: ['/CN=gw'] }, 'm', source).allowed).toBe(false);
    expect(authorize({ dns: ['/CN=gw'], extraCredentials: 'hosts' }, 'm', source)).toMatchObject({
      caller: { kind: 'host', username: 'gw' },
    });
    expect(authorize({ dns: ['/CN=bob'], extraCredentials: 'hosts' }, 'm', source).allowed).toBe(false);
  });

  it('named by a token is a member of the group under that name', () => {
    expect(authorize({ dns: [], username: 'alice', group: 'adm' }, 'm', source)).toMatchObject({
      caller: { kind: 'user', username: 'alice', dn: undefined },
    });
    for (const [username, group] of [
      ['bob', 'adm'],
      ['susp', 'u'],
      ['ghost', 'u'],
      ['alice', 'absent'],
      ['gw', 'hosts'],
    ] as const)
      expect([username, authorize({ dns: [], username, group }, 'm', source).allowed]).toEqual([username, false]);
  });

  it('has no property that his credential does not leave him', () => {
    const token = { dns: [], username: 'alice', group: 'adm', properties: ['NormalUser', 'Operator'] };
    expect(authorize(token, 'm', source)).toMatchObject({ caller: { properties: ['NormalUser'] } });
    expect(authorize(token, 'm', { ...source, rules: rulesOf({ Default: 'FileCatalogManagement' }) }).allowed).toBe(false);
  });
});
