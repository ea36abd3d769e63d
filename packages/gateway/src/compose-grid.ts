import { createResourceStatus } from '@dirac-s3/core/adapters/resource-status';
import { findGridCredentials, readAuthorities, readGridCertificate, type DiracConfiguration } from '@dirac-s3/core/config';
import { createDiracService, type DiracService } from '@dirac-s3/core/dirac-protocol';
import type { Clock, Logger, StorageElementRegistry } from '@dirac-s3/core/ports';

/** Where this process runs: what its credentials for services of DIRAC are looked for with. */
export interface GridSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id; undefined where the platform has none. */
  readonly userId: number | undefined;
}

export interface GridParts extends GridSurroundings {
  readonly configuration: DiracConfiguration;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Opens a service of DIRAC for this gateway, which shows the certificate of its host.
 *
 * @throws unauthenticated when certificate, key or authorities are missing or must not be used
 */
export async function openDiracService(
  { configuration, env, userId, clock }: GridParts,
  { service, urls, timeoutSeconds }: { readonly service: string; readonly urls: readonly string[]; readonly timeoutSeconds?: number },
): Promise<DiracService> {
  const places = findGridCredentials({ security: { ...configuration.security, useServerCertificate: true }, env, userId });
  const shown = await readGridCertificate(places, { userId, clock });
  return createDiracService({
    service,
    urls,
    timeoutSeconds,
    caPem: await readAuthorities(places),
    certificate: shown?.certificate,
    asHost: true,
  });
}

/** StorageElements with their states, and how to stop asking for them. */
export interface WatchedStates {
  readonly storageElements: StorageElementRegistry;
  close(): void;
}

/**
 * The states of the StorageElements as the ResourceStatus service knows them, where one is configured; else as the options say. Without an answer
 * every StorageElement is closed, and said so: the gateway starts all the same and asks again.
 */
export async function watchStates(parts: GridParts, storageElements: StorageElementRegistry): Promise<WatchedStates> {
  const { configuration, clock, logger } = parts;
  const { urls, cacheSeconds } = configuration.resourceStatus;
  if (urls.length === 0) return { storageElements, close: () => undefined };
  const service = await openDiracService(parts, { service: 'ResourceStatus/ResourceStatus', urls });
  const states = createResourceStatus({ service, clock, cacheSeconds });
  if (!(await states.refresh()))
    logger.error(
      { reason: states.state().lastFailure?.reason },
      'no ResourceStatus service answered: every StorageElement is closed until one does',
    );
  return {
    storageElements: states.over(storageElements),
    close: () => {
      states.close();
      service.close();
    },
  };
}
