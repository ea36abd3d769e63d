export type { ContractCheck } from './contract.js';
export { fixedClock, identityOf, memoryAuditSink, storageElementOf, type FixedClock, type MemoryAuditSink } from './fakes.js';
export {
  createFaultPlan,
  proxyFaultKinds,
  startFaultProxy,
  type FaultPlan,
  type FaultPlanOptions,
  type FaultProxy,
  type FaultProxyOptions,
  type ProxiedRequest,
  type ProxyEvent,
  type ProxyFault,
  type ProxyFaultKind,
} from './fault-proxy/index.js';
export { fileCatalogContract, fileCatalogReadingContract } from './file-catalog-contract.js';
export type { FileCatalogSubject } from './file-catalog-subject.js';
export { permissionCheckerContract, type PermissionCheckerSubject } from './permission-checker-contract.js';
export { replicaLookupContract, type ReplicaLookupSubject } from './replica-lookup-contract.js';
export { newFile, type CatalogSeed } from './sample-catalog.js';
