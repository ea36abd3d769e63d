export { judgeChain } from './judge-chain.js';
export { decodePem, encodePem } from './pem.js';
export { parseProxyFile } from './proxy-file.js';
export { createTrustStore } from './trust-store.js';
export type {
  ChainProof,
  ChainVerdict,
  JudgeOptions,
  ProxyFile,
  RevocationPolicy,
  TrustMaterial,
  TrustStore,
  UnusableEntry,
} from './types.js';
