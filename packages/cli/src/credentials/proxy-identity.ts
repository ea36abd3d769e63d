import { createIdentity, DiracS3Error, type Identity } from '@dirac-s3/core';
import { defaultGroupOf, findUserByDn, type Registry } from '@dirac-s3/core/config';
import type { ChainProof } from '@dirac-s3/core/x509';

/**
 * Who the owner of a proxy is by the Registry: the group is the one in the proxy, else his default.
 *
 * @throws unauthenticated when the Registry does not know him, or not in that group
 */
export function proxyIdentity({ dn, dnSpellings, group, isLimited }: ChainProof, registry: Registry): Identity {
  const refuse = (fault: string): never => {
    throw new DiracS3Error('unauthenticated', fault);
  };
  const username = findUserByDn(registry, dnSpellings);
  if (username === undefined) return refuse(`the Registry has no user with the DN ${dn}`);
  const name = group ?? defaultGroupOf(registry, username);
  const facts = name === undefined ? undefined : registry.groups.get(name);
  if (name === undefined || facts?.users.includes(username) !== true)
    return refuse(`the Registry does not have ${username} in ${name === undefined ? 'any group' : `the group ${JSON.stringify(name)}`}`);
  if (registry.users.get(username)?.suspendedVos.includes(facts.vo)) return refuse(`${username} is suspended in the VO ${facts.vo}`);
  const { vo, properties } = facts;
  return createIdentity({ dn, username, group: name, vo, properties, source: 'certificate', ...(isLimited && { limitedProxy: true }) });
}
