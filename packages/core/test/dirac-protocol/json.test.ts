import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DiracS3Error } from '../../src/errors/index.js';
import { CalendarDate, decodeJson, diracObject, encodeJson, type DiracValue } from '../../src/dirac-protocol/index.js';

function faultOf(act: () => unknown): DiracS3Error {
  try {
    act();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(DiracS3Error);
    return thrown as DiracS3Error;
  }
  throw new Error('nothing was thrown');
}

/** Texts as Python 3.11's `json.dumps` and `JEncode.encode` write them. */
const asPythonWritesThem: readonly (readonly [string, DiracValue, string])[] = [
  ['nothing', null, 'null'],
  ['truth', [true, false], '[true, false]'],
  ['whole numbers', [0, -1, 9007199254740991], '[0, -1, 9007199254740991]'],
  ['a whole number beyond 2^53', 12345678901234567890n, '12345678901234567890'],
  ['a number with a fraction', 1.5, '1.5'],
  ['empty structures', [[], {}], '[[], {}]'],
  ['an object', { a: 1, b: [2, 3] }, '{"a": 1, "b": [2, 3]}'],
  ['escapes', 'tab\t quote" back\\slash \u0007', String.raw`"tab\t quote\" back\\slash \u0007"`],
  ['what is not ASCII', 'Jürgen €', String.raw`"J\u00fcrgen \u20ac"`],
  ['what is beyond the basic plane, as two halves', '😀', String.raw`"\ud83d\ude00"`],
  ['the character 7f', '\u007f', String.raw`"\u007f"`],
  ['a half of a pair', '\ud83d', String.raw`"\ud83d"`],
  ['bytes', new Uint8Array([0, 255, 16]), '{"__dCls": "b64", "obj": "AP8Q"}'],
  ['a moment', new Date(Date.UTC(2026, 10, 23, 21, 3, 40)), '{"__dCls": "dt", "obj": "2026-11-23 21:03:40"}'],
  ['a day', new CalendarDate('2026-02-28'), '{"__dCls": "date", "obj": "2026-02-28"}'],
  ['a key that means something to JavaScript', JSON.parse('{"__proto__": 1}') as DiracValue, '{"__proto__": 1}'],
];

describe('JEncode', () => {
  test.each(asPythonWritesThem)('writes %s as Python does, and reads it back', (_, value, text) => {
    expect(encodeJson(value)).toBe(text);
    expect(encodeJson(decodeJson(text))).toBe(text);
  });

  test('reads the argument list of a recorded request', () => {
    const text = '["S3-INDIRECT", "put_object", {"s3://h:19000/b/f1.txt": {"x-amz-meta-checksum": "10c902e5"}}, 3600]';
    const value = decodeJson(text);
    expect(value).toEqual([
      'S3-INDIRECT',
      'put_object',
      diracObject([['s3://h:19000/b/f1.txt', diracObject([['x-amz-meta-checksum', '10c902e5']])]]),
      3600,
    ]);
    expect(encodeJson(value)).toBe(text);
  });

  test('reads the words of Python that JSON does not have', () => {
    expect(decodeJson('[NaN, Infinity, -Infinity, -0.0, -0]')).toEqual([NaN, Infinity, -Infinity, -0, 0]);
  });

  test.each([NaN, Infinity, -Infinity])('never sends %p', (number) => {
    expect(faultOf(() => encodeJson([number])).code).toBe('invalid-argument');
  });

  test('keeps whole numbers exact on both sides of 2^53', () => {
    expect(decodeJson('[9007199254740991, 9007199254740992, -9007199254740993, 1e3, 1.0]')).toEqual([
      9007199254740991,
      9007199254740992n,
      -9007199254740993n,
      1000,
      1,
    ]);
    expect(decodeJson('9'.repeat(4300))).toBe(BigInt('9'.repeat(4300)));
  });

  test('does not write a rounded number as if it were exact', () => {
    expect(encodeJson(2 ** 60)).toBe('1.152921504606847e+18');
    expect(decodeJson(encodeJson(2 ** 60))).toBe(2 ** 60);
    expect(encodeJson(-0)).toBe('-0.0');
  });

  test('reads white space where JSON has it, and the last of several entries with one key', () => {
    expect(decodeJson(' \r\n\t{ "a" : 1 , "a" : [ 2 ] } ')).toEqual(diracObject([['a', [2]]]));
  });

  test('a key of the prototype is a key like any other', () => {
    const value = decodeJson('{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2}') as Record<string, DiracValue>;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each([
    '{"__dCls": "RequestManagementSystem", "__dMod": "os"}',
    '{"__dCls": "constructor", "obj": "x"}',
    '{"__dCls": "__proto__", "obj": "x"}',
    '{"__dCls": null}',
    '{"__dCls": ["dt"], "obj": "2026-11-23 21:03:40"}',
    '{"__dCls": "dt"}',
    '{"__dCls": "dt", "obj": 5}',
    '{"__dCls": "dt", "obj": "2026-02-30 00:00:00"}',
    '{"__dCls": "dt", "obj": "2026-11-23"}',
    '{"__dCls": "dt", "obj": "2026-11-23 24:00:00"}',
    '{"__dCls": "date", "obj": "2026-13-01"}',
    '{"__dCls": "date", "obj": "23.11.2026"}',
    '{"__dCls": "b64", "obj": "AP8"}',
    '{"__dCls": "b64", "obj": "A-_="}',
  ])('refuses the tag in %s', (text) => {
    const fault = faultOf(() => decodeJson(text));
    expect(fault.code).toBe('invalid-argument');
    expect(fault.message).toMatch(/tagged object/);
  });

  test('refuses to send an object that would be taken for a tag', () => {
    expect(faultOf(() => encodeJson({ __dCls: 'dt', obj: 'x' })).message).toMatch(/__dCls/);
  });

  test.each([new Date(NaN), new Date(8.64e15), new CalendarDate('2026-02-30'), new CalendarDate('"}')])(
    'refuses to send %p, which is no date DIRAC could read',
    (value) => {
      expect(faultOf(() => encodeJson(value)).code).toBe('invalid-argument');
    },
  );

  test.each([
    '',
    ' ',
    'nul',
    'True',
    "'a'",
    '[1,]',
    '[1 2]',
    '{"a" 1}',
    '{"a": 1,}',
    '{a: 1}',
    '{1: 1}',
    '[',
    '{',
    '{"a"',
    '"',
    '"\\"',
    '"\\x41"',
    '"\\u12"',
    '"a\nb"',
    '01',
    '+1',
    '.5',
    '1.',
    '1e',
    '- 1',
    '--1',
    '0x10',
    '1 2',
    'null null',
    '\ufeff1',
    '-NaN',
    '\u00a01',
    '1'.repeat(4301),
  ])('refuses %j', (text) => {
    const fault = faultOf(() => decodeJson(text));
    expect(fault.code).toBe('invalid-argument');
    expect(fault.message).not.toContain('1111111');
  });

  test('limits depth in both directions, far from the end of the stack', () => {
    expect(decodeJson('['.repeat(64) + ']'.repeat(64))).toBeDefined();
    expect(faultOf(() => decodeJson('['.repeat(65) + ']'.repeat(65))).message).toMatch(/more than 64 levels/);
    expect(faultOf(() => decodeJson('{"a":'.repeat(5_000_000))).message).toMatch(/more than 64 levels/);
    expect(faultOf(() => decodeJson('[[1]]', { maxDepth: 1 })).message).toMatch(/more than 1 levels/);
    const cycle: DiracValue[] = [];
    cycle.push(cycle);
    expect(faultOf(() => encodeJson(cycle)).message).toMatch(/more than 64 levels/);
  });

  test('limits length', () => {
    expect(decodeJson('[1]', { maxLength: 3 })).toEqual([1]);
    expect(faultOf(() => decodeJson('[1] ', { maxLength: 3 })).message).toMatch(/longer than 3/);
  });

  test('every value comes back as it was sent', () => {
    const { value } = fc.letrec<{ value: DiracValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constant(null),
        fc.boolean(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
        fc.bigInt().filter((number) => BigInt.asIntN(54, number) !== number && !Number.isSafeInteger(Number(number))),
        fc.string({ unit: 'binary' }),
        fc.uint8Array(),
        fc.integer({ min: Date.UTC(1, 0) / 1000 + 2 ** 36, max: Date.UTC(9999, 0) / 1000 }).map((seconds) => new Date(seconds * 1000)),
        fc.array(tie('value')),
        fc
          .array(
            fc.tuple(
              fc.string({ unit: 'binary' }).filter((key) => key !== '__dCls'),
              tie('value'),
            ),
          )
          .map((entries) => diracObject(entries)),
      ),
    }));
    fc.assert(
      fc.property(value, (sent) => expect(decodeJson(encodeJson(sent))).toEqual(sent)),
      { numRuns: 2000 },
    );
  });

  test('what JSON.parse accepts is accepted, with the same meaning', () => {
    fc.assert(
      fc.property(fc.json({ depthSize: 'medium' }), (text) => {
        // JSON.parse rounds what is exact here.
        const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
        const object = (value: unknown): unknown => JSON.parse(JSON.stringify(value, plain)) as unknown;
        expect(object(decodeJson(text, { maxDepth: 1000 }))).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('no text does anything but give a value or be refused', () => {
    const pieces = fc.constantFrom(
      ...'{}[]",:0123456789.eE+-\\u \n'.split(''),
      'NaN',
      'true',
      '-Infinity',
      '"__dCls"',
      '"obj"',
      '"dt"',
      '\ud800',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (input) => {
        try {
          decodeJson(input);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DiracS3Error);
        }
      }),
      { numRuns: 20_000 },
    );
  });
});
