import {
  bulkMap,
  maxObjectBytes,
  maxParts,
  maxUploadBytes,
  minPartBytes,
  type BulkResult,
  type Identity,
  type Lfn,
  type PresignRequest,
} from '../domain/index.js';
import { DiracS3Error, failure, type Failure } from '../errors/index.js';
import type { AuthorizedTarget, MultipartUpload, NewMultipartUpload, TargetFacts, UploadStarter } from '../ports/index.js';
import { auditDecisions, auditRefusal } from './audit-decisions.js';
import { authorizeTargets } from './authorize-targets.js';
import { collectOutcomes } from './collect-outcomes.js';
import { findUploads, type FindUploads, type FindUploadsDependencies, type FoundUploads } from './find-uploads.js';
import { keysFor, resolveTargets } from './resolve-targets.js';
import type { StepResult } from './types.js';
import { grantFault, openUpload, sealUpload, type UploadGrant, type UploadSessionPolicy } from './upload-token.js';

interface SessionCommand<Upload> {
  readonly identity: Identity;
  /** Joins the audit records of one request with its log lines. */
  readonly requestId: string;
  readonly storageElement: string;
  readonly uploads: readonly Upload[];
  readonly maxItems?: number;
}

export type BeginUploads = SessionCommand<Omit<NewMultipartUpload, 'lfn'> & { readonly lfn: string }>;
export type RenewUploads = SessionCommand<{ readonly lfn: string; readonly uploadId: string; readonly token: string }>;

/** Multipart uploads of many users. Each is permitted, begun and bound to its user by a token that any gateway with the same keys takes. */
export interface UploadSessions {
  begin(command: BeginUploads): Promise<BulkResult<MultipartUpload>>;
  renew(command: RenewUploads): Promise<BulkResult<MultipartUpload>>;
  /** Unfinished uploads, bound to whoever asks by tokens that are good for giving them up. */
  find(command: FindUploads): Promise<FoundUploads>;
}

export interface UploadSessionDependencies extends FindUploadsDependencies {
  readonly starter: UploadStarter;
}

/** Uploads begun at a time: each is one small request to the store. */
const parallelStarts = 8;

const method = 'create_multipart_upload';

/**
 * resolve -> authorize, as an upload by `put_object`, then the store is asked for an upload, and what was permitted is sealed. Nothing is
 * begun before it is permitted, and no answer leaves before it is audited.
 */
export function createUploadSessions(deps: UploadSessionDependencies): UploadSessions {
  return {
    begin: (command) => audited(command, deps, () => begin(command, deps)),
    renew: (command) => audited(command, deps, () => renew(command, deps)),
    find: (command) => findUploads(command, deps),
  };
}

async function audited<Upload extends { readonly lfn: string }>(
  { identity, requestId, storageElement, uploads, maxItems = Infinity }: SessionCommand<Upload>,
  { audit, clock }: UploadSessionDependencies,
  decide: () => Promise<BulkResult<MultipartUpload>>,
): Promise<BulkResult<MultipartUpload>> {
  const question = { identity, requestId, storageElement, method, items: uploads.map(({ lfn }) => ({ lfn })) } as const;
  const decided = async (): Promise<BulkResult<MultipartUpload>> => {
    if (uploads.length > maxItems)
      throw new DiracS3Error('too-many-items', `uploads: ${uploads.length} are more than the ${maxItems} of one request`);
    if (new Set(uploads.map(({ lfn }) => lfn)).size < uploads.length)
      throw new DiracS3Error('invalid-argument', 'uploads: an LFN is named twice in the request');
    return decide();
  };
  const result = await decided().catch(async (thrown: unknown) => {
    await auditRefusal(audit, question, clock.now(), thrown);
    throw thrown;
  });
  await auditDecisions(audit, question, clock.now(), result);
  return result;
}

async function begin(
  { identity, storageElement, uploads }: BeginUploads,
  deps: UploadSessionDependencies,
): Promise<BulkResult<MultipartUpload>> {
  const { registry, starter, clock, uploadSessions } = deps;
  const wanted = new Map(uploads.map((upload) => [upload.lfn, upload]));
  const request: PresignRequest = { storageElement, method, items: uploads.map(({ lfn, checksum }) => ({ lfn, checksum })) };
  // This very process sends the request that begins an upload.
  const resolved = withSizes(resolveTargets(request, { registry, vo: identity.vo, holder: 'self' }), wanted);
  const authorized = await authorizeTargets(resolved.passed, identity, deps);
  const begun = await bulkMap(
    authorized.passed.keys(),
    async (lfn) => {
      const target = authorized.passed.get(lfn)!;
      const now = clock.now();
      const { sizeBytes, partBytes, checksum, copied = false } = wanted.get(lfn)!;
      const parts = copied ? 'upload_part_copy' : 'upload_part';
      const partsSignedWith = keysFor(target.storageElement, parts, { upload: 'put', holder: 'client' });
      const uploadId = await starter.start(target, { now, partsSignedWith });
      return grantOf({ identity, lfn, target, now, policy: uploadSessions }, { uploadId, sizeBytes, partBytes, checksum, begunAt: now });
    },
    { parallel: parallelStarts, fallback: 'storage-unavailable' },
  );
  return collectOutcomes(request, { passed: begun.successful, refused: begun.failed }, [resolved, authorized]);
}

async function renew(
  { identity, storageElement, uploads }: RenewUploads,
  deps: UploadSessionDependencies,
): Promise<BulkResult<MultipartUpload>> {
  const { registry, clock, uploadSessions } = deps;
  const { keys, limitSeconds } = uploadSessions;
  const now = clock.now();
  const wanted = new Map(uploads.map((upload) => [upload.lfn, upload]));
  const request: PresignRequest = { storageElement, method, items: uploads.map(({ lfn }) => ({ lfn })) };
  const resolved = resolveTargets(request, { registry, vo: identity.vo, holder: 'self' });
  const grants = new Map<Lfn, UploadGrant>();
  const stale = new Map<string, Failure>();
  for (const [lfn, target] of resolved.passed) {
    const { uploadId, token } = wanted.get(lfn)!;
    const grant = openUpload(token, keys);
    const asked = { identity, lfn, target: { ...target, item: { lfn, uploadId } } };
    const fault = grantFault(grant, asked, { use: 'renew', now, limitSeconds });
    if (fault === undefined) grants.set(lfn, grant!);
    else stale.set(lfn, fault);
  }
  const left = new Map([...resolved.passed].filter(([lfn]) => grants.has(lfn)));
  const authorized = await authorizeTargets(left, identity, deps);
  const passed = new Map(
    [...authorized.passed].map(([lfn, target]) => [lfn, grantOf({ identity, lfn, target, now, policy: uploadSessions }, grants.get(lfn)!)]),
  );
  return collectOutcomes(request, { passed, refused: stale }, [resolved, authorized]);
}

/** Sizes are no part of what the store signs when an upload begins; they are what its parts are held to. */
function withSizes(
  resolved: StepResult<TargetFacts>,
  wanted: ReadonlyMap<string, { readonly sizeBytes: number; readonly partBytes: number }>,
): StepResult<TargetFacts> {
  const passed = new Map<Lfn, TargetFacts>();
  const refused = new Map(resolved.refused);
  for (const [lfn, target] of resolved.passed) {
    const fault = extentFault(wanted.get(lfn)!);
    if (fault === undefined) passed.set(lfn, target);
    else refused.set(lfn, failure('invalid-argument', `${lfn}: ${fault}`));
  }
  return { passed, refused };
}

function extentFault({ sizeBytes, partBytes }: { readonly sizeBytes: number; readonly partBytes: number }): string | undefined {
  const isWithinLimits = (value: number, from: number, to: number): boolean => Number.isInteger(value) && value >= from && value <= to;
  if (!isWithinLimits(sizeBytes, 1, maxObjectBytes)) return `sizeBytes: must be a whole number from 1 to ${maxObjectBytes}`;
  if (!isWithinLimits(partBytes, minPartBytes, maxUploadBytes))
    return `partBytes: must be a whole number from ${minPartBytes} to ${maxUploadBytes}`;
  return sizeBytes > partBytes * maxParts ? `partBytes: ${sizeBytes} bytes would need more than ${maxParts} parts` : undefined;
}

interface GrantTerms {
  readonly identity: Identity;
  readonly lfn: Lfn;
  readonly target: AuthorizedTarget;
  readonly now: Date;
  readonly policy: UploadSessionPolicy;
}

function grantOf(
  { identity, lfn, target, now, policy }: GrantTerms,
  upload: Pick<UploadGrant, 'uploadId' | 'sizeBytes' | 'partBytes' | 'checksum' | 'begunAt'>,
): MultipartUpload {
  const end = upload.begunAt.getTime() + policy.limitSeconds * 1000;
  const expiresAt = new Date(Math.floor(Math.min(now.getTime() + policy.lifetimeSeconds * 1000, end) / 1000) * 1000);
  const { username, group, vo } = identity;
  const { uploadId, sizeBytes, partBytes, checksum, begunAt } = upload;
  const place = { storageElement: target.storageElement.name, bucket: target.bucket, lfn };
  const token = sealUpload(
    { username, group, vo, ...place, uploadId, sizeBytes, partBytes, checksum, begunAt, expiresAt, use: 'upload' },
    policy.keys,
  );
  return { lfn, uploadId, token, expiresAt };
}
