export type { FileCatalogRpcOptions } from './caller.js';
export { openFileCatalogRpc, type FileCatalogRpc } from './open.js';
