import type { CfgSection } from '../cfg/tree.js';
import { readOptions } from '../schema/option.js';
import { configurationServiceOptions, securityOptions } from '../schema/configuration-service.js';
import type { ConfigRemark, SecuritySettings } from '../types.js';

const securityPath = '/DIRAC/Security';
const configurationPath = '/DIRAC/Configuration';

export function resolveSecurity(tree: CfgSection): { readonly settings: SecuritySettings; readonly warnings: readonly ConfigRemark[] } {
  const { values, faults } = readOptions(securityOptions, tree.section(securityPath), securityPath);
  const { skipCaChecks, ...settings } = values;
  const path = `${securityPath}/SkipCAChecks`;
  const refused = { path, message: 'is not obeyed: the certificates of servers are always verified', source: tree.option(path)?.source };
  return { settings, warnings: [...faults, ...(skipCaChecks ? [refused] : [])] };
}

/** Where the central configuration is asked for, and how often. */
export interface ConfigurationServiceSettings {
  readonly servers: readonly string[];
  readonly refreshSeconds: number;
}

export function resolveConfigurationService(tree: CfgSection): {
  readonly settings: ConfigurationServiceSettings;
  readonly warnings: readonly ConfigRemark[];
} {
  const { values, faults } = readOptions(configurationServiceOptions, tree.section(configurationPath), configurationPath);
  return { settings: values, warnings: faults };
}
