import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys, placeAfterAll, placeBefore } from '../../../src/adapters/s3/key-order.js';
import { lfnFault, objectKeyOf, parseLfn } from '../../../src/domain/index.js';

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
/** Texts with characters on both sides of every border that matters. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...' !-./0+az~\u00a0\u00e9\ud7ff\ue000\uffe6\u{10000}\u{1f600}\u{10fffd}\u{10ffff}'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 12,
});
const key = text
  .map((name) => `/vo/${name}`)
  .filter((lfn) => lfnFault(lfn) === undefined)
  .map((lfn) => objectKeyOf(parseLfn(lfn)));
const directoryOf = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1);

describe('keys of a listing', () => {
  test('are compared by their UTF-8 bytes', () => {
    fc.assert(fc.property(text, text, (one, other) => expect(compareKeys(one, other)).toBe(byBytes(one, other))));
    expect(compareKeys('\uffe6', '\u{10000}')).toBe(-1);
    expect(['\uffe6', '\u{10000}'].sort()).toEqual(['\u{10000}', '\uffe6']);
  });
});

describe('the place where a listing starts', () => {
  test('is before its key, in the same directory, and in no other one below that', () => {
    fc.assert(
      fc.property(key, (name) => {
        const place = placeBefore(name);
        expect(byBytes(place, name)).toBe(-1);
        expect(directoryOf(place)).toBe(directoryOf(name));
        expect(place.isWellFormed()).toBe(true);
      }),
    );
  });

  test('is after every key before it that does not go on from a last character one lower', () => {
    expect(['f0999', 'f09', 'f0', 'e', 'f1', 'f0/1', 'f1/2'].filter((name) => byBytes(name, placeBefore('f1000')) > 0)).toEqual([]);
    expect(byBytes(placeBefore('f1000'), 'f100')).toBe(1);
  });

  test.each([
    ['n0', 'n.\u{10fffd}'],
    ['n/0', 'n/.\u{10fffd}'],
    ['nb', 'na\u{10fffd}'],
    ['n\ue000', 'n\ud7ff\u{10fffd}'],
    ['n\u{10000}', 'n\uffff\u{10fffd}'],
    ['n ', 'n'],
    [' ', ''],
  ])('of %j is %j', (name, place) => {
    expect(placeBefore(name)).toBe(place);
  });

  test('is no longer than a key can be', () => {
    for (const name of [`vo/${'a'.repeat(1021)}`, `vo/${'a'.repeat(1017)}`, `vo/${'a'.repeat(1016)}`]) {
      const place = placeBefore(name);
      expect(Buffer.byteLength(place)).toBeLessThanOrEqual(1024);
      expect(byBytes(place, name)).toBe(-1);
    }
  });
});

test('the place after a directory is before whatever stands beside it', () => {
  expect(byBytes(placeAfterAll('a/'), 'a/\uffe6/zzz')).toBe(1);
  expect(byBytes(placeAfterAll('a/'), 'a0')).toBe(-1);
});
