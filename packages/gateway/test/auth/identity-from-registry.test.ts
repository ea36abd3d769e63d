import { DiracS3Error } from '@dirac-s3/core';
import { describe, expect, it } from '@jest/globals';
import { identityFromRegistry } from '../../src/auth/index.js';
import { registry } from '../support/settings.js';

const ask = (username: string, group: string) => identityFromRegistry(registry, { username, group, source: 'token' });
const detailOf = (username: string, group: string): { message: string; detail: string } => {
  try {
    ask(username, group);
  } catch (fault) {
    if (fault instanceof DiracS3Error && fault.code === 'unauthenticated') {
      return { message: fault.message, detail: fault.cause instanceof Error ? fault.cause.message : '' };
    }
  }
  throw new Error('it was let in');
};

describe('identityFromRegistry', () => {
  it('takes VO and properties from the group of the Registry', () => {
    expect(ask('erin', 'vo_admin')).toMatchObject({ vo: 'vo', properties: ['NormalUser', 'FileCatalogManagement'] });
    expect(ask('alice', 'other_user')).toMatchObject({ vo: 'other', properties: ['NormalUser'] });
  });

  it.each([
    ['an unknown user', 'mallory', 'vo_user', /not in the Registry/],
    ['an unknown group', 'alice', 'nope', /group "nope" is not in the Registry/],
    ['a user outside the group', 'dave', 'vo_user', /not in the Users/],
    ['a member that is no user of the Registry', 'zoe', 'ghosts', /user "zoe" is not in the Registry/],
    ['a user suspended for the VO of the group', 'carol', 'vo_user', /suspended for VO "vo"/],
    ['a name of the prototype', 'constructor', 'vo_user', /not in the Registry/],
    ['a name in other letters', 'Alice', 'vo_user', /not in the Registry/],
  ])('refuses %s, with the same words for all', (_title, username, group, detail) => {
    const fault = detailOf(username, group);
    expect(fault.detail).toMatch(detail);
    expect(fault.message).toBe(detailOf('mallory', 'vo_user').message);
  });

  it('lets a user suspended for one VO act in another', () => {
    expect(ask('carol', 'other_user').vo).toBe('other');
  });

  it('refuses a group without a VO and the group of hosts', () => {
    expect(() => ask('alice', 'vo_less')).toThrow(/no proper vo/);
    expect(() => ask('alice', 'hosts')).toThrow(/not a group of users/);
  });
});
