import { parseLfn, parseLfnDirectory } from '@dirac-s3/core';
import { isWithin } from '@dirac-s3/core';
import { describe, expect, it } from '@jest/globals';
import { restrictionsOf } from '../../src/auth/storage-scopes.js';

const root = parseLfnDirectory('/');
const vo = parseLfnDirectory('/vo');
const grants = (scope: string, base = root) => restrictionsOf(scope, base)?.map(({ access, path }) => `${access.join('+')} ${path}`);

describe('storage scopes', () => {
  it.each([
    ['storage.read:/vo/user', ['read /vo/user']],
    ['storage.stage:/vo/user', ['read /vo/user']],
    ['storage.create:/vo/user', ['write /vo/user']],
    ['storage.modify:/vo/user', ['write+remove /vo/user']],
    ['storage.read:/ storage.create:/vo/out/', ['read /', 'write /vo/out']],
    ['openid wlcg.groups storage.read:/vo offline_access', ['read /vo']],
    ['storage.read:/vo/with%20blank', ['read /vo/with blank']],
  ])('%s leaves %j', (scope, expected) => {
    expect(grants(scope)).toEqual(expected);
  });

  it('take nothing away where there are none', () => {
    expect(grants('')).toBeUndefined();
    expect(grants('openid profile wlcg.groups:/vo')).toBeUndefined();
  });

  it.each([
    'storage.read',
    'storage.read:',
    'storage.read:vo',
    'storage.read://',
    'storage.read://vo',
    'storage.read:/vo//',
    'storage.read:/vo/../other',
    'storage.read:/vo/%2e%2e/other',
    'storage.read:/vo/%2E/x',
    'storage.read:/%',
    'storage.read:/vo/%ff',
    'storage.read:/vo%00',
    'storage.read:/vo?x',
    'storage.Read:/vo',
    'storage.admin:/vo',
    'storage.:/vo',
    'compute.read',
    'compute.create compute.cancel',
  ])('%s leaves nothing, rather than everything', (scope) => {
    expect(grants(scope)).toEqual([]);
  });

  it('are paths below the base of the issuer', () => {
    expect(grants('storage.read:/ storage.create:/user/a storage.read:user', vo)).toEqual(['read /vo', 'write /vo/user/a']);
    expect(grants('storage.read:/../x storage.read:x', vo)).toEqual([]);
  });

  it('match whole segments', () => {
    const restrictions = restrictionsOf('storage.read:/vo/user/a', root);
    for (const good of ['/vo/user/a', '/vo/user/a/b', '/vo/user/a/b/c.bin'])
      expect(isWithin(restrictions, 'read', parseLfn(good))).toBe(true);
    for (const bad of ['/vo/user/ab', '/vo/user/a.bin', '/vo/user', '/other/vo/user/a'])
      expect(isWithin(restrictions, 'read', parseLfn(bad))).toBe(false);
    expect(isWithin(restrictions, 'write', parseLfn('/vo/user/a/b'))).toBe(false);
  });
});
