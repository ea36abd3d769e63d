import type { CfgSection } from '../cfg/tree.js';
import { resolveOperations, setupOf, type OperationsScope } from '../operations.js';
import { resourceStatusOptions } from '../schema/configuration-service.js';
import { readOptions } from '../schema/option.js';
import type { ConfigRemark, ResourceStatusSettings } from '../types.js';
import { valueOf } from './inherit.js';
import { resolveServiceUrls } from './service-urls.js';

/**
 * DIRAC v9 always asks the ResourceStatus service. Versions whose URLs stand below an instance ask it where `ResourceStatus/Config/State` in
 * Operations is `Active`, and read the options elsewhere (`ResourceStatus.py` of v8).
 */
export function resolveResourceStatus(
  tree: CfgSection,
  scope: OperationsScope,
): { readonly settings: ResourceStatusSettings; readonly warnings: readonly ConfigRemark[] } {
  const config = resolveOperations(tree, { ...scope, setup: setupOf(tree, scope) }).section('ResourceStatus/Config');
  const { values, faults } = readOptions(resourceStatusOptions, config, '/Operations/<section>/ResourceStatus/Config');
  const { cacheSeconds } = values;
  const asOfNine = valueOf(tree.section('/Systems/ResourceStatus/URLs'), 'ResourceStatus') !== undefined;
  const asked = asOfNine || values.state === 'Active';
  if (!asked) return { settings: { urls: [], cacheSeconds }, warnings: faults };
  const { urls, warnings } = resolveServiceUrls(tree, { ...scope, system: 'ResourceStatus', service: 'ResourceStatus' });
  return { settings: { urls, cacheSeconds }, warnings: [...faults, ...warnings] };
}
