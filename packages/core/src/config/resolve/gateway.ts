import { didYouMean } from '../did-you-mean.js';
import { hint } from '../kinds.js';
import { CfgSection, type CfgOption } from '../cfg/tree.js';
import { gatewayEntries, gatewayOptions, issuerOptions, otherServiceEntries, policyOptions } from '../schema/gateway.js';
import { readOptions, type OptionTable } from '../schema/option.js';
import type { ConfigRemark, GatewaySettings, IssuerSettings } from '../types.js';

export const gatewayPath = '/Systems/DataManagement/Services/S3Gateway';

/** The settings of the gateway process, and what is wrong with them. A faulty issuer is left out: its tokens are refused. */
export function resolveGateway(tree: CfgSection): {
  readonly settings: GatewaySettings;
  readonly faults: readonly ConfigRemark[];
  readonly warnings: readonly ConfigRemark[];
} {
  const section = tree.section(gatewayPath);
  const { values, faults } = readOptions(gatewayOptions, section, gatewayPath);
  const policies = readOptions(policyOptions, section?.section('Policies'), `${gatewayPath}/Policies`);
  const issuers = resolveIssuers(section);
  const { certFile, keyFile, ...plain } = values;
  const settings: GatewaySettings = {
    ...plain,
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
    issuers: issuers.settings,
    policies: policies.values,
  };
  const remark = (name: string, message: string): ConfigRemark => ({ path: `${gatewayPath}/${name}`, message, source: section?.source });
  const crossed = [
    ...(certFile !== undefined && keyFile === undefined ? [remark('KeyFile', 'must be set, because CertFile is')] : []),
    ...(keyFile !== undefined && certFile === undefined ? [remark('CertFile', 'must be set, because KeyFile is')] : []),
    ...(values.headersTimeoutSeconds > values.requestTimeoutSeconds
      ? [remark('HeadersTimeout', `is ${values.headersTimeoutSeconds}, more than RequestTimeout (${values.requestTimeoutSeconds}) permits`)]
      : []),
  ];
  return { settings, faults: [...faults, ...policies.faults, ...crossed, ...issuers.faults], warnings: unknownEntries(section) };
}

function resolveIssuers(gateway: CfgSection | undefined): { readonly settings: IssuerSettings[]; readonly faults: ConfigRemark[] } {
  const settings: IssuerSettings[] = [];
  const faults: ConfigRemark[] = [];
  for (const section of gateway?.section('Issuers')?.sections() ?? []) {
    const path = `${gatewayPath}/Issuers/${section.name}`;
    const { values, faults: found } = readOptions(issuerOptions, section, path);
    const { issuer, audience, algorithms, jwksFile, jwksUrl } = values;
    faults.push(...found);
    if (found.length > 0 || issuer === undefined || audience === undefined || algorithms === undefined) continue;
    const remark = (name: string, message: string): void =>
      void faults.push({ path: `${path}/${name}`, message, source: section.option(name)?.source ?? section.source });
    if ((jwksFile === undefined) === (jwksUrl === undefined)) remark('JwksFile', 'exactly one of JwksFile and JwksUrl must be set');
    else if (settings.some((other) => other.issuer === issuer)) remark('Issuer', 'belongs to another issuer section too');
    else {
      const { usernameClaim, groupClaim } = values;
      const jwks = jwksFile === undefined ? { url: jwksUrl ?? '' } : { file: jwksFile };
      settings.push({ name: section.name, issuer, audience, algorithms, jwks, usernameClaim, groupClaim });
    }
  }
  return { settings, faults };
}

/** What nobody reads in our own sections is a typing error, or was meant for a newer version. */
function unknownEntries(section: CfgSection | undefined): ConfigRemark[] {
  const issuers = section?.section('Issuers');
  return [
    ...unknownIn(section, { path: gatewayPath, table: gatewayEntries, sections: ['Issuers', 'Policies'], foreign: otherServiceEntries }),
    ...unknownIn(section?.section('Policies'), { path: `${gatewayPath}/Policies`, table: policyOptions }),
    ...(issuers?.options() ?? []).map((option) => unread(`${gatewayPath}/Issuers`, option, '; each issuer is a section of its own')),
    ...(issuers?.sections() ?? []).flatMap((issuer) =>
      unknownIn(issuer, { path: `${gatewayPath}/Issuers/${issuer.name}`, table: issuerOptions }),
    ),
  ];
}

function unknownIn(
  section: CfgSection | undefined,
  about: {
    readonly path: string;
    readonly table: OptionTable;
    readonly sections?: readonly string[];
    readonly foreign?: ReadonlySet<string>;
  },
): ConfigRemark[] {
  const options = Object.values(about.table).map(({ name }) => name);
  const sections = about.sections ?? [];
  return [...(section?.entries.values() ?? [])].flatMap((entry) => {
    const known = entry instanceof CfgSection ? sections : options;
    if (known.includes(entry.name) || about.foreign?.has(entry.name) === true) return [];
    const meant = didYouMean(entry.name, known);
    return [unread(about.path, entry, meant === undefined ? '' : `; did you mean ${meant}?`)];
  });
}

function unread(path: string, entry: CfgOption | CfgSection, more: string): ConfigRemark {
  return { path: `${path}/${entry.name}`, message: `is not read${more}${hint(entry.name)}`, source: entry.source };
}
