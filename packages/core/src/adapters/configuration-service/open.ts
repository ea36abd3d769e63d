import {
  findGridCredentials,
  readAuthorities,
  readGridCertificate,
  resolveSecurity,
  type CentralSource,
  type CfgSection,
} from '../../config/index.js';
import type { Secret } from '../../domain/index.js';
import type { Clock } from '../../ports/index.js';
import { createConfigurationService } from './configuration-service.js';

export interface OpenConfigurationServiceOptions {
  /** The local layers: `/DIRAC/Security` counts. */
  readonly local: CfgSection;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id; undefined where the platform has none. */
  readonly userId: number | undefined;
  readonly clock: Clock;
  /** Where the configuration wants a token shown instead of a certificate. */
  readonly token: () => Promise<Secret> | Secret;
  readonly onCall?: ((line: string) => void) | undefined;
}

/**
 * Opens the way to the Configuration servers with the credentials DIRAC would take: the proxy of the user, the certificate of the host
 * (`UseServerCertificate`) or a token (`UseTokens`), and the authorities of the grid.
 *
 * @throws unauthenticated when they are missing or must not be used
 */
export async function openConfigurationService(options: OpenConfigurationServiceOptions): Promise<CentralSource> {
  const { local, env, userId, clock, token, onCall } = options;
  const places = findGridCredentials({ security: resolveSecurity(local).settings, env, userId });
  const shown = await readGridCertificate(places, { userId, clock });
  return createConfigurationService({
    caPem: await readAuthorities(places),
    ...(shown === undefined ? { token } : { certificate: shown.certificate, asHost: shown.asHost }),
    onCall,
  });
}
