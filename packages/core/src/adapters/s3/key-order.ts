/**
 * The order of keys in a listing: that of their UTF-8 bytes ("Listing object keys programmatically", Amazon S3 User Guide). JavaScript compares
 * UTF-16 units, which is the same until a character beyond U+FFFF meets one from U+E000.
 */
export function compareKeys(one: string, other: string): number {
  if (one === other) return 0;
  if (surrogate.test(one) || surrogate.test(other)) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return one < other ? -1 : 1;
}

const surrogate = /[\ud800-\udfff]/;

/** The last character that is one; whatever a name goes on with, it does not come after this. */
const last = '\u{10fffd}';

/** Keys of S3 hold so many bytes. */
const maxKeyBytes = 1024;

/**
 * Where a listing has to start (StartAfter, which is exclusive) to have this key for its first, or nearly so: no key is between the two but
 * for such as differ in the last character, and then only by going on with characters that names do not have. No place is inside a sub-directory
 * beside the key: where a listing by delimiter then starts, not all stores agree.
 */
export function placeBefore(key: string): string {
  const characters = Array.from(key);
  const below = belowOf(characters.pop()!.codePointAt(0)!);
  const head = characters.join('');
  if (below === undefined) return head;
  const place = head + String.fromCodePoint(below);
  return Buffer.byteLength(place + last) > maxKeyBytes ? place : place + last;
}

/** The code point before: no surrogate, no slash; undefined where it would be a control character. */
function belowOf(codePoint: number): number | undefined {
  if (codePoint <= 0x20) return undefined;
  if (codePoint === 0xe000) return 0xd7ff;
  return codePoint === 0x30 ? 0x2e : codePoint - 1;
}

/** The place after all keys that begin with a prefix. */
export function placeAfterAll(prefix: string): string {
  return prefix + last;
}

export function later(one: string, other: string): string {
  return compareKeys(one, other) < 0 ? other : one;
}
