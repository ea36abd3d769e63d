import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Adler32, adler32, normalAdler32, sameAdler32 } from '../../src/domain/index.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** RFC 1950, section 8.2, word by word. */
function byTheBook(data: Uint8Array): string {
  let a = 1n;
  let b = 0n;
  for (const byte of data) {
    a = (a + BigInt(byte)) % 65_521n;
    b = (b + a) % 65_521n;
  }
  return ((b << 16n) | a).toString(16).padStart(8, '0');
}

describe('Adler-32', () => {
  /** Made with `zlib.adler32` of Python. */
  test.each([
    ['a', '00620062'],
    ['abc', '024d0127'],
    ['', '00000001'],
    ['Wikipedia', '11e60398'],
    ['message digest', '29750586'],
  ])('of %j is %s', (text, sum) => expect(adler32(bytes(text))).toBe(sum));

  test('of large inputs with the largest bytes does not overflow', () => {
    expect(adler32(new Uint8Array(1_000_000).fill(255))).toBe('3843e1be');
    expect(adler32(new Uint8Array(1_000_000))).toBe(byTheBook(new Uint8Array(1_000_000)));
  });

  test('is what RFC 1950 says', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (data) => adler32(data) === byTheBook(data)));
  });

  test.each([5551, 5552, 5553, 11_104, 70_000])('is what RFC 1950 says at a length of %i', (length) => {
    const data = Uint8Array.from({ length }, (_, index) => (index * 7919 + 255) & 0xff);
    expect(adler32(data)).toBe(byTheBook(data));
  });

  test.each([255, 256, 257, 511, 512, 5375, 5376, 5632, 262_143, 262_144, 262_145, 262_400, 262_401])(
    'is the same by blocks, at a length of %i',
    (length) => {
      for (const fill of [(n: number) => (n * 7919 + 255) & 0xff, () => 255, () => 0]) {
        const data = Uint8Array.from({ length }, (_, n) => fill(n));
        expect(adler32(data)).toBe(byTheBook(data));
        // From the largest sums there can be.
        const before = new Uint8Array(300).fill(255);
        expect(new Adler32().update(before).update(data).digest()).toBe(byTheBook(Uint8Array.from([...before, ...data])));
      }
    },
  );

  test('is the same by blocks, whatever the bytes, the length and the place in memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 256, maxLength: 20_000 }), fc.nat(255), (data, from) => {
        const part = data.subarray(from);
        return adler32(part) === byTheBook(part);
      }),
      { numRuns: 50 },
    );
  });

  test('is the same where there is no WebAssembly', () => {
    const script = `
      import { adler32 } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
      process.stdout.write(typeof WebAssembly + ' ' + adler32(new Uint8Array(1_000_000).fill(255)));`;
    const run = spawnSync(process.execPath, ['--jitless', '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(run.stdout).toBe('undefined 3843e1be');
  });

  test('does not depend on how the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (chunks) => {
        const sum = new Adler32();
        for (const chunk of chunks) sum.update(chunk);
        return sum.digest() === adler32(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])));
      }),
    );
  });

  test('can be asked for in between', () => {
    const sum = new Adler32().update(bytes('a'));
    expect(sum.digest()).toBe('00620062');
    expect(sum.update(bytes('bc')).digest()).toBe('024d0127');
  });
});

describe('written checksums', () => {
  test.each([
    ['00620062', '620062'],
    ['0x620062', '00620062'],
    ['0X00620062', '620062'],
    ['024D0127', '024d0127'],
    [' 024d0127 ', '24d0127'],
    ['000001', '00000001'],
  ])('%j and %j are equal, as in DIRAC', (one, other) => {
    expect(sameAdler32(one, other)).toBe(true);
    expect(sameAdler32(other, one)).toBe(true);
  });

  test.each([
    ['00620062', '00620063'],
    ['', ''],
    ['False', 'False'],
    ['0x', '0x'],
    ['123456789', '123456789'],
    ['62 0062', '620062'],
    ['-620062', '-620062'],
  ])('%j and %j are not equal: another value, or no checksum at all', (one, other) => expect(sameAdler32(one, other)).toBe(false));

  test('have one form of eight lower-case digits', () => {
    expect(normalAdler32('0x24D0127')).toBe('024d0127');
    expect(normalAdler32('none')).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        const sum = adler32(data);
        return normalAdler32(sum) === sum && normalAdler32(`0x${sum.replace(/^0+/, '').toUpperCase() || '0'}`) === sum;
      }),
    );
  });
});
