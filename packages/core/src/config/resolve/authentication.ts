import { join } from 'node:path';
import type { CfgSection } from '../cfg/tree.js';
import { didYouMean } from '../did-you-mean.js';
import { splitList } from '../cfg/text.js';
import { callerPolicyOptions, clientCertificateOptions, usualCaDirectory } from '../schema/authentication.js';
import { readOptions } from '../schema/option.js';
import { resolveSecurity } from './security.js';
import type { AuthenticationSettings, AuthorizationRules, ClientCertificateSettings, ConfigRemark } from '../types.js';

export interface AuthenticationParts {
  readonly settings: AuthenticationSettings;
  readonly faults: readonly ConfigRemark[];
  readonly warnings: readonly ConfigRemark[];
}

/** Who may call the gateway, and how it is proven. */
export function resolveAuthentication(tree: CfgSection, gatewayPath: string, https: boolean): AuthenticationParts {
  const section = tree.section(gatewayPath);
  const policies = readOptions(callerPolicyOptions, section?.section('Policies'), `${gatewayPath}/Policies`);
  const certificates = resolveClientCertificates(tree, gatewayPath, https);
  const { rules, warnings } = resolveRules(tree, gatewayPath);
  return {
    settings: { ...policies.values, clientCertificates: certificates.settings, rules },
    faults: [...policies.faults, ...certificates.faults],
    warnings,
  };
}

function resolveClientCertificates(
  tree: CfgSection,
  gatewayPath: string,
  https: boolean,
): { readonly settings: ClientCertificateSettings | undefined; readonly faults: readonly ConfigRemark[] } {
  const section = tree.section(gatewayPath);
  const { values, faults } = readOptions(clientCertificateOptions, section, gatewayPath);
  const { enabled = https, caDirectory, ...judging } = values;
  if (enabled && !https) {
    const { name } = clientCertificateOptions.enabled;
    const source = section?.option(name)?.source;
    return { settings: undefined, faults: [...faults, { path: `${gatewayPath}/${name}`, message: 'needs CertFile and KeyFile', source }] };
  }
  return { settings: enabled ? { ...judging, caDirectory: caDirectory ?? installationCaDirectory(tree) } : undefined, faults };
}

/**
 * The first place of DIRAC's `Locations.getCAsLocation` that is configured; whether it is there is found out by whoever reads it. Its
 * environment variables are left out: what a service trusts stands in its configuration.
 */
function installationCaDirectory(tree: CfgSection): string {
  const { caLocation, gridSecurity } = resolveSecurity(tree).settings;
  return gridSecurity === undefined ? (caLocation ?? usualCaDirectory) : join(gridSecurity, 'certificates');
}

/** Methods that a rule may name: those of the service, and `Default`. */
const methods = ['Default', 'createPresignedUrl', 'hasAccess', 'ping', 'echo', 'whoami'];

/** Rules are read where the installation has them: DIRAC v8.1 and v9 call the section of the same service `TornadoS3Gateway`. */
function resolveRules(
  tree: CfgSection,
  gatewayPath: string,
): { readonly rules: AuthorizationRules; readonly warnings: readonly ConfigRemark[] } {
  const own = `${gatewayPath}/Authorization`;
  const path = tree.section(own) === undefined ? own.replace(/S3Gateway\/Authorization$/, 'TornadoS3Gateway/Authorization') : own;
  const options = tree.section(path)?.options() ?? [];
  const rules = options.map(({ name, value }) => [name, splitList(value)] as const).filter(([, words]) => words.length > 0);
  const warnings = options
    .filter(({ name }) => !methods.includes(name))
    .map(({ name, source }) => {
      const meant = didYouMean(name, methods);
      return { path: `${path}/${name}`, message: `is no method${meant === undefined ? '' : `; did you mean ${meant}?`}`, source };
    });
  return { rules: new Map(rules), warnings };
}
