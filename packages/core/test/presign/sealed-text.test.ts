import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/domain/index.js';
import { openSealedText, sealText } from '../../src/presign/index.js';

const [key, newKey, stranger] = [
  'kY3n8Qw1ZrT5uVb7Xc9MdF2gHj4LpSa6',
  '0123456789abcdefghijklmnopqrstuv',
  'zyxwvutsrqponmlkjihgfedcba987654',
].map((text) => new Secret(text)) as [Secret, Secret, Secret];
const text = JSON.stringify(['alice', '/vo/Grüße 😀.bin', 3]);
const sealed = sealText('upload1', text, [key]);

describe('a sealed text', () => {
  test('opens to what was sealed, and is an HMAC-SHA256 over purpose and text', () => {
    expect(openSealedText('upload1', sealed, [key])).toBe(text);
    const payload = Buffer.from(text).toString('base64url');
    const signature = createHmac('sha256', key.reveal()).update(`dirac-s3 upload1\0${payload}`).digest('base64url');
    expect(sealed).toBe(`upload1.${payload}.${signature}`);
  });

  test('opens with none of the keys of somebody else, nor with no key at all', () => {
    expect(openSealedText('upload1', sealed, [stranger])).toBeUndefined();
    expect(openSealedText('upload1', sealed, [])).toBeUndefined();
    expect(() => sealText('upload1', text, [])).toThrow(/no key/);
  });

  test('of one purpose is of no use for another, although the key is the same', () => {
    expect(openSealedText('probe1', sealed, [key])).toBeUndefined();
    expect(openSealedText('probe1', sealed.replace('upload1', 'probe1'), [key])).toBeUndefined();
  });

  test('survives a change of keys: the first one seals, all of them open', () => {
    // Gateway by gateway: the new key is put behind the old one, then before it, and then the old one goes.
    const stages = [[key], [key, newKey], [newKey, key], [newKey]];
    for (const [n, keys] of stages.entries()) {
      for (const others of stages.slice(Math.max(0, n - 1), n + 2))
        expect(openSealedText('upload1', sealText('upload1', text, keys), others)).toBe(text);
    }
    expect(openSealedText('upload1', sealText('upload1', text, [newKey, key]), [key])).toBeUndefined();
    expect(openSealedText('upload1', sealed, [newKey])).toBeUndefined();
  });

  test('does not open with any one character changed, left out or doubled', () => {
    let tried = 0;
    for (let at = 0; at < sealed.length; at += 1) {
      const [before, here, after] = [sealed.slice(0, at), sealed[at]!, sealed.slice(at + 1)];
      const other = here === 'A' ? 'B' : 'A';
      for (const changed of [before + other + after, before + after, before + here + here + after]) {
        expect([at, openSealedText('upload1', changed, [key])]).toEqual([at, undefined]);
        tried += 1;
      }
    }
    expect(tried).toBe(3 * sealed.length);
  });

  test('does not open cut off anywhere, with more behind it, or with another payload under its signature', () => {
    for (let length = 0; length < sealed.length; length += 1)
      expect(openSealedText('upload1', sealed.slice(0, length), [key])).toBeUndefined();
    const [, payload = '', signature = ''] = sealed.split('.');
    const forged = Buffer.from(text.replace('alice', 'mallory')).toString('base64url');
    for (const bad of [
      `${sealed}.`,
      `${sealed}.x`,
      `${sealed}=`,
      ` ${sealed}`,
      `${sealed}\n`,
      `upload1.${forged}.${signature}`,
      `upload1.${payload}=.${signature}`,
      `upload1.${payload}.${signature}A`,
      `upload1..${signature}`,
      'upload1..',
      '..',
      '',
      'x'.repeat(100_000),
    ])
      expect(openSealedText('upload1', bad, [key])).toBeUndefined();
  });
});
