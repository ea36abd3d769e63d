import { defaultGroupOf, findHostByDn, findUserByDn, type Registry } from '@dirac-s3/core/config';
import { ruleAfterDelegation, ruleOf, type Rule, type RuleSource } from './authorization-rule.js';

/** What a verified credential says of the caller. */
export interface Claim {
  /** Every spelling of the DN that a certificate proves, the usual one first; empty where no certificate came. */
  readonly dns: readonly string[];
  /** The user that a token names. */
  readonly username?: string;
  /** The group that proxy or token names. */
  readonly group?: string | undefined;
  /** Most that the credential lets its bearer have; undefined: all properties of the group. */
  readonly properties?: readonly string[] | undefined;
  readonly extraCredentials?: unknown;
}

/** Whoever was let in. */
export interface Authorized {
  /** `visitor`: let in by `any` or `all` without being a user in a group or a host. */
  readonly kind: 'user' | 'host' | 'visitor';
  /** In the spelling of the Registry where it lists the DN: other services compare the text. */
  readonly dn: string | undefined;
  readonly username: string | undefined;
  readonly group: string | undefined;
  /** Those of the group or host; where properties opened the door, only the ones that did. */
  readonly properties: readonly string[];
  /** Nickname of the host that acts for this caller. */
  readonly via: string | undefined;
  /** As it came, when it was text; DIRAC keeps it in the credentials. */
  readonly extraCredentials: string | undefined;
}

/** The reason is for the log: who is registered where is nobody's business. */
export type Decision = { readonly allowed: true; readonly caller: Authorized } | { readonly allowed: false; readonly reason: string };

/** The word that lets a host act for users and hosts. */
const trustedHost = 'TrustedHost';
/** The group of hosts; as `extraCredentials` it says "I come as a host". */
const hostsGroup = 'hosts';
const nobody = { username: 'anonymous', group: 'visitor' } as const;

/**
 * May this caller use this method? The rules of DIRAC's `AuthManager.authQuery`, as a function of the Registry, the service's rules and
 * the credentials. Two answers of DIRAC, and a third that follows from how it is written, are closed unless the policy is `as-dirac`:
 * - a method without any rule is for `authenticated` callers, not for everybody;
 * - whoever is let in by `any` or `all` without being in the group he claims has no properties, not those of that group;
 * - `group:` and `vo:` of a `Default` rule hold for a delegated user too.
 */
export function authorize(claim: Claim, method: string, source: RuleSource): Decision {
  const rule = ruleOf(method, source);
  if (claim.dns.length === 0 && claim.username === undefined) return judgeNobody(rule);
  const { extraCredentials: extra } = claim;
  if (extra !== undefined && typeof extra !== 'string') {
    const delegated = actingFor(claim, source.registry);
    if ('reason' in delegated) return { allowed: false, ...delegated };
    return judge(delegated.claim, ruleAfterDelegation(rule, method, source), { ...source, via: delegated.via });
  }
  return judge(claim, rule, { ...source, via: undefined });
}

function judgeNobody(rule: Rule): Decision {
  if (!rule.anybody || rule.restricted) return { allowed: false, reason: 'no credentials' };
  const unnamed = { dn: undefined, username: undefined, group: undefined, via: undefined, extraCredentials: undefined };
  return { allowed: true, caller: { kind: 'visitor', properties: [], ...unnamed } };
}

/** `[DN, group]` from a trusted host: it acts for that user, or for that host when the group is `hosts`. */
function actingFor(
  { dns, extraCredentials }: Claim,
  registry: Registry,
): { readonly claim: Claim; readonly via: string } | { readonly reason: string } {
  const via = findHostByDn(registry, dns);
  if (via === undefined || registry.hosts.get(via)?.properties.includes(trustedHost) !== true) {
    return {
      reason: `credentials forwarded by ${via === undefined ? 'somebody who is no host' : `the host "${via}"`}, who is not trusted to`,
    };
  }
  const pair: readonly unknown[] = Array.isArray(extraCredentials) ? extraCredentials : [];
  const [dn, group, ...more] = pair;
  if (typeof dn !== 'string' || dn === '' || typeof group !== 'string' || group === '' || more.length > 0) {
    return { reason: `the host "${via}" forwarded credentials that are not [DN, group]` };
  }
  return { claim: { dns: [dn], group }, via };
}

interface Circumstances extends RuleSource {
  readonly via: string | undefined;
}

function judge(claim: Claim, rule: Rule, { registry, policy, via }: Circumstances): Decision {
  const found = identify(claim, registry);
  if ('reason' in found && !rule.anybody) return { allowed: false, reason: found.reason };
  const extraCredentials = typeof claim.extraCredentials === 'string' ? claim.extraCredentials : undefined;
  const caller: Authorized =
    'reason' in found
      ? {
          kind: 'visitor',
          ...nobody,
          dn: claim.dns[0],
          properties: policy === 'as-dirac' ? found.claimedProperties : [],
          via,
          extraCredentials,
        }
      : { ...found, via, extraCredentials };
  if (!rule.admits(caller.group)) return { allowed: false, reason: `the rule does not admit the group "${caller.group ?? ''}"` };
  if (rule.anybody || rule.authenticated) return { allowed: true, caller };
  const properties = caller.properties.filter((property) => rule.properties.has(property.toLowerCase()));
  if (properties.length === 0) return { allowed: false, reason: 'the caller has none of the properties the rule asks for' };
  return { allowed: true, caller: { ...caller, properties } };
}

type Found =
  | Pick<Authorized, 'kind' | 'dn' | 'username' | 'group' | 'properties'>
  /** Not who he says he is; what the group he claims would have had. */
  | { readonly reason: string; readonly claimedProperties: readonly string[] };

/** Who that is: a host in the group `hosts`, or a user who is in the group and not suspended for its VO. */
function identify(claim: Claim, registry: Registry): Found {
  const { dns, properties: most } = claim;
  const group = groupOf(claim, registry);
  const limited = (properties: readonly string[]): readonly string[] => properties.filter((name) => most?.includes(name) ?? true);
  if (group === hostsGroup) {
    const host = findHostByDn(registry, dns);
    if (host === undefined) return { reason: `${who(claim)} is no host`, claimedProperties: [] };
    const { dns: listed, properties } = registry.hosts.get(host) ?? { dns: [], properties: [] };
    return { kind: 'host', dn: spelling(dns, listed), username: host, group, properties: limited(properties) };
  }
  if (group === undefined) return { reason: `${who(claim)} belongs to no user in a group`, claimedProperties: [] };
  const facts = registry.groups.get(group);
  if (facts === undefined) return { reason: `group ${JSON.stringify(group)} is not in the Registry`, claimedProperties: [] };
  const refuse = (reason: string): Found => ({ reason, claimedProperties: limited(facts.properties) });
  const username = memberOf(claim, facts.users, registry);
  if (username === undefined) return refuse(`${who(claim)} is not in the Users of group "${group}"`);
  const user = registry.users.get(username);
  if (user?.suspendedVos.includes(facts.vo)) return refuse(`"${username}" is suspended for VO "${facts.vo}"`);
  return { kind: 'user', dn: spelling(dns, user?.dns ?? []), username, group, properties: limited(facts.properties) };
}

/** `hosts` is obeyed always; another word only where no group is known, so that it cannot replace the group of a proxy. */
function groupOf({ dns, username, group, extraCredentials }: Claim, registry: Registry): string | undefined {
  if (extraCredentials === hostsGroup) return hostsGroup;
  if (group !== undefined) return group;
  if (typeof extraCredentials === 'string' && extraCredentials !== '') return extraCredentials;
  const user = username ?? findUserByDn(registry, dns);
  return user === undefined ? undefined : defaultGroupOf(registry, user);
}

function memberOf({ dns, username }: Claim, members: readonly string[], registry: Registry): string | undefined {
  if (username === undefined) return findUserByDn(registry, dns, members);
  return registry.users.has(username) && members.includes(username) ? username : undefined;
}

function spelling(dns: readonly string[], listed: readonly string[]): string | undefined {
  return dns.find((dn) => listed.includes(dn)) ?? dns[0];
}

function who({ dns, username }: Claim): string {
  return JSON.stringify((username ?? dns[0] ?? '').slice(0, 200));
}
