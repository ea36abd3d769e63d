import { describe, expect, test } from '@jest/globals';
import { createTrustStore, judgeChain, type TrustStore } from '../../src/x509/index.js';
import { integer } from './maker/der-writer.js';
import { revokedEntry } from './maker/certificate.js';
import { basicConstraints, diracGroup, languages, proxyCertInfo } from './maker/extensions.js';
import { name } from './maker/names.js';
import { aliceDn, make, makeList, makeWorld, names, now, trusting } from './maker/world.js';

const world = makeWorld();
const trust = trusting({ authorities: [world.root, world.sub] });
const chain = [world.second, world.first, world.user];

describe('the judge', () => {
  test('gives the same verdict whenever it is asked', () => {
    const verdict = judgeChain(chain, { trust, now });
    expect(judgeChain(chain, { trust, now })).toEqual(verdict);
    expect(verdict.trusted).toBe(true);
  });

  test('takes bytes of any view, also out of the middle of others', () => {
    const all = new Uint8Array(Buffer.concat([Buffer.alloc(7), world.user, Buffer.alloc(7)]));
    const view = all.subarray(7, 7 + world.user.length);
    expect(judgeChain([view], { trust, now })).toMatchObject({ trusted: true, proof: { dn: aliceDn } });
  });

  test('leaves what it was given as it was', () => {
    const before = chain.map((certificate) => certificate.toString('hex'));
    judgeChain(chain, { trust, now });
    expect(chain.map((certificate) => certificate.toString('hex'))).toEqual(before);
  });

  test.each([0, 512, 1023, -1, Number.NaN])('refuses to be told that RSA keys of %d bits will do', (minRsaBits) => {
    expect(() => judgeChain(chain, { trust, now, minRsaBits })).toThrow(RangeError);
  });

  test('refuses a trust store made elsewhere', () => {
    const forged: TrustStore = { authorityCount: 1, revocationCount: 0, unusable: [] };
    expect(() => judgeChain(chain, { trust: forged, now })).toThrow(TypeError);
    expect(() => judgeChain(chain, { trust: { ...trust }, now })).toThrow(TypeError);
  });

  test('names certificates, fields and faults, never a byte that could spoil a log', () => {
    const user = make('user', { subject: name('DC=ch', 'CN=Ünsafe \u202e') });
    const verdict = judgeChain([user, world.user], { trust, now });
    expect(verdict).toEqual({ trusted: false, reason: expect.stringMatching(/^[ -~]+$/) });
  });
});

describe('the end of a proof', () => {
  test.each(['second', 'first', 'user', 'sub', 'root'] as const)('is that of the %s when it ends first', (member) => {
    const early = Buffer.from(`170d${Buffer.from('260615130000Z').toString('hex')}`, 'hex');
    const changed = makeWorld({ [member]: { notAfter: early } });
    const verdict = judgeChain([changed.second, changed.first, changed.user], {
      trust: trusting({ authorities: [changed.root, changed.sub] }),
      now,
    });
    expect(verdict).toMatchObject({ trusted: true, proof: { notAfter: new Date('2026-06-15T13:00:00Z') } });
  });

  test('is not that of a revocation list', () => {
    const listed = trusting({
      authorities: [world.root, world.sub],
      revocations: [makeList({ nextUpdate: Buffer.from(`170d${Buffer.from('260615120001Z').toString('hex')}`, 'hex') })],
    });
    expect(judgeChain(chain, { trust: listed, now })).toMatchObject({
      trusted: true,
      proof: { notAfter: new Date('2026-06-16T00:00:00Z') },
    });
  });
});

describe('groups and limits over several delegations', () => {
  const group = (text: string | undefined) => ({ diracGroup: text === undefined ? undefined : diracGroup(text) });
  test.each<[string | undefined, string | undefined, string | undefined]>([
    [undefined, undefined, undefined],
    ['a', undefined, 'a'],
    [undefined, 'b', 'b'],
    ['a', 'b', 'a'],
    ['a', 'a', 'a'],
  ])('first %s, second %s: %s', (first, second, expected) => {
    const changed = makeWorld({ first: { extensions: group(first) }, second: { extensions: group(second) } });
    const verdict = judgeChain([changed.second, changed.first, changed.user], { trust, now });
    expect(verdict.trusted && verdict.proof.group).toBe(expected);
  });

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('first limited %s, second limited %s', (first, second) => {
    const info = (limited: boolean) => ({ proxyCertInfo: proxyCertInfo({ language: limited ? languages.limited : languages.inheritAll }) });
    const changed = makeWorld({ first: { extensions: info(first) }, second: { extensions: info(second) } });
    const verdict = judgeChain([changed.second, changed.first, changed.user], { trust, now });
    expect(verdict.trusted && verdict.proof.isLimited).toBe(first || second);
  });
});

describe('the search for a path is bounded', () => {
  const rollover = {
    subject: names.sub,
    issuer: names.sub,
    key: 'P-256:sub',
    signer: 'P-256:sub',
    extensions: { basicConstraints: basicConstraints(true) },
  };
  const loop = Array.from({ length: 11 }, (_, at) => make('sub', { ...rollover, serial: integer(100 + at) }));

  test('where eleven authorities of one name and key all vouch for each other', () => {
    const empty = createTrustStore({ authorities: [world.root], revocations: [] });
    const start = performance.now();
    expect(judgeChain([world.user, ...loop], { trust: empty, now }).trusted).toBe(false);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('also in the directory', () => {
    const crossed = Array.from({ length: 40 }, (_, at) =>
      make('sub', { ...rollover, issuer: names.root, signer: 'P-256:root', serial: integer(100 + at) }),
    );
    const roots = Array.from({ length: 40 }, (_, at) =>
      make('root', { issuer: names.sub, signer: 'P-256:sub', serial: integer(100 + at) }),
    );
    const start = performance.now();
    const verdict = judgeChain([world.user], { trust: trusting({ authorities: [...crossed, ...roots] }), now });
    expect(verdict).toEqual({ trusted: false, reason: 'the path to an anchor is too long' });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test.each([
    [10, true],
    [11, false],
  ])('a line of %d authorities: %s', (length, trusted) => {
    const line = Array.from({ length }, (_, at) => {
      const self = name(`CN=Line ${at}`);
      const above = at === 0 ? 0 : at - 1;
      return make('root', { subject: self, issuer: name(`CN=Line ${above}`), key: `P-256:line${at}`, signer: `P-256:line${above}` });
    });
    const user = make('user', { issuer: name(`CN=Line ${length - 1}`), signer: `P-256:line${length - 1}` });
    expect(judgeChain([user], { trust: trusting({ authorities: line }), now }).trusted).toBe(trusted);
  });
});

describe('revocation lists in a store', () => {
  test('are judged at the time of each question, and once for their signature', () => {
    const listed = trusting({ authorities: [world.root, world.sub], revocations: [makeList({ entries: [revokedEntry(integer(12))] })] });
    for (const [time, trusted] of [
      ['2026-05-31T23:59:59Z', false],
      ['2026-06-01T00:00:00Z', true],
      ['2026-06-30T00:00:00Z', true],
      ['2026-07-01T00:00:00.001Z', false],
      ['2026-06-15T00:00:00Z', true],
    ] as const) {
      expect([time, judgeChain([world.user], { trust: listed, now: new Date(time) }).trusted]).toEqual([time, trusted]);
    }
  });

  test('say the same the second time they are forged', () => {
    const listed = trusting({ authorities: [world.root, world.sub], revocations: [makeList({ signer: 'P-256:mallory' })] });
    const verdicts = [1, 2, 3].map(() => judgeChain(chain, { trust: listed, now }));
    expect(new Set(verdicts.map((verdict) => JSON.stringify(verdict))).size).toBe(1);
    expect(verdicts[0]!.trusted).toBe(false);
  });
});
