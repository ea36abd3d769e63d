import { describe, expect, it } from '@jest/globals';
import { conformance } from './cases/index.js';
import { expectedOf } from './conformance-case.js';
import type { StoreUnderTest } from './store-under-test.js';
import { Talk } from './talk.js';

/** Runs every case against a store that is up by then. */
export function conformanceSuite(storeName: string, store: () => StoreUnderTest): void {
  describe.each(conformance)(`${storeName}: $title`, ({ cases }) => {
    it.each(cases)('$name', async (conformanceCase) => {
      expect(await conformanceCase.run(new Talk(store()))).toBe(expectedOf(conformanceCase, store().name));
    });
  });
}
