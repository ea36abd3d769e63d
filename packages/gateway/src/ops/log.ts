import { lfnFault, redact } from '@dirac-s3/core';
import type { AuditRecord, AuditSink, Logger } from '@dirac-s3/core/ports';
import { pino, type DestinationStream, type Logger as Pino } from 'pino';
import { decisionFields, isSameQuestion, questionFields } from './audit-fields.js';
import { redactFields } from './redact-fields.js';
import { ignoringBrokenPipe, standardOutput } from './standard-output.js';

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
  const destination = options.destination ?? standardOutput();
  const root = pino({ ...shape, level: options.level }, ignoringBrokenPipe(destination));
  return {
    logger: {
      debug: (fields, message) => root.isLevelEnabled('debug') && root.debug(redactFields(fields), redact(message)),
      info: (fields, message) => root.info(redactFields(fields), redact(message)),
      warn: (fields, message) => root.warn(redactFields(fields), redact(message)),
      error: (fields, message) => root.error(redactFields(fields), redact(message)),
    },
    audit: createAudit(destination),
  };
}

/** All lines of a call are written at once, and what they have in common is redacted once: a call may be about thousands of names. */
function createAudit(destination: DestinationStream): AuditSink {
  const lines: string[] = [];
  const decisions = pino({ ...shape, level: 'info' }, { write: (line) => void lines.push(line) });
  return {
    record: async (records) => {
      lines.length = 0;
      let question: { readonly first: AuditRecord; readonly log: Pino } | undefined;
      for (const record of records) {
        if (question === undefined || !isSameQuestion(question.first, record))
          question = { first: record, log: decisions.child(redactFields(questionFields(record))) };
        question.log.info({ lfn: auditedName(record.lfn), ...redactFields(decisionFields(record)) }, 'audit');
      }
      destination.write(lines.join(''));
      return Promise.resolve();
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

const shape = { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level } };
