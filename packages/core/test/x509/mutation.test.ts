import { describe, expect, test } from '@jest/globals';
import { judgeChain, type ChainVerdict } from '../../src/x509/index.js';
import { revokedEntry } from './maker/certificate.js';
import { integer } from './maker/der-writer.js';
import { makeList, makeWorld, names, now, trusting } from './maker/world.js';

const world = makeWorld();
const trust = trusting({ authorities: [world.root, world.sub] });
const chain = [world.second, world.first, world.user, world.sub, world.root];
const members = ['second proxy', 'first proxy', 'user', 'sub CA', 'root'];
const rootList = makeList({ issuer: names.root, signer: 'P-256:root' });
const good = judge(chain);

function judge(sent: readonly Uint8Array[]): ChainVerdict {
  return judgeChain(sent, { trust, now });
}

/** Refused, or proof of the same: a change may be of no consequence, but never of another identity, group or right. */
function isHarmless(verdict: ChainVerdict): boolean {
  return !verdict.trusted || JSON.stringify(verdict) === JSON.stringify(good);
}

function changed(at: number, change: (certificate: Buffer) => void): Buffer[] {
  const copy = Buffer.from(chain[at]!);
  change(copy);
  return chain.with(at, copy);
}

describe('no flipped bit of a good chain gives another identity:', () => {
  test('the chain is good', () => expect(good).toMatchObject({ trusted: true, proof: { group: 'dirac_user' } }));

  test.each(members.map((member, at) => [member, at] as const))('in every byte of the %s', (_, at) => {
    const accepted: number[] = [];
    for (let byte = 0; byte < chain[at]!.length; byte += 1) {
      for (const mask of [1 << (byte % 8), 0xff]) {
        const verdict = judge(changed(at, (copy) => (copy[byte]! ^= mask)));
        expect([byte, mask, isHarmless(verdict)]).toEqual([byte, mask, true]);
        if (verdict.trusted) accepted.push(byte);
      }
    }
    // Of a root that was sent, its name and its key link the chain; nothing else of it is believed, as the one of the directory counts.
    expect(accepted.length > 0).toBe(at === 4);
  });

  test.each(members.map((member, at) => [member, at] as const))('every byte of the %s left out or doubled', (_, at) => {
    const certificate = chain[at]!;
    for (let byte = 0; byte < certificate.length; byte += 1) {
      const without = Buffer.concat([certificate.subarray(0, byte), certificate.subarray(byte + 1)]);
      const doubled = Buffer.concat([certificate.subarray(0, byte + 1), certificate.subarray(byte)]);
      expect([byte, judge(chain.with(at, without)).trusted, judge(chain.with(at, doubled)).trusted]).toEqual([byte, false, false]);
    }
  });
});

describe('no flipped bit of a revocation list unrevokes:', () => {
  test('in every byte of a list that revokes the user', () => {
    const list = makeList({ entries: [revokedEntry(integer(11))] });
    const judgeWith = (revocation: Buffer) =>
      // A list whose issuer changed is of somebody else: only where every list is required, its absence is seen.
      judgeChain(chain, { trust: trustingAnything(revocation), now, revocation: 'required' });
    expect(judgeWith(list)).toMatchObject({ trusted: false, reason: expect.stringContaining('it is revoked') });
    const accepted: number[] = [];
    for (let byte = 0; byte < list.length; byte += 1) {
      for (const mask of [1 << (byte % 8), 0xff]) {
        const copy = Buffer.from(list);
        copy[byte]! ^= mask;
        if (judgeWith(copy).trusted) accepted.push(byte);
      }
    }
    expect(accepted).toEqual([]);
  });
});

describe('certificates of two good chains, mixed,', () => {
  const mallory = makeWorld({
    user: { key: 'P-256:mallory' },
    first: { signer: 'P-256:mallory', key: 'P-256:m1' },
    second: { signer: 'P-256:m1', key: 'P-256:m2' },
  });

  test('are trusted only where each is signed by the next', () => {
    const pick = (mask: number) => ((mask & 1) === 0 ? mallory : world);
    for (let mask = 0; mask < 8; mask += 1) {
      const sent = [pick(mask).second, pick(mask >> 1).first, pick(mask >> 2).user];
      const whole = mask === 0 || mask === 7;
      expect([mask, judge(sent).trusted]).toEqual([mask, whole]);
    }
  });
});

function trustingAnything(revocation: Buffer): ReturnType<typeof trusting> {
  try {
    return trusting({ authorities: [world.root, world.sub], revocations: [rootList, revocation] });
  } catch {
    return trusting({ authorities: [world.root, world.sub], revocations: [rootList], unreadableRevocationsOf: [world.sub] });
  }
}
