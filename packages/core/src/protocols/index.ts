export { effectiveLists, pluginSets, type WrittenLists } from './lists.js';
export { copyPair, isSameStorage, negotiate, transferPair, type TransferPair } from './negotiate.js';
export { protocolMatrix, type MatrixFacts, type MatrixWish, type ProtocolMatrix, type Route } from './protocol-matrix.js';
export { rankIn, selectPlugins, type Selection } from './select-plugins.js';
export type { ElementProtocols, OperationClass, ProtocolLists, SectionAccess, StoragePlugin } from './types.js';
