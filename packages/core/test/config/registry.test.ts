import { describe, expect, test } from '@jest/globals';
import { defaultGroupOf, findHostByDn, findUserByDn } from '../../src/config/index.js';
import { resolve, type Sections } from './cfg-text.js';

const users = {
  alice: { DN: '/DC=org/CN=alice, /DC=net/CN=Alice A', DefaultGroup: 'prod, user' },
  bob: { DN: '/DC=org/CN=bob' },
  dora: { DN: '/DC=org/CN=dora' },
};
const hosts = { gw: { DN: '/DC=org/CN=gw.example.org', Properties: 'TrustedHost, JobAdministrator' }, plain: { DN: '/DC=org/CN=plain' } };
const groups = {
  user: { Users: 'alice, bob', VO: 'lhcb' },
  prod: { Users: 'alice', VO: 'lhcb' },
  Zadmin: { Users: 'bob, dora', VO: 'lhcb' },
  aside: { Users: 'dora', VO: 'lhcb' },
};
const registryOf = (more: Sections = {}) => resolve({ Registry: { Users: users, Hosts: hosts, Groups: groups, ...more } });

describe('hosts and default groups', () => {
  test('are read', () => {
    const { config, warnings } = registryOf();
    expect(warnings).toEqual([]);
    expect([...config.registry.hosts]).toEqual([
      ['gw', { dns: ['/DC=org/CN=gw.example.org'], properties: ['TrustedHost', 'JobAdministrator'] }],
      ['plain', { dns: ['/DC=org/CN=plain'], properties: [] }],
    ]);
    expect(config.registry.users.get('alice')?.defaultGroups).toEqual(['prod', 'user']);
    expect(config.registry.defaultGroups).toEqual(['user']);
    expect(registryOf({ DefaultGroup: 'a, b' }).config.registry.defaultGroups).toEqual(['a', 'b']);
  });
});

describe('a DN', () => {
  const { registry } = registryOf().config;

  test('belongs to the user who lists it, in exactly that text', () => {
    expect(findUserByDn(registry, ['/DC=net/CN=Alice A'])).toBe('alice');
    for (const other of ['/DC=org/CN=Alice', '/DC=org/CN=alice/CN=1', ' /DC=org/CN=alice', '/DC=org/CN=gw.example.org', ''])
      expect(findUserByDn(registry, [other])).toBeUndefined();
    expect(findUserByDn(registry, [])).toBeUndefined();
  });

  test('is found under either spelling of it', () => {
    expect(findUserByDn(registry, ['/DC=org/CN=al\\/ice', '/DC=org/CN=bob'])).toBe('bob');
    expect(findHostByDn(registry, ['x', '/DC=org/CN=plain'])).toBe('plain');
  });

  test('of a host is no user, and the other way round', () => {
    expect(findHostByDn(registry, ['/DC=org/CN=alice'])).toBeUndefined();
  });

  test('that two users list is the first one, and a warning', () => {
    const { config, warnings } = registryOf({ Users: { ...users, eve: { DN: '/DC=org/CN=eve, /DC=org/CN=bob' } } });
    expect(findUserByDn(config.registry, ['/DC=org/CN=bob'])).toBe('bob');
    expect(findUserByDn(config.registry, ['/DC=org/CN=bob'], ['alice', 'eve', 'bob'])).toBe('eve');
    expect(findUserByDn(config.registry, ['/DC=org/CN=bob'], ['alice', 'ghost'])).toBeUndefined();
    expect(warnings).toEqual([
      '/Registry/Users/eve/DN holds "/DC=org/CN=bob", which belongs to "bob" too: the first counts, of those in the group that is asked for',
    ]);
  });

  test('that two hosts list is a warning too; the same user twice is none', () => {
    expect(registryOf({ Hosts: { ...hosts, gw2: { DN: '/DC=org/CN=plain' } } }).warnings).toEqual([
      '/Registry/Hosts/gw2/DN holds "/DC=org/CN=plain", which belongs to "plain" too: the first counts, of those in the group that is asked for',
    ]);
    expect(registryOf({ Users: { ...users, eve: { DN: '/CN=e, /CN=e' } } }).warnings).toEqual([]);
  });
});

describe('the default group of a user', () => {
  const { registry } = registryOf({ DefaultGroup: 'prod, user' }).config;

  test("is the first he is in of his own list, then of the Registry's", () => {
    expect(defaultGroupOf(registry, 'alice')).toBe('prod');
    expect(defaultGroupOf(registry, 'bob')).toBe('user');
    expect(defaultGroupOf({ ...registry, defaultGroups: ['absent', 'Zadmin'] }, 'bob')).toBe('Zadmin');
  });

  test('is else the alphabetically first of his groups, capitals first as Python sorts', () => {
    expect(defaultGroupOf(registry, 'dora')).toBe('Zadmin');
  });

  test('is nothing for a user without a group', () => {
    expect(defaultGroupOf(registry, 'nobody')).toBeUndefined();
  });
});
