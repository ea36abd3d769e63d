import type { FileCatalogs, PermissionChecker, ReplicaLookup } from '../../../ports/index.js';
import { callerFor, callerItself, type FileCatalogRpcOptions } from './caller.js';
import { askAccess, askRegistrations } from './questions.js';
import { userCatalog } from './user-catalog.js';

/** DIRAC's File Catalog, asked by way of its service. */
export interface FileCatalogRpc extends FileCatalogs, PermissionChecker, ReplicaLookup {
  /** Closes the connections of the service. */
  close(): void;
}

/**
 * Asks the service `DataManagement/FileCatalog` over DISET or HTTPS, for users in their own name and for the gateway in that of its host. Which
 * URL is asked, what is done when it is dead, and how long a call may take is the business of the service's client.
 */
export function openFileCatalogRpc(options: FileCatalogRpcOptions): FileCatalogRpc {
  return {
    checkPermission: async ({ identity, method, lfns }) => askAccess(callerFor(identity, options), method, lfns),
    lookUpReplicas: (lfns, lookup) => askRegistrations(callerItself(options), lfns, lookup),
    catalogFor: (identity) => userCatalog(callerFor(identity, options)),
    close: () => options.service.close(),
  };
}
