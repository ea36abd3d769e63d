import { validityFault, type Certificate } from './certificate.js';
import { keyUsageBit } from './extensions.js';
import { oneLine } from './names.js';
import type { RevocationContents, RevocationList } from './revocation-list.js';
import { signatureFault } from './signed.js';
import type { TrustContents } from './trust-store.js';
import type { RevocationPolicy } from './types.js';

export interface RevocationQuestion {
  readonly trust: TrustContents;
  readonly now: Date;
  readonly revocation: RevocationPolicy;
}

/**
 * RFC 5280 6.3.3, for complete lists from the store alone: why `certificate`, issued by `authority`, must not be believed, if so.
 * Of several lists (an authority's old and new key) one good one is enough; every good one is asked.
 */
export function revocationFault(certificate: Certificate, authority: Certificate, question: RevocationQuestion): string | undefined {
  const { trust, revocation } = question;
  if (revocation === 'ignore') return undefined;
  const name = authority.subject.key;
  const lists = trust.revocations.get(name) ?? [];
  if (lists.length === 0 && !trust.unreadable.has(name)) {
    return revocation === 'required' ? `there is no revocation list of ${oneLine(authority.subject)}` : undefined;
  }
  const good: RevocationContents[] = [];
  let fault = 'it cannot be read';
  for (const list of lists) {
    const verdict = usable(list, authority, question);
    if (typeof verdict === 'string') fault = verdict;
    else good.push(verdict);
  }
  if (good.length === 0) return `the revocation list of ${oneLine(authority.subject)} is no good: ${fault}`;
  return good.some(({ revoked }) => revoked.has(certificate.serial)) ? 'it is revoked' : undefined;
}

function usable(list: RevocationList, authority: Certificate, { trust, now }: RevocationQuestion): RevocationContents | string {
  const { contents } = list;
  if (typeof contents === 'string') return contents;
  const fault =
    signerFault(list, authority, trust) ?? validityFault({ notBefore: contents.thisUpdate, notAfter: contents.nextUpdate }, now);
  return fault ?? contents;
}

/** RFC 5280 6.3.3 f and g: signed by the authority itself, which may sign lists. */
function signerFault(list: RevocationList, authority: Certificate, { signatureFaults }: TrustContents): string | undefined {
  const { keyUsage } = authority;
  if (keyUsage && !keyUsage.has(keyUsageBit.crlSign)) return 'its issuer may not sign revocation lists (keyUsage)';
  const known = signatureFaults.get(list)?.get(authority);
  if (known !== undefined) return known ?? undefined;
  const fault = signatureFault(list.signed, authority.publicKey);
  signatureFaults.get(list)?.set(authority, fault ?? null);
  return fault;
}
