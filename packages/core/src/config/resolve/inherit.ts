import { CfgOption, CfgSection } from '../cfg/tree.js';
import type { ConfigRemark } from '../types.js';

export const elementsPath = '/Resources/StorageElements';
const basesPath = '/Resources/StorageElementBases';

/** A StorageElement after alias and inheritance, still as text. */
export interface DerivedElement {
  /** Its real name: an alias takes the name of what it stands for. */
  readonly name: string;
  readonly baseName: string | undefined;
  readonly path: string;
  /** Options of the StorageElement itself. */
  readonly options: CfgSection;
  /** Protocol sections in DIRAC's order: those of the base by name, then the others as written. */
  readonly sections: readonly CfgSection[];
}

/**
 * Applies `Alias` and `BaseSE` as DIRAC's StorageFactory does: an alias (chains too) replaces the StorageElement
 * completely; a base is read from `StorageElementBases` only, one level deep; states are never inherited.
 */
export function deriveElement(tree: CfgSection, name: string): { readonly element: DerivedElement } | { readonly fault: ConfigRemark } {
  const alias = valueOf(sectionOf(tree, elementsPath, name), 'Alias');
  const real = alias === undefined ? { name } : followAlias(tree, { alias, asked: name, path: `${elementsPath}/${name}/Alias` });
  if ('fault' in real) return real;
  const path = `${elementsPath}/${real.name}`;
  const own = sectionOf(tree, elementsPath, real.name);
  if (own === undefined) return fault(tree, `${elementsPath}/${name}/Alias`, `"${real.name}" is no StorageElement`);

  const baseOption = valueOf(own, 'BaseSE');
  if (baseOption === undefined) {
    return { element: { name: real.name, baseName: undefined, path, options: own, sections: own.sections() } };
  }
  const base = followAlias(tree, { alias: baseOption, asked: real.name, path: `${path}/BaseSE` });
  if ('fault' in base) return base;
  const below = sectionOf(tree, basesPath, base.name);
  if (below === undefined)
    return fault(tree, `${path}/BaseSE`, `"${base.name}" must stand in ${basesPath}: DIRAC reads a base from nowhere else`);
  return {
    element: { name: real.name, baseName: base.name, path, options: inheritOptions(below, own), sections: inheritSections(below, own) },
  };
}

function followAlias(
  tree: CfgSection,
  from: { readonly alias: string; readonly asked: string; readonly path: string },
): { readonly name: string } | { readonly fault: ConfigRemark } {
  const seen = new Set([from.asked]);
  for (let name = from.alias; ;) {
    if (seen.has(name)) return fault(tree, from.path, `leads in a circle: ${[...seen, name].join(' -> ')}`);
    seen.add(name);
    const section = sectionOf(tree, basesPath, name) ?? sectionOf(tree, elementsPath, name);
    if (section === undefined) return fault(tree, from.path, `names "${name}", which is neither in ${basesPath} nor in ${elementsPath}`);
    const next = valueOf(section, 'Alias');
    if (next === undefined) return { name };
    name = next;
  }
}

function inheritOptions(base: CfgSection, own: CfgSection): CfgSection {
  const merged = new CfgSection(own.name, own);
  for (const option of base.options()) if (!/^(?:Read|Write|Check|Remove)Access$/.test(option.name)) merged.set(option);
  for (const option of own.options()) merged.set(option);
  return merged;
}

function inheritSections(base: CfgSection, own: CfgSection): CfgSection[] {
  const inherited = base.sections().toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return [
    ...inherited.map((section) => inheritSection(section, own.entries.get(section.name))),
    ...own.sections().filter(({ name }) => base.section(name) === undefined),
  ];
}

/** Options of the same section: an empty one overrides nothing. A `Path` written here outranks the base's paths per VO. */
function inheritSection(base: CfgSection, own: CfgSection | CfgOption | undefined): CfgSection {
  if (!(own instanceof CfgSection)) return base;
  const merged = new CfgSection(own.name, own);
  for (const option of base.options()) merged.set(option);
  for (const option of own.options()) if (option.value !== '' || !merged.entries.has(option.name)) merged.set(option);
  const paths = merged.set(new CfgSection('VOPath', { source: own.source }));
  const levels = valueOf(own, 'Path') === undefined ? [base, own] : [own];
  for (const option of levels.flatMap((level) => level.section('VOPath')?.options() ?? [])) if (option.value !== '') paths.set(option);
  return merged;
}

function sectionOf(tree: CfgSection, path: string, name: string): CfgSection | undefined {
  const entry = tree.section(path)?.entries.get(name);
  return entry instanceof CfgSection ? entry : undefined;
}

/** Text of an option that says something. */
export function valueOf(section: CfgSection | undefined, name: string): string | undefined {
  const entry = section?.entries.get(name);
  return entry instanceof CfgOption && entry.value !== '' ? entry.value : undefined;
}

function fault(tree: CfgSection, path: string, message: string): { readonly fault: ConfigRemark } {
  return { fault: { path, message, source: tree.option(path)?.source } };
}
