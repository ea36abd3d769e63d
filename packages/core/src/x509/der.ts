/**
 * A reader of DER (ITU-T X.690 section 10 and 11), the one encoding a certificate may have. BER's freedoms (indefinite and padded lengths,
 * booleans of any value, padded integers) are faults: two readers that repair them differently see two different certificates.
 */

/** The bytes are not what they must be; the message says where and why. Never leaves this room: it becomes a reason. */
export class Malformed extends Error {}

/** Identifier octets of the types that certificates and revocation lists are made of. */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element: its identifier octet, its content, and the whole of it. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly bytes: Buffer;
}

/** Reads one element after the other and insists on the end. */
export class DerReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next element, of any type or of the one expected. */
  next(expected?: number): Element {
    const found = this.#bytes[this.#at];
    if (found === undefined) throw this.#fault('ends early');
    if (expected !== undefined && found !== expected) throw this.#fault(`has type 0x${hex(found)} where 0x${hex(expected)} must be`);
    // X.690 8.1.2.4: tags above 30 take more octets; no certificate has one.
    if ((found & 0x1f) === 0x1f) throw this.#fault('has a tag of several octets');
    const { start, length } = this.#length();
    const end = start + length;
    if (end > this.#bytes.length) throw this.#fault('is cut off');
    const element = { tag: found, content: this.#bytes.subarray(start, end), bytes: this.#bytes.subarray(this.#at, end) };
    this.#at = end;
    return element;
  }

  /** The next element if it is of this type. */
  optional(expected: number): Element | undefined {
    return this.#bytes[this.#at] === expected ? this.next(expected) : undefined;
  }

  /** A reader of the content of the next element. */
  inside(expected: number): DerReader {
    return new DerReader(this.next(expected).content, this.#what);
  }

  /** What every structure ends with: anything left is a fault. */
  end(): void {
    if (!this.atEnd) throw this.#fault('has bytes after its end');
  }

  /** X.690 8.1.3 and 10.1: definite, in the fewest octets. */
  #length(): { start: number; length: number } {
    const first = this.#bytes[this.#at + 1];
    if (first === undefined) throw this.#fault('is cut off');
    if (first < 0x80) return { start: this.#at + 2, length: first };
    const octets = first & 0x7f;
    if (octets === 0) throw this.#fault('has an indefinite length (BER)');
    if (octets > 4) throw this.#fault('has a length of more than four octets');
    const start = this.#at + 2 + octets;
    if (start > this.#bytes.length) throw this.#fault('is cut off');
    const length = this.#bytes.readUIntBE(this.#at + 2, octets);
    if (length < 0x80 || length < 2 ** (8 * (octets - 1))) throw this.#fault('has a padded length (BER)');
    return { start, length };
  }

  #fault(text: string): Malformed {
    return new Malformed(`${this.#what} ${text}`);
  }
}

/** A reader of bytes that hold one element and nothing more. */
export function readWhole(bytes: Buffer, expected: number, what: string): DerReader {
  const reader = new DerReader(bytes, what);
  const inside = reader.inside(expected);
  reader.end();
  return inside;
}

/** X.690 11.1: true is 0xFF; false, the default of every boolean here, is left out (11.5), so that only true can be written. */
export function readTrue(element: Element, what: string): true {
  if (element.content.length !== 1 || element.content[0] !== 0xff) throw new Malformed(`${what} is not a DER TRUE`);
  return true;
}

/** X.690 8.3.2: in the fewest octets. The content as it is, for numbers of any size. */
export function integerBytes(element: Element, what: string): Buffer {
  const [first, second] = element.content;
  if (first === undefined) throw new Malformed(`${what} is an integer without content`);
  const padded = second !== undefined && ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw new Malformed(`${what} is a padded integer (BER)`);
  return element.content;
}

/** An integer from 0 to 2^31-1, as versions and path lengths are. */
export function readSmallInteger(element: Element, what: string): number {
  const bytes = integerBytes(element, what);
  if (bytes.length > 4 || bytes[0]! >= 0x80) throw new Malformed(`${what} is out of range`);
  return bytes.readUIntBE(0, bytes.length);
}

/** X.690 8.19, in dotted decimal. */
export function readOid(element: Element, what: string): string {
  const { content } = element;
  if (content.length === 0 || content.length > 64 || content.at(-1)! >= 0x80) throw new Malformed(`${what} is not an object identifier`);
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const octet of content) {
    if (fresh && octet === 0x80) throw new Malformed(`${what} is a padded object identifier (BER)`);
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    fresh = octet < 0x80;
    if (!fresh) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [head = 0n, ...rest] = arcs;
  const root = head < 80n ? head / 40n : 2n;
  return [root, head - root * 40n, ...rest].join('.');
}

/** A BIT STRING of whole octets, as keys and signatures are. */
export function readBitString(element: Element, what: string): Buffer {
  if (element.content[0] !== 0) throw new Malformed(`${what} is not a bit string of whole octets`);
  return element.content.subarray(1);
}

/** X.690 11.2.2: a list of named bits without zeros at its end. The numbers of the bits that are set. */
export function readNamedBits(element: Element, what: string): ReadonlySet<number> {
  const [unused = 8, ...octets] = element.content;
  const last = octets.at(-1);
  const canonical = last === undefined ? unused === 0 : unused < 8 && (last & ((1 << (unused + 1)) - 1)) === 1 << unused;
  if (!canonical || octets.length > 4) throw new Malformed(`${what} is not a DER list of bits`);
  return new Set(octets.flatMap((octet, at) => [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => octet & (0x80 >> bit)).map((bit) => at * 8 + bit)));
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}
