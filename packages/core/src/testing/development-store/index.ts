export { checkNames, checks, type CheckName } from './checks.js';
export { type StoreCredential } from './credentials.js';
export { type Fault, type FaultHook, type FaultRequest } from './faults.js';
export { type DevelopmentStore, type DevelopmentStoreOptions, startDevelopmentStore } from './store.js';
export type { StoreClock } from './store-context.js';
