import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readCertificate } from '../../src/x509/certificate.js';
import { isSignedBy } from '../../src/x509/signed.js';
import { integer, time } from './maker/der-writer.js';
import { strangeNames } from './maker/strange-names.js';
import { make, makeWorld, type Changes } from './maker/world.js';

/** What is read here and what OpenSSL, inside Node, reads: the same certificates, two readers with nothing in common. */
const worlds: Readonly<Record<string, Changes>> = {
  'keys on P-256': {},
  'keys on P-384': { user: { key: 'P-384:alice' }, first: { signer: 'P-384:alice' } },
  'RSA keys': { sub: { key: 'rsa2048:sub' }, user: { signer: 'rsa2048:sub', key: 'rsa2048:user' }, first: { signer: 'rsa2048:user' } },
  Ed25519: { user: { key: 'ed25519:alice' }, first: { signer: 'ed25519:alice' } },
  'large serial numbers': { user: { serial: integer(2n ** 158n + 7n) }, first: { serial: integer(2n ** 80n) } },
  'times after 2049': { root: { notAfter: time('2099-12-31T23:59:59Z') }, user: { notAfter: time('2050-01-01T00:00:00Z') } },
};

const pairs = Object.entries(worlds).flatMap(([label, changes]) =>
  Object.entries(makeWorld(changes)).map(([member, der]) => [`${member} of ${label}`, der] as const),
);

describe('Node reads the same of', () => {
  test.each(pairs)('the %s', (_, der) => {
    const [ours, theirs] = [readCertificate(der, 'it'), new X509Certificate(der)];
    expect(BigInt(`0x${ours.serial}`)).toBe(BigInt(`0x${theirs.serialNumber}`));
    expect(ours.notBefore).toEqual(new Date(theirs.validFrom));
    expect(ours.notAfter).toEqual(new Date(theirs.validTo));
    expect(ours.isAuthority).toBe(theirs.ca);
    expect(ours.publicKey.object.equals(theirs.publicKey)).toBe(true);
    expect(ours.hasAlternativeName).toBe(theirs.subjectAltName !== undefined);
  });

  test.each(Object.entries(strangeNames))('a name: %s', (_, subject) => {
    const der = make('user', { subject });
    const parts = new X509Certificate(der).subject.split('\n').length;
    expect(readCertificate(der, 'it').subject.rdns.length).toBe(parts);
  });
});

describe('Node believes the same signatures', () => {
  const all = pairs.slice(0, 10).map(([label, der]) => ({ label, ours: readCertificate(der, 'it'), theirs: new X509Certificate(der) }));

  test('of every certificate by every other', () => {
    for (const child of all) {
      for (const issuer of all) {
        const believed = isSignedBy(child.ours.signed, issuer.ours.publicKey);
        expect([child.label, issuer.label, believed]).toEqual([child.label, issuer.label, child.theirs.verify(issuer.theirs.publicKey)]);
      }
    }
  });
});
