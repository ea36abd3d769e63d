import type { BulkResult, Identity, Lfn, Presigned, PresignRequest } from '../domain/index.js';
import type { Failure } from '../errors/index.js';
import type { PresignPolicies } from '../config/types.js';
import type { UploadSessionPolicy } from './upload-token.js';
import type { AuditSink, Clock, PermissionChecker, Presigner, ReplicaLookup, StorageElementRegistry } from '../ports/index.js';

/** The one question every transport asks: may this identity do this, and if so, give the URLs. */
export interface PresignCommand extends PresignRequest {
  readonly identity: Identity;
  /** Joins the audit records of one request with its log lines. */
  readonly requestId: string;
  /** Most items one request may carry; left out, any number. */
  readonly maxItems?: number;
}

export interface PresignDependencies {
  readonly registry: StorageElementRegistry;
  readonly permissions: PermissionChecker;
  readonly replicas: ReplicaLookup;
  readonly presigner: Presigner;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly policies: PresignPolicies;
  /** Undefined where uploads in parts are not served. */
  readonly uploadSessions?: UploadSessionPolicy | undefined;
}

/**
 * Answers every asked name exactly once, in order, as spelt; throws `DiracS3Error` when the whole request fails
 * (`unknown-storage-element`, `access-not-allowed`, `expiration-refused`, `too-many-items`, `catalog-unavailable` …).
 */
export type PresignUrls = (command: PresignCommand) => Promise<BulkResult<Presigned>>;

/** What one step hands on: the targets that go further, and the names that stop here, with the reason. */
export interface StepResult<Target> {
  readonly passed: ReadonlyMap<Lfn, Target>;
  readonly refused: ReadonlyMap<string, Failure>;
}
