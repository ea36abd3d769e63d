import { accessUrls } from './access-urls.js';
import { getFiles } from './get-files.js';
import { putAndRegister } from './put-and-register.js';
import { registerStored } from './register-stored.js';
import { removeFiles } from './remove-files.js';
import { removeReplicas } from './remove-replicas.js';
import { removeUnregistered } from './remove-unregistered.js';
import { replicate } from './replicate.js';
import type { DataManager, DataManagerDependencies } from './types.js';

/** The use cases over one user's catalog and the StorageElements he can reach. */
export function createDataManager(given: DataManagerDependencies): DataManager {
  const dependencies = { ...given, clock: given.clock ?? { now: () => new Date() } };
  const { catalog } = dependencies;
  return {
    putAndRegister: (requests, options) => putAndRegister(dependencies, requests, options),
    registerStored: (requests) => registerStored(dependencies, requests),
    get: (requests, options) => getFiles(dependencies, requests, options),
    remove: (lfns) => removeFiles(dependencies, lfns),
    removeUnregistered: (lfns, storageElement) => removeUnregistered(dependencies, lfns, storageElement),
    replicate: (lfns, options) => replicate(dependencies, lfns, options),
    removeReplicas: (lfns, storageElement) => removeReplicas(dependencies, lfns, storageElement),
    replicas: (lfns) => catalog.getReplicas(lfns),
    metadata: (lfns) => catalog.getFileMetadata(lfns),
    accessUrl: (lfns, options) => accessUrls(dependencies, lfns, options),
  };
}
