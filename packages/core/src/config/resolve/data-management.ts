import { effectiveLists, pluginSets, type ElementProtocols, type SectionAccess, type StoragePlugin } from '../../protocols/index.js';
import { splitList } from '../cfg/text.js';
import type { CfgSection } from '../cfg/tree.js';
import { findOperationsOption, resolveOperations, type OperationsScope } from '../operations.js';
import { localSiteOptions } from '../schema/local-site.js';
import { readOptions } from '../schema/option.js';
import { protocolOptions } from '../schema/registry.js';
import type { DataManagementSettings } from '../types.js';
import { deriveElement, elementsPath, valueOf, type DerivedElement } from './inherit.js';

const groupsPath = '/Resources/StorageElementGroups';
const sitesPath = '/Resources/Sites';

/** What data management needs to know of every StorageElement, whichever protocols it speaks. */
export function resolveDataManagement(tree: CfgSection, scope: OperationsScope): DataManagementSettings {
  const operations = (list: keyof typeof protocolOptions): readonly string[] => {
    const { option } = findOperationsOption(tree, `DataManagement/${protocolOptions[list].name}`, scope);
    return option === undefined ? protocolOptions[list].fallback : splitList(option.value);
  };
  const stage = findOperationsOption(tree, 'DataManagement/StageProtocols', scope).option;
  const lists = { access: operations('access'), write: operations('write'), stage: splitList(stage?.value ?? '') };
  const unset = (['access', 'write'] as const).filter(
    (list) => findOperationsOption(tree, `DataManagement/${protocolOptions[list].name}`, scope).option === undefined,
  );
  const elements = new Map<string, ElementProtocols>();
  const all: DerivedElement[] = [];
  for (const { name } of tree.section(elementsPath)?.sections() ?? []) {
    const derived = deriveElement(tree, name);
    if ('fault' in derived) continue;
    all.push(derived.element);
    elements.set(name, protocolsOf(derived.element, { lists, unset, vo: scope.vo }));
  }
  return {
    registrationProtocols: operations('registration'),
    // No S3 store fetches from another one by this list, which is shared with StorageElements that do.
    thirdPartyProtocols: operations('thirdParty').filter((protocol) => protocol !== 's3'),
    elements,
    groups: new Map((tree.section(groupsPath)?.options() ?? []).map(({ name, value }) => [name, splitList(value)])),
    siteOf: sitesOf(tree, all),
    ownSite: ownSiteOf(tree),
    baseOf: new Map(all.flatMap(({ name, baseName }) => (baseName === undefined ? [] : [[name, baseName] as const]))),
    multiHops: multiHopsOf(tree, scope),
  };
}

/** An empty option names no site. */
function ownSiteOf(tree: CfgSection): string | undefined {
  const site = readOptions(localSiteOptions, tree.section('/LocalSite'), '/LocalSite').values.site;
  return site === '' ? undefined : site;
}

function protocolsOf(
  { name, options, sections }: DerivedElement,
  {
    lists,
    unset,
    vo,
  }: {
    readonly lists: Parameters<typeof effectiveLists>[1];
    readonly unset: readonly ('access' | 'write')[];
    readonly vo: string | undefined;
  },
): ElementProtocols {
  const own = (option: string): readonly string[] => splitList(valueOf(options, option) ?? '');
  const written = { access: own('AccessProtocols'), write: own('WriteProtocols'), stage: own('StageProtocols') };
  return {
    name,
    plugins: sections.map((section) => pluginOf(section, vo)),
    lists: effectiveLists(written, lists),
    unset: unset.filter((list) => written[list].length === 0),
  };
}

function pluginOf(section: CfgSection, vo: string | undefined): StoragePlugin {
  const plugin = valueOf(section, 'PluginName') ?? section.name;
  const protocol = valueOf(section, 'Protocol') ?? '';
  const written = (name: string): readonly string[] | undefined => {
    const value = valueOf(section, name);
    return value === undefined ? undefined : splitList(value);
  };
  const [input, output] = [written('InputProtocols'), written('OutputProtocols')];
  const path = (vo === undefined ? undefined : valueOf(section.section('VOPath'), vo)) ?? valueOf(section, 'Path') ?? '';
  return {
    section: section.name,
    plugin,
    protocol,
    access: accessOf(valueOf(section, 'Access')),
    place: { host: valueOf(section, 'Host') ?? '', path },
    ...pluginSets({ plugin, protocol }, { ...(input && { input }), ...(output && { output }) }),
  };
}

function accessOf(text = ''): SectionAccess {
  const word = text.toLowerCase();
  return word === 'remote' || word === 'local' ? word : 'unclassified';
}

/** By source, then by destination; each may also be a base, or `Default` (`DMSHelpers.getMultiHopMatrix`). */
function multiHopsOf(tree: CfgSection, scope: OperationsScope): DataManagementSettings['multiHops'] {
  const sources = resolveOperations(tree, scope).section('DataManagement/MultiHopMatrixOfShame')?.sections() ?? [];
  return new Map(sources.map((source) => [source.name, new Map(source.options().map(({ name, value }) => [name, value]))]));
}

/** Sites list StorageElements in `SE`; one that derives from, or stands for, a listed name is there too (`DMSHelpers`). */
function sitesOf(tree: CfgSection, elements: readonly DerivedElement[]): ReadonlyMap<string, string> {
  const grids = tree.section(sitesPath)?.sections() ?? [];
  const siteOf = new Map<string, string>();
  for (const site of grids.flatMap((grid) => grid.sections())) {
    for (const name of splitList(valueOf(site, 'SE') ?? '')) if (!siteOf.has(name)) siteOf.set(name, site.name);
  }
  for (const { name, baseName } of elements) {
    const inherited = baseName === undefined ? undefined : siteOf.get(baseName);
    if (inherited !== undefined && !siteOf.has(name)) siteOf.set(name, inherited);
  }
  return siteOf;
}
