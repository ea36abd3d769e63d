import type { BulkResult } from '../domain/index.js';
import { DiracS3Error, failureOf, type Failure } from '../errors/index.js';
import type { AuditRecord, AuditSink } from '../ports/index.js';
import { purposeOf } from './resolve-targets.js';
import type { PresignCommand } from './types.js';

type Outcome = AuditRecord['outcome'];

/** Last step: every decision is written down before the answer leaves. A sink that throws stops the answer. */
export async function auditDecisions(
  audit: AuditSink,
  command: PresignCommand,
  at: Date,
  result: BulkResult<{ readonly expiresAt: Date }>,
): Promise<void> {
  await write(audit, command, at, (lfn) => {
    const granted = result.successful.get(lfn);
    return granted === undefined ? refusal(result.failed.get(lfn)!) : { granted: true, expiresAt: granted.expiresAt };
  });
}

/** A request that failed as a whole refused each of its names. */
export async function auditRefusal(audit: AuditSink, command: PresignCommand, at: Date, thrown: unknown): Promise<void> {
  const outcome = refusal(failureOf(thrown));
  await write(audit, command, at, () => outcome);
}

function refusal({ code, message }: Failure): Outcome {
  return { granted: false, code, reason: message };
}

async function write(audit: AuditSink, command: PresignCommand, at: Date, outcomeOf: (lfn: string) => Outcome): Promise<void> {
  const { requestId, identity, storageElement, method } = command;
  const purpose = purposeOf(command);
  const names = new Set(command.items.map(({ lfn }) => lfn));
  const records = [...names].map((lfn) => ({ at, requestId, identity, storageElement, method, purpose, lfn, outcome: outcomeOf(lfn) }));
  try {
    if (records.length > 0) await audit.record(records);
  } catch (cause) {
    throw new DiracS3Error('internal', 'the decision could not be written to the audit log, so it is not given', { cause });
  }
}
