import { describe, expect, test } from '@jest/globals';
import { isWithin, parseLfnDirectory, type Restriction } from '../../src/domain/index.js';

const at = (path: string, ...access: Restriction['access']): Restriction => ({ access, path: parseLfnDirectory(path) });
const within = (restrictions: readonly Restriction[] | undefined, path: string, access: Restriction['access'][number] = 'read') =>
  isWithin(restrictions, access, parseLfnDirectory(path));

describe('what a narrowed credential leaves', () => {
  test('is everything when it is not narrowed, and nothing when nothing is named', () => {
    expect(within(undefined, '/')).toBe(true);
    expect(within([], '/vo')).toBe(false);
  });

  test.each([
    ['/vo/a', '/vo/a', true],
    ['/vo/a', '/vo/a/b', true],
    ['/vo/a', '/vo/a/b/c', true],
    ['/vo/a', '/vo/ab', false],
    ['/vo/a', '/vo/a.txt', false],
    ['/vo/a', '/vo/A', false],
    ['/vo/a', '/vo', false],
    ['/vo/a', '/', false],
    ['/vo/a', '/other/vo/a', false],
    ['/', '/vo/a', true],
    ['/', '/', true],
  ])('%s holds %s: %s', (directory, path, expected) => {
    expect(within([at(directory, 'read')], path)).toBe(expected);
  });

  test('is per access: the right path of one and the right access of another make none', () => {
    const restrictions = [at('/vo/a', 'read'), at('/vo/b', 'write', 'remove')];
    expect(within(restrictions, '/vo/a', 'write')).toBe(false);
    expect(within(restrictions, '/vo/b', 'read')).toBe(false);
    expect(within(restrictions, '/vo/b/c', 'remove')).toBe(true);
  });
});
