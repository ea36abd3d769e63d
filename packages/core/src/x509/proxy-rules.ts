import type { Certificate } from './certificate.js';
import { commonFault, type Limits } from './common-rules.js';
import { keyUsageBit, type ProxyCertInfo } from './extensions.js';
import { extendsByOneCn } from './names.js';
import { signatureFault } from './signed.js';

/** RFC 3820 3.8.2: the proxy has all rights of its issuer. */
const inheritAll = '1.3.6.1.5.5.7.21.1';
/** Globus: all rights but starting jobs. */
const limited = '1.3.6.1.4.1.3536.1.1.1.9';

export type ProxyCertificate = Certificate & { readonly proxyCertInfo: ProxyCertInfo };

export function isProxyCertificate(certificate: Certificate): certificate is ProxyCertificate {
  return certificate.proxyCertInfo !== undefined;
}

export function isLimited(proxy: ProxyCertificate): boolean {
  return proxy.proxyCertInfo.language === limited;
}

/**
 * Why a proxy does not speak for its issuer, if it does not (RFC 3820 sections 3 and 4.1).
 * `proxiesBelow`: proxies between it and the caller, the caller's own included.
 */
export function proxyFault(proxy: ProxyCertificate, issuer: Certificate, proxiesBelow: number, limits: Limits): string | undefined {
  return infoFault(proxy, proxiesBelow) ?? profileFault(proxy) ?? issuerFault(proxy, issuer) ?? commonFault(proxy, limits);
}

/** RFC 3820 3.8. */
function infoFault(
  { proxyCertInfo: { critical, language, hasPolicy, pathLength } }: ProxyCertificate,
  proxiesBelow: number,
): string | undefined {
  // 3.8: always critical, or verifiers that know nothing of proxies take it for a user's certificate.
  if (!critical) return 'its proxyCertInfo is not critical';
  // 3.8.2: an independent proxy has none of its issuer's rights; languages unknown here may grant anything.
  if (language !== inheritAll && language !== limited) return `its proxy policy language ${language} does not pass on the identity`;
  // 3.8.2: neither language has a policy text.
  if (hasPolicy) return 'its proxy policy language takes no policy, but there is one';
  // 3.8.1 and 4.1.4 a.
  if (pathLength !== undefined && proxiesBelow > pathLength) return `it allows ${pathLength} proxies below it and has ${proxiesBelow}`;
  return undefined;
}

/** RFC 3820 3.2, 3.5 to 3.7: what a proxy must not be or have. */
function profileFault({ isAuthority, keyUsage, hasAlternativeName, isDraftProxy }: ProxyCertificate): string | undefined {
  if (isAuthority) return 'it is a proxy and a CA (basicConstraints)';
  if (keyUsage?.has(keyUsageBit.keyCertSign)) return 'it is a proxy that may sign certificates (keyUsage)';
  // 3.6; and what authenticates by signing must be allowed to sign (RFC 5246 7.4.6).
  if (keyUsage && !keyUsage.has(keyUsageBit.digitalSignature)) return 'its keyUsage lacks digitalSignature';
  if (hasAlternativeName) return 'it is a proxy with an alternative name';
  if (isDraftProxy) return 'it carries the extension of proxies from before RFC 3820';
  return undefined;
}

/**
 * RFC 3820 3.1, 3.4, 4.1.3: issued by the certificate above it, under that one's name and one CN more. That the one above is no CA and
 * may sign (3.1, 3.6) is asked of itself, as a proxy or as the user.
 */
function issuerFault(proxy: ProxyCertificate, issuer: Certificate): string | undefined {
  if (proxy.issuer.key !== issuer.subject.key) return 'its issuer is not the subject of the next certificate';
  if (!extendsByOneCn(proxy.subject, issuer.subject)) return 'its subject is not its issuer plus one CN';
  return signatureFault(proxy.signed, issuer.publicKey);
}
