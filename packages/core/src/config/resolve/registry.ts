import type { CfgSection } from '../cfg/tree.js';
import { readOptions } from '../schema/option.js';
import { groupOptions, userOptions } from '../schema/registry.js';
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
    const { dns, suspendedVos } = readOptions(userOptions, section, `/Registry/Users/${section.name}`).values;
    return [section.name, { dns, suspendedVos }] as const;
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
  return { registry: { users: new Map(users), groups: new Map(groups) }, warnings };
}
