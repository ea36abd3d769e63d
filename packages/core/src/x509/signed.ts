import { verify } from 'node:crypto';
import { DerReader, Malformed, readBitString, readOid, readWhole, tag, type Element } from './der.js';
import type { PublicKey } from './public-key.js';

/** What certificates (RFC 5280 4.1.1) and revocation lists (5.1.1) have in common: a body, an algorithm, a signature over the body. */
export interface Signed {
  /** The body with its header: the bytes that are signed. */
  readonly body: Buffer;
  /** AlgorithmIdentifier as written; the one inside the body must be the same. */
  readonly algorithmBytes: Buffer;
  readonly algorithm: string;
  readonly signature: Buffer;
}

interface Algorithm {
  readonly kind: PublicKey['kind'];
  readonly digest: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512' | null;
}

/** RFC 8017 A.2.4 (PKCS #1 v1.5), RFC 5758 3.2 (ECDSA), RFC 8410 3 (Ed25519). */
const algorithms: Readonly<Record<string, Algorithm>> = {
  '1.2.840.113549.1.1.4': { kind: 'rsa', digest: 'md5' },
  '1.2.840.113549.1.1.5': { kind: 'rsa', digest: 'sha1' },
  '1.2.840.113549.1.1.11': { kind: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.1': { kind: 'ec', digest: 'sha1' },
  '1.2.840.10045.4.3.2': { kind: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { kind: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { kind: 'ec', digest: 'sha512' },
  '1.3.101.112': { kind: 'ed25519', digest: null },
};

/** Takes the frame of a copy apart, which nobody can change later; the body's reader stands at its first field. */
export function readSigned(der: Uint8Array, what: string): Signed & { readonly fields: DerReader } {
  const reader = readWhole(Buffer.from(der), tag.sequence, what);
  const body = reader.next(tag.sequence);
  const algorithm = reader.next(tag.sequence);
  const signature = readBitString(reader.next(tag.bitString), `${what}: signature`);
  reader.end();
  const fields = new DerReader(body.content, what);
  return { body: body.bytes, algorithmBytes: algorithm.bytes, algorithm: readAlgorithm(algorithm, what), signature, fields };
}

/** RFC 5280 4.1.1.2 and 5.1.1.2: the algorithm inside the body, which the signature covers, and the one outside are the same. */
export function requireSameAlgorithm(inside: Element, signed: Signed, what: string): void {
  if (!inside.bytes.equals(signed.algorithmBytes)) throw new Malformed(`${what} names two signature algorithms`);
}

/** Why a signature does not count, if it does not: an algorithm that is broken or not accepted, another kind of key, or another signer. */
export function signatureFault(signed: Signed, key: PublicKey): string | undefined {
  const algorithm = algorithms[signed.algorithm];
  if (algorithm === undefined) return `it is signed with an algorithm that is not accepted (${signed.algorithm})`;
  if (algorithm.digest === 'md5' || algorithm.digest === 'sha1')
    return `it is signed with ${algorithm.digest.toUpperCase()}, which is broken`;
  return isSignedBy(signed, key) ? undefined : 'its signature is not by the key of its issuer';
}

/** The signature alone, broken digests included: for the signature that an anchor gives itself, which proves nothing. */
export function isSignedBy(signed: Signed, key: PublicKey): boolean {
  const algorithm = algorithms[signed.algorithm];
  return algorithm?.kind === key.kind && verify(algorithm.digest, signed.body, key.object, signed.signature);
}

function readAlgorithm(element: Element, what: string): string {
  const reader = new DerReader(element.content, `${what}: signature algorithm`);
  const oid = readOid(reader.next(tag.oid), `${what}: signature algorithm`);
  // RFC 4055 5: NULL with RSA, absent accepted; RFC 5758 3.2 and RFC 8410 3: nothing.
  const parameters = algorithms[oid]?.kind === 'rsa' ? reader.optional(tag.null) : undefined;
  if (algorithms[oid] !== undefined) reader.end();
  if (parameters !== undefined && parameters.content.length > 0) throw new Malformed(`${what}: signature algorithm has parameters`);
  return oid;
}
