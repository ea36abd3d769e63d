export { createRpcRouter, type RpcDependencies } from './router.js';
