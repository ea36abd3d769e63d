import type { ConfigRemark } from '../types.js';
import { CfgOption, CfgSection } from './tree.js';

/** A merged tree, and the names that are an option on one side and a section on the other. */
export interface MergeOutcome {
  readonly tree: CfgSection;
  readonly errors: readonly ConfigRemark[];
}

/**
 * Merges two trees per option, `override` winning, even with an empty text (`CFG.mergeWith`). Lists are replaced, never
 * joined. Options come first, then the sections of `base`, then the new ones. A name that is an option on one side and a
 * section on the other is an error naming both places; the tree then keeps what `base` has.
 */
export function mergeCfg(base: CfgSection, override: CfgSection): MergeOutcome {
  const errors: ConfigRemark[] = [];
  return { tree: merge(base, override, { path: '', errors }), errors };
}

function merge(base: CfgSection, override: CfgSection, state: { path: string; errors: ConfigRemark[] }): CfgSection {
  const merged = new CfgSection(base.name, { comment: override.comment || base.comment, source: base.source ?? override.source });
  const clashes = (entry: CfgOption | CfgSection, other: CfgSection): boolean => {
    const twin = other.entries.get(entry.name);
    return twin !== undefined && twin instanceof CfgOption !== entry instanceof CfgOption;
  };
  for (const option of [...base.options(), ...override.options().filter((entry) => !clashes(entry, base))]) merged.set(option);
  for (const section of base.sections()) {
    const twin = override.section(section.name);
    merged.set(merge(section, twin ?? new CfgSection(section.name), { ...state, path: `${state.path}/${section.name}` }));
  }
  for (const section of override.sections()) {
    if (!base.entries.has(section.name)) merged.set(section);
  }
  for (const entry of override.entries.values()) {
    if (!clashes(entry, base)) continue;
    const [here, there] = entry instanceof CfgOption ? ['an option', 'a section'] : ['a section', 'an option'];
    const message = `${here} here, but ${there} in ${base.entries.get(entry.name)?.source ?? 'the layer below'}; one name cannot be both`;
    state.errors.push({ path: `${state.path}/${entry.name}`, message, source: entry.source });
  }
  return merged;
}
