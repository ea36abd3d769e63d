import { redact } from '@dirac-s3/core';

/** Names under which only secrets are found; their values never reach the log, whatever they look like. */
const secretName = /authorization|cookie|secret|token|signature|password|credential/i;
const deepest = 6;

/**
 * Makes the fields of a log line safe: every text passes core's redactor, values of secret-sounding names are dropped,
 * errors become plain data with their causes. Applied before serialising, because rules for text would tear JSON apart.
 */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactRecord(fields, 0);
}

function redactRecord(record: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, secretName.test(name) ? 'REDACTED' : redactValue(value, depth + 1)]),
  );
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return '…';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return errorFields(value, depth);
  if (Array.isArray(value)) return value.map((entry: unknown) => redactValue(entry, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return redactValue((value.toJSON as () => unknown).call(value), depth + 1);
  return redactRecord(value, depth);
}

/** Own extra properties of foreign errors (requests, responses, configurations of an SDK) are left out on purpose. */
function errorFields(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    ...('code' in error && { code: redactValue(error.code, depth + 1) }),
    message: redact(error.message),
    ...(error.stack !== undefined && { stack: redact(error.stack) }),
    ...(error.cause !== undefined && { cause: redactValue(error.cause, depth + 1) }),
  };
}
