import { parseLfn } from '@dirac-s3/core';
import {
  cachePermissions,
  measureLookups,
  measurePermissions,
  sharePermissionQuestions,
  type Measuring,
} from '@dirac-s3/core/adapters/catalog/decorators';
import { openFileCatalogDb } from '@dirac-s3/core/adapters/catalog/file-catalog-db';
import { openFileCatalogRpc, type FileCatalogRpc } from '@dirac-s3/core/adapters/catalog/file-catalog-rpc';
import { openSqliteFileCatalog } from '@dirac-s3/core/adapters/catalog/sqlite';
import type { CatalogCacheSettings, CatalogSettings, FileCatalogServiceSettings } from '@dirac-s3/core/config';
import type { FileCatalogs, PermissionChecker, ReplicaLookup } from '@dirac-s3/core/ports';
import { openDiracService, type GridParts } from './compose-grid.js';
import type { GatewayMetrics } from './ops/metrics.js';
import { compareCatalogs, identitiesToCompare, type Comparison } from './ops/compare-catalogs.js';

/** The catalog as the gateway needs it, whichever it is. */
export interface OpenedCatalog {
  readonly permissions: PermissionChecker;
  readonly replicas: ReplicaLookup;
  /** What users do in it by way of the gateway. */
  readonly catalogs: FileCatalogs;
  /** Throws when it cannot be asked. */
  ping(): Promise<void>;
  /** Both answers to the same questions, where there is a database and a service and the operator wants them compared. */
  readonly compare: (() => Promise<Comparison>) | undefined;
  close(): void;
}

/** Any name will do: asking about it shows that the catalog answers. */
const probe = parseLfn('/readiness-probe');

/** Opens the configured catalog. Nothing is asked yet: one that is down is found again by itself. */
export async function openCatalog(
  parts: GridParts & { readonly metrics: GatewayMetrics },
  settings: Exclude<CatalogSettings, { type: 'gateway' }>,
): Promise<OpenedCatalog> {
  const { configuration, clock, logger } = parts;
  const { registry, gateway, catalogRules: rules } = configuration;
  const judging = {
    rules,
    openRoot: gateway.policies.openRoot,
    vomsRoleOf: (group: string) => registry.groups.get(group)?.vomsRole,
  };
  const measuring = { metrics: parts.metrics.ofCatalog(settings.type), clock };
  switch (settings.type) {
    case 'sqlite': {
      const catalog = openSqliteFileCatalog({ ...judging, path: settings.path, clock });
      return {
        permissions: measurePermissions(catalog, measuring),
        ...common(catalog, measuring),
        compare: undefined,
        close: () => catalog.close(),
      };
    }
    case 'file-catalog': {
      const catalog = await openService(parts, settings.service);
      return {
        permissions: remembered(measurePermissions(catalog, measuring), settings.cache, parts),
        ...common(catalog, measuring),
        compare: undefined,
        close: () => catalog.close(),
      };
    }
    case 'file-catalog-db': {
      const service = settings.service && (await openService(parts, settings.service));
      const catalog = openFileCatalogDb({ ...judging, database: settings.database });
      const close = (): void => {
        service?.close();
        catalog.close().catch((fault: unknown) => logger.warn({ fault: String(fault) }, 'the file catalog database was not left in order'));
      };
      const compare =
        service && settings.compareWithService !== 'no'
          ? async () =>
              compareCatalogs({ ours: catalog, service, names: await catalog.sampleNames(), identities: identitiesToCompare(registry) })
          : undefined;
      return {
        permissions: remembered(measurePermissions(catalog, measuring), settings.cache, parts),
        ...common(catalog, measuring),
        catalogs: service ?? catalog,
        compare,
        close,
      };
    }
  }
}

function common(catalog: FileCatalogs & ReplicaLookup, measuring: Measuring): Pick<OpenedCatalog, 'replicas' | 'catalogs' | 'ping'> {
  const replicas = measureLookups(catalog, measuring);
  const ping = async (): Promise<void> => {
    await replicas.lookUpReplicas([probe]);
  };
  return { replicas, catalogs: catalog, ping };
}

async function openService(parts: GridParts, settings: FileCatalogServiceSettings): Promise<FileCatalogRpc> {
  const { users } = parts.configuration.registry;
  const service = await openDiracService(parts, settings);
  return openFileCatalogRpc({ service, users: { dnOf: (username) => users.get(username)?.dns[0] } });
}

/** What several requests ask at the same time is asked once, and remembered for as long as the operator said. */
function remembered(checker: PermissionChecker, cache: CatalogCacheSettings, { clock }: GridParts): PermissionChecker {
  const shared = sharePermissionQuestions(checker);
  return cache.allowedSeconds > 0 || cache.refusedSeconds > 0 ? cachePermissions(shared, { ...cache, clock }) : shared;
}
