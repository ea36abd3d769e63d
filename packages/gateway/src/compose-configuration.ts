import { DiracS3Error } from '@dirac-s3/core';
import { openConfigurationService } from '@dirac-s3/core/adapters/configuration-service';
import {
  loadConfiguration,
  mergeCfg,
  parseCfg,
  resolveConfiguration,
  watchConfiguration,
  type ConfigurationState,
  type ConfigurationWatch,
  type RefreshOutcome,
} from '@dirac-s3/core/config';
import type { Clock, Logger } from '@dirac-s3/core/ports';
import { missingForGateway } from './startup-requirements.js';

export interface ConfigurationParts {
  /** `-o` and `--cfg` of the command line. */
  readonly options: readonly string[];
  readonly cfgFiles: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userId: number | undefined;
  readonly clock: Clock;
  /** Asked for when something is to be logged: its level is part of the configuration. */
  readonly logger: () => Logger | undefined;
}

/** Services of DIRAC show the certificate of their host, unless told otherwise. */
const serviceDefaults = parseCfg('DIRAC\n{\n  Security\n  {\n    UseServerCertificate = yes\n  }\n}\n', {
  file: 'default of services',
}).tree;

/** Reads the local layers and, where they name Configuration servers, the central configuration; follows both. */
export function watchGatewayConfiguration(parts: ConfigurationParts): Promise<ConfigurationWatch> {
  const { options, cfgFiles, env, home, userId, clock, logger } = parts;
  return watchConfiguration({
    loadLocal: () => loadConfiguration({ options, cfgFiles, env, home }),
    openCentral: (local) =>
      openConfigurationService({
        local: mergeCfg(serviceDefaults, local).tree,
        env,
        userId,
        clock,
        token: () => {
          throw new DiracS3Error('unauthenticated', '/DIRAC/Security/UseTokens: the gateway shows a certificate, it has no token');
        },
      }),
    resolve: (tree) => resolveConfiguration(tree, { role: 'gateway' }),
    isUsable: (configuration) => missingForGateway(configuration).length === 0,
    clock,
    onRefresh: (outcome, state) => reportRefresh(logger(), outcome, state),
  });
}

function reportRefresh(logger: Logger | undefined, outcome: RefreshOutcome, { version, server, lastFailure }: ConfigurationState): void {
  const facts = { outcome, version, server, reason: lastFailure?.reason };
  if (outcome === 'refused') logger?.error(facts, 'the new configuration cannot be used; the last good one goes on');
  else if (outcome === 'unreachable') logger?.warn(facts, 'no Configuration server answered; the last answer goes on');
  else if (outcome === 'changed') logger?.info(facts, 'the configuration changed');
  else logger?.debug(facts, 'the configuration is unchanged');
}
