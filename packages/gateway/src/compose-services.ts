import { randomBytes } from 'node:crypto';
import { Secret } from '@dirac-s3/core';
import { createCaDirectory } from '@dirac-s3/core/adapters/ca-directory';
import {
  createBucketProbe,
  createObjectLister,
  createS3Presigner,
  createUploadFinder,
  createUploadStarter,
} from '@dirac-s3/core/adapters/s3';
import {
  createCredentialsProvider,
  createStorageElementRegistry,
  type ConfigurationState,
  type DiracConfiguration,
} from '@dirac-s3/core/config';
import { narrowCatalogs } from '@dirac-s3/core/permission';
import type { Clock } from '@dirac-s3/core/ports';
import { createListObjects, createPresignUrls, createUploadSessions } from '@dirac-s3/core/presign';
import { createAuthenticator } from './auth/index.js';
import { openCatalog } from './compose-catalog.js';
import { watchStates, type GridSurroundings } from './compose-grid.js';
import { composeProbe } from './compose-probe.js';
import type { Log } from './ops/log.js';
import type { GatewayMetrics } from './ops/metrics.js';
import { reportBuckets, reportComparison, reportHeadObject, reportStorageElements, reportUploadKeys } from './ops/start-report.js';
import type { Services } from './services.js';
import { configurationError, missingForGateway } from './startup-requirements.js';

/** Binds uploads in parts where no keys are configured. One for the process: a new configuration ends no upload. */
const keyOfProcess = new Secret(randomBytes(33).toString('base64'));

export interface ServicesParts extends GridSurroundings {
  readonly configuration: DiracConfiguration;
  readonly configurationState: () => ConfigurationState;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  readonly clock: Clock;
}

/** What one configuration comes to. Nothing of it is changed later: another configuration is composed anew. */
export interface ComposedServices {
  readonly services: Services;
  /** Asks every store for the bucket of each StorageElement; true when all of them can be used. */
  probeStorageElements(): Promise<boolean>;
  /** Compares the database of the catalog with its service where both are configured; true when nothing keeps the gateway from serving. */
  compareCatalogs(): Promise<boolean>;
  /** Closes the catalog; the services answer nothing afterwards. */
  close(): void;
}

/** Constructs the adapters and wires them. Throws what keeps this configuration from being served. */
export async function composeServices(parts: ServicesParts): Promise<ComposedServices> {
  const { configuration, configurationState, log, metrics, clock } = parts;
  const missing = missingForGateway(configuration);
  const { registry, gateway, catalog: settingsOfCatalog } = configuration;
  if (settingsOfCatalog === undefined || settingsOfCatalog.type === 'gateway' || missing.length > 0) throw configurationError(missing);
  const { authentication: settings, issuers } = gateway;
  const authorities = createCaDirectory({ path: settings.clientCertificates?.caDirectory ?? '', logger: log.logger, clock });
  // Read now: what is wrong with it is said at the start, and not to the first caller.
  if (settings.clientCertificates) await authorities.current();
  const authenticate = await createAuthenticator({ settings, issuers, registry, trust: () => authorities.current(), clock });
  const credentials = createCredentialsProvider(configuration);
  const catalog = await openCatalog({ ...parts, logger: log.logger }, settingsOfCatalog);
  const states = await watchStates({ ...parts, logger: log.logger }, createStorageElementRegistry(configuration)).catch(
    (fault: unknown) => {
      catalog.close();
      throw fault;
    },
  );
  const { storageElements } = states;
  const presigner = createS3Presigner({ credentials });
  const starter = createUploadStarter({ presigner, credentials });
  const finder = createUploadFinder({ credentials });
  const lister = createObjectLister({ credentials, clock });
  const deciding = {
    registry: storageElements,
    permissions: catalog.permissions,
    replicas: catalog.replicas,
    audit: metrics.counting(log.audit),
    clock,
    policies: gateway.policies,
    uploadSessions: { ...gateway.uploadSessions, keys: gateway.uploadSessions.keys ?? [keyOfProcess] },
  };
  const links = composeProbe(gateway.probe, { registry: storageElements, presigner, clock });
  reportStorageElements(log.logger, storageElements, credentials);
  reportHeadObject(log.logger, gateway.probe);
  reportUploadKeys(log.logger, gateway.uploadSessions);
  const probeBucket = createBucketProbe({ credentials, clock });
  return {
    services: {
      authenticate,
      presignUrls: createPresignUrls({ ...deciding, presigner }),
      uploadSessions: createUploadSessions({ ...deciding, starter, finder }),
      listObjects: createListObjects({ ...deciding, lister }),
      catalogs: narrowCatalogs(catalog.catalogs),
      storageElements,
      credentials,
      probe: links.probe,
      configurationState,
      pingCatalog: () => catalog.ping(),
    },
    probeStorageElements: () => reportBuckets(log.logger, storageElements, probeBucket),
    compareCatalogs: async () => {
      const differ = settingsOfCatalog.type === 'file-catalog-db' ? settingsOfCatalog.compareWithService : 'no';
      return catalog.compare === undefined || (await reportComparison(log.logger, catalog.compare)) || differ === 'report';
    },
    close: () => {
      starter.close();
      lister.close();
      links.close();
      states.close();
      catalog.close();
    },
  };
}
