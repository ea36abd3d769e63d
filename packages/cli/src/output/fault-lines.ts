import { errorKind, redact, type ErrorCode, type Failure } from '@dirac-s3/core';
import { printable } from './printable.js';

const commonHints: Readonly<Partial<Record<ErrorCode, string>>> = {
  'gateway-unavailable': 'the gateways are those of /Systems/DataManagement/URLs/S3Gateway',
  'service-unavailable': 'the Configuration servers are those of /DIRAC/Configuration/Servers',
  'unknown-storage-element': '"dirac-s3 se list --verbose" shows those that can be used, and what is wrong with others',
};

/** `<lfn>: Permission denied: <message> (permission-denied)`. */
export function faultLine(fault: Failure, name?: string): string {
  return `${name === undefined ? '' : `${printable(name)}: `}${faultReason(fault, name)} (${fault.code})`;
}

/** `Permission denied: <message>`: the title of the error, by which scripts know it, and what the message adds to it. */
export function faultReason({ code, message }: Failure, name?: string): string {
  const { title } = errorKind(code);
  const text = name === undefined ? message : withoutName(message, name);
  return text.toLowerCase() === title.toLowerCase() ? title : `${title}: ${printable(redact(text))}`;
}

/** A line of help for each kind of failure that has one. */
export function hintsFor(codes: Iterable<ErrorCode>, ofCommand: Readonly<Partial<Record<ErrorCode, string>>> = {}): string[] {
  return [...new Set(codes)].flatMap((code) => ofCommand[code] ?? commonHints[code] ?? []);
}

/** Many messages start with the name they are about, which stands in front of them here anyway. */
function withoutName(message: string, name: string): string {
  const start = [`${name}: `, `${JSON.stringify(name)}: `].find((candidate) => message.startsWith(candidate));
  return start === undefined ? message : message.slice(start.length);
}
