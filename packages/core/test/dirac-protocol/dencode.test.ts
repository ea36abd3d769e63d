import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DiracS3Error } from '../../src/errors/index.js';
import { decodeDencode } from '../../src/dirac-protocol/decode-dencode.js';
import { CalendarDate, diracObject, isDiracArray, isDiracObject, type DiracValue } from '../../src/dirac-protocol/index.js';

const read = (text: string): DiracValue => decodeDencode(Buffer.from(text, 'latin1'));

describe('DEncode', () => {
  test.each<readonly [string, string, DiracValue]>([
    ['nothing', 'n', null],
    ['truth', 'b1', true],
    ['falsehood', 'b0', false],
    ['a whole number', 'i-42e', -42],
    ['a long one', 'I12345678901234567890e', 12345678901234567890n],
    ['a number with a fraction', 'f1.5e', 1.5],
    ['one with a positive exponent', 'f2e+20e', 2e20],
    ['one with a negative exponent', 'f1.25e-07e', 1.25e-7],
    ['no number', 'fnane', NaN],
    ['infinity', 'f-infe', -Infinity],
    ['a text', 's5:hello', 'hello'],
    ['a text of Python 2', 'u2:\xc3\xa9', 'é'],
    ['bytes that are no UTF-8', 's2:\xff\x00', new Uint8Array([255, 0])],
    ['a list', 'li1es1:ae', [1, 'a']],
    ['a tuple', 'ti1et s1:ae'.replace(' ', '') + 'e', [1, ['a']]],
    ['a dictionary', 'ds1:ali1eee', diracObject([['a', [1]]])],
    [
      'keys that are no texts',
      'di3es1:anb1b0i0ee',
      diracObject([
        ['3', 'a'],
        ['null', true],
        ['false', 0],
      ]),
    ],
    ['a key of the prototype', 'ds9:__proto__i1ee', diracObject([['__proto__', 1]])],
    ['a moment', 'zati2026ei11ei23ei21ei3ei40ei123456ene', new Date(Date.UTC(2026, 10, 23, 21, 3, 40))],
    ['a day', 'zdti2026ei2ei28ee', new CalendarDate('2026-02-28')],
    [
      'S_OK as a service sends it',
      'ds2:OKb1s5:Valueds10:Successfulds2:/ab1es6:Faileddeee',
      diracObject([
        ['OK', true],
        [
          'Value',
          diracObject([
            ['Successful', diracObject([['/a', true]])],
            ['Failed', diracObject([])],
          ]),
        ],
      ]),
    ],
  ])('reads %s', (_, text, value) => {
    expect(read(text)).toEqual(value);
  });

  test.each([
    '',
    'x',
    'i',
    'ie',
    'i1',
    'i1.5e',
    'i 1e',
    'f1',
    'fe',
    'f1.5e+e',
    'finfinityes',
    's5:hell',
    's-1:a',
    's:a',
    's99999999999:a',
    's1',
    'l',
    'li1e',
    'd',
    'ds1:ae',
    'dlei1ee',
    'z',
    'za',
    'zan',
    'zatn',
    'zati2026ei2ei30ei0ei0ei0ei0ene',
    'zati2026ei11ei23ei24ei0ei0ei0ene',
    'zdti2026ei13ei1ee',
    'zdti0ei1ei1ee',
    'zxti2026ei2ei28ee',
    'nn',
    'i1ei2e',
    `i${'1'.repeat(4301)}e`,
  ])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  test('limits depth, far from the end of the stack', () => {
    expect(read('l'.repeat(64) + 'e'.repeat(64))).toBeDefined();
    expect(() => read('l'.repeat(65) + 'e'.repeat(65))).toThrow(/more than 64 levels/);
    expect(() => read('ds1:a'.repeat(1_000_000))).toThrow(/more than 64 levels/);
    expect(() => read('z'.repeat(1_000_000))).toThrow(/more than 64 levels|wrong date|ends too early/);
    expect(() => read('za'.repeat(1_000_000))).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  test('every value comes back as Python would have sent it', () => {
    const { value } = fc.letrec<{ value: DiracValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constant(null),
        fc.boolean(),
        fc.integer(),
        fc.bigInt().filter((number) => !Number.isSafeInteger(Number(number))),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('value')),
        fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => diracObject(entries)),
      ),
    }));
    fc.assert(
      fc.property(value, (sent) => expect(decodeDencode(asPython(sent))).toEqual(sent)),
      { numRuns: 1000 },
    );
  });

  test('no bytes do anything but give a value or be refused', () => {
    const pieces = fc.constantFrom('l', 'd', 'e', 't', 'n', 'b1', 'i5e', 's1:a', 's0:', 'za', 'zd', 'f1', 'I', 'u', ':', '-', '9');
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.array(pieces).map((parts) => Buffer.from(parts.join(''))),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          decodeDencode(input);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DiracS3Error);
        }
      }),
      { numRuns: 20_000 },
    );
  });
});

/** The encoder of `DEncode.py`, for what the property makes. */
function asPython(value: DiracValue): Buffer {
  if (value === null) return Buffer.from('n');
  if (typeof value === 'boolean') return Buffer.from(value ? 'b1' : 'b0');
  if (typeof value === 'number' || typeof value === 'bigint') return Buffer.from(`i${value}e`);
  if (typeof value === 'string') return Buffer.concat([Buffer.from(`s${Buffer.byteLength(value)}:`), Buffer.from(value)]);
  if (isDiracArray(value)) return Buffer.concat([Buffer.from('l'), ...value.map(asPython), Buffer.from('e')]);
  if (!isDiracObject(value)) throw new Error('not made by the property');
  const entries = Object.entries(value).flatMap(([key, item]) => [asPython(key), asPython(item)]);
  return Buffer.concat([Buffer.from('d'), ...entries, Buffer.from('e')]);
}
