import type { PermissionChecker } from '../ports/index.js';
import { decideAll } from './decide.js';
import type { PermissionFactsSource } from './facts.js';
import type { PermissionRules } from './types.js';

/**
 * The rules over any source of facts. The facts are fetched even where the rules would not look at them, so that a
 * catalog that cannot answer never lets anybody in.
 */
export function createPermissionChecker(rules: PermissionRules, source: PermissionFactsSource): PermissionChecker {
  return {
    async checkPermission({ identity, method, lfns }) {
      const facts = await source.fetchFacts(lfns);
      return decideAll(rules, facts, { question: { ...identity, method }, paths: lfns });
    },
  };
}
