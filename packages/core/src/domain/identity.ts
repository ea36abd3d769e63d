import { DiracS3Error } from '../errors/index.js';
import type { Restriction } from './restriction.js';

declare const identityBrand: unique symbol;

export interface IdentityFacts {
  /** Distinguished name, when the way in has one. */
  readonly dn?: string;
  readonly username: string;
  readonly group: string;
  /** Virtual organisation of the group. */
  readonly vo: string;
  /** Properties of the verified group, never of a merely claimed one. */
  readonly properties: readonly string[];
  /** How the identity was proven; written to the audit log. */
  readonly source: 'token' | 'certificate' | 'delegation' | 'local';
  /** Nickname of the host that acts for this user; only of source `delegation`. */
  readonly via?: string;
  /** True when the proof is a limited proxy: whoever started a job gave it no more than that. */
  readonly limitedProxy?: true;
  /** What a narrowed credential may still do, within what the catalog permits; undefined: all of it, empty: nothing. */
  readonly restrictions?: readonly Restriction[];
}

/** A proven caller. Only {@link createIdentity} makes one, so that an unproven name cannot be passed by accident. */
export type Identity = IdentityFacts & { readonly [identityBrand]: true };

/** The one property that makes a catalog administrator (`FC_MANAGEMENT`; no user, group name or list does). */
export const catalogAdminProperty = 'FileCatalogManagement';

/** Names that DIRAC gives to callers it does not know; objects owned by them would belong to everybody. */
const nobody: ReadonlySet<string> = new Set(['anonymous', 'anon', 'visitor', 'unknown', 'nobody']);

/**
 * Makes an identity of verified facts. Refuses (`unauthenticated`) empty names, the shared names DIRAC uses for unknown
 * callers, and the pseudo-group `hosts`, which belongs to services and not to users.
 */
export function createIdentity(facts: IdentityFacts): Identity {
  const refuse = (fault: string): never => {
    throw new DiracS3Error('unauthenticated', fault);
  };
  for (const field of ['username', 'group', 'vo'] as const) {
    const fault = ownerNameFault(field, facts[field]);
    if (fault !== undefined) return refuse(fault);
  }
  const properties = Object.freeze([...facts.properties]);
  const restrictions = facts.restrictions && Object.freeze(facts.restrictions.map((restriction) => Object.freeze({ ...restriction })));
  return Object.freeze({ ...facts, properties, ...(restrictions && { restrictions }) }) as unknown as Identity;
}

/** Why nobody can have this name, and nothing belong to it; undefined for a proper one. A name that may be of any length is not repeated. */
export function ownerNameFault(what: 'username' | 'group' | 'vo', name: string): string | undefined {
  if (name !== name.trim()) return `the ${what} begins or ends with white space`;
  if (name === '') return `the ${what} is empty`;
  if (/[\p{Cc}]/u.test(name)) return `the ${what} holds a control character`;
  if (what === 'username' && nobody.has(name.toLowerCase())) return `"${name}" is not a user`;
  if (what === 'group' && (nobody.has(name.toLowerCase()) || name === 'hosts')) return `"${name}" is not a group of users`;
  return undefined;
}

export function isCatalogAdmin(identity: Pick<Identity, 'properties'>): boolean {
  return identity.properties.includes(catalogAdminProperty);
}
