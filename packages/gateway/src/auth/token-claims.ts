import type { Restriction } from '@dirac-s3/core';
import {
  findUserByDn,
  type DiracxIssuer,
  type IssuerSettings,
  type OidcIssuer,
  type Registry,
  type WlcgIssuer,
} from '@dirac-s3/core/config';
import type { JWTPayload } from 'jose';
import { excerpt } from '../excerpt.js';
import { refusal } from './authenticator.js';
import type { Claim } from './authorize.js';
import { restrictionsOf } from './storage-scopes.js';

/** What a token says of its bearer, read as its issuer's kind has it. */
export interface TokenClaim {
  readonly claim: Claim;
  readonly restrictions: readonly Restriction[] | undefined;
}

/** The claims of a verified token. They only name a user and a group, and narrow; what those may do, the Registry says. */
export function claimOf(payload: JWTPayload, settings: IssuerSettings, registry: Registry): TokenClaim {
  const found = readClaim(payload, settings, registry);
  const vo = registry.groups.get(found.claim.group ?? '')?.vo;
  if (settings.vos !== undefined && (vo === undefined || !settings.vos.includes(vo))) {
    throw refusal('the issuer of the token does not speak for this group', `the VO of group ${shown(found.claim.group)} is ${shown(vo)}`);
  }
  return found;
}

function readClaim(payload: JWTPayload, settings: IssuerSettings, registry: Registry): TokenClaim {
  if (settings.kind === 'diracx') return diracxClaim(payload, settings, registry);
  return settings.kind === 'wlcg' ? wlcgClaim(payload, settings, registry) : oidcClaim(payload, settings);
}

function oidcClaim(payload: JWTPayload, { usernameClaim, groupClaim }: OidcIssuer): TokenClaim {
  const claim = { dns: [], username: textClaim(payload, usernameClaim), group: textClaim(payload, groupClaim) };
  return { claim, restrictions: undefined };
}

/**
 * DiracX's access tokens (`AccessTokenPayload`). User names are unique within a VO only, so the VO must be a configured one and that of
 * the group; a token may carry properties of the user's other groups, and lets him have those only which the group gives too.
 */
function diracxClaim(payload: JWTPayload, { vos }: DiracxIssuer, registry: Registry): TokenClaim {
  if ('legacy_exchange' in payload) throw refusal('a refresh token is no access token', 'claim "legacy_exchange"');
  const vo = textClaim(payload, 'vo');
  const group = textClaim(payload, 'dirac_group');
  const username = textClaim(payload, 'preferred_username');
  if (!vos.includes(vo)) throw unacceptable('vo', vo);
  const voOfGroup = registry.groups.get(group)?.vo;
  if (voOfGroup !== undefined && voOfGroup !== vo) throw unacceptable('dirac_group', group);
  const { dirac_properties: properties = [] } = payload;
  if (!isListOfTexts(properties)) throw unacceptable('dirac_properties', properties);
  return { claim: { dns: [], username, group, properties }, restrictions: undefined };
}

/**
 * WLCG Common JWT Profile 1.0. The first of `wlcg.groups` that stands for a DIRAC group counts: the profile keeps the order the user
 * asked for. `sub` names the user by the issuer's own list, or as DIRAC has it, by the DN `/O=DIRAC/CN=<sub>` of a user in the group.
 */
function wlcgClaim(payload: JWTPayload, settings: WlcgIssuer, registry: Registry): TokenClaim {
  const version = textClaim(payload, 'wlcg.ver');
  if (!/^1\.\d+$/.test(version)) throw unacceptable('wlcg.ver', version);
  const theirs = payload['wlcg.groups'] ?? [];
  if (!isListOfTexts(theirs)) throw unacceptable('wlcg.groups', theirs);
  const [group] = theirs.flatMap((path) => settings.groups.filter((mapped) => mapped.path === path).map((mapped) => mapped.group));
  if (group === undefined) throw unacceptable('wlcg.groups', theirs);
  const { scope = '' } = payload;
  if (typeof scope !== 'string') throw unacceptable('scope', scope);
  const username = userOfSubject(textClaim(payload, 'sub'), group, { settings, registry });
  return { claim: { dns: [], username, group }, restrictions: restrictionsOf(scope, settings.basePath) };
}

function userOfSubject(sub: string, group: string, context: { readonly settings: WlcgIssuer; readonly registry: Registry }): string {
  const { settings, registry } = context;
  // A slash would make the DN that of somebody else.
  if (/[/\p{Cc}]/u.test(sub)) throw unacceptable('sub', sub);
  const username = settings.users
    ? settings.users.get(sub)
    : findUserByDn(registry, [`/O=DIRAC/CN=${sub}`], registry.groups.get(group)?.users ?? []);
  if (username === undefined)
    throw refusal('the Registry knows no user in this group for the "sub" of the token', `claim "sub" is ${shown(sub)}`);
  return username;
}

function textClaim(payload: JWTPayload, name: string): string {
  const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
  if (typeof value !== 'string' || value === '') throw unacceptable(name, value);
  return value;
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function unacceptable(name: string, value: unknown): Error {
  return refusal(`the claim "${name}" of the token is missing or not acceptable`, `claim "${name}" is ${shown(value)}`);
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : excerpt(JSON.stringify(value));
}
