import { createIdentity, type Identity, type IdentityFacts } from '@dirac-s3/core';
import type { Registry } from '@dirac-s3/core/config';
import { refusal } from './authenticator.js';

/** What a verified credential claims; whether it is so, the Registry says. */
export type ProvenClaim = Pick<IdentityFacts, 'username' | 'group' | 'source' | 'dn'>;

/**
 * The one way to an identity. The user must be in the Registry, in the group's Users, and not suspended for the group's
 * VO; VO and properties are the group's in the Registry, whatever the credential says of them (DIRAC's AuthManager keeps
 * the properties of a merely claimed group; a DiracX token may carry properties of the user's other groups).
 */
export function identityFromRegistry(registry: Registry, claim: ProvenClaim): Identity {
  const refuse = (detail: string) =>
    // One text for every case: who is registered where is nobody's business.
    refusal('the Registry does not know this user as an active member of this group', detail);
  const user = registry.users.get(claim.username);
  if (!user) throw refuse(`user ${JSON.stringify(claim.username)} is not in the Registry`);
  const group = registry.groups.get(claim.group);
  if (!group) throw refuse(`group ${JSON.stringify(claim.group)} is not in the Registry`);
  if (!group.users.includes(claim.username)) throw refuse(`"${claim.username}" is not in the Users of group "${claim.group}"`);
  if (user.suspendedVos.includes(group.vo)) throw refuse(`"${claim.username}" is suspended for VO "${group.vo}"`);
  return createIdentity({ ...claim, vo: group.vo, properties: group.properties });
}
