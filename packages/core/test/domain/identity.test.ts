import { describe, expect, test } from '@jest/globals';
import { createIdentity, isCatalogAdmin, parseLfnDirectory, type IdentityFacts } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';

const alice: IdentityFacts = { username: 'alice', group: 'lhcb_user', vo: 'lhcb', properties: ['NormalUser'], source: 'token' };

describe('createIdentity', () => {
  test('keeps the proven facts, and nobody can change them afterwards', () => {
    const properties = ['NormalUser'];
    const identity = createIdentity({ ...alice, dn: '/DC=org/CN=alice', properties });
    expect(identity).toEqual({ ...alice, dn: '/DC=org/CN=alice' });
    properties.push('FileCatalogManagement');
    expect(identity.properties).toEqual(['NormalUser']);
    expect(Object.isFrozen(identity) && Object.isFrozen(identity.properties)).toBe(true);
  });

  test('keeps what narrows it, beyond change', () => {
    const restrictions = [{ access: ['read' as const], path: parseLfnDirectory('/vo') }];
    const identity = createIdentity({ ...alice, restrictions, limitedProxy: true, via: 'gw' });
    expect(identity).toMatchObject({ restrictions, limitedProxy: true, via: 'gw' });
    restrictions.push({ access: ['read'], path: parseLfnDirectory('/') });
    restrictions[0]!.path = parseLfnDirectory('/');
    expect(identity.restrictions).toEqual([{ access: ['read'], path: '/vo' }]);
    expect(createIdentity(alice)).not.toHaveProperty('restrictions');
  });

  test.each<Partial<IdentityFacts>>([
    { username: '' },
    { username: '  ' },
    { username: ' alice' },
    { username: 'alice\n' },
    { username: 'al\u0000ice' },
    { username: 'al\u009bice' },
    { group: '' },
    { group: 'lhcb_user ' },
    { vo: '' },
    { vo: '\t' },
    { username: 'anonymous' },
    { username: 'Anonymous' },
    { username: 'nobody' },
    { username: 'unknown' },
    { group: 'visitor' },
    { group: 'hosts' },
  ])('refuses %j', (change) => {
    expect(() => createIdentity({ ...alice, ...change })).toThrow(expect.objectContaining({ code: 'unauthenticated', httpStatus: 401 }));
  });

  test.each([' ', 'x '])('refuses a long name that is made of %j without repeating it', (piece) => {
    for (const field of ['username', 'group', 'vo'] as const) {
      const refused = `the ${field} begins or ends with white space`;
      expect(() => createIdentity({ ...alice, [field]: piece.repeat(5000) })).toThrow(new DiracS3Error('unauthenticated', refused));
    }
  });
});

test('an administrator of the catalog is whoever has the one property, and nobody else', () => {
  expect(isCatalogAdmin({ properties: ['NormalUser', 'FileCatalogManagement'] })).toBe(true);
  for (const properties of [[], ['NormalUser'], ['filecatalogmanagement'], ['CSAdministrator'], ['FileCatalogManagement ']]) {
    expect(isCatalogAdmin({ properties })).toBe(false);
  }
});
