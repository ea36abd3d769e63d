/**
 * What travels between DIRAC programs (`Core/Utilities/JEncode.py`). Python's tuples are arrays here, a datetime is a `Date` (UTC, whole
 * seconds on the wire), a date is a {@link CalendarDate}, bytes are a `Uint8Array`. Whole numbers beyond 2^53 are `bigint`. Decoded
 * objects have no prototype, so that no key of them (`__proto__`, `constructor`) means anything.
 */
export type DiracValue = null | boolean | number | bigint | string | Uint8Array | Date | CalendarDate | readonly DiracValue[] | DiracObject;

export interface DiracObject {
  readonly [key: string]: DiracValue;
}

/** A day without a time: Python's `datetime.date`. */
export class CalendarDate {
  /** `YYYY-MM-DD`. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function isDiracObject(value: DiracValue | undefined): value is DiracObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date) &&
    !(value instanceof CalendarDate)
  );
}

/** `Array.isArray` narrows a readonly array to any[]. */
export function isDiracArray(value: DiracValue | undefined): value is readonly DiracValue[] {
  return Array.isArray(value);
}

/** An object without prototype, with these entries: a plain literal would drop `__proto__`. */
export function diracObject(entries: Iterable<readonly [string, DiracValue]>): DiracObject {
  const made = Object.create(null) as Record<string, DiracValue>;
  for (const [key, value] of entries) made[key] = value;
  return made;
}

/** Deeper structures are refused in both directions; DIRAC's own are a handful of levels deep. */
export const maxDepth = 64;

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

/** `YYYY-MM-DD HH:MM:SS`, or undefined for what Python's `strftime` has no four-digit year for. */
export function dateTimeText(time: Date): string | undefined {
  const year = time.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) return undefined;
  return `${pad(year, 4)}-${pad(time.getUTCMonth() + 1, 2)}-${pad(time.getUTCDate(), 2)} ${time.toISOString().slice(11, 19)}`;
}

/** The instant of `YYYY-MM-DD[ HH:MM:SS]`; undefined for another form or for a day or time that does not exist. */
export function readDateTime(text: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(text);
  if (match === null) return undefined;
  const time = new Date(`${match[1]!}T${match[2]!}Z`);
  // A day that does not exist (30 February) would silently become another one.
  return !Number.isNaN(time.getTime()) && dateTimeText(time) === text ? time : undefined;
}

export function readCalendarDate(text: string): CalendarDate | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) && readDateTime(`${text} 00:00:00`) !== undefined ? new CalendarDate(text) : undefined;
}
