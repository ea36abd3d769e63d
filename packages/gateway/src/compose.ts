import { isDeepStrictEqual } from 'node:util';
import type { DiracConfiguration } from '@dirac-s3/core/config';
import type { Express } from 'express';
import { createApp } from './app.js';
import { composeServices, type ComposedServices, type ServicesParts } from './compose-services.js';

export interface ComposeOptions extends ServicesParts {
  readonly version: string;
}

export interface ComposedGateway {
  readonly app: Express;
  /** Asks every store for the bucket of each StorageElement; true when all of them can be used. */
  probeStorageElements(): Promise<boolean>;
  /**
   * Serves by another configuration from the next request on; requests that run finish by the old one. Throws when the new one
   * cannot be served, and then the old one goes on. Where and how the gateway listens is decided at its start.
   */
  reconfigure(configuration: DiracConfiguration): Promise<void>;
  /** Closes the catalog; the app answers nothing afterwards. */
  close(): void;
}

/** Wires the gateway: with compose-services.ts the only place that constructs adapters. Throws what keeps it from starting. */
export async function composeGateway({ version, configuration: first, ...parts }: ComposeOptions): Promise<ComposedGateway> {
  const { log } = parts;
  let current = await composeServices({ configuration: first, ...parts });
  const outgoing = new Set<ComposedServices>();
  const retire = (old: ComposedServices): void => {
    outgoing.add(old);
    // A request is answered, or cut off by its deadline, before that.
    setTimeout(() => outgoing.delete(old) && old.close(), 2 * first.gateway.requestTimeoutSeconds * 1000).unref();
  };
  const app = createApp({ services: () => current.services, limits: first.gateway, logger: log.logger, clock: parts.clock, version });
  return {
    app,
    probeStorageElements: () => current.probeStorageElements(),
    reconfigure: async (configuration) => {
      const next = await composeServices({ configuration, ...parts });
      retire(current);
      current = next;
      if (!isDeepStrictEqual(usedOnce(configuration), usedOnce(first)))
        log.logger.warn({}, 'options of the listener, its limits or the log changed: they count after a restart');
    },
    close: () => {
      for (const old of [current, ...outgoing]) old.close();
      outgoing.clear();
    },
  };
}

/** The settings that count at the start only. */
function usedOnce({ gateway }: DiracConfiguration): object {
  const { host, port, tls, logLevel, maxItems, maxBodyBytes, requestTimeoutSeconds, headersTimeoutSeconds, shutdownTimeoutSeconds } =
    gateway;
  const asksForCertificates = gateway.authentication.clientCertificates !== undefined;
  const limits = { maxItems, maxBodyBytes, requestTimeoutSeconds, headersTimeoutSeconds, shutdownTimeoutSeconds };
  return { host, port, tls, logLevel, asksForCertificates, ...limits };
}
