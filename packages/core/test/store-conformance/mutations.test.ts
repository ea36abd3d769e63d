import { describe, expect, it } from '@jest/globals';
import { checkNames, checks } from '../../src/testing/development-store/index.js';
import { conformance } from './cases/index.js';
import { expectedOf } from './conformance-case.js';
import { startStoreUnderTest } from './development-store.js';
import { Talk } from './talk.js';

const cases = conformance.flatMap((group) => group.cases);

describe('switching off one check of the development store turns a case red', () => {
  it.each(checkNames)('%s', async (name) => {
    const proofs = cases.filter(({ proves }) => proves?.includes(name));
    const { store, close } = await startStoreUnderTest({ disabledChecks: new Set([name]) });
    try {
      const green: string[] = [];
      for (const proof of proofs) {
        const outcome = await proof.run(new Talk(store)).catch((error: unknown) => String(error));
        if (outcome === expectedOf(proof, 'development')) green.push(proof.name);
      }
      // Every case that claims to prove the check must notice, and one at least must be there.
      expect({ stops: checks[name], proofs: proofs.length > 0, green }).toEqual({ stops: checks[name], proofs: true, green: [] });
    } finally {
      await close();
    }
  });
});
