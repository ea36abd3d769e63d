import { DiracS3Error } from '../errors/index.js';
import { CalendarDate, dateTimeText, isDiracArray, maxDepth, readCalendarDate, type DiracObject, type DiracValue } from './value.js';

/**
 * Writes a value as `JEncode.encode` does: Python's `json.dumps` (`", "` and `": "`, everything but printable ASCII escaped) with the tags
 * `dt`, `date` and `b64`. Whole numbers are exact; a `number` beyond 2^53 is written with an exponent, since Python would take plain
 * digits for an exact integer.
 *
 * @throws invalid-argument for NaN and infinities (not JSON), a date without a four-digit year, an object that has the key of a tag, and
 * anything deeper than {@link maxDepth}
 */
export function encodeJson(value: DiracValue): string {
  return write(value, 0);
}

function write(value: DiracValue, depth: number): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'string':
      return quote(value);
    case 'bigint':
      return value.toString();
    case 'number':
      return writeNumber(value);
    default:
      return writeStructure(value, depth);
  }
}

function writeStructure(value: Exclude<DiracValue, null | boolean | string | bigint | number>, depth: number): string {
  if (value instanceof Date) return tag('dt', dateTimeText(value));
  if (value instanceof CalendarDate) return tag('date', readCalendarDate(value.text)?.text);
  if (value instanceof Uint8Array) return tag('b64', Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'));
  if (depth >= maxDepth) throw new DiracS3Error('invalid-argument', `a value to be sent is nested more than ${maxDepth} levels deep`);
  if (isDiracArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(', ')}]`;
  return writeObject(value, depth);
}

function writeObject(object: DiracObject, depth: number): string {
  // The other side would take it for a tag, and import the module it names.
  if (Object.hasOwn(object, '__dCls')) throw new DiracS3Error('invalid-argument', 'an object to be sent has the reserved key "__dCls"');
  return `{${Object.keys(object)
    .map((key) => `${quote(key)}: ${write(object[key]!, depth + 1)}`)
    .join(', ')}}`;
}

function tag(name: string, text: string | undefined): string {
  if (text === undefined) throw new DiracS3Error('invalid-argument', `a date to be sent is not one from the years 1 to 9999`);
  return `{"__dCls": "${name}", "obj": "${text}"}`;
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new DiracS3Error('invalid-argument', `${value} cannot be sent: JSON has no such number`);
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
