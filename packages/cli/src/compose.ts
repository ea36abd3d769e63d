import { lfnOfStorageUrl, storageUrlBaseOf, type StorageElement } from '@dirac-s3/core';
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
import { protocolMatrix } from '@dirac-s3/core/protocols';
import { openAccess } from './compose-access.js';
import { openCatalog } from './compose-catalog.js';
import { createLoginKeeper } from './compose-login.js';
import { findElement, openStorage, singleElement, type StorageGateway } from './compose-storage.js';
import { findToken } from './credentials/find-token.js';
import { transfersDirectory, type Environment } from './environment.js';
import { once } from './once.js';
import type { Session, SessionOptions } from './session.js';

/**
 * Wires what a command works with: with the other compose files the only place that constructs adapters. The configuration is read at once;
 * drivers are loaded, and anybody is asked, only when a command needs it.
 *
 * @throws invalid-configuration, service-unavailable and unauthenticated (no central configuration), UsageError (`--as` where the gateway decides who you are)
 */
export async function composeSession(options: SessionOptions, environment: Environment): Promise<Session> {
  const { configuration, warnings } = await readConfiguration(options, environment);
  const registry = createStorageElementRegistry(configuration);
  const closing: (() => void)[] = [];
  const clock = { now: () => new Date() };
  const access = openAccess({ configuration, environment, options, clock });
  closing.push(() => access.close());
  const users = openCatalog({ configuration, options, environment, access, clock, closing });
  const voOfUser = once(async () => (users.isLocal || needsVo(configuration) ? users.vo() : configuration.vo));
  const storage = once(async () => {
    const gateway: StorageGateway = {
      urls: { presign: async (request) => (await access.gateway()).urls.presign(request) },
      uploads: {
        begin: async (name, uploads) => (await access.gateway()).uploads.begin(name, uploads),
        renew: async (name, uploads) => (await access.gateway()).uploads.renew(name, uploads),
        find: async (name, lfns) => (await access.gateway()).uploads.find(name, lfns),
      },
      objects: { listed: async (name, lfns) => (await access.gateway()).objects.listed(name, lfns) },
    };
    const opened = openStorage({ configuration, registry, vo: await voOfUser(), gateway, stateDirectory: transfersDirectory(environment) });
    closing.push(() => opened.close());
    return opened;
  });
  const findOne = (name: string): StorageElement => findElement(registry, singleElement(configuration, name));

  return {
    warnings,
    storageElements: () => registry.all(),
    offered: async () => (configuration.gatewayUrls.length === 0 ? [] : (await access.gateway()).storageElements()),
    storageElement: findOne,
    expandStorageElements: (names) => expandStorageElements(names, configuration.dataManagement),
    membersOf: (name) =>
      configuration.dataManagement.groups.has(name) ? expandStorageElements([name], configuration.dataManagement) : [name],
    protocolMatrix: (wish) => protocolMatrix(configuration.dataManagement, wish),
    storageUrl: async (name) => {
      const element = (await storage()).open(name);
      return (lfn) => element.storageUrl(lfn);
    },
    openStorageElement: async (name) => (await storage()).open(name),
    abortTools: async (name) => (await storage()).abortTools(name),
    lfnOfUrl: async (name) => {
      const base = storageUrlBaseOf(findOne(name), await voOfUser());
      return (url) => lfnOfStorageUrl(base, url);
    },
    dataManager: once(async () =>
      createDataManager({
        catalog: await users.catalog(),
        storageElement: (await storage()).open,
        registrationProtocols: configuration.dataManagement.registrationProtocols,
        siteOf: (name) => configuration.dataManagement.siteOf.get(name),
      }),
    ),
    ...createLoginKeeper(configuration, { environment, clock }),
    whoami: users.whoami,
    credential: users.credential,
    catalogKind: users.catalogKind,
    catalog: users.catalog,
    administration: users.administration,
    close: () => closing.forEach((close) => close()),
  };
}

/** Reads the local layers and, where they name Configuration servers, the central configuration once. */
async function readConfiguration(
  { options, cfgFiles, tokenFile, proxyFile }: SessionOptions,
  environment: Environment,
): Promise<{ configuration: DiracConfiguration; warnings: Session['warnings'] }> {
  const { variables, home, userId } = environment;
  const env = proxyFile === undefined ? variables : { ...variables, GRID_PROXY_FILE: proxyFile };
  const clock = { now: () => new Date() };
  const watch = await watchConfiguration({
    loadLocal: () => loadConfiguration({ options, cfgFiles, env: variables, home }),
    openCentral: async (local) => {
      const { openConfigurationService } = await import('@dirac-s3/core/adapters/configuration-service');
      return openConfigurationService({ local, env, userId, clock, token: () => findToken({ ...environment, tokenFile }) });
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
