import type { Clock, Presigner, StorageElementRegistry, UrlSource } from '../ports/index.js';
import { authorizedTarget } from './authorized-target.js';
import { collectOutcomes } from './collect-outcomes.js';
import { resolveTargets } from './resolve-targets.js';
import { signTargets } from './sign-targets.js';

export interface DirectUrlSourceDependencies {
  readonly registry: StorageElementRegistry;
  readonly presigner: Presigner;
  readonly clock: Clock;
  /** VO whose bucket is used (`VOPath`) and which the SE must be open to; undefined for the SE's own bucket. */
  readonly vo: string | undefined;
}

/**
 * URLs signed with credentials this process has itself. Whoever holds the keys could do everything they can do without
 * asking, so no catalog is asked; what the StorageElement's configuration says (status, VOs, lifetimes) still holds.
 * Uploads by PUT are signed with the main keys at every store: such a URL stays in this process, where nobody adds an
 * unsigned header to the request. URLs for others are made with the purpose `external`, which is for reading only.
 */
export function createDirectUrlSource({ registry, presigner, clock, vo }: DirectUrlSourceDependencies): UrlSource {
  return {
    async presign(request) {
      const resolved = resolveTargets(request, { registry, vo, holder: 'self' });
      const own = new Map([...resolved.passed].map(([lfn, facts]) => [lfn, authorizedTarget(facts)]));
      const signed = await signTargets(own, presigner, clock.now());
      return collectOutcomes(request, signed, [resolved]);
    },
  };
}
