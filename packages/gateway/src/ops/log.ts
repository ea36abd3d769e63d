import { lfnFault, redact } from '@dirac-s3/core';
import type { AuditSink, Logger } from '@dirac-s3/core/ports';
import { pino, type DestinationStream } from 'pino';
import { auditFields } from './audit-fields.js';
import { redactFields } from './redact-fields.js';

export interface Log {
  readonly logger: Logger;
  /** One line per decision, `msg` = `audit`, written whatever the level of the log is. */
  readonly audit: AuditSink;
}

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Default: standard output, written synchronously, so that no line is lost when the process ends. */
  readonly destination?: DestinationStream;
}

/** Structured log: one JSON object per line (`level`, `time`, `msg` and the fields), redacted. */
export function createLog(options: LogOptions): Log {
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true });
  const root = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level } }, destination);
  const decisions = root.child({}, { level: 'info' });
  return {
    logger: {
      debug: (fields, message) => root.isLevelEnabled('debug') && root.debug(redactFields(fields), redact(message)),
      info: (fields, message) => root.info(redactFields(fields), redact(message)),
      warn: (fields, message) => root.warn(redactFields(fields), redact(message)),
      error: (fields, message) => root.error(redactFields(fields), redact(message)),
    },
    audit: {
      record: async (records) => {
        for (const record of records) decisions.info({ ...redactFields(auditFields(record)), lfn: auditedName(record.lfn) }, 'audit');
        return Promise.resolve();
      },
    },
  };
}

/**
 * The name as it was asked for: the redactor would let a user hide what he was after behind a name like `signature=…`. A valid LFN has no
 * query, so there is no presigned URL in it; what is no LFN may be anything.
 */
function auditedName(lfn: string): string {
  return lfnFault(lfn) === undefined ? lfn : redact(lfn);
}

/** The name of the level instead of pino's number. */
function level(label: string): { level: string } {
  return { level: label };
}
