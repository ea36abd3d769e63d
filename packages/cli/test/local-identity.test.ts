import { describe, expect, it } from '@jest/globals';
import type { Registry } from '@dirac-s3/core/config';
import { localIdentity } from '../src/local-identity.js';

const registry: Registry = {
  users: new Map([
    ['alice', { dns: [], suspendedVos: [], defaultGroups: [] }],
    ['bob', { dns: [], suspendedVos: ['demo'], defaultGroups: [] }],
  ]),
  groups: new Map([
    ['demo_user', { users: ['alice', 'bob', 'ghost'], properties: ['NormalUser'], vo: 'demo', vomsRole: undefined }],
    ['demo_admin', { users: [], properties: ['FileCatalogManagement'], vo: 'demo', vomsRole: undefined }],
  ]),
  hosts: new Map(),
  defaultGroups: [],
};

describe('the user of a local catalog', () => {
  it('has the VO and the properties of the group in the Registry', () => {
    expect(localIdentity('alice:demo_user', registry)).toMatchObject({
      username: 'alice',
      group: 'demo_user',
      vo: 'demo',
      properties: ['NormalUser'],
      source: 'local',
    });
  });

  it.each([
    ['alice:demo_admin', /no user "alice" in the group "demo_admin"/],
    ['ghost:demo_user', /no user "ghost"/],
    ['bob:demo_user', /suspended/],
    ['alice:other', /no group "other"/],
    ['alice', /not of the form user:group/],
    ['alice:demo_user:x', /not of the form user:group/],
    [':demo_user', /not of the form user:group/],
    [undefined, /--as user:group/],
    ['', /--as user:group/],
  ])('is refused as %s', (named, message) => {
    expect(() => localIdentity(named, registry)).toThrow(message);
  });
});
