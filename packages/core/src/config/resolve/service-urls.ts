import type { CfgSection } from '../cfg/tree.js';
import { splitList } from '../cfg/text.js';
import { resolveOperations, type OperationsScope } from '../operations.js';
import type { ConfigRemark } from '../types.js';
import { valueOf } from './inherit.js';

/**
 * URLs of a DIRAC service as `PathFinder.getServiceURLs` finds them: `/Systems/<System>/URLs/<Service>`, then those of `FailoverURLs`; with
 * setups (v7 and v8) below the instance that `/DIRAC/Setups/<Setup>/<System>` names. `$MAINSERVERS$` as host stands for each of the
 * `MainServers` in Operations. Whether a URL can be used is for the client of the service to say.
 */
export function resolveServiceUrls(
  tree: CfgSection,
  about: OperationsScope & { readonly system: string; readonly service: string },
): { readonly urls: readonly string[]; readonly warnings: readonly ConfigRemark[] } {
  const { system, service } = about;
  const setup = about.setup ?? tree.option('/DIRAC/Setup')?.value;
  const instance = setup === undefined ? undefined : valueOf(tree.section(`/DIRAC/Setups/${setup}`), system);
  const systems = [`/Systems/${system}`, ...(instance === undefined ? [] : [`/Systems/${system}/${instance}`])];
  const listed = (kind: string): string[] => {
    const path = systems.find((candidate) => valueOf(tree.section(`${candidate}/${kind}`), service) !== undefined);
    return path === undefined ? [] : splitList(valueOf(tree.section(`${path}/${kind}`), service) ?? '');
  };
  const written = [...listed('URLs'), ...listed('FailoverURLs')];
  const servers = splitList(valueOf(resolveOperations(tree, about), 'MainServers') ?? '');
  const urls = written.flatMap((url) =>
    url.includes('$MAINSERVERS$') ? servers.map((server) => url.replace('$MAINSERVERS$', server)) : [url],
  );
  const path = `/Systems/${system}/URLs/${service}`;
  const lost = urls.length === 0 && written.length > 0;
  const warnings = lost
    ? [{ path, message: 'holds $MAINSERVERS$, and Operations has no MainServers', source: tree.option(path)?.source }]
    : [];
  return { urls: [...new Set(urls)], warnings };
}
