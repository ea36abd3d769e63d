import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeChain } from '../../src/x509/index.js';
import { algorithms } from './maker/certificate.js';
import { time } from './maker/der-writer.js';
import { basicConstraints, diracGroup, keyUsage, languages, proxyCertInfo } from './maker/extensions.js';
import { name } from './maker/names.js';
import { aliceDn, aliceParts, make, makeWorld, now, trusting } from './maker/world.js';

/** One delegation, as a random choice of everything that may differ in it. */
interface Delegation {
  readonly language: keyof typeof languages;
  readonly pathLength: number | undefined;
  readonly critical: boolean;
  readonly group: string | undefined;
  readonly minutesLeft: number;
  readonly mayIssue: boolean;
  readonly signer: 'issuer' | 'stranger';
  readonly subject: 'next' | 'other';
  readonly digest: 'sha256' | 'sha1';
}

/** Mostly right, so that long chains that are right as a whole come up too. */
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 40, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(usual, ...others) });

const delegation: fc.Arbitrary<Delegation> = fc.record({
  language: fc.oneof(
    { weight: 3, arbitrary: mostly<keyof typeof languages>('inheritAll', 'any', 'independent') },
    { weight: 1, arbitrary: fc.constant('limited') },
  ),
  pathLength: fc.option(fc.nat(6), { nil: undefined, freq: 3 }),
  critical: mostly(true, false),
  group: fc.option(fc.constantFrom('dirac_user', 'dirac_admin', 'lhcb_prod'), { nil: undefined }),
  minutesLeft: mostly(30, 600, 0, -1),
  mayIssue: mostly(true, false),
  signer: mostly<Delegation['signer']>('issuer', 'stranger'),
  subject: mostly<Delegation['subject']>('next', 'other'),
  digest: mostly<Delegation['digest']>('sha256', 'sha1'),
});

/** The chain that these delegations make, from the user down. */
function chainOf(delegations: readonly Delegation[], user: Buffer): Buffer[] {
  const chain = [user];
  const parts = [...aliceParts];
  for (const [at, facts] of delegations.entries()) {
    const issuer = name(...parts);
    parts.push(`CN=${at}`);
    chain.unshift(
      make('second', {
        issuer,
        subject: facts.subject === 'next' ? name(...parts) : name(...parts, 'CN=more'),
        key: `P-256:model${at}`,
        signer: facts.signer === 'stranger' ? 'P-256:mallory' : at === 0 ? 'P-256:alice' : `P-256:model${at - 1}`,
        algorithm: facts.digest === 'sha1' ? algorithms.sha1Ec : algorithms.sha256Ec,
        notAfter: time(endOf(facts)),
        extensions: {
          keyUsage: keyUsage(facts.mayIssue ? 'digitalSignature' : 'keyEncipherment'),
          proxyCertInfo: proxyCertInfo({
            language: languages[facts.language],
            critical: facts.critical,
            ...(facts.pathLength !== undefined && { pathLength: facts.pathLength }),
          }),
          diracGroup: facts.group === undefined ? undefined : diracGroup(facts.group),
        },
      }),
    );
  }
  return chain;
}

function endOf({ minutesLeft }: Delegation): Date {
  return new Date(now.getTime() + minutesLeft * 60_000);
}

/** RFC 3820 in a few lines that know nothing of certificates. */
function isSound(delegations: readonly Delegation[]): boolean {
  return delegations.every(
    ({ language, pathLength, critical, minutesLeft, mayIssue, signer, subject, digest }, at) =>
      (language === 'inheritAll' || language === 'limited') &&
      (pathLength === undefined || delegations.length - 1 - at <= pathLength) &&
      critical &&
      minutesLeft >= 0 &&
      mayIssue &&
      signer === 'issuer' &&
      // With one name too many in the middle, the next is no continuation of it either.
      subject === 'next' &&
      digest === 'sha256',
  );
}

describe('random delegations', () => {
  const world = makeWorld();
  const trust = trusting({ authorities: [world.root, world.sub] });
  let sound = 0;
  let unsound = 0;

  test('are judged as a model of RFC 3820 judges them', () => {
    fc.assert(
      fc.property(fc.array(delegation, { maxLength: 9 }), (delegations) => {
        const verdict = judgeChain(chainOf(delegations, world.user), { trust, now });
        expect(verdict.trusted).toBe(isSound(delegations));
        if (!verdict.trusted) {
          unsound += 1;
          return;
        }
        sound += 1;
        expect(verdict.proof).toMatchObject({
          dn: aliceDn,
          subject: [aliceDn, ...delegations.keys()].join('/CN='),
          isProxy: delegations.length > 0,
          isLimited: delegations.some(({ language }) => language === 'limited'),
          group: delegations.find(({ group }) => group !== undefined)?.group,
          notAfter: new Date(Math.min(Date.parse('2027-01-01T00:00:00Z'), ...delegations.map((facts) => endOf(facts).getTime()))),
        });
      }),
      { numRuns: 400, seed: 3820 },
    );
  });

  test('were of both kinds, in numbers that mean something', () => {
    expect(sound).toBeGreaterThan(60);
    expect(unsound).toBeGreaterThan(60);
  });
});

describe('random hierarchies of authorities', () => {
  test('are judged as a model of path lengths judges them', () => {
    const level = fc.record({ pathLength: fc.option(fc.nat(4), { nil: undefined, freq: 2 }) });
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 6 }), (levels) => {
        const line = levels.map(({ pathLength }, at) => {
          const above = Math.max(at - 1, 0);
          const extensions = { basicConstraints: basicConstraints(true, pathLength) };
          const names = { subject: name(`CN=Level ${at}`), issuer: name(`CN=Level ${above}`) };
          return make('root', { ...names, extensions, key: `P-256:level${at}`, signer: `P-256:level${above}` });
        });
        const last = levels.length - 1;
        const user = make('user', { issuer: name(`CN=Level ${last}`), signer: `P-256:level${last}` });
        const expected = levels.every(({ pathLength }, at) => pathLength === undefined || last - at <= pathLength);
        // From the directory, and with all but the anchor sent along.
        expect(judgeChain([user], { trust: trusting({ authorities: line }), now }).trusted).toBe(expected);
        const sent = [user, ...line.slice(1).reverse()];
        expect(judgeChain(sent, { trust: trusting({ authorities: line.slice(0, 1) }), now }).trusted).toBe(expected);
      }),
      { numRuns: 150, seed: 5280 },
    );
  });
});
