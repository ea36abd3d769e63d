import { lfnOfStorageUrl, storageUrlBaseOf } from '@dirac-s3/core';
import { createGatewayClient } from '@dirac-s3/core/adapters/gateway';
import {
  createStorageElementRegistry,
  expandStorageElements,
  formatRemark,
  loadConfiguration,
  resolveConfiguration,
  watchConfiguration,
  type DiracConfiguration,
} from '@dirac-s3/core/config';
import { createDataManager } from '@dirac-s3/core/data-management';
import type { FileCatalog } from '@dirac-s3/core/ports';
import { findElement, openStorage } from './compose-storage.js';
import type { Environment } from './environment.js';
import { UsageError } from './exit-codes.js';
import { localIdentity } from './local-identity.js';
import { once } from './once.js';
import type { Session, SessionOptions, Who } from './session.js';
import { findToken } from './token.js';

/**
 * Wires what a command works with: with compose-storage.ts the only place that constructs adapters. The configuration is read at once;
 * drivers are loaded, and anybody is asked, only when a command needs it.
 *
 * @throws invalid-configuration, service-unavailable and unauthenticated (no central configuration), UsageError (`--as` where the gateway decides who you are)
 */
export async function composeSession(options: SessionOptions, environment: Environment): Promise<Session> {
  const { configuration, warnings } = await readConfiguration(options, environment);
  const registry = createStorageElementRegistry(configuration);
  const closing: (() => void)[] = [];
  const local = configuration.catalog?.type === 'sqlite' ? { path: configuration.catalog.path } : undefined;

  if (options.identity !== undefined && local === undefined)
    throw new UsageError('--as is for an SQLite catalog; the gateway knows you by your token');

  const gateway = once(() => {
    const client = createGatewayClient({ urls: configuration.gatewayUrls, token: () => findToken({ ...environment, ...options }) });
    closing.push(() => client.close());
    return client;
  });
  const identity = once(() => localIdentity(options.identity ?? environment.identity, configuration.registry));
  const whoami = once(async (): Promise<Who> => (local === undefined ? gateway().whoami() : identity()));
  const voOfUser = once(async () => (local !== undefined || needsVo(configuration) ? (await whoami()).vo : configuration.vo));
  const storage = once(async () => {
    const opened = openStorage({ configuration, registry, vo: await voOfUser(), gatewayUrls: () => gateway().urls });
    closing.push(() => opened.close());
    return opened;
  });
  const sqlite = once(async () => {
    if (local === undefined) throw new UsageError('only the keeper of an SQLite catalog can do this, and none is configured here');
    const { openSqliteFileCatalog } = await import('@dirac-s3/core/adapters/catalog/sqlite');
    const opened = openSqliteFileCatalog({
      path: local.path,
      rules: configuration.catalogRules,
      openRoot: configuration.gateway.policies.openRoot,
      vomsRoleOf: (group) => configuration.registry.groups.get(group)?.vomsRole,
      clock: { now: () => new Date() },
    });
    closing.push(() => opened.close());
    return opened;
  });
  const catalog = once(async (): Promise<FileCatalog> => {
    if (local === undefined) return gateway().catalog;
    const user = identity();
    return (await sqlite()).catalogFor(user);
  });

  return {
    warnings,
    storageElements: () => registry.all(),
    offered: async () => (configuration.gatewayUrls.length === 0 ? [] : gateway().storageElements()),
    storageElement: (name) => findElement(registry, name),
    expandStorageElements: (names) => expandStorageElements(names, configuration.dataManagement),
    storageUrl: async (name) => {
      const element = (await storage()).open(name);
      return (lfn) => element.storageUrl(lfn);
    },
    openStorageElement: async (name) => (await storage()).open(name),
    lfnOfUrl: async (name) => {
      const base = storageUrlBaseOf(findElement(registry, name), await voOfUser());
      return (url) => lfnOfStorageUrl(base, url);
    },
    whoami,
    dataManager: once(async () =>
      createDataManager({
        catalog: await catalog(),
        storageElement: (await storage()).open,
        registrationProtocols: configuration.dataManagement.registrationProtocols,
        siteOf: (name) => configuration.dataManagement.siteOf.get(name),
      }),
    ),
    catalog,
    administration: async () => (await sqlite()).administration,
    close: () => closing.forEach((close) => close()),
  };
}

/** Reads the local layers and, where they name Configuration servers, the central configuration once. */
async function readConfiguration(
  { options, cfgFiles, tokenFile }: SessionOptions,
  environment: Environment,
): Promise<{ configuration: DiracConfiguration; warnings: Session['warnings'] }> {
  const { variables, home, userId } = environment;
  const clock = { now: () => new Date() };
  const watch = await watchConfiguration({
    loadLocal: () => loadConfiguration({ options, cfgFiles, env: variables, home }),
    openCentral: async (local) => {
      const { openConfigurationService } = await import('@dirac-s3/core/adapters/configuration-service');
      return openConfigurationService({ local, env: variables, userId, clock, token: () => findToken({ ...environment, tokenFile }) });
    },
    resolve: (tree) => resolveConfiguration(tree, { role: 'client' }),
    isUsable: ({ storageElements, gatewayUrls }) => storageElements.size > 0 || gatewayUrls.length > 0,
    clock,
  });
  watch.close();
  const { configuration, warnings } = watch.current();
  return { configuration, warnings: warnings.map((remark) => ({ text: formatRemark(remark), grave: remark.grave === true })) };
}

/** Does anything depend on the VO of the user: a bucket for each VO, or a StorageElement for some VOs that is used directly? */
function needsVo({ storageElements, fileStorageElements }: DiracConfiguration): boolean {
  if ([...fileStorageElements.values()].some(({ vos }) => vos.length > 0)) return true;
  return [...storageElements.values()].some(({ voBuckets, vos, access }) => voBuckets.size > 0 || (access === 'direct' && vos.length > 0));
}
