import { sign, type KeyObject } from 'node:crypto';
import { bits, boolean, explicit, integer, nothing, octets, oid, sequence, time } from './der-writer.js';
import { keyOf } from './keys.js';

/** Everything a certificate is made of, each part replaceable by bytes of a test's own. */
export interface CertificatePlan {
  readonly version: Buffer;
  readonly serial: Buffer;
  readonly issuer: Buffer;
  readonly notBefore: Buffer;
  readonly notAfter: Buffer;
  readonly subject: Buffer;
  /** Name of the key pair (see `keyOf`). */
  readonly key: string;
  readonly spki: Buffer | undefined;
  readonly extensions: Readonly<Record<string, Buffer | undefined>>;
  /** What stands behind the extensions inside the signed body. */
  readonly tail: Buffer;
  /** Name of the key pair that signs. */
  readonly signer: string;
  readonly algorithm: SignatureAlgorithm;
  /** The algorithm inside the signed body when it is to differ. */
  readonly innerAlgorithm: Buffer | undefined;
  /** Done to the finished certificate, after it was signed. */
  readonly finish: (certificate: Buffer) => Buffer;
}

export interface SignatureAlgorithm {
  readonly identifier: Buffer;
  readonly digest: string | null;
}

const withNull = (id: string) => sequence(oid(id), nothing);
export const algorithms = {
  md5Rsa: { identifier: withNull('1.2.840.113549.1.1.4'), digest: 'md5' },
  sha1Rsa: { identifier: withNull('1.2.840.113549.1.1.5'), digest: 'sha1' },
  sha256Rsa: { identifier: withNull('1.2.840.113549.1.1.11'), digest: 'sha256' },
  sha384Rsa: { identifier: withNull('1.2.840.113549.1.1.12'), digest: 'sha384' },
  sha512Rsa: { identifier: withNull('1.2.840.113549.1.1.13'), digest: 'sha512' },
  sha224Rsa: { identifier: withNull('1.2.840.113549.1.1.14'), digest: 'sha224' },
  sha1Ec: { identifier: sequence(oid('1.2.840.10045.4.1')), digest: 'sha1' },
  sha256Ec: { identifier: sequence(oid('1.2.840.10045.4.3.2')), digest: 'sha256' },
  sha384Ec: { identifier: sequence(oid('1.2.840.10045.4.3.3')), digest: 'sha384' },
  sha512Ec: { identifier: sequence(oid('1.2.840.10045.4.3.4')), digest: 'sha512' },
  ed25519: { identifier: sequence(oid('1.3.101.112')), digest: null },
} as const satisfies Record<string, SignatureAlgorithm>;

/** What a key signs with unless told otherwise. */
export function usualAlgorithm(key: string): SignatureAlgorithm {
  if (key.startsWith('ed25519')) return algorithms.ed25519;
  return key.startsWith('rsa') ? algorithms.sha256Rsa : algorithms.sha256Ec;
}

export const version3 = explicit(0, integer(2));

export function makeCertificate(plan: CertificatePlan): Buffer {
  const extensions = Object.values(plan.extensions).filter((extension) => extension !== undefined);
  const body = sequence(
    plan.version,
    plan.serial,
    plan.innerAlgorithm ?? plan.algorithm.identifier,
    plan.issuer,
    sequence(plan.notBefore, plan.notAfter),
    plan.subject,
    plan.spki ?? spkiOf(plan.key),
    ...(extensions.length > 0 ? [explicit(3, sequence(...extensions))] : []),
    plan.tail,
  );
  return plan.finish(signedFrame(body, plan.algorithm, keyOf(plan.signer).privateKey));
}

export function signedFrame(body: Buffer, { identifier, digest }: SignatureAlgorithm, key: KeyObject): Buffer {
  return sequence(body, identifier, bits(sign(digest, body, key)));
}

export const spkiOf = (key: string): Buffer => keyOf(key).publicKey.export({ format: 'der', type: 'spki' });

/** `Extension` of RFC 5280 4.1. */
export function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(0xff)] : []), octets(value));
}

export interface RevocationPlan {
  readonly version: Buffer;
  readonly issuer: Buffer;
  readonly thisUpdate: Buffer;
  readonly nextUpdate: Buffer;
  /** Entries, or undefined for the field left out. */
  readonly entries: readonly Buffer[] | undefined;
  readonly extensions: readonly Buffer[];
  readonly signer: string;
  readonly algorithm: SignatureAlgorithm;
  readonly innerAlgorithm: Buffer | undefined;
}

export function makeRevocationList(plan: RevocationPlan): Buffer {
  const body = sequence(
    plan.version,
    plan.innerAlgorithm ?? plan.algorithm.identifier,
    plan.issuer,
    plan.thisUpdate,
    plan.nextUpdate,
    ...(plan.entries ? [sequence(...plan.entries)] : []),
    ...(plan.extensions.length > 0 ? [explicit(0, sequence(...plan.extensions))] : []),
  );
  return signedFrame(body, plan.algorithm, keyOf(plan.signer).privateKey);
}

export function revokedEntry(serial: Buffer, ...extensions: readonly Buffer[]): Buffer {
  return sequence(serial, time('2026-01-01T00:00:00Z'), ...(extensions.length > 0 ? [sequence(...extensions)] : []));
}
