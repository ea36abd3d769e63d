import type { Registry } from './types.js';

/**
 * The user a DN belongs to: exact text, first user in the order of the Registry, or of the users asked about (DIRAC's
 * `getUsernameForDN`). Several spellings of the one DN may be tried, because OpenSSL 1.1 and 3 write some of them differently.
 */
export function findUserByDn(
  { users }: Registry,
  spellings: readonly string[],
  among: Iterable<string> = users.keys(),
): string | undefined {
  for (const name of among) if (spellings.some((dn) => users.get(name)?.dns.includes(dn))) return name;
  return undefined;
}

/** The nickname of the host a DN belongs to: exact text, first host in order (`getHostnameForDN`). */
export function findHostByDn({ hosts }: Registry, spellings: readonly string[]): string | undefined {
  for (const [name, { dns }] of hosts) if (spellings.some((dn) => dns.includes(dn))) return name;
  return undefined;
}

/**
 * The group of a user who names none (`findDefaultGroupForUser`): the first he is in of his own `DefaultGroup` and then the
 * Registry's; else the alphabetically first of his groups, which may well be an administrators' one; undefined when he has none.
 */
export function defaultGroupOf({ users, groups, defaultGroups }: Registry, username: string): string | undefined {
  const isIn = (group: string): boolean => groups.get(group)?.users.includes(username) ?? false;
  const preferred = [...(users.get(username)?.defaultGroups ?? []), ...defaultGroups];
  // By code points, as Python sorts; `localeCompare` would depend on the machine.
  return preferred.find(isIn) ?? [...groups.keys()].filter(isIn).sort(byCodePoint)[0];
}

function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
