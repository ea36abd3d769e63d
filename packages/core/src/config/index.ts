export { findGridCredentials, type GridCredentialPlaces, type GridCredentialSources } from './central/grid-credentials.js';
export { readPrivateFile, type PrivateFileRules } from './central/private-file.js';
export {
  readAuthorities,
  readGridCertificate,
  readProxy,
  type GridCertificate,
  type ReadGridCredentialsOptions,
} from './central/read-grid-credentials.js';
export {
  watchConfiguration,
  type CentralConfiguration,
  type CentralSource,
  type ConfigurationListener,
  type ConfigurationState,
  type ConfigurationWatch,
  type RefreshOutcome,
  type WatchedConfiguration,
  type WatchOptions,
} from './central/watch-configuration.js';
export { mergeCfg, type MergeOutcome } from './cfg/merge.js';
export { parseCfg, type CfgOutcome } from './cfg/parse.js';
export { serializeCfg } from './cfg/serialize.js';
export { CfgOption, CfgSection } from './cfg/tree.js';
export { integer, list, oneOf, readAt, text, yesNo, type Kind } from './kinds.js';
export { loadConfiguration, mergeLayers, type ConfigurationSources } from './layers/load-configuration.js';
export type { ConfigFile, ReadConfigFile } from './layers/read-file.js';
export { resolveOperations, type OperationsScope } from './operations.js';
export { createCredentialsProvider, createStorageElementRegistry } from './providers.js';
export { defaultGroupOf, findHostByDn, findUserByDn } from './registry-lookup.js';
export { renderConfigurationReference } from './reference.js';
export { formatRemark } from './remark.js';
export { resolveConfiguration, type ResolveOptions } from './resolve/resolve-configuration.js';
export { resolveResourceStatus } from './resolve/resource-status.js';
export { resolveConfigurationService, resolveSecurity, type ConfigurationServiceSettings } from './resolve/security.js';
export { resolveServiceUrls } from './resolve/service-urls.js';
export { expandStorageElements } from './storage-element-groups.js';
export type {
  AuthenticationSettings,
  AuthorizationRules,
  CatalogCacheSettings,
  CatalogRules,
  CatalogSettings,
  ClientCertificateSettings,
  ConfigOutcome,
  ConfigRemark,
  DataManagementSettings,
  DiracConfiguration,
  DiracxIssuer,
  FileCatalogDatabase,
  FileCatalogServiceSettings,
  GatewaySettings,
  IdProvider,
  IssuerSettings,
  OidcIssuer,
  PresignPolicies,
  ProbeSettings,
  Registry,
  ResourceStatusSettings,
  SecurityManagerName,
  SecuritySettings,
  WlcgIssuer,
} from './types.js';
