import { describe, expect, it } from '@jest/globals';
import type { Registry } from '@dirac-s3/core/config';
import type { ChainProof } from '@dirac-s3/core/x509';
import { Secret } from '@dirac-s3/core';
import { proxyIdentity } from '../../src/credentials/proxy-identity.js';
import { tokenFacts } from '../../src/credentials/token-facts.js';

const group = (users: string[], vo = 'demo') => ({ users, properties: ['NormalUser'], vo, vomsRole: undefined });
const registry: Registry = {
  users: new Map([
    ['alice', { dns: ['/CN=alice'], suspendedVos: ['other'], defaultGroups: [] }],
    ['bob', { dns: ['/CN=bob'], suspendedVos: [], defaultGroups: [] }],
  ]),
  groups: new Map([
    ['demo_user', group(['alice'])],
    ['demo_admin', group(['carol'])],
    ['other_user', group(['alice'], 'other')],
  ]),
  hosts: new Map(),
  defaultGroups: ['demo_user'],
};
const proof = (more: Partial<ChainProof> = {}): ChainProof => ({
  ...{ dn: '/CN=alice', dnSpellings: ['/CN=alice'], subject: '', issuer: '', isProxy: true, isLimited: false },
  ...{ group: undefined, notAfter: new Date() },
  ...more,
});

describe('the owner of a proxy', () => {
  it('is the user with that DN in the group of the proxy, or in his default one', () => {
    const expected = { dn: '/CN=alice', username: 'alice', group: 'demo_user', vo: 'demo', source: 'certificate' };
    expect(proxyIdentity(proof({ group: 'demo_user' }), registry)).toMatchObject(expected);
    expect(proxyIdentity(proof(), registry)).toMatchObject(expected);
    expect(proxyIdentity(proof({ isLimited: true }), registry).limitedProxy).toBe(true);
  });

  it.each<[string, Partial<ChainProof>, RegExp]>([
    ['a DN nobody has', { dn: '/CN=x', dnSpellings: ['/CN=x'] }, /no user with the DN \/CN=x/],
    ['a group he is not in', { group: 'demo_admin' }, /does not have alice in the group "demo_admin"/],
    ['a group there is not', { group: 'none' }, /does not have alice in the group "none"/],
    ['a VO he is suspended in', { group: 'other_user' }, /suspended in the VO other/],
    ['no group at all', { dn: '/CN=bob', dnSpellings: ['/CN=bob'] }, /does not have bob in any group/],
  ])('is refused with %s', (_, more, fault) => {
    expect(() => proxyIdentity(proof(more), registry)).toThrow(fault);
  });
});

describe('what a token says of itself', () => {
  const token = (claims: unknown) => new Secret(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`);

  it('is issuer, subject and end', () => {
    const facts = { issuer: 'https://i', subject: 'alice', expiresAt: new Date(1_800_000_000_000) };
    expect(tokenFacts(token({ iss: 'https://i', sub: 'alice', exp: 1_800_000_000 }))).toEqual(facts);
  });

  it.each([new Secret('opaque'), new Secret('a.b.c'), new Secret('a.b.c.d'), token({ iss: 1, sub: [], exp: 'x' }), token(null)])(
    'is nothing where it is no token of that kind',
    (secret) => expect(tokenFacts(secret)).toEqual({}),
  );
});
