import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adler32, LaneSums, type Sums } from '../../src/domain/index.js';

const roomBytes = 4096;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const sumsOf = (message: Uint8Array): Sums => ({ adler: adler32(message), md5: createHash('md5').update(message).digest('hex') });
/** Of many values, and another one for every seed. */
const filled = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, n) => (n * 7919 + (n >> 8) * 31 + seed) & 0xff);

/** Sums messages side by side, in pieces as `pieceOf` gives them: whole blocks as long as a message goes on. */
function sideBySide(sums: LaneSums, messages: readonly Uint8Array[], pieceOf: () => number = () => roomBytes): Sums[] {
  const at = messages.map((_, lane) => (sums.begin(lane), 0));
  const found: Sums[] = [];
  for (let half: 0 | 1 = 0; found.filter(Boolean).length < messages.length; half = half === 0 ? 1 : 0) {
    const lengths = messages.map((message, lane) => {
      const piece = message.subarray(at[lane], at[lane]! + pieceOf());
      sums.room(lane, half).set(piece);
      at[lane]! += piece.length;
      return piece.length;
    });
    sums.add(half, lengths);
    messages.forEach((message, lane) => {
      if (at[lane] === message.length) found[lane] ??= sums.end(lane);
    });
  }
  return found;
}

const lanes = LaneSums.create(roomBytes)!;

describe('messages that are summed side by side', () => {
  test.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
    ['12345678901234567890123456789012345678901234567890123456789012345678901234567890', '57edf4a22be3c955ac49da2e2107b67a'],
  ])('have the MD5 that RFC 1321 (A.5) gives, in every lane: %j', (text, md5) => {
    const messages = Array.from({ length: LaneSums.lanes }, () => bytes(text));
    expect(sideBySide(lanes, messages)).toEqual(messages.map(() => ({ adler: adler32(bytes(text)), md5 })));
  });

  test.each([1, 15, 16, 17, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, roomBytes - 1, roomBytes, roomBytes + 1, 2 * roomBytes, 50_000])(
    'have the sums of their own, in every lane, at a length of %i bytes',
    (length) => {
      const messages = Array.from({ length: LaneSums.lanes }, (_, lane) => filled(length, lane));
      expect(sideBySide(lanes, messages)).toEqual(messages.map(sumsOf));
    },
  );

  test('have the sums of their own, whatever their number, lengths and pieces', () => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.nat(3 * roomBytes), fc.nat(255)).map(([length, seed]) => filled(length, seed)),
    );
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: LaneSums.lanes }),
        fc.infiniteStream(fc.integer({ min: 1, max: roomBytes / 64 })),
        (messages, pieces) => {
          const found = sideBySide(lanes, messages, () => 64 * Number(pieces.next().value));
          expect(found).toEqual(messages.map(sumsOf));
        },
      ),
    );
  });

  test('do not depend on one another: a lane that rests keeps what it has, and one that ends can begin anew', () => {
    const [long, short] = [filled(3 * roomBytes, 1), filled(100, 2)];
    lanes.begin(0);
    lanes.begin(5);
    const ends: Sums[] = [];
    for (const half of [0, 1, 0] as const) {
      lanes.room(0, half).set(long.subarray(ends.length * roomBytes, (ends.length + 1) * roomBytes));
      lanes.add(half, [roomBytes]);
      lanes.room(5, half).set(short);
      lanes.add(half, [0, 0, 0, 0, 0, short.length]);
      ends.push(lanes.end(5));
      lanes.begin(5);
    }
    expect(ends).toEqual([short, short, short].map(sumsOf));
    expect(lanes.end(0)).toEqual(sumsOf(long));
  });

  test('of which one went on behind a block that was not whole are refused', () => {
    lanes.begin(0);
    lanes.add(0, [65]);
    expect(() => lanes.add(1, [1])).toThrow(RangeError);
  });

  /** V8's switch for processors that have no vectors for WebAssembly. */
  test.each(['--jitless', '--no-enable-sse4-1'])('are not, under %s, and Adler-32 is the same', (option) => {
    const script = `
      import { adler32, LaneSums } from ${JSON.stringify(new URL('../../dist/domain/index.js', import.meta.url).href)};
      process.stdout.write(String(LaneSums.create(64)) + ' ' + adler32(new Uint8Array(1_000_000).fill(255)));`;
    const run = spawnSync(process.execPath, [option, '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(run.stdout).toBe('undefined 3843e1be');
  });
});
