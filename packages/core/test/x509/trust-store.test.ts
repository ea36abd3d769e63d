import { describe, expect, test } from '@jest/globals';
import { createTrustStore, judgeChain } from '../../src/x509/index.js';
import { algorithms } from './maker/certificate.js';
import { integer, raw, sequence, withPaddedLength } from './maker/der-writer.js';
import { basicConstraints, strange } from './maker/extensions.js';
import { name } from './maker/names.js';
import { make, makeList, makeWorld, now } from './maker/world.js';

const world = makeWorld();

describe('a trust store', () => {
  test('counts what it can use', () => {
    const store = createTrustStore({ authorities: [world.root, world.sub], revocations: [makeList()] });
    expect(store).toEqual({ authorityCount: 2, revocationCount: 1, unusable: [] });
  });

  test('may be empty, and then nobody is trusted', () => {
    const trust = createTrustStore({ authorities: [], revocations: [] });
    expect(trust).toEqual({ authorityCount: 0, revocationCount: 0, unusable: [] });
    expect(judgeChain([world.user], { trust, now }).trusted).toBe(false);
  });

  test.each<[string, Buffer, string]>([
    ['rubbish', raw('30 03 01 02 03'), 'it has type 0x01 where 0x30 must be'],
    ['a user', world.user, 'it is not a CA (basicConstraints)'],
    ['version 1', make('root', { version: Buffer.alloc(0) }), 'it is not of X.509 version 3'],
    ['a padded length', withPaddedLength(world.root), 'it has a padded length (BER)'],
    ['no basicConstraints', make('root', { extensions: { basicConstraints: undefined } }), 'it is not a CA (basicConstraints)'],
    [
      'basicConstraints that deny',
      make('root', { extensions: { basicConstraints: basicConstraints(false) } }),
      'it is not a CA (basicConstraints)',
    ],
    ['a key on a strange curve', make('root', { key: 'secp256k1:root' }), 'it: public key is on a curve that is not accepted'],
  ])('reports an authority that is no good (%s) and uses the others', (_, bad, reason) => {
    const trust = createTrustStore({ authorities: [world.root, bad, world.sub], revocations: [] });
    expect(trust.unusable).toEqual([{ kind: 'authority', index: 1, reason }]);
    expect(trust.authorityCount).toBe(2);
    expect(judgeChain([world.user], { trust, now }).trusted).toBe(true);
  });

  test.each<[string, Buffer, string]>([
    ['rubbish', raw('04 00'), 'it has type 0x04 where 0x30 must be'],
    ['a certificate', world.user, 'it has type 0xa0 where 0x30 must be'],
    ['version 3', makeList({ version: integer(2) }), 'it is not of version 2'],
    ['two algorithms', makeList({ innerAlgorithm: algorithms.sha384Ec.identifier }), 'it names two signature algorithms'],
    ['no issuer', makeList({ issuer: sequence() }), 'it: issuer is empty'],
    ['bytes behind', Buffer.concat([makeList(), raw('00')]), 'it has bytes after its end'],
  ])('reports a revocation list of which not even the issuer can be read (%s)', (_, bad, reason) => {
    const trust = createTrustStore({ authorities: [world.root, world.sub], revocations: [makeList(), bad] });
    expect(trust.unusable).toEqual([{ kind: 'revocation', index: 1, reason }]);
    expect(trust.revocationCount).toBe(1);
  });

  test('counts a list with a readable issuer and a fault behind: its authority has a list, and it is no good', () => {
    const trust = createTrustStore({ authorities: [world.root, world.sub], revocations: [makeList({ extensions: [strange(true)] })] });
    expect(trust).toMatchObject({ revocationCount: 1, unusable: [] });
    expect(judgeChain([world.user], { trust, now })).toMatchObject({ trusted: false, reason: expect.stringContaining('is no good') });
  });

  test('does not change with the bytes it was made of', () => {
    const bytes = Buffer.from(world.root);
    const trust = createTrustStore({ authorities: [bytes, world.sub], revocations: [] });
    bytes.fill(0);
    expect(judgeChain([world.user], { trust, now }).trusted).toBe(true);
  });

  test('takes as anchors the self-signed alone', () => {
    const selfIssued = make('root', { signer: 'P-256:above' });
    const trust = createTrustStore({ authorities: [selfIssued, world.sub], revocations: [] });
    expect(judgeChain([world.user], { trust, now }).trusted).toBe(false);
  });

  test('takes no anchor that signed itself under the name of another', () => {
    const renamed = make('root', { issuer: name('CN=Another') });
    const trust = createTrustStore({ authorities: [renamed, world.sub], revocations: [] });
    expect(judgeChain([world.user], { trust, now })).toMatchObject({ trusted: false, reason: expect.stringContaining('CN=Another') });
  });

  test('ignores an unreadable mark on what is no authority', () => {
    const trust = createTrustStore({
      authorities: [world.root, world.sub],
      revocations: [],
      unreadableRevocationsOf: [raw('00'), world.user],
    });
    expect(judgeChain([world.user], { trust, now }).trusted).toBe(true);
  });
});
