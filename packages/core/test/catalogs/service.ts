import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { given } from '../../../../scripts/catalogs/facts.mjs';
import { startFileCatalogService } from '../../../../scripts/catalogs/service.mjs';
import { openFileCatalogRpc, type FileCatalogRpc } from '../../src/adapters/catalog/file-catalog-rpc/index.js';
import { Secret } from '../../src/domain/index.js';
import { createDiracService } from '../../src/dirac-protocol/index.js';
import type { CatalogDatabase } from './database.js';

type Facts = Parameters<typeof startFileCatalogService>[0];
export type FileCatalogService = Awaited<ReturnType<typeof startFileCatalogService>>;
export { userDn } from '../../../../scripts/catalogs/service.mjs';

/** The real service on a database of these tests. */
export function startService(
  database: CatalogDatabase,
  more: Pick<Facts, 'securityManager' | 'users' | 'groups'> & Partial<Facts>,
): Promise<FileCatalogService> {
  const { python, pki, directory, server } = given();
  return startFileCatalogService({ python, pki, directory, server, database: database.name, layout: database.layout, ...more });
}

/** Our client of it, as the gateway has it: with the certificate of a trusted host, in the name of users. */
export function connectService(
  urls: string[],
  { timeoutSeconds = 30, dnOf }: { timeoutSeconds?: number; dnOf: (username: string) => string | undefined },
): FileCatalogRpc {
  const read = (name: string): string => readFileSync(join(given().pki, name), 'utf8');
  const service = createDiracService({
    service: 'DataManagement/FileCatalog',
    urls,
    certificate: { certChainPem: read('host.crt'), keyPem: new Secret(read('host.key')) },
    caPem: [read('ca-bundle.pem')],
    asHost: true,
    timeoutSeconds,
  });
  return openFileCatalogRpc({ service, users: { dnOf } });
}
