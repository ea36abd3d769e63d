import { validityFault, type Certificate } from './certificate.js';
import { weakKeyFault } from './public-key.js';

export interface Limits {
  readonly now: Date;
  readonly minRsaBits: number;
}

/** What is asked of every certificate a verdict rests on, whatever its place in the chain. Why it fails, if it does. */
export function commonFault(certificate: Certificate, { now, minRsaBits }: Limits): string | undefined {
  const { unknownCritical, allowsClientAuth } = certificate;
  // RFC 5280 4.2: a critical extension that is not understood refuses the certificate.
  if (unknownCritical !== undefined) return `its critical extension ${unknownCritical} is not understood`;
  // RFC 5280 4.2.1.12, RFC 3820 3.6. An authority's list bounds what it vouches for: so do OpenSSL and the browsers.
  if (!allowsClientAuth) return 'its extendedKeyUsage does not allow TLS clients';
  return weakKeyFault(certificate.publicKey, minRsaBits) ?? validityFault(certificate, now);
}
