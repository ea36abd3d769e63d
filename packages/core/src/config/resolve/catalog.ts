import { Secret } from '../../domain/index.js';
import type { CfgSection } from '../cfg/tree.js';
import { splitList } from '../cfg/text.js';
import { resolveOperations, type OperationsScope } from '../operations.js';
import {
  catalogCacheOptions,
  catalogRuleOptions,
  fileCatalogDbOptions,
  fileCatalogOptions,
  fileCatalogServiceOptions,
} from '../schema/catalog.js';
import { readOptions } from '../schema/option.js';
import { urlOptions } from '../schema/registry.js';
import type { CatalogRules, CatalogSettings, ConfigRemark } from '../types.js';
import { gatewayPath } from './gateway.js';
import { valueOf } from './inherit.js';
import { resolveServiceUrls } from './service-urls.js';

const catalogsPath = '/Resources/FileCatalogs';
const rulesPath = '/Systems/DataManagement/Services/FileCatalog';
const urlsPath = '/Systems/DataManagement/URLs';

interface CatalogOutcome {
  readonly catalog: CatalogSettings | undefined;
  readonly faults: readonly ConfigRemark[];
}

/** Where services are looked up: the tree as it is written. */
type ServiceScope = OperationsScope & { readonly tree: CfgSection };

/**
 * The catalog this process talks to: the one the gateway's section names, else the only one of a type that is ours alone, else DIRAC's
 * own `FileCatalog`.
 */
export function resolveCatalog(flat: CfgSection, scope: ServiceScope): CatalogOutcome {
  const choice = `${gatewayPath}/FileCatalog`;
  const named = valueOf(flat.section(gatewayPath), 'FileCatalog');
  const catalogs = flat.section(catalogsPath)?.sections() ?? [];
  const supported = catalogs.filter((section) => typeOf(section) !== undefined);
  const own = supported.filter((section) => typeOf(section) !== 'file-catalog');
  // Every DIRAC configuration has a section of this type; without URLs the service is no choice.
  const services = supported.filter((section) => typeOf(section) === 'file-catalog' && urlsOf(serviceOf(section), scope).length > 0);
  const possible = own.length > 0 ? own : services;

  const source = flat.option(choice)?.source;
  if (named === undefined && possible.length > 1) {
    return refuse(choice, `must be set: ${possible.map(({ name }) => name).join(' and ')} in ${catalogsPath} are both possible`, source);
  }
  const section = named === undefined ? possible[0] : catalogs.find(({ name }) => name === named);
  if (section === undefined) {
    return named === undefined
      ? { catalog: undefined, faults: [] }
      : refuse(choice, `names "${named}", which is not in ${catalogsPath}`, source);
  }
  return readCatalog(section, scope);
}

function readCatalog(section: CfgSection, scope: ServiceScope): CatalogOutcome {
  const path = `${catalogsPath}/${section.name}`;
  switch (typeOf(section)) {
    case undefined: {
      const source = section.option('CatalogType')?.source ?? section.source;
      return refuse(`${path}/CatalogType`, `must be ${[...types.keys()].join(', ').replace(/, (\w+)$/, ' or $1')}`, source);
    }
    case 'gateway':
      return { catalog: { type: 'gateway' }, faults: [] };
    case 'sqlite': {
      const file = valueOf(section, 'Path');
      if (file === undefined) return refuse(`${path}/Path`, `must be set: ${fileCatalogOptions.path.meaning}`, section.source);
      return { catalog: { type: 'sqlite', path: file }, faults: [] };
    }
    case 'file-catalog-db':
      return readDatabase(section, path, scope);
    case 'file-catalog':
      return readServiceCatalog(section, path, scope);
  }
}

const types: ReadonlyMap<string, CatalogSettings['type']> = new Map([
  ['Sqlite', 'sqlite'],
  ['FileCatalog', 'file-catalog'],
  ['FileCatalogDB', 'file-catalog-db'],
  ['Gateway', 'gateway'],
]);

function typeOf(section: CfgSection): CatalogSettings['type'] | undefined {
  return types.get(valueOf(section, 'CatalogType') ?? section.name);
}

function readDatabase(section: CfgSection, path: string, scope: ServiceScope): CatalogOutcome {
  const { values, faults } = readOptions(fileCatalogDbOptions, section, path);
  const { cache, timeoutSeconds, service, faults: more } = readService(section, path, { scope });
  const all = [...faults, ...more];
  const { compareWithService, user, password, ...connection } = values;
  if (all.length > 0 || user === undefined || password === undefined) return { catalog: undefined, faults: all };
  const database = { ...connection, user, password: new Secret(password), timeoutSeconds };
  return { catalog: { type: 'file-catalog-db', database, service, compareWithService, cache }, faults: [] };
}

function readServiceCatalog(section: CfgSection, path: string, scope: ServiceScope): CatalogOutcome {
  const { cache, service, faults } = readService(section, path, { scope, fallback: catalogService });
  if (faults.length > 0 || service === undefined) return { catalog: undefined, faults };
  return { catalog: { type: 'file-catalog', service, cache }, faults: [] };
}

function readService(section: CfgSection, path: string, { scope, fallback }: { readonly scope: ServiceScope; readonly fallback?: string }) {
  const { values, faults } = readOptions(fileCatalogServiceOptions, section, path);
  const { values: cache, faults: cacheFaults } = readOptions(catalogCacheOptions, section, path);
  const all = [...faults, ...cacheFaults];
  const { timeoutSeconds, service = fallback } = values;
  if (service === undefined) return { cache, timeoutSeconds, service, faults: all };
  const urls = urlsOf(service, scope);
  if (urls.length === 0) {
    const message = `must be set: by it ${service} would be asked`;
    all.push({ path: `/Systems/${service.replace('/', '/URLs/')}`, message, source: section.source });
  }
  return { cache, timeoutSeconds, service: { service, urls, timeoutSeconds }, faults: all };
}

const catalogService = 'DataManagement/FileCatalog';

function serviceOf(section: CfgSection): string {
  return valueOf(section, 'CatalogURL') ?? catalogService;
}

function urlsOf(service: string, scope: ServiceScope): readonly string[] {
  const [system = '', name = ''] = service.split('/');
  return resolveServiceUrls(scope.tree, { ...scope, system, service: name }).urls;
}

function refuse(path: string, message: string, source: string | undefined): CatalogOutcome {
  return { catalog: undefined, faults: [{ path, message, source }] };
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
