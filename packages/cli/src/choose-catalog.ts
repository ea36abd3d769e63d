import type { DiracConfiguration, FileCatalogServiceSettings } from '@dirac-s3/core/config';
import type { Credential } from './credentials/find-credential.js';
import { UsageError } from './exit-codes.js';

/** `--catalog`. */
export const catalogWords = ['file-catalog', 'gateway'] as const;

export type CatalogChoice =
  | { readonly type: 'sqlite'; readonly path: string }
  | { readonly type: 'file-catalog'; readonly service: FileCatalogServiceSettings }
  | { readonly type: 'gateway' };

/**
 * Which catalog the commands work on: an SQLite file where one is configured; the service of the DIRAC File Catalog where it is, and the user has
 * a proxy to show to it; else the REST interface of the gateway, which knows what is behind it.
 *
 * @throws UsageError when `--catalog` asks for what is not there
 */
export function chooseCatalog(
  { catalog }: Pick<DiracConfiguration, 'catalog'>,
  { forced, credential }: { readonly forced: string | undefined; readonly credential: Credential['kind'] | undefined },
): CatalogChoice {
  if (forced !== undefined && !(catalogWords as readonly string[]).includes(forced))
    throw new UsageError(`--catalog must be ${catalogWords.join(' or ')}`);
  if (forced === 'gateway') return { type: 'gateway' };
  const service = catalog?.type === 'file-catalog' || catalog?.type === 'file-catalog-db' ? catalog.service : undefined;
  if (forced === 'file-catalog') {
    if (service === undefined) throw new UsageError('--catalog file-catalog: the configuration has no service of a File Catalog');
    if (credential !== 'proxy')
      throw new UsageError('--catalog file-catalog: the File Catalog knows users by their proxy, and there is none');
    return { type: 'file-catalog', service };
  }
  if (catalog?.type === 'sqlite') return { type: 'sqlite', path: catalog.path };
  return service !== undefined && credential === 'proxy' ? { type: 'file-catalog', service } : { type: 'gateway' };
}
