import type { CfgSection } from '../cfg/tree.js';
import { readOptions } from '../schema/option.js';
import { groupOptions, hostOptions, registryOptions, userOptions } from '../schema/registry.js';
import type { ConfigRemark, Registry } from '../types.js';

/**
 * `/Registry`. As in DIRAC (`Helpers/Registry.getVOForGroup`), `/DIRAC/VirtualOrganization` is the VO of every group when
 * it is set; a group that says otherwise gets a warning.
 */
export function resolveRegistry(
  tree: CfgSection,
  vo: string | undefined,
): { readonly registry: Registry; readonly warnings: readonly ConfigRemark[] } {
  const warnings: ConfigRemark[] = [];
  const users = (tree.section('/Registry/Users')?.sections() ?? []).map((section) => {
    const { dns, suspendedVos, defaultGroups } = readOptions(userOptions, section, `/Registry/Users/${section.name}`).values;
    return [section.name, { dns, suspendedVos, defaultGroups }] as const;
  });
  const groups = (tree.section('/Registry/Groups')?.sections() ?? []).map((section) => {
    const path = `/Registry/Groups/${section.name}`;
    const { values } = readOptions(groupOptions, section, path);
    const remark = (message: string): void =>
      void warnings.push({ path: `${path}/VO`, message, source: section.option('VO')?.source ?? section.source });
    if (vo !== undefined && values.vo !== undefined && values.vo !== vo) {
      remark(`is "${values.vo}", but /DIRAC/VirtualOrganization puts every group into "${vo}"`);
    }
    if (vo === undefined && values.vo === undefined && values.users.length > 0)
      remark('is not set: nobody can act in a group without a VO');
    return [
      section.name,
      { users: values.users, properties: values.properties, vo: vo ?? values.vo ?? '', vomsRole: values.vomsRole },
    ] as const;
  });
  const hosts = (tree.section('/Registry/Hosts')?.sections() ?? []).map((section) => {
    const { dns, properties } = readOptions(hostOptions, section, `/Registry/Hosts/${section.name}`).values;
    return [section.name, { dns, properties }] as const;
  });
  const { defaultGroups } = readOptions(registryOptions, tree.section('/Registry'), '/Registry').values;
  warnings.push(...sharedNames(tree, '/Registry/Users', users), ...sharedNames(tree, '/Registry/Hosts', hosts));
  return { registry: { users: new Map(users), groups: new Map(groups), hosts: new Map(hosts), defaultGroups }, warnings };
}

/** One DN under two names: DIRAC takes the first, and who is meant is hard to tell; most often one is a forgotten account. */
function sharedNames(
  tree: CfgSection,
  path: string,
  entries: readonly (readonly [string, { readonly dns: readonly string[] }])[],
): ConfigRemark[] {
  const owners = new Map<string, string>();
  const remarks: ConfigRemark[] = [];
  for (const [name, { dns }] of entries) {
    for (const dn of new Set(dns)) {
      const owner = owners.get(dn);
      if (owner === undefined) owners.set(dn, name);
      else {
        const message = `holds ${JSON.stringify(dn)}, which belongs to "${owner}" too: the first counts, of those in the group that is asked for`;
        remarks.push({ path: `${path}/${name}/DN`, message, source: tree.option(`${path}/${name}/DN`)?.source });
      }
    }
  }
  return remarks;
}
