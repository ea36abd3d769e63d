import { describe, expect, it } from '@jest/globals';
import { wildcard } from '../src/wildcard.js';

describe('a pattern', () => {
  // As Python 3's fnmatch.fnmatchcase answers.
  it.each([
    ['*.bin', 'a.bin', true],
    ['*.bin', 'a.bin.old', false],
    ['*', '', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a?c', 'a😀c', true],
    ['*/b', '/x/y/b', true],
    ['[abc]x', 'bx', true],
    ['[abc]x', 'dx', false],
    ['[!abc]x', 'dx', true],
    ['[!abc]x', 'ax', false],
    ['[a-c]1', 'b1', true],
    ['[a-c]1', 'd1', false],
    ['[z-a]', 'b', false],
    ['[!z-a]', 'b', true],
    ['[]]', ']', true],
    ['[!]]', ']', false],
    ['[!]]', 'x', true],
    ['[', '[', true],
    ['[abc', '[abc', true],
    ['[a-]', '-', true],
    ['[^a]', '^', true],
    ['[\\d]', '\\', true],
    ['[\\d]', '5', false],
    ['a.c', 'abc', false],
    ['(a|b)', 'a', false],
    ['(a|b)', '(a|b)', true],
    ['a\nb', 'a\nb', true],
    ['*', 'a\nb', true],
    ['A', 'a', false],
    ['**', 'x', true],
    ['*a*b*', 'xaxbx', true],
    ['*a*b*', 'xbxax', false],
    ['*ab*b', 'xab', false],
    ['a*a', 'a', false],
    ['*1*', 'x1', true],
  ])('%j and the name %j: %j', (pattern, name, expected) => {
    expect(wildcard(pattern)(name)).toBe(expected);
  });

  it('takes no time to speak of for hostile names', () => {
    expect(wildcard(`${'*a'.repeat(20)}b`)('a'.repeat(1000))).toBe(false);
    expect(wildcard(`${'*'.repeat(30)}b`)('a'.repeat(1000))).toBe(false);
  });
});
