import { redact } from '@dirac-s3/core';
import type { AuditRecord, AuditSink, Logger } from '@dirac-s3/core/ports';
import { pino, type DestinationStream } from 'pino';
import { decisionFields, isSameQuestion, questionFields } from './audit-fields.js';
import { redactFields } from './redact-fields.js';
import { ignoringBrokenPipe, standardOutput } from './standard-output.js';

export interface Log {
  readonly logger: Logger;
  /** One line per decision, `msg` = `audit`, written whatever the level of the log is. */
  readonly audit: AuditSink;
  /** How many warnings there were, shown or not. */
  readonly warnings: () => number;
}

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Default: standard output, written synchronously, so that no line is lost when the process ends. */
  readonly destination?: DestinationStream;
}

/** Structured log: one JSON object per line (`level`, `time`, `msg` and the fields), redacted. */
export function createLog(options: LogOptions): Log {
  const destination = options.destination ?? standardOutput();
  const root = pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level } },
    ignoringBrokenPipe(destination),
  );
  let warnings = 0;
  return {
    logger: {
      debug: (fields, message) => root.isLevelEnabled('debug') && root.debug(redactFields(fields), redact(message)),
      info: (fields, message) => root.info(redactFields(fields), redact(message)),
      warn: (fields, message) => {
        warnings += 1;
        root.warn(redactFields(fields), redact(message));
      },
      error: (fields, message) => root.error(redactFields(fields), redact(message)),
    },
    audit: createAudit(destination),
    warnings: () => warnings,
  };
}

/** Lines like those of the logger. All of a call are written at once: a call may be about thousands of names. */
function createAudit(destination: DestinationStream): AuditSink {
  return {
    record: async (records) => {
      destination.write(auditLines(records, new Date().toISOString()));
      return Promise.resolve();
    },
  };
}

function auditLines(records: readonly AuditRecord[], time: string): string {
  let question: { readonly of: AuditRecord; readonly text: string } | undefined;
  let lines = '';
  for (const record of records) {
    if (question === undefined || !isSameQuestion(question.of, record))
      question = { of: record, text: JSON.stringify({ level: 'info', time, ...redactFields(questionFields(record)) }).slice(0, -1) };
    lines += `${question.text},${JSON.stringify(decisionFields(record)).slice(1, -1)},"msg":"audit"}\n`;
  }
  return lines;
}

/** The name of the level instead of pino's number. */
function level(label: string): { level: string } {
  return { level: label };
}
