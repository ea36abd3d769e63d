import { lfnFault, type LfnDirectory } from '../../domain/index.js';
import type { CfgSection } from '../cfg/tree.js';
import { issuerOptions, oidcOptions, wlcgOptions } from '../schema/authentication.js';
import { readOptions, type ValuesOf } from '../schema/option.js';
import type { ConfigRemark, IssuerSettings, WlcgIssuer } from '../types.js';
import { unknownIn, unread } from './unknown-entries.js';

type Remark = (name: string, message: string) => void;

/** Issuers of tokens, each a section of its own. A faulty one is left out: its tokens are refused. */
export function resolveIssuers(
  gateway: CfgSection | undefined,
  gatewayPath: string,
): { readonly issuers: readonly IssuerSettings[]; readonly faults: readonly ConfigRemark[] } {
  const issuers: IssuerSettings[] = [];
  const faults: ConfigRemark[] = [];
  for (const section of gateway?.section('Issuers')?.sections() ?? []) {
    const path = `${gatewayPath}/Issuers/${section.name}`;
    const found: ConfigRemark[] = [];
    const settings = resolveIssuer(section, path, found);
    if (settings !== undefined && issuers.some(({ issuer }) => issuer === settings.issuer)) {
      found.push({ path: `${path}/Issuer`, message: 'belongs to another issuer section too', source: section.option('Issuer')?.source });
    }
    faults.push(...found);
    if (settings !== undefined && found.length === 0) issuers.push(settings);
  }
  return { issuers, faults };
}

/** Undefined where not even the common part can be read; any remark makes the issuer unusable. */
function resolveIssuer(section: CfgSection, path: string, faults: ConfigRemark[]): IssuerSettings | undefined {
  const { values, faults: found } = readOptions(issuerOptions, section, path);
  faults.push(...found);
  const { issuer, algorithms, jwksFile, jwksUrl, kind, vos = [] } = values;
  if (found.length > 0 || issuer === undefined || algorithms === undefined) return undefined;
  const remark: Remark = (name, message) =>
    void faults.push({ path: `${path}/${name}`, message, source: section.option(name)?.source ?? section.source });
  if ((jwksFile === undefined) === (jwksUrl === undefined)) remark('JwksFile', 'exactly one of JwksFile and JwksUrl must be set');
  const jwks = jwksFile === undefined ? { url: jwksUrl ?? '' } : { file: jwksFile };
  const common = { name: section.name, issuer, algorithms, jwks };
  if (kind === 'diracx') {
    if (vos.length === 0) remark('VOs', `must be set: ${issuerOptions.vos.meaning}`);
    return { ...common, kind, audience: values.audience, vos };
  }
  const audience = requiredAudience(values, remark);
  const anyOrVos = vos.length === 0 ? undefined : vos;
  if (kind === 'wlcg') return { ...common, ...wlcgParts(section, path, remark), kind, audience, vos: anyOrVos };
  const { values: claims } = readOptions(oidcOptions, section, path);
  return { ...common, ...claims, kind, audience, vos: anyOrVos };
}

function requiredAudience({ audience }: ValuesOf<typeof issuerOptions>, remark: Remark): string {
  if (audience === undefined) remark('Audience', `must be set: ${issuerOptions.audience.meaning}`);
  return audience ?? '';
}

/** Groups and users of the WLCG profile: sections with one option per DIRAC group, or per user. */
function wlcgParts(section: CfgSection, path: string, remark: Remark): Pick<WlcgIssuer, 'groups' | 'users' | 'basePath'> {
  const { basePath } = readOptions(wlcgOptions, section, path).values;
  const fault = basePath === '/' ? undefined : lfnFault(basePath);
  if (fault !== undefined) remark('BasePath', fault);
  const groups = (section.section('Groups')?.options() ?? []).map(({ name, value }) => ({ group: name, path: value }));
  if (groups.length === 0) remark('Groups', 'must name at least one group: <DIRAC group> = </group of the issuer>');
  for (const { group, path: theirs } of groups) {
    if (!/^(?:\/[\w.-]+)+$/.test(theirs)) remark(`Groups/${group}`, `must be a group of the issuer, "/vo/group" (it is "${theirs}")`);
  }
  const listed = section.section('Users')?.options();
  const users = listed === undefined ? undefined : new Map(listed.map(({ name, value }) => [value, name]));
  for (const { name, value } of listed ?? []) {
    if (value === '') remark(`Users/${name}`, 'must be the claim `sub` of this user');
    else if (users?.get(value) !== name) remark(`Users/${name}`, 'is the `sub` of another user too');
  }
  return { groups, users, basePath: basePath as LfnDirectory };
}

/** Options of issuers that nobody reads. */
export function unknownOfIssuers(gateway: CfgSection | undefined, gatewayPath: string): ConfigRemark[] {
  const issuers = gateway?.section('Issuers');
  return [
    ...(issuers?.options() ?? []).map((option) => unread(`${gatewayPath}/Issuers`, option, '; each issuer is a section of its own')),
    ...(issuers?.sections() ?? []).flatMap((section) => {
      const kind = section.option('Kind')?.value ?? 'oidc';
      const more = kind === 'wlcg' ? wlcgOptions : kind === 'oidc' ? oidcOptions : {};
      return unknownIn(section, {
        path: `${gatewayPath}/Issuers/${section.name}`,
        table: { ...issuerOptions, ...more },
        sections: kind === 'wlcg' ? ['Groups', 'Users'] : [],
      });
    }),
  ];
}
