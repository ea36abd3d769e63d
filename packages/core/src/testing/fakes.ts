import { createIdentity, type Identity, type IdentityFacts, type StorageElement } from '../domain/index.js';
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

/** A StorageElement of DIRAC's defaults at `https://store.example.org/bucket`, with credentials here, unless told otherwise. */
export function storageElementOf(name: string, facts: Partial<Omit<StorageElement, 'name'>> = {}): StorageElement {
  return {
    name,
    baseName: undefined,
    section: 'S3',
    endpoint: { secure: true, host: 'store.example.org', port: undefined },
    publicEndpoint: undefined,
    bucket: 'bucket',
    voBuckets: new Map(),
    region: 'us-east-1',
    addressingStyle: 'path',
    caFile: undefined,
    vos: [],
    status: { Read: 'Active', Write: 'Active', Remove: 'Active', Check: 'Active' },
    unsignedHeaders: 'honoured',
    expiration: { transfer: { defaultSeconds: 3600, maxSeconds: 3600 }, external: { defaultSeconds: 86_400, maxSeconds: 86_400 } },
    access: 'direct',
    ...facts,
  };
}
