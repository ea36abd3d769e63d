import type { CfgSection } from '../cfg/tree.js';
import { setupOf, withoutInstances } from '../operations.js';
import { createStorageElementRegistry } from '../providers.js';
import { readOptions } from '../schema/option.js';
import { diracOptions } from '../schema/registry.js';
import type { ConfigOutcome, ConfigRemark, DiracConfiguration } from '../types.js';
import { resolveCatalog, resolveCatalogRules, resolveGatewayUrls } from './catalog.js';
import { resolveDataManagement } from './data-management.js';
import { resolveGateway } from './gateway.js';
import { resolveIdProviders } from './id-providers.js';
import { protocolWarnings } from './protocol-lists.js';
import { resolveRegistry } from './registry.js';
import { resolveResourceStatus } from './resource-status.js';
import { resolveConfigurationService, resolveSecurity } from './security.js';
import { resolveStorageElements } from './storage-elements.js';

export interface ResolveOptions {
  /** Setup of DIRAC v7 and v8; left out, `/DIRAC/Setup` where the tree is laid out by setups. */
  readonly setup?: string | undefined;
  /** VO of this process; `/DIRAC/VirtualOrganization` beats it, as in DIRAC. */
  readonly vo?: string | undefined;
  /** For a client, faults of the gateway's own settings are warnings: it can work without them. Default `gateway`. */
  readonly role?: 'gateway' | 'client';
}

/**
 * Everything the product reads, typed and checked. Errors are what makes the whole process unusable, each naming the
 * option and where it was read; what concerns one StorageElement or one user is a warning and leaves that one out.
 */
export function resolveConfiguration(tree: CfgSection, options: ResolveOptions = {}): ConfigOutcome<DiracConfiguration> {
  const installationVo = readOptions(diracOptions, tree.section('/DIRAC'), '/DIRAC').values.vo;
  const vo = installationVo ?? options.vo;
  const scope = { vo, setup: setupOf(tree, { vo, setup: options.setup }) };
  const flat = withoutInstances(tree, options.setup);

  const storage = resolveStorageElements(flat);
  const { registry, warnings: registryWarnings } = resolveRegistry(flat, installationVo);
  const gateway = resolveGateway(flat);
  const { catalog, faults: catalogFaults } = resolveCatalog(flat, { ...scope, tree });
  const rules = resolveCatalogRules(flat);
  const { urls, warnings: urlWarnings } = resolveGatewayUrls(flat, scope);
  const idProviders = resolveIdProviders(flat);
  const security = resolveSecurity(tree);
  const resourceStatus = resolveResourceStatus(tree, scope);

  const gatewayMatters = options.role !== 'client';
  // The rules judge where this process itself judges; another catalog's are its service's business.
  const rulesMatter = catalog?.type === 'sqlite' || catalog?.type === 'file-catalog-db';
  const errors: ConfigRemark[] = [...(gatewayMatters ? gateway.faults : []), ...catalogFaults, ...(rulesMatter ? rules.faults : [])];
  const warnings: ConfigRemark[] = [
    ...(gatewayMatters ? [] : gateway.faults),
    ...(rulesMatter ? [] : rules.faults),
    ...gateway.warnings,
    ...storage.warnings,
    ...protocolWarnings(flat, createStorageElementRegistry({ storageElements: storage.elements }).all(), scope),
    ...registryWarnings,
    ...urlWarnings,
    ...idProviders.warnings,
    ...security.warnings,
    ...resourceStatus.warnings,
    ...resolveConfigurationService(tree).warnings,
  ];
  const config: DiracConfiguration = {
    storageElements: storage.elements,
    fileStorageElements: storage.files,
    dataManagement: resolveDataManagement(flat, scope),
    credentials: storage.credentials,
    registry,
    gateway: gateway.settings,
    catalog,
    catalogRules: rules.rules,
    gatewayUrls: urls,
    security: security.settings,
    idProviders: idProviders.providers,
    resourceStatus: resourceStatus.settings,
    vo,
  };
  return { config, warnings, errors };
}
