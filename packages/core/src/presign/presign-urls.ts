import type { BulkResult, Presigned } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { auditDecisions, auditRefusal } from './audit-decisions.js';
import { authorizeTargets } from './authorize-targets.js';
import { collectOutcomes } from './collect-outcomes.js';
import { resolveTargets } from './resolve-targets.js';
import { signTargets } from './sign-targets.js';
import type { PresignCommand, PresignDependencies, PresignUrls } from './types.js';

/**
 * The use case behind every transport: resolve -> authorize -> sign -> audit, forward only. Nothing is signed without
 * the catalog's decision, and no answer, granted or refused, leaves before it is audited.
 */
export function createPresignUrls(deps: PresignDependencies): PresignUrls {
  return async (command) => {
    const { items, maxItems = Infinity } = command;
    if (items.length > maxItems)
      throw new DiracS3Error('too-many-items', `items: ${items.length} are more than the ${maxItems} of one request`);
    const result = await decide(command, deps).catch(async (thrown: unknown) => {
      await auditRefusal(deps.audit, command, deps.clock.now(), thrown);
      throw thrown;
    });
    await auditDecisions(deps.audit, command, deps.clock.now(), result);
    return result;
  };
}

async function decide(command: PresignCommand, deps: PresignDependencies): Promise<BulkResult<Presigned>> {
  const { identity } = command;
  const resolved = resolveTargets(command, { registry: deps.registry, vo: identity.vo, holder: 'client' });
  const authorized = await authorizeTargets(resolved.passed, identity, deps);
  const signed = await signTargets(authorized.passed, deps.presigner, deps.clock.now());
  return collectOutcomes(command, signed, [resolved, authorized]);
}
