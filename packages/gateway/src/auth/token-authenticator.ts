import { DiracS3Error } from '@dirac-s3/core';
import type { IssuerSettings, Registry } from '@dirac-s3/core/config';
import type { Clock } from '@dirac-s3/core/ports';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { excerpt } from '../excerpt.js';
import { refusal, type Authenticator } from './authenticator.js';
import { bearerToken } from './bearer-token.js';
import { identityFromRegistry } from './identity-from-registry.js';
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.js';

/** Signatures that a verifier cannot make itself. `none` and HS* are not among them, whatever a configuration says. */
const asymmetric = /^(?:RS|PS)(?:256|384|512)$|^ES(?:256|384|512)$|^EdDSA$|^Ed25519$/;

/** How far the clocks of issuer and gateway may differ, in seconds. */
const clockToleranceSeconds = 10;

export interface TokenAuthenticatorDependencies {
  readonly issuers: readonly IssuerSettings[];
  readonly registry: Registry;
  readonly clock: Clock;
}

/**
 * Judges JSON Web Tokens (RFC 7519, with the advice of RFC 8725): the issuer must be configured, and its settings say
 * which algorithms, audience and keys count; nothing the token says of itself does. `exp` is required. Of a verified
 * token only username and group are taken, then the Registry decides.
 */
export async function createTokenAuthenticator({ issuers, registry, clock }: TokenAuthenticatorDependencies): Promise<Authenticator> {
  const known = new Map<string, KnownIssuer>();
  for (const settings of issuers) known.set(settings.issuer, await openIssuer(settings));
  return async (facts) => {
    const token = bearerToken(facts);
    const { settings, keys } = issuerOf(token, known);
    const payload = await verify(token, { settings, keys, now: clock.now() });
    const identity = identityFromRegistry(registry, {
      username: textClaim(payload, settings.usernameClaim),
      group: textClaim(payload, settings.groupClaim),
      source: 'token',
    });
    const { username, group, vo, properties } = identity;
    return { credentials: { username, group, VO: vo, properties }, identity };
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
  if (settings.audience === '') throw new DiracS3Error('invalid-configuration', `issuer "${settings.name}": no audience is given`);
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
    const { payload } = await jwtVerify(token, keys.find, {
      issuer: settings.issuer,
      audience: settings.audience,
      algorithms: [...settings.algorithms],
      requiredClaims: ['exp'],
      clockTolerance: clockToleranceSeconds,
      currentDate: now,
    });
    return payload;
  } catch (fault) {
    if (fault instanceof DiracS3Error) throw fault;
    throw refusal(publicReason(fault), fault);
  }
}

function publicReason(fault: unknown): string {
  if (fault instanceof errors.JWTExpired) return 'the token has expired';
  if (fault instanceof errors.JWTClaimValidationFailed) return `the claim "${fault.claim}" of the token is missing or not acceptable`;
  if (fault instanceof errors.JOSEAlgNotAllowed) return 'the algorithm of the token is not accepted';
  return 'the signature of the token is not accepted';
}

function textClaim(payload: JWTPayload, name: string): string {
  const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
  if (typeof value !== 'string' || value === '') {
    throw refusal(`the claim "${name}" of the token is missing or not acceptable`, `claim "${name}" is ${shorten(value)}`);
  }
  return value;
}

function shorten(value: unknown): string {
  return value === undefined ? 'missing' : excerpt(JSON.stringify(value));
}
