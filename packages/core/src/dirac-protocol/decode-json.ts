import { DiracS3Error } from '../errors/index.js';
import { diracObject, maxDepth as deepest, readCalendarDate, readDateTime, type DiracValue } from './value.js';

export interface DecodeLimits {
  /** Levels of arrays and objects. Default 64. */
  readonly maxDepth?: number | undefined;
  /** UTF-16 units of the text. Default 64 Mi. */
  readonly maxLength?: number | undefined;
}

const defaultMaxLength = 64 * 1024 * 1024;

/** Python refuses longer integers too (`sys.int_info.default_max_str_digits`); reading one takes time with the square of its length. */
const maxDigits = 4300;

/**
 * Reads what `JEncode.encode` writes: JSON, the bare words `NaN`, `Infinity` and `-Infinity`, whole numbers of any size (`bigint` beyond
 * 2^53), and the tags `dt`, `date` and `b64`. Of several entries with one key the last counts, as in Python.
 *
 * `JSON.parse` is not used: it rounds large integers, refuses NaN, and cannot tell how deep a text is before it has built it.
 *
 * @throws invalid-argument for anything else: no JSON, any other tag (Python would import the module it names), too long, too deep
 */
export function decodeJson(text: string, { maxDepth = deepest, maxLength = defaultMaxLength }: DecodeLimits = {}): DiracValue {
  if (text.length > maxLength) throw new DiracS3Error('invalid-argument', `the JSON text is longer than ${maxLength} characters`);
  return new JsonReader(text, maxDepth).read();
}

class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;
  #depth = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  read(): DiracValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#refuse('there is text after the end of the value');
    return value;
  }

  #value(): DiracValue {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      case 'N':
        return this.#word('NaN', Number.NaN);
      case 'I':
        return this.#word('Infinity', Infinity);
      case undefined:
        return this.#refuse('it ends too early');
      default:
        return this.#number();
    }
  }

  #array(): DiracValue[] {
    const items: DiracValue[] = [];
    this.#enter();
    if (this.#follows(']')) return this.#leave(items);
    do items.push(this.#value());
    while (this.#follows(','));
    this.#expect(']');
    return this.#leave(items);
  }

  #object(): DiracValue {
    const entries: [string, DiracValue][] = [];
    this.#enter();
    if (this.#follows('}')) return this.#leave(diracObject(entries));
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') this.#refuse('a key in quotes is expected');
      const key = this.#string();
      this.#expect(':');
      entries.push([key, this.#value()]);
    } while (this.#follows(','));
    this.#expect('}');
    return this.#leave(this.#untag(entries));
  }

  #untag(entries: readonly (readonly [string, DiracValue])[]): DiracValue {
    const object = diracObject(entries);
    if (!('__dCls' in object)) return object;
    const { __dCls: name, obj } = object;
    if (typeof obj === 'string') {
      const value = typeof name === 'string' ? tags[name]?.(obj) : undefined;
      if (value !== undefined) return value;
    }
    return this.#refuse('it holds a tagged object ("__dCls") that is not a proper dt, date or b64; others are never made');
  }

  #string(): string {
    const start = this.#at;
    let plain = true;
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const unit = this.#text.charCodeAt(at);
      if (unit === 0x22) {
        this.#at = at + 1;
        return plain ? this.#text.slice(start + 1, at) : this.#unescape(start);
      }
      if (unit < 0x20) return this.#refuse('a text holds a control character');
      if (unit === 0x5c) {
        plain = false;
        at += 1;
      }
    }
    return this.#refuse('a text has no end');
  }

  #unescape(start: number): string {
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      return this.#refuse('a text holds a wrong escape');
    }
  }

  #number(): number | bigint {
    numberToken.lastIndex = this.#at;
    const match = numberToken.exec(this.#text);
    if (match === null) return this.#refuse('a value is expected');
    const [token, digits = '', fraction] = match;
    this.#at += token.length;
    if (token === '-Infinity') return -Infinity;
    // Zero has no sign as an integer.
    if (fraction !== '') return Number(token);
    if (digits.length <= 15) return Number(token) + 0;
    if (digits.length > maxDigits) this.#refuse(`a number has more than ${maxDigits} digits`);
    const number = Number(token);
    return Number.isSafeInteger(number) ? number : BigInt(token);
  }

  #word<Value extends DiracValue>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) return this.#refuse('a value is expected');
    this.#at += word.length;
    return value;
  }

  #enter(): void {
    this.#at += 1;
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) this.#refuse(`it is nested more than ${this.#maxDepth} levels deep`);
  }

  #leave<Value>(value: Value): Value {
    this.#depth -= 1;
    return value;
  }

  #follows(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#follows(character)) this.#refuse(`"${character}" is expected`);
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #refuse(fault: string): never {
    // Never quotes the text: it may be secret.
    throw new DiracS3Error('invalid-argument', `this is no JSON as DIRAC writes it (at character ${this.#at}): ${fault}`);
  }
}

const numberToken = /-Infinity|-?(0|[1-9]\d*)((?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

const tags: Readonly<Record<string, ((text: string) => DiracValue | undefined) | undefined>> = Object.assign(
  Object.create(null) as Record<string, never>,
  { dt: readDateTime, date: readCalendarDate, b64: readBase64 },
);

function readBase64(text: string): Uint8Array | undefined {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : undefined;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}
