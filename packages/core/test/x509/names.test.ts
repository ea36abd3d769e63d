import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DerReader, tag } from '../../src/x509/der.js';
import { extendsByOneCn, oneLine, readName, spellings, type Name } from '../../src/x509/names.js';
import { bmpString, printableString, set, teletexString, utf8String } from './maker/der-writer.js';
import { attribute, name, rdn } from './maker/names.js';
import { strangeNames } from './maker/strange-names.js';

/** Recorded with `openssl x509 -noout -subject -nameopt compat` of OpenSSL 3.0.19. */
const recorded = JSON.parse(readFileSync(new URL('vectors/one-line.json', import.meta.url), 'utf8')) as Record<string, string>;

function read(der: Buffer): Name {
  return readName(new DerReader(der, 'name').next(tag.sequence), 'name');
}

describe('the text of a name on one line', () => {
  test.each(Object.keys(strangeNames))('is what OpenSSL 3 writes: %s', (label) => {
    expect(oneLine(read(strangeNames[label]!))).toBe(recorded[label]);
  });

  test('is recorded for every name here and no other', () => {
    expect(Object.keys(recorded)).toEqual(Object.keys(strangeNames));
  });
});

describe('the spellings of a name', () => {
  test.each([
    ['a plain name has one', name('DC=ch', 'CN=Alice'), ['/DC=ch/CN=Alice']],
    ['a slash is escaped or not', name('CN=host/a.b'), ['/CN=host\\/a.b', '/CN=host/a.b']],
    ['a plus is escaped or not', name('CN=a+b'), ['/CN=a\\+b', '/CN=a+b']],
    ['a set is joined by plus or by slash', name(set(attribute('CN=a'), attribute('UID=b'))), ['/CN=a+UID=b', '/CN=a/UID=b']],
    ['bytes beyond ASCII are the same in both', name('CN=é/x'), ['/CN=\\xC3\\xA9\\/x', '/CN=\\xC3\\xA9/x']],
    ['a value that reads as another part has the new one only', name('CN=a/UID=b'), ['/CN=a\\/UID=b']],
    ['also when the type is a number', name('CN=a/1.2.3=b'), ['/CN=a\\/1.2.3=b']],
    ['also with a plus', name('CN=a+UID=b'), ['/CN=a\\+UID=b']],
    ['an equals sign before any slash is harmless', name('CN=a=b/c'), ['/CN=a=b\\/c', '/CN=a=b/c']],
  ])('%s', (_, der, expected) => expect(spellings(read(der))).toEqual(expected));
});

describe('two names', () => {
  const key = (...parts: readonly (string | Buffer)[]) => read(name(...parts)).key;
  const alice = key('DC=ch', 'CN=alice');

  test.each([
    ['in PrintableString', rdn('CN=', printableString('alice'))],
    ['in Latin-1', rdn('CN=', teletexString('alice'))],
    ['in UTF-16', rdn('CN=', bmpString('alice'))],
  ])('are equal when one of them is %s', (_, part) => expect(key('DC=ch', part)).toBe(alice));

  test('are equal beyond ASCII whatever the string type', () => {
    expect(key(rdn('CN=', teletexString('J\xfcrgen')))).toBe(key('CN=Jürgen'));
    expect(key(rdn('CN=', bmpString('Jürgen')))).toBe(key('CN=Jürgen'));
  });

  test('are equal when the string types order a set otherwise', () => {
    const one = set(attribute('O=', utf8String('a')), attribute('O=', printableString('b')));
    const other = set(attribute('O=', utf8String('b')), attribute('O=', printableString('a')));
    expect(one.equals(other)).toBe(false);
    expect(key(one)).toBe(key(other));
  });

  test.each([
    ['case', 'CN=Alice'],
    ['a blank at the end', 'CN=alice '],
    ['the type', 'OU=alice'],
    ['a longer value', 'CN=alicee'],
    ['a value that looks like two parts', 'CN=alice"],["2.5.4.3=bob'],
  ])('differ by %s', (_, part) => expect(key('DC=ch', part)).not.toBe(alice));

  test('differ by where the parts begin', () => {
    expect(key(set(attribute('CN=a'), attribute('UID=b')))).not.toBe(key('CN=a', 'UID=b'));
    expect(key('CN=a', 'CN=b')).not.toBe(key('CN=b', 'CN=a'));
    expect(key('CN=a2.5.4.3=b')).not.toBe(key('CN=a', 'CN=b'));
  });
});

describe('a name extends another by one CN', () => {
  const user = read(name('DC=ch', 'CN=alice'));
  test.each<[string, boolean, Buffer]>([
    ['a CN', true, name('DC=ch', 'CN=alice', 'CN=1')],
    ['a CN, the rest in other string types', true, name('DC=ch', rdn('CN=', printableString('alice')), 'CN=1')],
    ['nothing', false, name('DC=ch', 'CN=alice')],
    ['two CNs', false, name('DC=ch', 'CN=alice', 'CN=1', 'CN=2')],
    ['an OU', false, name('DC=ch', 'CN=alice', 'OU=1')],
    ['a part of two', false, name('DC=ch', 'CN=alice', set(attribute('CN=1'), attribute('UID=1')))],
    ['a CN after somebody else', false, name('DC=ch', 'CN=bob', 'CN=1')],
    ['a CN after less', false, name('DC=ch', 'CN=1')],
  ])('%s: %s', (_, expected, der) => expect(extendsByOneCn(read(der), user)).toBe(expected));
});
