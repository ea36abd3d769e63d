import type { TrustMaterial, TrustStore } from './types.js';

export function createTrustStore(_material: TrustMaterial): TrustStore {
  return { authorityCount: 0, revocationCount: 0, unusable: [] };
}
