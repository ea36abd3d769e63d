export { createDataManager } from './data-manager.js';
export { asGuid, guidOfFile, newGuid, parseGuid } from './guid.js';
export type { ReplicateOptions, ReplicateOutcome, ReplicationMethod } from './replicate-types.js';
export type {
  AccessUrlOptions,
  DataManager,
  DataManagerDependencies,
  GetOutcome,
  GetRequest,
  PutOutcome,
  PutRequest,
  RegisterRequest,
} from './types.js';
