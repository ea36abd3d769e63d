import { lfnFault, redact } from '@dirac-s3/core';
import type { AuditRecord } from '@dirac-s3/core/ports';

/** What the audit lines of one question have in common: who asked for what, where and when. Not redacted. */
export function questionFields(record: AuditRecord): Record<string, unknown> {
  const { identity } = record;
  return {
    at: record.at,
    requestId: record.requestId,
    username: identity.username,
    group: identity.group,
    vo: identity.vo,
    ...(identity.dn !== undefined && { dn: identity.dn }),
    source: identity.source,
    ...(identity.via !== undefined && { via: identity.via }),
    ...(identity.limitedProxy && { limitedProxy: true }),
    ...(identity.restrictions && { narrowed: true }),
    storageElement: record.storageElement,
    method: record.method,
    purpose: record.purpose,
  };
}

/** What was decided about which name, redacted. Never a URL. */
export function decisionFields({ lfn, outcome }: AuditRecord): Record<string, unknown> {
  const name = auditedName(lfn);
  return outcome.granted
    ? { lfn: name, granted: true, expiresAt: outcome.expiresAt.toISOString() }
    : { lfn: name, granted: false, code: outcome.code, reason: redact(outcome.reason) };
}

/**
 * The name as it was asked for: the redactor would let a user hide what he was after behind a name like `signature=…`. A valid LFN has no
 * query, so there is no presigned URL in it; what is no LFN may be anything.
 */
function auditedName(lfn: string): string {
  return lfnFault(lfn) === undefined ? lfn : redact(lfn);
}

/** True when both are about one question, so that {@link questionFields} are the same. */
export function isSameQuestion(one: AuditRecord, other: AuditRecord): boolean {
  return (
    one.at === other.at &&
    one.requestId === other.requestId &&
    one.identity === other.identity &&
    one.storageElement === other.storageElement &&
    one.method === other.method &&
    one.purpose === other.purpose
  );
}
