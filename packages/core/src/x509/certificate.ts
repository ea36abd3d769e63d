import { DerReader, integerBytes, Malformed, readSmallInteger, tag } from './der.js';
import { readExtensionList, readExtensions, type Extensions } from './extensions.js';
import { readName, type Name } from './names.js';
import { readPublicKey, type PublicKey } from './public-key.js';
import { readSigned, requireSameAlgorithm, type Signed } from './signed.js';
import { readTime } from './time.js';

/** A certificate that was read, and of which nothing is believed yet. */
export interface Certificate extends Extensions {
  readonly signed: Signed;
  /** Serial number, its content in hex. */
  readonly serial: string;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: PublicKey;
}

/** Proxies with the attributes of many VOMS groups are the largest in practice, some ten KiB. */
export const maxCertificateBytes = 65_536;

const explicit = { version: 0xa0, extensions: 0xa3 } as const;

/** RFC 5280 4.1. Version 3 alone: older ones cannot say whether they are a CA. Throws {@link Malformed}. */
export function readCertificate(der: Uint8Array, what: string): Certificate {
  if (der.length > maxCertificateBytes) throw new Malformed(`${what} is larger than ${maxCertificateBytes} bytes`);
  const { fields, ...signed } = readSigned(der, what);
  readVersion(fields, what);
  const serial = readSerial(fields, `${what}: serial number`);
  requireSameAlgorithm(fields.next(tag.sequence), signed, what);
  const issuer = readName(fields.next(tag.sequence), `${what}: issuer`);
  const validity = fields.inside(tag.sequence);
  const notBefore = readTime(validity, `${what}: notBefore`);
  const notAfter = readTime(validity, `${what}: notAfter`);
  validity.end();
  const subject = readName(fields.next(tag.sequence), `${what}: subject`);
  const publicKey = readPublicKey(fields.next(tag.sequence), what);
  const extensions = readTail(fields, what);
  return { signed, serial, issuer, subject, notBefore, notAfter, publicKey, ...extensions };
}

/** RFC 5280 4.1.2.5: valid from notBefore through notAfter. Written so that a time that is no time is never inside. */
export function validityFault({ notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>, now: Date): string | undefined {
  if (!(notBefore.getTime() <= now.getTime())) return `it is not valid before ${notBefore.toISOString()}`;
  if (!(now.getTime() <= notAfter.getTime())) return `it expired at ${notAfter.toISOString()}`;
  return undefined;
}

/** RFC 5280 4.1.2.1: version 3 is written as 2. */
function readVersion(fields: DerReader, what: string): void {
  const version = fields.optional(explicit.version);
  const reader = version && new DerReader(version.content, `${what}: version`);
  const number = reader ? readSmallInteger(reader.next(tag.integer), `${what}: version`) : 0;
  reader?.end();
  if (number !== 2) throw new Malformed(`${what} is not of X.509 version 3`);
}

/** RFC 5280 4.1.2.2: at most 20 octets, not negative. Zero is forbidden too, yet old roots have it. */
export function readSerial(fields: DerReader, what: string): string {
  const bytes = integerBytes(fields.next(tag.integer), what);
  if (bytes.length > 20 || bytes[0]! >= 0x80) throw new Malformed(`${what} is negative or longer than 20 octets`);
  return bytes.toString('hex');
}

/** RFC 5280 4.1.2.8 and 4.1.2.9: unique identifiers are forbidden, which leaves the extensions. */
function readTail(fields: DerReader, what: string): Extensions {
  const wrapped = fields.optional(explicit.extensions);
  fields.end();
  if (!wrapped) return readExtensions(new Map(), what);
  const outer = new DerReader(wrapped.content, what);
  const list = outer.inside(tag.sequence);
  outer.end();
  return readExtensions(readExtensionList(list, what), what);
}
