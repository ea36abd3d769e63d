import { DiracS3Error } from '../errors/index.js';
import type { CalendarDate } from './value.js';
import { dateTimeText, diracObject, maxDepth as deepest, readCalendarDate, type DiracValue } from './value.js';
import type { DecodeLimits } from './decode-json.js';

/**
 * Reads DEncode (`Core/Utilities/DEncode.py`), which peers with `DIRAC_USE_JSON_ENCODE=No` still write. Ours is never written: every
 * version that we meet reads JEncode too. Texts that are not UTF-8 are bytes; a key that is no text becomes one, as in JSON.
 *
 * @throws invalid-argument for anything else
 */
export function decodeDencode(bytes: Uint8Array, { maxDepth = deepest }: Pick<DecodeLimits, 'maxDepth'> = {}): DiracValue {
  return new DencodeReader(bytes, maxDepth).read();
}

class DencodeReader {
  readonly #bytes: Buffer;
  readonly #maxDepth: number;
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#maxDepth = maxDepth;
  }

  read(): DiracValue {
    const value = this.#value();
    if (this.#at < this.#bytes.length) this.#refuse('there is more after the end of the value');
    return value;
  }

  #value(): DiracValue {
    const kind = this.#character();
    switch (kind) {
      case 'n':
        return null;
      case 'b':
        return this.#character() !== '0';
      case 'i':
      case 'I':
        return this.#integer(this.#until('e'));
      case 'f':
        return this.#float();
      case 's':
      case 'u':
        return this.#text();
      case 'l':
      case 't':
        return this.#items();
      case 'd':
        return this.#dictionary();
      case 'z':
        return this.#date();
      default:
        return this.#refuse('an unknown kind of value');
    }
  }

  #integer(digits: string): number | bigint {
    if (!/^-?\d{1,4300}$/.test(digits)) return this.#refuse('a wrong whole number');
    const number = Number(digits);
    return Number.isSafeInteger(number) ? number + 0 : BigInt(digits);
  }

  /** Ends with an "e", and may have an exponent, whose "e" is followed by a sign. */
  #float(): number {
    let token = this.#until('e');
    if (/^[+-]$/.test(this.#bytes.toString('latin1', this.#at, this.#at + 1))) token += `e${this.#until('e')}`;
    if (/^-?(?:\d+\.?\d*)(?:e[+-]\d+)?$/.test(token)) return Number(token);
    const word = /^(-?)(inf|nan)$/.exec(token);
    if (word === null) return this.#refuse('a wrong number');
    return word[2] === 'nan' ? Number.NaN : word[1] === '-' ? -Infinity : Infinity;
  }

  #text(): string | Uint8Array {
    const length = this.#until(':');
    const end = this.#at + Number(length);
    if (!/^\d{1,10}$/.test(length) || end > this.#bytes.length) return this.#refuse('a text of a wrong length');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return new Uint8Array(bytes);
    }
  }

  #items(): DiracValue[] {
    const items: DiracValue[] = [];
    this.#enter();
    while (!this.#ends()) items.push(this.#value());
    return items;
  }

  #dictionary(): DiracValue {
    const entries: [string, DiracValue][] = [];
    this.#enter();
    while (!this.#ends()) {
      const key = this.#value();
      if (key !== null && typeof key === 'object') this.#refuse('a key that is no simple value');
      entries.push([String(key), this.#value()]);
    }
    return diracObject(entries);
  }

  /** `za` and year … microsecond, zone; `zd` and year, month, day. */
  #date(): Date | CalendarDate {
    const kind = this.#character();
    if (this.#character() !== 't') return this.#refuse('a wrong date');
    const numbers = this.#items().map((part) => (typeof part === 'number' ? part : Number.NaN));
    const [year = Number.NaN, month = Number.NaN, day = Number.NaN, hour = 0, minute = 0, second = 0] = numbers;
    const time = new Date(0);
    time.setUTCFullYear(year, month - 1, day);
    time.setUTCHours(hour, minute, second);
    const text = dateTimeText(time);
    const valid = text !== undefined && time.getUTCMonth() === month - 1 && time.getUTCDate() === day && time.getUTCHours() === hour;
    if (valid && kind === 'a') return time;
    return (valid && kind === 'd' ? readCalendarDate(text.slice(0, 10)) : undefined) ?? this.#refuse('a wrong date');
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) this.#refuse(`it is nested more than ${this.#maxDepth} levels deep`);
  }

  #ends(): boolean {
    if (this.#bytes[this.#at] !== 0x65) return false;
    this.#at += 1;
    this.#depth -= 1;
    return true;
  }

  #character(): string {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) return this.#refuse('it ends too early');
    this.#at += 1;
    return String.fromCharCode(byte);
  }

  /** The text before a mark, and over the mark. No length or number is longer than Python would read. */
  #until(mark: string): string {
    const end = this.#bytes.subarray(this.#at, this.#at + 4400).indexOf(mark);
    if (end < 0) return this.#refuse('it ends too early');
    const text = this.#bytes.toString('latin1', this.#at, this.#at + end);
    this.#at += end + 1;
    return text;
  }

  #refuse(fault: string): never {
    throw new DiracS3Error('invalid-argument', `this is no value as DIRAC's DEncode writes it (at byte ${this.#at}): ${fault}`);
  }
}
