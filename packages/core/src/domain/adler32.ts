import { addWholeBlocks, adlerBlockBytes } from './adler32-simd.js';

/**
 * Adler-32 (RFC 1950, section 8.2) as DIRAC writes it: eight lower-case hexadecimal digits (`Core/Utilities/Adler.py`).
 */
export class Adler32 {
  /** b << 16 | a */
  #packed = 1;

  update(bytes: Uint8Array): this {
    const { packed, left } =
      bytes.length < adlerBlockBytes ? { packed: this.#packed, left: bytes.length } : addWholeBlocks(this.#packed, bytes);
    this.#packed = addBytes(packed, bytes.subarray(bytes.length - left));
    return this;
  }

  digest(): string {
    return writtenAdler32(this.#packed);
  }
}

/** Adds bytes one by one to a sum, b << 16 | a. */
export function addBytes(packed: number, bytes: Uint8Array): number {
  let [a, b] = [packed & 0xffff, packed >>> 16];
  for (let at = 0; at < bytes.length;) {
    // 5552 is the longest run for which b stays below 2^32 before the modulo (zlib's NMAX).
    const end = Math.min(at + 5552, bytes.length);
    while (at < end) b += a += bytes[at++]!;
    a %= 65521;
    b %= 65521;
  }
  return (b << 16) | a;
}

/** Of b << 16 | a. */
export function writtenAdler32(packed: number): string {
  return (packed >>> 0).toString(16).padStart(8, '0');
}

export function adler32(bytes: Uint8Array): string {
  return new Adler32().update(bytes).digest();
}

/**
 * Adler-32 of two pieces put together, from the sums of each (eight hexadecimal digits) and the length of the second in bytes. With b the
 * weighted sum and n that length, modulo 65521: a = a1 + a2 - 1, b = b1 + b2 + n * (a1 - 1).
 */
export function combineAdler32(first: string, second: string, secondBytes: number): string {
  const modulus = 65521;
  const [one, two] = [Number.parseInt(first, 16), Number.parseInt(second, 16)];
  const [a1, a2] = [one & 0xffff, two & 0xffff];
  const a = (a1 + a2 + modulus - 1) % modulus;
  const b = ((one >>> 16) + (two >>> 16) + (secondBytes % modulus) * ((a1 + modulus - 1) % modulus)) % modulus;
  return writtenAdler32((b << 16) | a);
}

/**
 * Equality of two written checksums as DIRAC's `compareAdler` reads them: case, a `0x` prefix and missing leading zeros
 * do not matter (an empty file is written `000001` by DIRAC). Text that is no checksum equals nothing.
 */
export function sameAdler32(one: string, other: string): boolean {
  const left = normalAdler32(one);
  return left !== undefined && left === normalAdler32(other);
}

/** The eight-digit form of a written checksum, or undefined when the text is none. */
export function normalAdler32(text: string): string | undefined {
  const match = /^\s*(?:0x)?([0-9a-f]{1,8})\s*$/i.exec(text);
  return match?.[1]?.toLowerCase().padStart(8, '0');
}
