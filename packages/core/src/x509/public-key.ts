import { createPublicKey, type KeyObject } from 'node:crypto';
import { DerReader, Malformed, readBitString, readOid, tag, type Element } from './der.js';

/** A public key of a kind that is accepted here, ready to verify with. */
export interface PublicKey {
  readonly kind: 'rsa' | 'ec' | 'ed25519';
  /** Bits of the RSA modulus. */
  readonly rsaBits: number | undefined;
  readonly object: KeyObject;
}

const kinds = new Map<string, PublicKey['kind']>([
  ['1.2.840.113549.1.1.1', 'rsa'],
  ['1.2.840.10045.2.1', 'ec'],
  ['1.3.101.112', 'ed25519'],
]);

/** P-256, P-384, P-521: by name only, since a curve spelled out could be a lookalike with a known key (RFC 5480 2.1.1). */
const curves = new Set(['1.2.840.10045.3.1.7', '1.3.132.0.34', '1.3.132.0.35']);

/** Larger moduli only cost time: OpenSSL stops here too. */
const maxRsaBits = 16_384;

/** SubjectPublicKeyInfo (RFC 5280 4.1.2.7; RFC 3279 2.3.1, RFC 5480 2, RFC 8410 4). */
export function readPublicKey(info: Element, what: string): PublicKey {
  const label = `${what}: public key`;
  const reader = new DerReader(info.content, label);
  const kind = readKind(reader.inside(tag.sequence), label);
  const bits = readBitString(reader.next(tag.bitString), label);
  reader.end();
  // RFC 5480 2.2: a point, compressed or not; the one at infinity is nobody's key.
  if (kind === 'ec' && ![2, 3, 4].includes(bits[0] ?? 0)) throw new Malformed(`${label} is no point of its curve`);
  const object = openssl(info.bytes, label);
  if (kind !== 'rsa') return { kind, rsaBits: undefined, object };
  const { modulusLength: rsaBits = 0, publicExponent = 0n } = object.asymmetricKeyDetails ?? {};
  if (rsaBits > maxRsaBits) throw new Malformed(`${label} is longer than ${maxRsaBits} bits`);
  // RFC 8017 3.1: with exponent 1 everything is its own signature.
  if (publicExponent < 3n || publicExponent % 2n === 0n) throw new Malformed(`${label} has an RSA exponent that is not odd and 3 or more`);
  return { kind, rsaBits, object };
}

/** Why a key is too weak to count, if it is. Curves are strong enough by the list above. */
export function weakKeyFault(key: PublicKey, minRsaBits: number): string | undefined {
  return key.rsaBits !== undefined && key.rsaBits < minRsaBits
    ? `its RSA key has ${key.rsaBits} bits, at least ${minRsaBits} are asked for`
    : undefined;
}

function readKind(algorithm: DerReader, label: string): PublicKey['kind'] {
  const oid = readOid(algorithm.next(tag.oid), label);
  const kind = kinds.get(oid);
  if (kind === undefined) throw new Malformed(`${label} is of a kind that is not accepted (${oid})`);
  if (kind === 'rsa' && algorithm.next(tag.null).content.length > 0) throw new Malformed(`${label} has parameters`);
  if (kind === 'ec' && !curves.has(readOid(algorithm.next(tag.oid), label)))
    throw new Malformed(`${label} is on a curve that is not accepted`);
  algorithm.end();
  return kind;
}

function openssl(info: Buffer, label: string): KeyObject {
  try {
    return createPublicKey({ key: info, format: 'der', type: 'spki' });
  } catch {
    throw new Malformed(`${label} is none`);
  }
}
