import type { Certificate } from './certificate.js';
import { commonFault, type Limits } from './common-rules.js';
import { keyUsageBit } from './extensions.js';

/**
 * Why an authority may not have issued what is below it, if so (RFC 5280 6.1.4 h to p).
 * `intermediatesBelow`: authorities between it and the user's certificate; those that only change a key under the same name do not count.
 */
export function authorityFault(authority: Certificate, intermediatesBelow: number, limits: Limits): string | undefined {
  const { isAuthority, keyUsage, pathLength, hasNameConstraints, proxyCertInfo } = authority;
  // 6.1.4 k; RFC 3820 3.7.
  if (!isAuthority || proxyCertInfo) return 'it is not a CA (basicConstraints)';
  // 6.1.4 n.
  if (keyUsage && !keyUsage.has(keyUsageBit.keyCertSign)) return 'it may not sign certificates (keyUsage)';
  // 6.1.4 l and m. Proxies are no part of this path (RFC 3820 4.1).
  if (pathLength !== undefined && intermediatesBelow > pathLength)
    return `it allows ${pathLength} authorities below it and has ${intermediatesBelow}`;
  // 6.1.4 g: to be obeyed, critical or not. They are not judged here, so what they bound is not believed.
  if (hasNameConstraints) return 'it has name constraints, which are not judged here';
  return commonFault(authority, limits);
}
