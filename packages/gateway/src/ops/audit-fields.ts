import type { AuditRecord } from '@dirac-s3/core/ports';

/** What the audit lines of one question have in common: who asked for what, where and when. */
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

/** What was decided. Never a URL. */
export function decisionFields({ outcome }: AuditRecord): Record<string, unknown> {
  return outcome.granted ? { granted: true, expiresAt: outcome.expiresAt } : { granted: false, code: outcome.code, reason: outcome.reason };
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
