import type { AuditRecord } from '@dirac-s3/core/ports';

/** What one audit line says: who, asked for what, on which name, and what was decided. Never a URL. */
export function auditFields(record: AuditRecord): Record<string, unknown> {
  const { identity, outcome } = record;
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
    lfn: record.lfn,
    ...(outcome.granted ? { granted: true, expiresAt: outcome.expiresAt } : { granted: false, code: outcome.code, reason: outcome.reason }),
  };
}
