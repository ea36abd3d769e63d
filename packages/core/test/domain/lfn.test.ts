import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ancestorsOf, baseNameOf, lfnFault, maxLfnBytes, parentOf, parseLfn, parseLfnDirectory } from '../../src/domain/index.js';
import { anyLfn } from './lfns.js';

describe('a canonical LFN is accepted as it stands', () => {
  test.each([
    '/vo/user/a/alice/file',
    '/vo',
    '/a b/c%20d',
    '/vo/é/ü',
    '/vo/a;b+c:d@e=f&g',
    '/vo/a%2Fb',
    '/vo/..a/b../...',
    '/vo/.hidden',
    '/grid',
    '/gridpp/x',
    '/vo/grid/x',
    '/vo/😀',
    `/${'a'.repeat(maxLfnBytes - 1)}`,
  ])('%j', (text) => expect(parseLfn(text)).toBe(text));

  test('whatever its characters', () => {
    fc.assert(fc.property(anyLfn, (lfn) => parseLfn(lfn) === lfn));
  });
});

describe('anything else is refused and never repaired', () => {
  test.each<[unknown, RegExp]>([
    ['', /must not be empty/],
    ['vo/file', /must start with "\/"/],
    ['/', /the root directory/],
    ['//', /must not end with "\/"/],
    ['//vo/file', /empty segment/],
    ['/vo//file', /empty segment/],
    ['/vo/', /must not end with "\/"/],
    ['/vo/./file', /"\." or "\.\." segments/],
    ['/vo/../file', /"\." or "\.\." segments/],
    ['/vo/..', /"\." or "\.\." segments/],
    ['/.', /"\." or "\.\." segments/],
    ['/vo/a\0', /the control character U\+0000/],
    ['/vo/a\n', /the control character U\+000A/],
    ['/vo/a\x7f', /the control character U\+007F/],
    ['/vo/a\x9b', /the control character U\+009B/],
    ['/vo/a\\b', /must not contain "\\"/],
    ['/vo/a?x', /must not contain "\?"/],
    ['/vo/a#x', /must not contain "#"/],
    ['/vo/\ud800', /unpaired surrogate/],
    ['/grid/vo/file', /must not start with "\/grid\/"/],
    [`/${'a'.repeat(maxLfnBytes)}`, /must not exceed 1024 bytes/],
    [`/${'é'.repeat(maxLfnBytes / 2)}`, /must not exceed 1024 bytes/],
    [undefined, /must be text/],
    [null, /must be text/],
    [42, /must be text/],
    [['/vo/file'], /must be text/],
    [{ toString: () => '/vo/file' }, /must be text/],
  ])('%j', (text, reason) => {
    expect(lfnFault(text)).toMatch(reason);
    expect(() => parseLfn(text)).toThrow(expect.objectContaining({ code: 'invalid-lfn', message: expect.stringMatching(reason) }));
  });

  test('with every control character, backslash, "?" or "#" anywhere', () => {
    const forbidden = fc.constantFrom(
      '\\',
      '?',
      '#',
      ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)),
      '\x7f',
      '\x80',
      '\x9f',
    );
    fc.assert(
      fc.property(anyLfn, forbidden, fc.nat(), (lfn, character, at) => {
        const cut = 1 + (at % lfn.length);
        fc.pre(lfn.length < 500);
        return lfnFault(lfn.slice(0, cut) + character + lfn.slice(cut)) !== undefined;
      }),
    );
  });

  test('with a dot segment or an empty one anywhere', () => {
    fc.assert(
      fc.property(anyLfn, fc.constantFrom('.', '..', ''), fc.nat(), (lfn, segment, at) => {
        const segments = lfn.split('/');
        segments.splice(1 + (at % (segments.length - 1)), 0, segment);
        return lfnFault(segments.join('/')) !== undefined;
      }),
    );
  });

  test('whatever it is, no message can move a cursor, hide text or run over the line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        fc.pre(lfnFault(text) !== undefined);
        try {
          parseLfn(text);
          return false;
        } catch (thrown) {
          const { message } = thrown as Error;
          return message.length < 1700 && !/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(message);
        }
      }),
    );
  });

  test('quickly, also a name of hostile size', () => {
    const thrown = (): unknown => parseLfn(`/${'a/'.repeat(5_000_000)}`);
    expect(thrown).toThrow(/must not exceed 1024 bytes/);
    expect(thrown).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,400}$/) }));
  });
});

describe('directories', () => {
  test('the root is one, and so is every LFN', () => {
    expect(parseLfnDirectory('/')).toBe('/');
    expect(parseLfnDirectory('/vo/user')).toBe('/vo/user');
    expect(() => parseLfnDirectory('/vo/')).toThrow(expect.objectContaining({ code: 'invalid-lfn' }));
    expect(() => parseLfnDirectory('')).toThrow(expect.objectContaining({ code: 'invalid-lfn' }));
  });

  test('parents go up to the root and stay there', () => {
    expect(parentOf(parseLfn('/vo/user/file'))).toBe('/vo/user');
    expect(parentOf(parseLfn('/vo'))).toBe('/');
    expect(parentOf(parseLfnDirectory('/'))).toBe('/');
  });

  test('ancestors are every directory above, nearest first', () => {
    expect(ancestorsOf(parseLfn('/vo/user/file'))).toEqual(['/vo/user', '/vo', '/']);
    expect(ancestorsOf(parseLfnDirectory('/'))).toEqual([]);
  });

  test('an LFN is its parent and its last segment', () => {
    fc.assert(
      fc.property(anyLfn, (lfn) => {
        const parent = parentOf(lfn);
        expect(`${parent === '/' ? '' : parent}/${baseNameOf(lfn)}`).toBe(lfn);
        expect(parseLfnDirectory(parent)).toBe(parent);
        expect(ancestorsOf(lfn)).toHaveLength(lfn.split('/').length - 1);
      }),
    );
  });
});
