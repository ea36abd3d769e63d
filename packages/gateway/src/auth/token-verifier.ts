import { DiracS3Error } from '@dirac-s3/core';
import type { IssuerSettings, Registry } from '@dirac-s3/core/config';
import type { Clock } from '@dirac-s3/core/ports';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { excerpt } from '../excerpt.js';
import { refusal, type RequestFacts } from './authenticator.js';
import { bearerToken } from './bearer-token.js';
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.js';
import { claimOf, type TokenClaim } from './token-claims.js';

/** Signatures that a verifier cannot make itself. `none` and HS* are not among them, whatever a configuration says. */
const asymmetric = /^(?:RS|PS)(?:256|384|512)$|^ES(?:256|384|512)$|^EdDSA$|^Ed25519$/;

/** How far the clocks of issuer and gateway may differ, in seconds. */
const clockToleranceSeconds = 10;

export interface TokenVerifierDependencies {
  readonly issuers: readonly IssuerSettings[];
  readonly registry: Registry;
  readonly clock: Clock;
}

/** What the token of a request says of its bearer; rejects with `unauthenticated` when none came, or one that does not count. */
export type TokenVerifier = (facts: RequestFacts) => Promise<TokenClaim>;

/**
 * Verifies JSON Web Tokens (RFC 7519, with the advice of RFC 8725): the issuer must be configured, and its settings say
 * which algorithms, audience and keys count; nothing the token says of itself does. `exp` is required. What a verified
 * token says of its bearer is then read as its issuer's kind has it.
 */
export async function createTokenVerifier({ issuers, registry, clock }: TokenVerifierDependencies): Promise<TokenVerifier> {
  const known = new Map<string, KnownIssuer>();
  for (const settings of issuers) known.set(settings.issuer, await openIssuer(settings));
  return async (facts) => {
    const token = bearerToken(facts);
    const { settings, keys } = issuerOf(token, known);
    const payload = await verify(token, { settings, keys, now: clock.now() });
    return claimOf(payload, settings, registry);
  };
}

interface KnownIssuer {
  readonly settings: IssuerSettings;
  readonly keys: IssuerKeys;
}

async function openIssuer(settings: IssuerSettings): Promise<KnownIssuer> {
  const unsafe = settings.algorithms.find((algorithm) => !asymmetric.test(algorithm));
  if (unsafe !== undefined || settings.algorithms.length === 0) {
    throw new DiracS3Error(
      'invalid-configuration',
      `issuer "${settings.name}": ${unsafe === undefined ? 'no algorithm is given' : `the algorithm "${unsafe}" is not an asymmetric signature`}`,
    );
  }
  if (settings.audience === '' || (settings.audience === undefined && settings.kind !== 'diracx'))
    throw new DiracS3Error('invalid-configuration', `issuer "${settings.name}": no audience is given`);
  const keys = createIssuerKeys(settings);
  await keys.check();
  return { settings, keys };
}

/** Chosen by the unverified `iss`, which decides nothing but whose keys the token must match. */
function issuerOf(token: string, known: ReadonlyMap<string, KnownIssuer>): KnownIssuer {
  let claimed: unknown;
  try {
    decodeProtectedHeader(token);
    claimed = decodeJwt(token).iss;
  } catch (fault) {
    throw refusal('the token is not a JSON Web Token', fault);
  }
  const issuer = typeof claimed === 'string' ? known.get(claimed) : undefined;
  if (!issuer) throw refusal('the issuer of the token is not accepted here', `issuer ${shorten(claimed)} is not configured`);
  return issuer;
}

async function verify(token: string, { settings, keys, now }: KnownIssuer & { readonly now: Date }): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
      issuer: settings.issuer,
      ...(settings.audience !== undefined && { audience: settings.audience }),
      algorithms: [...settings.algorithms],
      requiredClaims: ['exp'],
      clockTolerance: clockToleranceSeconds,
      currentDate: now,
    });
    insistOnAccessToken(payload, protectedHeader.typ);
    // jose looks at `nbf` only; what was issued in the future was issued by a broken clock, or by somebody who prepares.
    if (payload.iat !== undefined && payload.iat > now.getTime() / 1000 + clockToleranceSeconds) {
      throw new errors.JWTClaimValidationFailed('"iat" claim timestamp check failed (it is in the future)', payload, 'iat');
    }
    return payload;
  } catch (fault) {
    if (fault instanceof DiracS3Error) throw fault;
    throw refusal(publicReason(fault), fault);
  }
}

/**
 * Issuers sign other tokens with the same keys: refresh, ID and logout tokens say so in `typ` (RFC 8725 section 3.11; RFC 9068 section 4)
 * or, with some issuers, in the claims `typ` and `token_use`.
 */
function insistOnAccessToken(payload: JWTPayload, type: string | undefined): void {
  const header = type?.toLowerCase().replace(/^application\//, '') ?? 'jwt';
  const { typ = 'bearer', token_use: use = 'access' } = payload;
  const good = /^(?:at\+)?jwt$/.test(header) && typeof typ === 'string' && /^(?:bearer|(?:at\+)?jwt)$/i.test(typ) && use === 'access';
  if (!good) throw refusal('the token is no access token', `typ ${excerpt(JSON.stringify([type, typ, use]))}`);
}

function publicReason(fault: unknown): string {
  if (fault instanceof errors.JWTExpired) return 'the token has expired';
  if (fault instanceof errors.JWTClaimValidationFailed) return `the claim "${fault.claim}" of the token is missing or not acceptable`;
  if (fault instanceof errors.JOSEAlgNotAllowed) return 'the algorithm of the token is not accepted';
  return 'the signature of the token is not accepted';
}

function shorten(value: unknown): string {
  return value === undefined ? 'missing' : excerpt(JSON.stringify(value));
}
