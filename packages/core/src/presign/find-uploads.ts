import { BulkResultBuilder, type BulkResult, type Identity } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { AuthorizedTarget, FoundUpload, UploadFinder } from '../ports/index.js';
import { auditDecisions, auditRefusal } from './audit-decisions.js';
import { authorizeTargets } from './authorize-targets.js';
import { collectOutcomes } from './collect-outcomes.js';
import { lookForUploads, mostTold, type NamedUpload } from './look-for-uploads.js';
import { resolveTargets } from './resolve-targets.js';
import type { PresignDependencies } from './types.js';
import { sealUpload, type UploadSessionPolicy } from './upload-token.js';

export interface FindUploads {
  readonly identity: Identity;
  /** Joins the audit records of one request with its log lines. */
  readonly requestId: string;
  readonly storageElement: string;
  /** Names of uploads, or of directories above them. */
  readonly lfns: readonly string[];
  readonly maxItems?: number;
}

export type FoundUploads = BulkResult<readonly FoundUpload[]>;

export interface FindUploadsDependencies extends Omit<PresignDependencies, 'presigner'> {
  readonly finder: UploadFinder;
  readonly uploadSessions: UploadSessionPolicy;
}

/**
 * resolve -> look at the store -> authorize, as a removal of each name that was found, then a token is sealed that is good for giving that
 * upload up. Uploads of names the user might not remove are left out: he is not told that they are there.
 */
export async function findUploads(command: FindUploads, deps: FindUploadsDependencies): Promise<FoundUploads> {
  const { audit, clock } = deps;
  const { lfns } = command;
  const question = { ...command, method: 'abort_multipart_upload' } as const;
  const result = await find(command, deps).catch(async (thrown: unknown) => {
    await auditRefusal(audit, { ...question, items: lfns.map((lfn) => ({ lfn })) }, clock.now(), thrown);
    throw thrown;
  });
  const told = decisionsOf(result);
  const items = [...told.successful.keys(), ...told.failed.keys()].map((lfn) => ({ lfn }));
  await auditDecisions(audit, { ...question, items }, clock.now(), told);
  return result;
}

async function find(
  { identity, storageElement, lfns, maxItems = Infinity }: FindUploads,
  deps: FindUploadsDependencies,
): Promise<FoundUploads> {
  if (lfns.length > maxItems) throw new DiracS3Error('too-many-items', `lfns: ${lfns.length} are more than the ${maxItems} of one request`);
  const { registry, finder, clock, uploadSessions } = deps;
  const { vo } = identity;
  const { request, resolved, found } = await lookForUploads({ storageElement, lfns }, { registry, finder, vo });
  const names = new Set([...found.successful.values()].flat().map(({ lfn }) => lfn));
  const targets = resolveTargets({ ...request, items: [...names].map((lfn) => ({ lfn })) }, { registry, vo, holder: 'self' });
  const { passed: removable } = await authorizeTargets(targets.passed, identity, deps);
  const now = clock.now();
  const tell = (upload: NamedUpload): FoundUpload[] => {
    const target = removable.get(upload.lfn);
    return target === undefined ? [] : [toldOf({ upload, target, identity, now, policy: uploadSessions })];
  };
  const passed = new Map([...found.successful].map(([lfn, uploads]) => [lfn, uploads.flatMap(tell).slice(0, mostTold)]));
  return collectOutcomes(request, { passed, refused: found.failed }, [resolved]);
}

interface TellingTerms {
  readonly upload: NamedUpload;
  readonly target: AuthorizedTarget;
  readonly identity: Identity;
  readonly now: Date;
  readonly policy: UploadSessionPolicy;
}

function toldOf({ upload, target, identity: { username, group, vo }, now, policy: { keys, lifetimeSeconds } }: TellingTerms): FoundUpload {
  const { lfn, uploadId, begunAt } = upload;
  const expiresAt = new Date(Math.floor(now.getTime() / 1000 + lifetimeSeconds) * 1000);
  const place = { storageElement: target.storageElement.name, bucket: target.bucket, lfn, uploadId };
  // Nothing may be sent, so there is no size to hold it to.
  const nothing = { sizeBytes: 0, partBytes: 0, checksum: '' };
  const token = sealUpload({ username, group, vo, ...place, ...nothing, begunAt: now, expiresAt, use: 'abort' }, keys);
  return { lfn, uploadId, begunAt, token, expiresAt };
}

/** What was granted, and what was refused: one outcome per name. */
function decisionsOf({ successful, failed }: FoundUploads): BulkResult<FoundUpload> {
  const granted = new Map<string, FoundUpload>([...successful.values()].flat().map((upload) => [upload.lfn, upload]));
  const told = new BulkResultBuilder<FoundUpload>([...granted.keys(), ...failed.keys()]);
  granted.forEach((upload, lfn) => told.succeed(lfn, upload));
  failed.forEach((fault, lfn) => granted.has(lfn) || told.fail(lfn, fault));
  return told.build();
}
