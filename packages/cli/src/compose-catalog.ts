import { DiracS3Error } from '@dirac-s3/core';
import type { DiracConfiguration } from '@dirac-s3/core/config';
import type { Clock, FileCatalog } from '@dirac-s3/core/ports';
import { chooseCatalog, type CatalogChoice } from './choose-catalog.js';
import type { Access } from './compose-access.js';
import type { Credential } from './credentials/find-credential.js';
import { proxyIdentity } from './credentials/proxy-identity.js';
import type { Environment } from './environment.js';
import { UsageError } from './exit-codes.js';
import { localIdentity } from './local-identity.js';
import { once } from './once.js';
import type { Session, SessionOptions, Who } from './session.js';

interface CatalogFacts {
  readonly configuration: DiracConfiguration;
  readonly options: SessionOptions;
  readonly environment: Environment;
  readonly access: Access;
  readonly clock: Clock;
  /** Gets what has to be closed at the end. */
  readonly closing: (() => void)[];
}

/** The catalog of a session, and who its user is there. */
export interface CatalogOfUser extends Pick<Session, 'whoami' | 'credential' | 'catalogKind' | 'catalog' | 'administration'> {
  /** An SQLite catalog of this machine: its user is who he says, and nobody is asked. */
  readonly isLocal: boolean;
  vo(): Promise<string>;
}

/** @throws UsageError (`--as` where the gateway decides who you are) */
export function openCatalog({ configuration, options, environment, access, clock, closing }: CatalogFacts): CatalogOfUser {
  const local = options.catalog === undefined && configuration.catalog?.type === 'sqlite' ? configuration.catalog : undefined;

  if (options.identity !== undefined && local === undefined)
    throw new UsageError('--as is for an SQLite catalog; everybody else knows you by your proxy or token');

  const credential = async (): Promise<Credential | undefined> => (local === undefined ? access.credential() : undefined);
  const choice = once(async (): Promise<CatalogChoice> => {
    if (local !== undefined) return local;
    return chooseCatalog(configuration, { forced: options.catalog, credential: (await access.credential()).kind });
  });
  const identity = once(() => localIdentity(options.identity ?? environment.identity, configuration.registry));
  const owner = once(async () => {
    const shown = await access.credential();
    return shown.kind === 'proxy' ? proxyIdentity(shown.proof, configuration.registry) : undefined;
  });
  const whoami = once(async (): Promise<Who> => {
    if (local !== undefined) return identity();
    const known = configuration.gatewayUrls.length === 0 ? await owner() : undefined;
    return known ?? (await access.gateway()).whoami();
  });
  const voOf = async (): Promise<string> => {
    const known = (await choice()).type === 'file-catalog' ? await owner() : undefined;
    return (known ?? (await whoami())).vo;
  };
  const sqlite = once(async () => {
    if (local === undefined) throw new UsageError('only the keeper of an SQLite catalog can do this, and none is configured here');
    const { openSqliteFileCatalog } = await import('@dirac-s3/core/adapters/catalog/sqlite');
    const opened = openSqliteFileCatalog({
      path: local.path,
      rules: configuration.catalogRules,
      openRoot: configuration.gateway.policies.openRoot,
      vomsRoleOf: (group) => configuration.registry.groups.get(group)?.vomsRole,
      clock,
    });
    closing.push(() => opened.close());
    return opened;
  });
  const catalog = once(async (): Promise<FileCatalog> => {
    const chosen = await choice();
    if (chosen.type === 'gateway') return (await access.gateway()).catalog;
    if (chosen.type === 'sqlite') return (await sqlite()).catalogFor(identity());
    const [proxy, user] = [await access.credential(), await owner()];
    if (proxy.kind !== 'proxy' || user === undefined)
      throw new DiracS3Error('unauthenticated', 'the File Catalog knows users by their proxy');
    return access.fileCatalog(chosen.service, user, proxy);
  });

  return {
    isLocal: local !== undefined,
    vo: voOf,
    whoami,
    credential,
    catalogKind: async () => (await choice()).type,
    catalog,
    administration: async () => (await sqlite()).administration,
  };
}
