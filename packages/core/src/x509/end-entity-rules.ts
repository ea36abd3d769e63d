import type { Certificate } from './certificate.js';
import { commonFault, type Limits } from './common-rules.js';
import { keyUsageBit } from './extensions.js';

/** Why a certificate is none that a user or host may be known by, if so. Its issuer is judged by the path. */
export function endEntityFault(certificate: Certificate, limits: Limits): string | undefined {
  const { isAuthority, keyUsage, isDraftProxy } = certificate;
  // RFC 3820 3.1: an authority has no identity to pass on.
  if (isAuthority) return 'it is a CA and nobody to act for (basicConstraints)';
  // RFC 5280 4.2.1.9: who is no CA may not sign certificates.
  if (keyUsage?.has(keyUsageBit.keyCertSign)) return 'it is no CA, but may sign certificates (keyUsage)';
  // RFC 5280 4.2.1.3, RFC 3820 3.6: it signs, in TLS or below a proxy.
  if (keyUsage && !keyUsage.has(keyUsageBit.digitalSignature)) return 'its keyUsage lacks digitalSignature';
  if (isDraftProxy) return 'it carries the extension of proxies from before RFC 3820';
  return commonFault(certificate, limits);
}
