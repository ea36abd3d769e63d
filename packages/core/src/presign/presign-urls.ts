import { s3Methods, type BulkResult, type Presigned } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { auditDecisions, auditRefusal } from './audit-decisions.js';
import { authorizeByToken } from './authorize-by-token.js';
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
  // An upload is begun by the gateway itself, which alone can bind its id to what was permitted.
  if (command.method === 'create_multipart_upload')
    throw new DiracS3Error('unsupported-operation', 'create_multipart_upload is not signed; begin an upload in parts by its own operation');
  const authorize = s3Methods[command.method].needsUploadId ? authorizeByToken : authorizeTargets;
  const authorized = await authorize(resolved.passed, identity, deps);
  const signed = await signTargets(authorized.passed, deps.presigner, deps.clock.now());
  return collectOutcomes(command, signed, [resolved, authorized]);
}
