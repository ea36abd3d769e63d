import { createIdentity, type Identity, type IdentityFacts } from '../domain/index.js';
import type { AuditRecord, AuditSink, Clock } from '../ports/index.js';

/** A clock that stands still until it is told otherwise. */
export interface FixedClock extends Clock {
  set(now: Date): void;
  advanceSeconds(seconds: number): void;
}

export function fixedClock(start: Date | string = '2026-01-01T00:00:00Z'): FixedClock {
  let now = new Date(start);
  return {
    now: () => new Date(now),
    set: (time) => void (now = new Date(time)),
    advanceSeconds: (seconds) => void (now = new Date(now.getTime() + seconds * 1000)),
  };
}

/** Keeps what it was given, in order. */
export interface MemoryAuditSink extends AuditSink {
  readonly records: readonly AuditRecord[];
}

export function memoryAuditSink(): MemoryAuditSink {
  const records: AuditRecord[] = [];
  return {
    records,
    record: (more) => {
      records.push(...more);
      return Promise.resolve();
    },
  };
}

/** A proven user of the VO `vo` without any property, unless told otherwise. */
export function identityOf(username: string, facts: Partial<Omit<IdentityFacts, 'username'>> = {}): Identity {
  return createIdentity({ username, group: 'users', vo: 'vo', properties: [], source: 'local', ...facts });
}
