import { algorithms, extension, spkiOf } from '../maker/certificate.js';
import { bits, integer, nothing, octets, oid, raw, sequence, time } from '../maker/der-writer.js';
import { basicConstraints, extendedKeyUsage, keyUsage, oids, strange } from '../maker/extensions.js';
import type { Change } from '../maker/world.js';
import type { BadChain } from './chain-case.js';

/** The user without proxies: what is wrong with the user's certificate must be found without their help. */
const user = (name: string, change: Change, reason: RegExp): BadChain => ({
  name: `a user: ${name}`,
  changes: { user: change },
  sent: ({ user: alice }) => [alice],
  reason,
});

const rules: readonly BadChain[] = [
  user('a CA', { extensions: { basicConstraints: basicConstraints(true) } }, /it is a CA and nobody to act for/),
  user(
    'may sign certificates',
    { extensions: { keyUsage: keyUsage('digitalSignature', 'keyCertSign') } },
    /no CA, but may sign certificates/,
  ),
  user('may not sign', { extensions: { keyUsage: keyUsage('keyEncipherment') } }, /keyUsage lacks digitalSignature/),
  user('may sign contracts, not connections', { extensions: { keyUsage: keyUsage('nonRepudiation') } }, /keyUsage lacks digitalSignature/),
  user('for servers alone', { extensions: { extendedKeyUsage: extendedKeyUsage('serverAuth') } }, /does not allow TLS clients/),
  user('a critical extension nobody knows', { extensions: { strange: strange(true) } }, /99999\.1 is not understood/),
  user('the extension of older proxies', { extensions: { draft: extension(oids.draftProxy, octets()) } }, /from before RFC 3820/),
  user('expired', { notAfter: time('2026-06-15T11:59:59Z') }, /expired at 2026-06-15T11:59:59/),
  user('not yet valid', { notBefore: time('2026-06-15T12:00:01Z') }, /not valid before 2026-06-15T12:00:01/),
  user('a key of 1024 bits', { key: 'rsa1024:alice' }, /RSA key has 1024 bits/),
  user('signed by another key', { signer: 'P-256:mallory' }, /not by the key of its issuer/),
  user('signed by itself', { signer: 'P-256:alice' }, /not by the key of its issuer/),
  user('signed with ECDSA and SHA-1', { algorithm: algorithms.sha1Ec }, /signed with SHA1/),
];

const rsa = '1.2.840.113549.1.1.1';
const ec = '1.2.840.10045.2.1';
const spki = (algorithm: Buffer, key: Buffer) => sequence(algorithm, bits(key));
const modulus = 2n ** 2047n + 12_345n;
const rsaKey = (exponent: number | bigint, size = modulus) => spki(sequence(oid(rsa), nothing), sequence(integer(size), integer(exponent)));
const point = spkiOf('P-256:alice').subarray(-65);
const key = (name: string, bytes: Buffer, reason: RegExp) => user(name, { spki: bytes }, reason);

const keys: readonly BadChain[] = [
  user('a DSA key', { key: 'dsa:alice' }, /kind that is not accepted \(1\.2\.840\.10040\.4\.1\)/),
  user('an Ed448 key', { key: 'ed448:alice' }, /kind that is not accepted/),
  user('a key on secp256k1', { key: 'secp256k1:alice' }, /on a curve that is not accepted/),
  user('a key on P-224', { key: 'P-224:alice' }, /on a curve that is not accepted/),
  key('a key for PSS alone', spki(sequence(oid('1.2.840.113549.1.1.10'), nothing), raw('00')), /kind that is not accepted/),
  key('a curve spelled out', spki(sequence(oid(ec), sequence(integer(1))), point), /type 0x30 where 0x06/),
  key('a curve not named', spki(sequence(oid(ec)), point), /public key ends early/),
  key('a point beside the curve', spki(sequence(oid(ec), oid('1.2.840.10045.3.1.7')), moved(point)), /public key is none/),
  key('a point at infinity', spki(sequence(oid(ec), oid('1.2.840.10045.3.1.7')), raw('00')), /public key is no point of its curve/),
  key('an RSA key without NULL', spki(sequence(oid(rsa)), sequence(integer(modulus), integer(65537))), /public key ends early/),
  key('parameters behind NULL', spki(sequence(oid(rsa), nothing, nothing), raw('00')), /public key has bytes after its end/),
  key('an RSA key of rubbish', spki(sequence(oid(rsa), nothing), raw('04 00')), /public key is none/),
  key('an RSA exponent of 1', rsaKey(1), /RSA exponent/),
  key('an RSA exponent that is even', rsaKey(4), /RSA exponent/),
  key('an RSA key of 20000 bits', rsaKey(65537, 2n ** 19_999n + 1n), /longer than 16384 bits/),
  key(
    'bytes after the key',
    Buffer.concat([sequence(spkiOf('P-256:alice').subarray(2), raw('0500'))]),
    /public key has bytes after its end/,
  ),
  key('no key', sequence(), /public key ends early/),
];

function moved(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

export const badUsers: readonly BadChain[] = [...rules, ...keys];
