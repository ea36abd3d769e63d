import type { RequestListener } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { DiracConfiguration } from '@dirac-s3/core/config';
import type { Logger } from '@dirac-s3/core/ports';
import type { Express } from 'express';
import { createApp } from './app.js';
import { composeServices, type ComposedServices, type ServicesParts } from './compose-services.js';
import { createProbeListener } from './probe/index.js';
import { createMetrics, type GatewayMetrics } from './ops/metrics.js';
import type { ListenSettings } from './server.js';

export interface ComposeOptions extends Omit<ServicesParts, 'metrics'> {
  readonly version: string;
}

export interface ComposedGateway {
  readonly app: Express;
  /** What listens beside it for `head_object` of DIRAC clients, and where; undefined when that is not configured. */
  readonly probe: { readonly listener: RequestListener; readonly settings: ListenSettings } | undefined;
  /** What serves metrics, and where; undefined when that is not configured. */
  readonly metrics: { readonly listener: RequestListener; readonly settings: ListenSettings } | undefined;
  /** Asks every store for the bucket of each StorageElement; true when all of them can be used. */
  probeStorageElements(): Promise<boolean>;
  /** Compares the database of the catalog with its service where both are configured; true when nothing keeps the gateway from serving. */
  compareCatalogs(): Promise<boolean>;
  /**
   * Serves by another configuration from the next request on; requests that run finish by the old one. Throws when the new one
   * cannot be served, and then the old one goes on. Where and how the gateway listens is decided at its start.
   */
  reconfigure(configuration: DiracConfiguration): Promise<void>;
  /** Closes the catalog; the app answers nothing afterwards. */
  close(): void;
}

/** Wires the gateway: with compose-services.ts the only place that constructs adapters. Throws what keeps it from starting. */
export async function composeGateway({ version, configuration: first, ...given }: ComposeOptions): Promise<ComposedGateway> {
  const { log } = given;
  // Numbers go on when the configuration changes.
  const metrics = createMetrics();
  const parts = { ...given, metrics };
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
    probe: probeListenerOf(first, () => current, log.logger),
    metrics: metricsListenerOf(first, metrics),
    probeStorageElements: () => current.probeStorageElements(),
    compareCatalogs: () => current.compareCatalogs(),
    reconfigure: async (configuration) => {
      const next = await composeServices({ configuration: withoutNewListener(configuration, first), ...parts });
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

/** Longest wait of a probe link for its store, in seconds: clients wait for half a minute. */
const probeTimeoutSeconds = 20;

function probeListenerOf({ gateway }: DiracConfiguration, current: () => ComposedServices, logger: Logger): ComposedGateway['probe'] {
  if (typeof gateway.probe !== 'object') return undefined;
  const { host, port, tls } = gateway.probe;
  return {
    listener: createProbeListener({ probe: () => current().services.probe, logger, timeoutSeconds: probeTimeoutSeconds }),
    // A link is all that counts there: nobody is asked for a certificate.
    settings: { ...gateway, host, port, tls, authentication: { ...gateway.authentication, clientCertificates: undefined } },
  };
}

function metricsListenerOf({ gateway }: DiracConfiguration, { listener }: GatewayMetrics): ComposedGateway['metrics'] {
  return gateway.metrics && { listener, settings: { ...gateway, ...gateway.metrics, tls: undefined } };
}

/** Listeners are opened at the start only: links to one that is not there are not handed out. */
function withoutNewListener(configuration: DiracConfiguration, first: DiracConfiguration): DiracConfiguration {
  if (typeof configuration.gateway.probe !== 'object' || typeof first.gateway.probe === 'object') return configuration;
  return { ...configuration, gateway: { ...configuration.gateway, probe: first.gateway.probe } };
}

/** The settings that count at the start only. */
function usedOnce({ gateway }: DiracConfiguration): object {
  const {
    host,
    port,
    tls,
    metrics,
    logLevel,
    maxItems,
    maxBodyBytes,
    requestTimeoutSeconds,
    headersTimeoutSeconds,
    shutdownTimeoutSeconds,
  } = gateway;
  const probe = typeof gateway.probe === 'object' && { host: gateway.probe.host, port: gateway.probe.port, tls: gateway.probe.tls };
  const asksForCertificates = gateway.authentication.clientCertificates !== undefined;
  const limits = { maxItems, maxBodyBytes, requestTimeoutSeconds, headersTimeoutSeconds, shutdownTimeoutSeconds };
  return { host, port, tls, metrics, logLevel, asksForCertificates, probe, ...limits };
}
