import type { Identity } from '../../../domain/index.js';
import { DiracS3Error } from '../../../errors/index.js';
import type { CallOptions, DiracService, DiracValue } from '../../../dirac-protocol/index.js';
import { faultOfCall } from './service-answers.js';

export interface FileCatalogRpcOptions {
  /** `DataManagement/FileCatalog`: with its URLs, certificate and the time for one call. */
  readonly service: DiracService;
  /**
   * In whose name users are served. `themselves`: the service of a user's own process, which has his proxy. Otherwise for whom it is said
   * to be, by a host with the property `TrustedHost`: `dnOf` gives the first DN of a user who is known by a token only.
   */
  readonly users: 'themselves' | { readonly dnOf: (username: string) => string | undefined };
}

/** Calls the service in the name of somebody. */
export type Caller = (method: string, args: readonly DiracValue[], options?: Pick<CallOptions, 'repeatable'>) => Promise<DiracValue>;

/** As a user, by what the caller proved and nothing else: no state of this process has a say. */
export function callerFor(identity: Identity, { service, users }: FileCatalogRpcOptions): Caller {
  if (users === 'themselves') return callerItself({ service });
  const dn = identity.dn ?? users.dnOf(identity.username);
  if (dn === undefined || dn === '') {
    const fault = `${identity.username} has no DN in the Registry, and the File Catalog knows users by their DN`;
    throw new DiracS3Error('permission-denied', fault);
  }
  return calling(service, { delegated: { dn, group: identity.group } });
}

/** As whose certificate the service is shown. */
export function callerItself({ service }: Pick<FileCatalogRpcOptions, 'service'>): Caller {
  return calling(service, {});
}

function calling(service: DiracService, who: Pick<CallOptions, 'delegated'>): Caller {
  return async (method, args, options) => {
    try {
      return await service.call(method, args, { ...who, ...options });
    } catch (thrown) {
      throw faultOfCall(thrown);
    }
  };
}
