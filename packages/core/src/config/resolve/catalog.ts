import { Secret } from '../../domain/index.js';
import type { CfgSection } from '../cfg/tree.js';
import { splitList } from '../cfg/text.js';
import { resolveOperations, type OperationsScope } from '../operations.js';
import { catalogCacheOptions, catalogRuleOptions, fileCatalogDbOptions, fileCatalogOptions } from '../schema/catalog.js';
import { readOptions } from '../schema/option.js';
import { urlOptions } from '../schema/registry.js';
import type { CatalogRules, CatalogSettings, ConfigRemark } from '../types.js';
import { gatewayPath } from './gateway.js';
import { valueOf } from './inherit.js';

const catalogsPath = '/Resources/FileCatalogs';
const rulesPath = '/Systems/DataManagement/Services/FileCatalog';
const urlsPath = '/Systems/DataManagement/URLs';

/** The catalog this process talks to: the one the gateway's section names, else the only one of a type that we have. */
export function resolveCatalog(tree: CfgSection): {
  readonly catalog: CatalogSettings | undefined;
  readonly faults: readonly ConfigRemark[];
} {
  const choice = `${gatewayPath}/FileCatalog`;
  const named = valueOf(tree.section(gatewayPath), 'FileCatalog');
  const catalogs = tree.section(catalogsPath)?.sections() ?? [];
  const supported = catalogs.filter((section) => typeOf(section) !== undefined);
  const refuse = (path: string, message: string, source: string | undefined) => ({
    catalog: undefined,
    faults: [{ path, message, source }],
  });

  const source = tree.option(choice)?.source;
  if (named === undefined && supported.length > 1) {
    return refuse(choice, `must be set: ${supported.map(({ name }) => name).join(' and ')} in ${catalogsPath} are both possible`, source);
  }
  const section = named === undefined ? supported[0] : catalogs.find(({ name }) => name === named);
  if (section === undefined) {
    return named === undefined
      ? { catalog: undefined, faults: [] }
      : refuse(choice, `names "${named}", which is not in ${catalogsPath}`, source);
  }
  const path = `${catalogsPath}/${section.name}`;
  const type = typeOf(section);
  if (type === undefined)
    return refuse(
      `${path}/CatalogType`,
      'must be Sqlite, FileCatalogDB or Gateway',
      section.option('CatalogType')?.source ?? section.source,
    );
  if (type === 'gateway') return { catalog: { type }, faults: [] };
  if (type === 'file-catalog-db') return resolveDatabase(section, path);
  const file = valueOf(section, 'Path');
  if (file === undefined) return refuse(`${path}/Path`, `must be set: ${fileCatalogOptions.path.meaning}`, section.source);
  return { catalog: { type, path: file }, faults: [] };
}

const types: ReadonlyMap<string, CatalogSettings['type']> = new Map([
  ['Sqlite', 'sqlite'],
  ['FileCatalogDB', 'file-catalog-db'],
  ['Gateway', 'gateway'],
]);

function typeOf(section: CfgSection): CatalogSettings['type'] | undefined {
  return types.get(valueOf(section, 'CatalogType') ?? section.name);
}

function resolveDatabase(
  section: CfgSection,
  path: string,
): { readonly catalog: CatalogSettings | undefined; readonly faults: readonly ConfigRemark[] } {
  const { values, faults } = readOptions(fileCatalogDbOptions, section, path);
  const cache = readOptions(catalogCacheOptions, section, path);
  const all = [...faults, ...cache.faults];
  const { user, password } = values;
  if (all.length > 0 || user === undefined || password === undefined) return { catalog: undefined, faults: all };
  const database = { ...values, user, password: new Secret(password) };
  return { catalog: { type: 'file-catalog-db', database, cache: cache.values }, faults: [] };
}

export function resolveCatalogRules(tree: CfgSection): { readonly rules: CatalogRules; readonly faults: readonly ConfigRemark[] } {
  const { values, faults } = readOptions(catalogRuleOptions, tree.section(rulesPath), rulesPath);
  return { rules: values, faults };
}

/** `$MAINSERVERS$` as host stands for each of the `MainServers` in Operations (`PathFinder.groupURLs`). */
export function resolveGatewayUrls(
  tree: CfgSection,
  scope: OperationsScope,
): { readonly urls: readonly string[]; readonly warnings: readonly ConfigRemark[] } {
  const written = readOptions(urlOptions, tree.section(urlsPath), urlsPath).values.gateway;
  const servers = splitList(valueOf(resolveOperations(tree, scope), 'MainServers') ?? '');
  const warnings: ConfigRemark[] = [];
  const remark = (message: string): void =>
    void warnings.push({ path: `${urlsPath}/S3Gateway`, message, source: tree.option(`${urlsPath}/S3Gateway`)?.source });
  const urls = written.flatMap((url) =>
    url.includes('$MAINSERVERS$') ? servers.map((server) => url.replace('$MAINSERVERS$', server)) : [url],
  );
  if (urls.length === 0 && written.length > 0) remark('holds $MAINSERVERS$, and Operations has no MainServers');
  const usable = urls.filter((url) => {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    const fault =
      parsed === undefined
        ? 'holds something that is no URL'
        : parsed.username !== '' || parsed.password !== ''
          ? 'holds a URL with a user or password'
          : /^https?:$/.test(parsed.protocol)
            ? undefined
            : `holds a ${parsed.protocol}// URL, which is not spoken here: https is`;
    if (fault !== undefined) remark(`${fault}; it is left out`);
    return fault === undefined;
  });
  return { urls: usable, warnings };
}
