import { createHmac } from 'node:crypto';
import { DiracS3Error, parseLfn, Secret } from '@dirac-s3/core';
import { describe, expect, it } from '@jest/globals';
import { openGrant, sealGrant, type ProbeGrant } from '../../src/probe/grant.js';

const keyText = 'kY3n8Qw1ZrT5uVb7Xc9MdF2gHj4LpSa6';
const key = new Secret(keyText);
const other = new Secret('0123456789abcdefghijklmnopqrstuv');
const now = new Date('2026-11-24T12:00:00Z');
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const grant: ProbeGrant = {
  storageElement: 'CERN-S3',
  bucket: 'data',
  lfn: parseLfn('/vo/user/a/alice/Grüße 😀.bin'),
  username: 'alice',
  group: 'vo_user',
  vo: 'vo',
  expiresAt: later(600),
};
const token = sealGrant(grant, [key]);
const refused = (text: string, keys = [key], at = now): string => {
  try {
    openGrant(text, keys, at);
  } catch (fault) {
    if (fault instanceof DiracS3Error && fault.code === 'permission-denied') return fault.message;
    throw fault;
  }
  throw new Error('it was opened');
};
const foreign = 'the link is not one of this gateway';

/** A token of other claims with the signature of a good one, or with one of our own making. */
const withPayload = (claims: unknown, signature = token.split('.')[2]!): string =>
  `probe1.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
const claims = ['CERN-S3', 'data', grant.lfn, 'alice', 'vo_user', 'vo', grant.expiresAt.getTime() / 1000];

describe('a probe token', () => {
  it('opens to the grant it was sealed with, at any gateway with the key', () => {
    expect(openGrant(token, [new Secret(keyText)], now)).toEqual(grant);
    expect(token).toMatch(/^probe1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
  });

  it('is the same at every gateway: nothing of it is chance', () => expect(sealGrant(grant, [new Secret(keyText)])).toBe(token));

  it('is good until its last second, and not in the one after', () => {
    expect(openGrant(token, [key], later(599.999))).toEqual(grant);
    expect(refused(token, [key], later(600))).toBe('the link has expired');
    expect(refused(token, [key], later(86_400))).toBe('the link has expired');
  });

  it('of a longest LFN still fits into a URL', () => {
    const long = sealGrant({ ...grant, lfn: parseLfn(`/${'ü'.repeat(511)}`) }, [key]);
    expect(openGrant(long, [key], now).lfn).toHaveLength(512);
    expect(long.length).toBeLessThan(4096);
  });

  it('is refused when any character of it is another one, or missing, or doubled', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=%/ ';
    for (let at = 0; at < token.length; at += 1) {
      const [before, letter, after] = [token.slice(0, at), token[at]!, token.slice(at + 1)];
      for (const another of alphabet) if (another !== letter) expect(refused(before + another + after)).toBe(foreign);
      expect(refused(before + after)).toBe(foreign);
      expect(refused(before + letter + letter + after)).toBe(foreign);
    }
  });

  it.each([
    ['another StorageElement', ['OTHER-S3', ...claims.slice(1)]],
    ['another bucket', ['CERN-S3', 'other', ...claims.slice(2)]],
    ['another name', ['CERN-S3', 'data', '/vo/user/b/bob/secret', ...claims.slice(3)]],
    ['another user', [...claims.slice(0, 3), 'bob', ...claims.slice(4)]],
    ['another group', [...claims.slice(0, 4), 'vo_admin', ...claims.slice(5)]],
    ['another VO', [...claims.slice(0, 5), 'other', claims[6]]],
    ['a later end', [...claims.slice(0, 6), later(1_000_000).getTime() / 1000]],
    ['nothing', []],
  ])('cannot be made to say %s', (_title, changed) => expect(refused(withPayload(changed))).toBe(foreign));

  it('is told from a good one by its signature alone: these claims are the ones sealed', () => expect(withPayload(claims)).toBe(token));

  it.each([
    ['another key', withPayload(claims, sealGrant(grant, [other]).split('.')[2])],
    ['no key', withPayload(claims, createHmac('sha256', '').update('').digest('base64url'))],
    [
      'the key, but not for this purpose',
      withPayload(claims, createHmac('sha256', keyText).update(token.split('.')[1]!).digest('base64url')),
    ],
    [
      'the key in hexadecimal',
      withPayload(
        claims,
        createHmac('sha256', keyText)
          .update(`dirac-s3 probe1\0${token.split('.')[1]!}`)
          .digest('hex'),
      ),
    ],
  ])('signed with %s is forged', (_title, forged) => expect(refused(forged)).toBe(foreign));

  it.each([
    '',
    '.',
    'probe1',
    'probe1..',
    'probe2.a.b',
    `probe1.${'A'.repeat(100_000)}.x`,
    'probe1.__proto__.constructor',
    `${token}.x`,
    ` ${token}`,
    `${token}\n`,
  ])('is not %j', (text) => expect(refused(text)).toBe(foreign));

  it('outlives the change of keys: the first one signs, all are accepted', () => {
    const renewed = sealGrant(grant, [other, key]);
    expect(renewed).toBe(sealGrant(grant, [other]));
    expect(openGrant(token, [other, key], now)).toEqual(grant);
    expect(openGrant(renewed, [key, other], now)).toEqual(grant);
    expect(refused(token, [other])).toBe(foreign);
    expect(refused(token, [])).toBe(foreign);
    expect(() => sealGrant(grant, [])).toThrow('no key');
  });
});
