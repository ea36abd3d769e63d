import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTrustStore, judgeChain, parseProxyFile } from '../../src/x509/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import { keyOf } from './maker/keys.js';
import { makeList, makeWorld, now, trusting } from './maker/world.js';

const world = makeWorld();
const trust = trusting({ authorities: [world.root, world.sub] });
const members = Object.values(world);
const bytes = fc.uint8Array({ maxLength: 600 });

/** A true certificate with some of its bytes replaced, put in, taken out, or cut off behind. */
const damaged = fc
  .tuple(
    fc.constantFrom(...members),
    fc.array(fc.tuple(fc.nat(2000), fc.uint8Array({ maxLength: 4 }), fc.nat(4)), { maxLength: 6 }),
    fc.nat(2000),
  )
  .map(([certificate, edits, cut]) => {
    let damagedBytes = Buffer.from(certificate);
    for (const [at, put, drop] of edits) {
      const place = at % (damagedBytes.length + 1);
      damagedBytes = Buffer.concat([damagedBytes.subarray(0, place), put, damagedBytes.subarray(place + drop)]);
    }
    return cut < damagedBytes.length && cut % 2 === 0 ? damagedBytes.subarray(0, cut) : damagedBytes;
  });

/** Elements nested and joined at random, with lengths that are right: deeper into the reader than plain noise comes. */
const { element } = fc.letrec<{ element: Buffer }>((tie) => ({
  element: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, 12, 19, 22, 23, 24), fc.uint8Array({ maxLength: 12 }))
      .map(([tag, content]) => wrap(tag, content)),
    fc
      .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa3), fc.array(tie('element'), { maxLength: 8 }))
      .map(([tag, parts]) => wrap(tag, Buffer.concat(parts))),
  ),
}));

function wrap(tag: number, content: Uint8Array): Buffer {
  const length = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const anything = fc.oneof(bytes, damaged, element);

describe('whatever is sent, the judge', () => {
  test('never throws, and trusts nothing but what it knows', () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 14 }), (sent) => {
        const verdict = judgeChain(sent, { trust, now });
        if (verdict.trusted) return members.some((member) => Buffer.compare(member, sent[0]!) === 0);
        expect(verdict.reason.length).toBeGreaterThan(0);
        expect(verdict.reason).toMatch(/^[ -~]+$/);
        return true;
      }),
      { numRuns: 3000 },
    );
  });

  test('never throws for damage inside an otherwise good chain', () => {
    fc.assert(
      fc.property(damaged, fc.nat(2), (replacement, at) => {
        const verdict = judgeChain([world.second, world.first, world.user].with(at, Buffer.from(replacement)), { trust, now });
        return !verdict.trusted || verdict.proof.group === 'dirac_user';
      }),
      { numRuns: 3000 },
    );
  });
});

describe('whatever it is made of, a trust store', () => {
  test('is made, and says what of it is unusable', () => {
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 8 }),
        fc.array(fc.oneof(anything, fc.constant(makeList())), { maxLength: 8 }),
        (authorities, revocations) => {
          const store = createTrustStore({ authorities, revocations });
          const usable = store.authorityCount + store.revocationCount;
          return usable + store.unusable.length === authorities.length + revocations.length;
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('never makes a stranger trusted', () => {
    const stranger = makeWorld({ sub: { signer: 'P-256:x' }, root: { key: 'P-256:x', signer: 'P-256:x' } });
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 8 }), (authorities) => {
        const store = createTrustStore({ authorities: [...authorities, world.sub], revocations: [] });
        return (
          authorities.some((der) => world.root.equals(der)) ||
          !judgeChain([stranger.user, stranger.sub, stranger.root], { trust: store, now }).trusted
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('whatever it holds, a proxy file', () => {
  const key = keyOf('P-256:second').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const secret = key.split('\n')[1]!;

  test('is read or refused with invalid-argument, and its key is never told', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constant(key),
      fc.constantFrom('-----BEGIN CERTIFICATE-----\n', '-----END PRIVATE KEY-----\n', '\n', secret),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        try {
          parseProxyFile(pieces.join(''));
          return false;
        } catch (error) {
          expect(error).toBeInstanceOf(DiracS3Error);
          const text = `${String(error)}${(error as Error).stack ?? ''}`;
          return (error as DiracS3Error).code === 'invalid-argument' && !text.includes(secret.slice(0, 12));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
