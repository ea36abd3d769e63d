import { readCertificate, type Certificate } from './certificate.js';
import type { Limits } from './common-rules.js';
import { Malformed } from './der.js';
import { endEntityFault } from './end-entity-rules.js';
import { oneLine, spellings } from './names.js';
import { findPath } from './path.js';
import { isLimited, isProxyCertificate, proxyFault, type ProxyCertificate } from './proxy-rules.js';
import { signatureFault } from './signed.js';
import { trustContents } from './trust-store.js';
import type { ChainProof, ChainVerdict, JudgeOptions } from './types.js';

/** Ten proxies and their user, or fewer with the authorities behind them. */
const maxChain = 12;
const leastRsaBits = 1024;

/** A chain taken apart by what each certificate says it is. */
interface Parts {
  /** Leaf first. */
  readonly proxies: readonly ProxyCertificate[];
  readonly user: Certificate;
  readonly authorities: readonly Certificate[];
}

/**
 * Judges the certificates a TLS client sent, in its order, leaf first: proxies (RFC 3820), the user's or host's own certificate, and
 * authorities if it likes. Nothing about the chain is taken from elsewhere; every certificate must be issued by the next, as DIRAC asks,
 * and the path of the user's certificate must end in a self-signed authority of the trust store (RFC 5280). That the caller has the
 * leaf's private key is for TLS to show.
 *
 * Never throws for what was sent. Throws `RangeError` for `minRsaBits` below 1024, `TypeError` for a trust store made elsewhere.
 */
export function judgeChain(sent: readonly Uint8Array[], options: JudgeOptions): ChainVerdict {
  const { now, minRsaBits = 2048, revocation = 'if-present' } = options;
  if (!(minRsaBits >= leastRsaBits)) throw new RangeError(`minRsaBits must be ${leastRsaBits} or more`);
  const trust = trustContents(options.trust);
  try {
    const parts = takeApart(sent);
    const fault = proxiesFault(parts, { now, minRsaBits }) ?? userFault(parts, { now, minRsaBits }) ?? linksFault(parts);
    if (fault !== undefined) return { trusted: false, reason: fault };
    const path = findPath(parts.user, { trust, sent: parts.authorities, now, minRsaBits, revocation });
    return typeof path === 'string' ? { trusted: false, reason: path } : { trusted: true, proof: proofOf(parts, path) };
  } catch (error) {
    if (error instanceof Malformed) return { trusted: false, reason: error.message };
    throw error;
  }
}

/** RFC 3820 4.2: proxies first, then the certificate they stand for, then its authorities. */
function takeApart(sent: readonly Uint8Array[]): Parts {
  if (sent.length > maxChain) throw new Malformed(`the chain has ${sent.length} certificates, more than ${maxChain}`);
  const all = sent.map((der, at) => readCertificate(der, `certificate ${at + 1}`));
  const end = all.findIndex((certificate) => !isProxyCertificate(certificate));
  const user = all[end];
  if (!user) throw new Malformed(sent.length === 0 ? 'no certificate was sent' : 'the chain ends without the certificate of a user');
  return { proxies: all.slice(0, end).filter(isProxyCertificate), user, authorities: all.slice(end + 1) };
}

function proxiesFault({ proxies, user }: Parts, limits: Limits): string | undefined {
  for (const [at, proxy] of proxies.entries()) {
    const fault = proxyFault(proxy, proxies[at + 1] ?? user, at, limits);
    if (fault !== undefined) return `proxy ${oneLine(proxy.subject)}: ${fault}`;
  }
  return undefined;
}

function userFault({ user }: Parts, limits: Limits): string | undefined {
  const fault = endEntityFault(user, limits);
  return fault === undefined ? undefined : `${oneLine(user.subject)}: ${fault}`;
}

/**
 * What was sent behind the user's certificate must be authorities, each issuer of the one before: with anything else DIRAC takes the
 * chain for no proxy. Whether they are to be believed is another question, and answered only for those a path needs.
 */
function linksFault({ user, authorities }: Parts): string | undefined {
  let child = user;
  for (const issuer of authorities) {
    const unrelated =
      (issuer.isAuthority ? undefined : 'it is not a CA (basicConstraints)') ??
      (child.issuer.key === issuer.subject.key ? undefined : 'it is not the issuer of the certificate before it') ??
      signatureFault(child.signed, issuer.publicKey);
    if (unrelated !== undefined) return `${oneLine(issuer.subject)}, sent behind ${oneLine(child.subject)}: ${unrelated}`;
    child = issuer;
  }
  return undefined;
}

function proofOf({ proxies, user }: Parts, path: readonly Certificate[]): ChainProof {
  const leaf = proxies[0] ?? user;
  const dnSpellings = spellings(user.subject);
  return {
    dn: oneLine(user.subject),
    dnSpellings,
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    isProxy: proxies.length > 0,
    isLimited: proxies.some(isLimited),
    group: proxies.findLast(({ diracGroup }) => diracGroup !== undefined)?.diracGroup,
    notAfter: new Date(Math.min(...[...proxies, user, ...path].map(({ notAfter }) => notAfter.getTime()))),
  };
}
