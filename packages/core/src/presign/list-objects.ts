import type { BulkResult, Identity, PresignRequest } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { ListedObject, ObjectLister } from '../ports/index.js';
import { auditDecisions, auditRefusal } from './audit-decisions.js';
import { authorizeTargets } from './authorize-targets.js';
import { collectOutcomes } from './collect-outcomes.js';
import { listTargets } from './list-targets.js';
import { resolveTargets } from './resolve-targets.js';
import type { PresignDependencies } from './types.js';

export interface ListObjectsCommand {
  readonly identity: Identity;
  /** Joins the audit records of one request with its log lines. */
  readonly requestId: string;
  readonly storageElement: string;
  readonly lfns: readonly string[];
  /** Most names one request may carry; left out, any number. */
  readonly maxItems?: number;
}

/** Answers each name as `StoredObjects` does; throws when the whole request fails. */
export type ListObjects = (command: ListObjectsCommand) => Promise<BulkResult<ListedObject | undefined>>;

export interface ListObjectsDependencies extends Omit<PresignDependencies, 'presigner'> {
  readonly lister: ObjectLister;
}

/**
 * resolve -> authorize -> list -> audit, forward only: permission for what would be told by a URL of `head_object`. The directories are listed
 * for the permitted names alone; of whatever else is in them nothing is told.
 */
export function createListObjects(deps: ListObjectsDependencies): ListObjects {
  const { audit, clock } = deps;
  return async ({ lfns, ...command }) => {
    const { maxItems = Infinity } = command;
    if (lfns.length > maxItems)
      throw new DiracS3Error('too-many-items', `lfns: ${lfns.length} are more than the ${maxItems} of one request`);
    const question = { ...command, method: 'head_object', items: lfns.map((lfn) => ({ lfn })) } as const;
    const result = await list(question, command.identity, deps).catch(async (thrown: unknown) => {
      await auditRefusal(audit, question, clock.now(), thrown);
      throw thrown;
    });
    // What was told is told: nobody can do anything with it later.
    const now = clock.now();
    const told = new Map([...result.successful.keys()].map((lfn) => [lfn, { expiresAt: now }]));
    await auditDecisions(audit, question, now, { successful: told, failed: result.failed });
    return result;
  };
}

async function list(
  request: PresignRequest,
  identity: Identity,
  deps: ListObjectsDependencies,
): Promise<BulkResult<ListedObject | undefined>> {
  const { registry, lister } = deps;
  const resolved = resolveTargets(request, { registry, vo: identity.vo, holder: 'self' });
  const authorized = await authorizeTargets(resolved.passed, identity, deps);
  const listed = await listTargets(authorized.passed, lister);
  return collectOutcomes(request, listed, [resolved, authorized]);
}
