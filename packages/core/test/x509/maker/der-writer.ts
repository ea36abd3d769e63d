/** A writer of DER, and of what is not DER when a test asks for it. Shares nothing with the reader it tests. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => tlv(0x31, ...parts.toSorted((a, b) => Buffer.compare(a, b)));
export const unsortedSet = (...parts: readonly Uint8Array[]): Buffer => tlv(0x31, ...parts);
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Buffer => tlv(0xa0 | number, ...parts);
export const octets = (...parts: readonly Uint8Array[]): Buffer => tlv(0x04, ...parts);
export const bits = (content: Uint8Array, unused = 0): Buffer => tlv(0x03, Buffer.from([unused]), content);
export const boolean = (value: number): Buffer => tlv(0x01, Buffer.from([value]));
export const nothing = Buffer.from([0x05, 0x00]);
export const raw = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex');

export function integer(value: number | bigint): Buffer {
  let hex = BigInt(value).toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (Number.parseInt(hex.slice(0, 2), 16) >= 0x80) hex = `00${hex}`;
  return tlv(0x02, Buffer.from(hex, 'hex'));
}

export function oid(dotted: string): Buffer {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  return tlv(0x06, Buffer.from([first * 40n + second, ...rest].flatMap(base128)));
}

function base128(arc: bigint): number[] {
  const digits = [Number(arc & 0x7fn)];
  for (let left = arc >> 7n; left > 0n; left >>= 7n) digits.unshift(Number(left & 0x7fn) | 0x80);
  return digits;
}

const ascii = (tag: number) => (text: string) => tlv(tag, Buffer.from(text, 'latin1'));
export const printableString = ascii(0x13);
export const numericString = ascii(0x12);
export const teletexString = ascii(0x14);
export const ia5String = ascii(0x16);
export const utf8String = (text: string): Buffer => tlv(0x0c, Buffer.from(text, 'utf8'));
export const bmpString = (text: string): Buffer => tlv(0x1e, Buffer.from(text, 'utf16le').swap16());
export const utcTimeText = ascii(0x17);
export const generalizedTimeText = ascii(0x18);

/** As RFC 5280 wants it: UTCTime until 2049. */
export function time(date: Date | string): Buffer {
  const digits = new Date(date).toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  return digits < '2050' ? utcTimeText(`${digits.slice(2)}Z`) : generalizedTimeText(`${digits}Z`);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octetsOfLength = Math.ceil(Math.log2(length + 1) / 8);
  const bytes = Buffer.alloc(octetsOfLength + 1);
  bytes[0] = 0x80 | octetsOfLength;
  bytes.writeUIntBE(length, 1, octetsOfLength);
  return bytes;
}

/** The same element with one octet more than needed for its length: BER, not DER. */
export function withPaddedLength(element: Buffer): Buffer {
  const first = element[1]!;
  if (first < 0x80) return Buffer.concat([element.subarray(0, 1), Buffer.from([0x81]), element.subarray(1)]);
  return Buffer.concat([element.subarray(0, 1), Buffer.from([first + 1, 0]), element.subarray(2)]);
}

/** The same element with a length that its end tells: BER, not DER. */
export function withIndefiniteLength(element: Buffer): Buffer {
  const header = element[1]! < 0x80 ? 2 : 2 + (element[1]! & 0x7f);
  return Buffer.concat([element.subarray(0, 1), Buffer.from([0x80]), element.subarray(header), Buffer.from([0, 0])]);
}
