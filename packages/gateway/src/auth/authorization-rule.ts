import type { AuthorizationRules, Registry } from '@dirac-s3/core/config';

/** One rule of a service's `Authorization`, taken apart. */
export interface Rule {
  /** `any` or `all`: whoever it is. */
  readonly anybody: boolean;
  /** `authenticated`: any user in a group, any host. */
  readonly authenticated: boolean;
  /** Properties in lower case, one of which is enough. */
  readonly properties: ReadonlySet<string>;
  /** True when `group:` or `vo:` admits some groups only. */
  readonly restricted: boolean;
  readonly admits: (group: string | undefined) => boolean;
}

export interface RuleSource {
  readonly registry: Registry;
  readonly rules: AuthorizationRules;
  /** Rule of the method where the configuration has none of its own; it comes before `Default`. */
  readonly hardCoded?: readonly string[] | undefined;
  readonly policy: 'closed' | 'as-dirac';
}

/**
 * The rule of a method: the configuration's own, else the hard-coded one, else `Default` (DIRAC's AuthManager, `getValidPropertiesForMethod`).
 * Where there is none, or one of `group:` and `vo:` alone, DIRAC means anybody; closed, that is `authenticated`.
 */
export function ruleOf(method: string, source: RuleSource): Rule {
  const words = source.rules.get(method) ?? source.hardCoded ?? source.rules.get('Default') ?? [];
  const restrictions = words.filter(isRestriction);
  const kept = words.filter((word) => !isRestriction(word)).map((word) => word.toLowerCase());
  const effective = new Set(kept.length > 0 ? kept : [source.policy === 'closed' ? 'authenticated' : 'any']);
  const admits = (group: string | undefined): boolean =>
    restrictions.length === 0 || (group !== undefined && restrictions.some((restriction) => isOf(restriction, group, source.registry)));
  return {
    anybody: effective.has('any') || effective.has('all'),
    authenticated: effective.has('authenticated'),
    properties: effective,
    restricted: restrictions.length > 0,
    admits,
  };
}

/**
 * The rule for a user somebody acts for. DIRAC has taken the `group:` and `vo:` out of the list by then, unless the method has a rule of
 * its own or nothing else stood in the list, and so admits every group; closed, the rule is the same for everybody.
 */
export function ruleAfterDelegation(rule: Rule, method: string, source: RuleSource): Rule {
  if (source.policy === 'closed' || source.rules.has(method)) return rule;
  const words = source.hardCoded ?? source.rules.get('Default') ?? [];
  return words.every(isRestriction) ? rule : { ...rule, restricted: false, admits: () => true };
}

/** In any case: DIRAC knows the prefixes in lower case only, and would take others for a property that nobody has. */
function isRestriction(word: string): boolean {
  return /^(?:group|vo):/i.test(word);
}

function isOf(restriction: string, group: string, { groups }: Registry): boolean {
  const [prefix = '', ...rest] = restriction.split(':');
  const name = rest.join(':').trim();
  return prefix.toLowerCase() === 'group' ? group === name : name !== '' && groups.get(group)?.vo === name;
}
