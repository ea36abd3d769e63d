import type { AuthorizedTarget, TargetFacts } from '../ports/index.js';

/**
 * The only place where a target becomes an authorised one. Used by the two ways a decision can be taken: by the catalog
 * (authorize-targets) and by the holder of the keys himself (direct-url-source); not part of the package's exports.
 */
export function authorizedTarget(facts: TargetFacts): AuthorizedTarget {
  return facts as AuthorizedTarget;
}
