import type { CentralConfiguration, CentralSource } from '../../config/index.js';
import { createDiracService, type DiracService, type DiracServiceOptions } from '../../dirac-protocol/index.js';
import { DiracS3Error } from '../../errors/index.js';
import { unpackConfiguration } from './unpack.js';

export interface ConfigurationServiceOptions extends Pick<
  DiracServiceOptions,
  'certificate' | 'token' | 'caPem' | 'asHost' | 'connectTimeoutSeconds' | 'onCall'
> {
  /** For all servers together. Default 30. */
  readonly timeoutSeconds?: number | undefined;
  /** 0 … 1: which server is asked first. */
  readonly random?: (() => number) | undefined;
}

/** What a client says that has no configuration yet: older than every version. */
const noVersion = '0';

/**
 * Asks the Configuration servers of a DIRAC installation (`Configuration/Server`), from a random one on, until one gives a configuration
 * that can be read. Even a server that refuses is passed over: it may know less of the Registry than the next.
 */
export function createConfigurationService(options: ConfigurationServiceOptions): CentralSource {
  const { timeoutSeconds = 30, random = Math.random, ...access } = options;
  const services = new Map<string, DiracService>();
  const serviceAt = (url: string, share: number): DiracService => {
    const known = services.get(url);
    if (known !== undefined) return known;
    const service = createDiracService({ ...access, service: 'Configuration/Server', urls: [url], timeoutSeconds: share });
    services.set(url, service);
    return service;
  };

  return {
    async fetch(servers, known) {
      const first = Math.floor(random() * servers.length) % Math.max(1, servers.length);
      const reasons: string[] = [];
      for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
        try {
          return await ask(serviceAt(server, timeoutSeconds / servers.length), server, known);
        } catch (thrown) {
          if (!(thrown instanceof DiracS3Error)) throw thrown;
          // A URL that cannot be used may hold a password.
          const named = thrown.code === 'invalid-configuration' || thrown.message.includes(server);
          reasons.push(named ? thrown.message : `${server}: ${thrown.message}`);
        }
      }
      throw new DiracS3Error('service-unavailable', `no Configuration server can be used: ${reasons.join('; ') || 'there is none'}`);
    },
    close: () => services.forEach((service) => service.close()),
  };
}

async function ask(
  service: DiracService,
  server: string,
  known: CentralConfiguration | undefined,
): Promise<CentralConfiguration | undefined> {
  const answer = await service.call('getCompressedDataIfNewer', [known?.version ?? noVersion], { repeatable: true });
  return unpackConfiguration(answer, { server, known: known?.version });
}
