import { createIdentity, type Identity, type LfnDirectory, type Restriction } from '@dirac-s3/core';
import { defaultGroupOf, findUserByDn, type AuthenticationSettings, type IssuerSettings, type Registry } from '@dirac-s3/core/config';
import type { Clock } from '@dirac-s3/core/ports';
import type { ChainProof, TrustStore } from '@dirac-s3/core/x509';
import { refusal, type Authenticator, type Caller, type RequestFacts } from './authenticator.js';
import { authorize, type Authorized } from './authorize.js';
import { createCertificateJudge, type CertificateJudge } from './certificate-judge.js';
import type { TokenClaim } from './token-claims.js';
import { createTokenVerifier } from './token-verifier.js';

export interface AuthenticatorDependencies {
  readonly settings: AuthenticationSettings;
  readonly issuers: readonly IssuerSettings[];
  readonly registry: Registry;
  /** The trusted authorities; asked only where the settings ask clients for certificates. */
  readonly trust: () => Promise<TrustStore>;
  readonly clock: Clock;
}

/** A verified credential, before anybody asked whether its holder may come in. */
interface Proven extends TokenClaim {
  /** What the certificates prove, when it is them. */
  readonly chain?: ChainProof;
}

/** Rules that DIRAC's services bring along; the configuration may say otherwise, method by method. */
const hardCodedRules: ReadonlyMap<string, readonly string[]> = new Map([
  ['ping', ['all']],
  ['echo', ['all']],
  ['whoami', ['authenticated']],
]);

const readOnly: readonly Restriction[] = [{ access: ['read'], path: '/' as LfnDirectory }];

/**
 * Who is calling, whatever the way in: a certificate is verified, or a token where no certificate came (DIRAC's order: with both, the
 * certificate alone counts), then one function judges by Registry and rules. Only a user in a group becomes an identity.
 */
export async function createAuthenticator(deps: AuthenticatorDependencies): Promise<Authenticator> {
  const { settings, registry, clock } = deps;
  const { clientCertificates, rules, authorization: policy } = settings;
  const judge = clientCertificates && createCertificateJudge({ settings: clientCertificates, trust: deps.trust, clock });
  const verifyToken = await createTokenVerifier(deps);
  return async (facts, method) => {
    const { claim, chain, restrictions }: Proven =
      judge !== undefined && facts.certificates.length > 0 ? await provenByCertificate(facts, judge, deps) : await verifyToken(facts);
    const asked = facts.extraCredentials === undefined ? claim : { ...claim, extraCredentials: facts.extraCredentials };
    const decision = authorize(asked, method, { registry, rules, policy, hardCoded: hardCodedRules.get(method) });
    if (!decision.allowed) {
      // One text for every case: who is registered where is nobody's business.
      const publicReason = 'the Registry does not know this caller as an active member of this group, or the service does not admit him';
      throw refusal(publicReason, decision.reason);
    }
    const identity = identityOf(decision.caller, { registry, chain, restrictions });
    return { credentials: credentialsOf(decision.caller, { registry, chain, now: clock.now() }), identity };
  };
}

async function provenByCertificate(
  { certificates }: RequestFacts,
  judge: CertificateJudge,
  { registry, settings }: AuthenticatorDependencies,
): Promise<Proven> {
  const chain = await judge(certificates);
  return {
    claim: { dns: chain.dnSpellings, group: groupOfChain(chain, registry) },
    chain,
    restrictions: chain.isLimited && settings.limitedProxies === 'read-only' ? readOnly : undefined,
  };
}

/** A proxy without a group is in the default one at once, so that `extraCredentials` cannot choose another; a certificate may choose. */
function groupOfChain({ isProxy, group, dnSpellings }: ChainProof, registry: Registry): string | undefined {
  if (!isProxy) return undefined;
  const user = findUserByDn(registry, dnSpellings);
  return group ?? (user === undefined ? undefined : defaultGroupOf(registry, user));
}

interface Surroundings {
  readonly registry: Registry;
  readonly chain: ChainProof | undefined;
}

function identityOf(
  { kind, dn, username = '', group = '', properties, via }: Authorized,
  { registry, chain, restrictions }: Surroundings & { readonly restrictions: readonly Restriction[] | undefined },
): Identity | undefined {
  if (kind !== 'user') return undefined;
  return createIdentity({
    ...(dn !== undefined && { dn }),
    username,
    group,
    vo: registry.groups.get(group)?.vo ?? '',
    properties,
    source: via !== undefined ? 'delegation' : chain ? 'certificate' : 'token',
    ...(via !== undefined && { via }),
    ...(chain?.isLimited && { limitedProxy: true }),
    ...(restrictions && { restrictions }),
  });
}

/**
 * DIRAC's dictionary of credentials. Of a certificate it tells the chain as sent, even where a host acts for somebody else; the VO is
 * there for proxies only, as in DIRAC, and for tokens.
 */
function credentialsOf(
  { dn, username, group, properties, extraCredentials }: Authorized,
  { registry, chain, now }: Surroundings & { readonly now: Date },
): Caller['credentials'] {
  const vo = group === undefined ? undefined : registry.groups.get(group)?.vo;
  return {
    ...(chain && {
      subject: chain.subject,
      issuer: chain.issuer,
      secondsLeft: Math.max(0, Math.floor((chain.notAfter.getTime() - now.getTime()) / 1000)),
      isProxy: chain.isProxy,
      isLimitedProxy: chain.isLimited,
      // Never looked up by the real service in this call either.
      validDN: false,
      validGroup: false,
      ...(chain.isProxy && { identity: chain.dn }),
    }),
    ...(dn !== undefined && { DN: dn }),
    ...(username !== undefined && { username }),
    ...(group !== undefined && { group }),
    ...(vo !== undefined && chain?.isProxy !== false && { VO: vo }),
    properties,
    ...(extraCredentials !== undefined && { extraCredentials }),
  };
}
