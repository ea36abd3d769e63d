import { mergeCfg } from './cfg/merge.js';
import { CfgSection, type CfgOption } from './cfg/tree.js';

/** Whose Operations: without a VO only the defaults apply; a setup means the layout of DIRAC v7 and v8. */
export interface OperationsScope {
  readonly vo?: string | undefined;
  readonly setup?: string | undefined;
}

/**
 * Sections of `/Operations` in the order of DIRAC's `Helpers/Operations.py`, later ones overriding earlier ones:
 * v9 (no setup): `Defaults`, `<VO>`; v7 and v8: `Defaults`, `<Setup>`, `<VO>/Defaults`, `<VO>/<Setup>`.
 */
export function operationsPaths({ vo, setup }: OperationsScope): string[] {
  const ofVo = vo === undefined || vo === '' ? [] : setup === undefined ? [vo] : [`${vo}/Defaults`, `${vo}/${setup}`];
  return ['Defaults', ...(setup === undefined ? [] : [setup]), ...ofVo].map((section) => `/Operations/${section}`);
}

/** The Operations that apply, merged option by option. A name that is option and section keeps the earlier section's kind. */
export function resolveOperations(tree: CfgSection, scope: OperationsScope): CfgSection {
  return operationsPaths(scope).reduce((merged, path) => {
    const section = tree.section(path);
    return section === undefined ? merged : mergeCfg(merged, section).tree;
  }, new CfgSection('Operations'));
}

/** One option of Operations and the path of the section it counts from; unset, the path where a default would stand. */
export function findOperationsOption(
  tree: CfgSection,
  name: string,
  scope: OperationsScope,
): { readonly path: string; readonly option: CfgOption | undefined } {
  const paths = operationsPaths(scope).map((section) => `${section}/${name}`);
  const found = paths.findLast((path) => tree.option(path) !== undefined);
  const path = found ?? `/Operations/Defaults/${name}`;
  return { path, option: tree.option(path) };
}

/**
 * The setup, when the tree is laid out by setups. `/DIRAC/Setup` alone does not tell: it survived into v9, where
 * Operations ignores it.
 */
export function setupOf(tree: CfgSection, scope: OperationsScope): string | undefined {
  const setup = scope.setup ?? tree.option('/DIRAC/Setup')?.value;
  if (setup === undefined || setup === '') return undefined;
  if (scope.setup !== undefined) return setup;
  const ofVo = scope.vo === undefined || scope.vo === '' ? [] : [`${scope.vo}/Defaults`, `${scope.vo}/${setup}`];
  return [setup, ...ofVo].some((section) => tree.section(`/Operations/${section}`) !== undefined) ? setup : undefined;
}

/**
 * The tree with `/Systems/DataManagement/<instance>` of v7 and v8 (`/DIRAC/Setups/<Setup>/DataManagement` names the
 * instance) laid under `/Systems/DataManagement`, where v9 has it; an option written there in the v9 way counts first.
 */
export function withoutInstances(tree: CfgSection, setup: string | undefined): CfgSection {
  const name = setup ?? tree.option('/DIRAC/Setup')?.value ?? '';
  const instance = name === '' ? undefined : tree.option(`/DIRAC/Setups/${name}/DataManagement`)?.value;
  const below = instance === undefined || instance === '' ? undefined : tree.section(`/Systems/DataManagement/${instance}`);
  if (below === undefined) return tree;
  const lifted = new CfgSection();
  const system = lifted.set(new CfgSection('Systems')).set(new CfgSection('DataManagement'));
  for (const entry of below.entries.values()) system.set(entry);
  return mergeCfg(lifted, tree).tree;
}
