import type { CfgSection } from '../cfg/tree.js';
import { idProviderOptions } from '../schema/id-provider.js';
import { readOptions } from '../schema/option.js';
import type { ConfigRemark, IdProvider } from '../types.js';

const path = '/Resources/IdProviders';

/** Issuers users can log in at; one without an issuer is left out with a warning. */
export function resolveIdProviders(tree: CfgSection): {
  readonly providers: ReadonlyMap<string, IdProvider>;
  readonly warnings: readonly ConfigRemark[];
} {
  const read = (tree.section(path)?.sections() ?? []).map(
    (section) => [section.name, readOptions(idProviderOptions, section, `${path}/${section.name}`)] as const,
  );
  const providers = read.flatMap(([name, { values }]): [string, IdProvider][] => {
    const { issuer, ...rest } = values;
    return issuer === undefined ? [] : [[name, { issuer, ...rest }]];
  });
  return { providers: new Map(providers), warnings: read.flatMap(([, { faults }]) => faults) };
}
