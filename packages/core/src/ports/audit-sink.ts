import type { ErrorCode } from '../errors/index.js';
import type { Identity, Purpose, S3Method } from '../domain/index.js';

/** One decision about one LFN. Never holds a URL or a signature. */
export interface AuditRecord {
  readonly at: Date;
  readonly requestId: string;
  readonly identity: Identity;
  readonly storageElement: string;
  readonly method: S3Method;
  readonly purpose: Purpose;
  readonly lfn: string;
  readonly outcome:
    { readonly granted: true; readonly expiresAt: Date } | { readonly granted: false; readonly code: ErrorCode; readonly reason: string };
}

/** Receives every decision, granted or refused, before the answer leaves. What it throws stops the answer. */
export interface AuditSink {
  record(records: readonly AuditRecord[]): Promise<void>;
}
