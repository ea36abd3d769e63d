import type { Identity } from '@dirac-s3/core';
import type { GatewayClient } from '@dirac-s3/core/adapters/gateway';
import {
  findGridCredentials,
  readAuthorities,
  type DiracConfiguration,
  type FileCatalogServiceSettings,
  type GridCredentialPlaces,
} from '@dirac-s3/core/config';
import type { Clock, FileCatalog } from '@dirac-s3/core/ports';
import { findCredential, type Credential, type ProxyCredential } from './credentials/find-credential.js';
import { findLogin } from './credentials/login-token.js';
import type { Environment } from './environment.js';
import { once } from './once.js';
import type { SessionOptions } from './session.js';

interface AccessParts {
  readonly configuration: DiracConfiguration;
  readonly environment: Environment;
  readonly options: Pick<SessionOptions, 'tokenFile' | 'proxyFile'>;
  readonly clock: Clock;
}

/** The services this user can ask, as himself. */
export interface Access {
  /** @throws unauthenticated */
  credential(): Promise<Credential>;
  /** @throws unauthenticated, invalid-configuration */
  gateway(): Promise<GatewayClient>;
  /** @throws unauthenticated, invalid-configuration */
  fileCatalog(settings: FileCatalogServiceSettings, who: Identity, proxy: ProxyCredential): Promise<FileCatalog>;
  close(): void;
}

/** Opens services with whatever the user has to show. Nothing is read or asked before it is needed. */
export function openAccess({ configuration, environment, options, clock }: AccessParts): Access {
  const closing: (() => void)[] = [];
  const places = placesOf(configuration, environment);
  const login = (): ReturnType<typeof findLogin> => findLogin({ environment, clock });
  const credential = once(() => findCredential({ ...environment, ...options, places, login, clock }));

  const gateway = once(async () => {
    const who = await credential();
    const { createGatewayClient } = await import('@dirac-s3/core/adapters/gateway');
    const client = createGatewayClient({
      urls: configuration.gatewayUrls,
      credential: who.kind === 'proxy' ? { certificate: who.certificate } : { token: who.token },
      caPem: await authoritiesIfAny(places),
    });
    closing.push(() => client.close());
    return client;
  });

  const fileCatalog = async (
    settings: FileCatalogServiceSettings,
    who: Identity,
    { certificate }: ProxyCredential,
  ): Promise<FileCatalog> => {
    const { createDiracService } = await import('@dirac-s3/core/dirac-protocol');
    const { openFileCatalogRpc } = await import('@dirac-s3/core/adapters/catalog/file-catalog-rpc');
    const service = createDiracService({ ...settings, caPem: await readAuthorities(places), certificate });
    const catalog = openFileCatalogRpc({ service, users: 'themselves' });
    closing.push(() => catalog.close());
    return catalog.catalogFor(who);
  };
  return { credential, gateway, fileCatalog, close: () => closing.forEach((close) => close()) };
}

function placesOf({ security }: DiracConfiguration, { variables, userId }: Environment): GridCredentialPlaces {
  return findGridCredentials({ security, env: variables, userId });
}

/** A gateway may be known by a public authority alone: the user of a token need not have those of the grid. */
async function authoritiesIfAny(places: GridCredentialPlaces): Promise<readonly string[]> {
  return readAuthorities(places).catch(() => []);
}
