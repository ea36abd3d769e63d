/**
 * Text as Python's `pprint` writes it (width 80, keys sorted): what DIRAC's commands print, and what scripts around them read.
 * Source: Python standard library, `pprint.PrettyPrinter` with its defaults, and `repr()` of `str`, `int`, `datetime`.
 */
export type PythonValue = string | number | boolean | null | Date | ReadonlyMap<string, PythonValue>;

const width = 80;

export function pprint(value: PythonValue): string {
  return format(value, 0, 0);
}

/** `indent`: column where the value starts; `allowance`: columns to keep free for what closes behind it. */
function format(value: PythonValue, indent: number, allowance: number): string {
  const whole = repr(value);
  if (lengthOf(whole) <= width - indent - allowance) return whole;
  if (typeof value === 'string') return formatText(value, indent, allowance);
  if (!(value instanceof Map)) return whole;
  const entries = sortedEntries(value as ReadonlyMap<string, PythonValue>);
  const lines = entries.map(([key, entry], index) => {
    const name = repr(key);
    const last = index === entries.length - 1;
    return `${name}: ${format(entry, indent + 1 + lengthOf(name) + 2, last ? allowance + 1 : 1)}`;
  });
  return `{${lines.join(`,\n${' '.repeat(indent + 1)}`)}}`;
}

/** A long text is broken after line ends and white space into literals that Python joins again. */
function formatText(text: string, indent: number, allowance: number): string {
  if (text === '') return repr(text);
  const lines = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  const chunks = lines.flatMap((line, index) => {
    const kept = index === lines.length - 1 ? allowance : 0;
    return lengthOf(repr(line)) <= width - indent - kept ? [line] : breakLine(line, width - indent, kept);
  });
  return chunks.map(repr).join(`\n${' '.repeat(indent)}`);
}

function breakLine(line: string, room: number, keptAtEnd: number): string[] {
  const parts = line.match(/\S+\s*|\s+/g) ?? [];
  const chunks: string[] = [];
  let current = '';
  parts.forEach((part, index) => {
    const available = index === parts.length - 1 ? room - keptAtEnd : room;
    if (lengthOf(repr(current + part)) <= available) current += part;
    else {
      if (current !== '') chunks.push(current);
      current = part;
    }
  });
  return current === '' ? chunks : [...chunks, current];
}

/** On one line, however long. */
export function repr(value: PythonValue): string {
  if (typeof value === 'string') return reprText(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return 'None';
  if (value instanceof Date) return reprInstant(value);
  return `{${sortedEntries(value)
    .map(([key, entry]) => `${repr(key)}: ${repr(entry)}`)
    .join(', ')}}`;
}

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let written = '';
  for (const character of text) {
    if (character === quote || character === '\\') written += `\\${character}`;
    else if (isPrintable(character)) written += character;
    else written += escapeOf(character);
  }
  return quote + written + quote;
}

/** `str.isprintable`: everything but the categories Other and Separator, and the space itself. */
function isPrintable(character: string): boolean {
  return character === ' ' || !/[\p{C}\p{Z}]/u.test(character);
}

function escapeOf(character: string): string {
  const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const code = character.codePointAt(0) ?? 0;
  const hex = (digits: number): string => code.toString(16).padStart(digits, '0');
  if (short[character] !== undefined) return short[character];
  if (code <= 0xff) return `\\x${hex(2)}`;
  return code <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

/** A naive `datetime` in UTC, which is what DIRAC's catalog hands out; trailing zero fields are left out. */
function reprInstant(instant: Date): string {
  const fields = [
    instant.getUTCFullYear(),
    instant.getUTCMonth() + 1,
    instant.getUTCDate(),
    instant.getUTCHours(),
    instant.getUTCMinutes(),
  ];
  const seconds = instant.getUTCSeconds();
  const microseconds = instant.getUTCMilliseconds() * 1000;
  if (seconds !== 0 || microseconds !== 0) fields.push(seconds);
  if (microseconds !== 0) fields.push(microseconds);
  return `datetime.datetime(${fields.join(', ')})`;
}

/** Python sorts text by code points, and so do its bytes in UTF-8. */
function sortedEntries<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

/** Length as Python counts it: code points. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}
