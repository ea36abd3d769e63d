import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DerReader,
  integerBytes,
  Malformed,
  readNamedBits,
  readOid,
  readSmallInteger,
  readTrue,
  readWhole,
  tag,
} from '../../src/x509/der.js';
import { integer, oid, octets, raw, sequence, tlv } from './maker/der-writer.js';

const reader = (hex: string) => new DerReader(raw(hex), 'it');
const next = (hex: string) => reader(hex).next();

describe('an element is read', () => {
  test.each<[string, string, number, string]>([
    ['empty', '05 00', 0x05, ''],
    ['short', '04 02 ab cd', 0x04, 'abcd'],
    ['of 127 bytes', `04 7f ${'00'.repeat(127)}`, 0x04, '00'.repeat(127)],
    ['of 128 bytes', `04 81 80 ${'00'.repeat(128)}`, 0x04, '00'.repeat(128)],
    ['of 256 bytes', `04 82 01 00 ${'00'.repeat(256)}`, 0x04, '00'.repeat(256)],
    ['and what follows is left', '02 01 05 02 01 06', 0x02, '05'],
  ])('%s', (_, hex, type, content) => {
    const element = next(hex);
    expect([element.tag, element.content.toString('hex')]).toEqual([type, content]);
  });

  test('with its header in `bytes`', () => expect(next('04 01 ab 05 00').bytes.toString('hex')).toBe('0401ab'));

  test('whatever its size', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
        const element = new DerReader(octets(content), 'it').next(tag.octetString);
        return Buffer.compare(element.content, content) === 0;
      }),
      { numRuns: 100 },
    );
  });
});

describe('an element is refused', () => {
  test.each<[string, string, string]>([
    ['without a tag', '', 'it ends early'],
    ['without a length', '04', 'it is cut off'],
    ['without its content', '04 02 ab', 'it is cut off'],
    ['without its whole length', '04 82 01', 'it is cut off'],
    ['with a tag of several octets', '1f 81 01 00', 'it has a tag of several octets'],
    ['with an indefinite length', '30 80 00 00', 'it has an indefinite length (BER)'],
    ['with a long length that fits a short one', `04 81 7f ${'00'.repeat(127)}`, 'it has a padded length (BER)'],
    ['with a zero in front of its length', `04 82 00 80 ${'00'.repeat(128)}`, 'it has a padded length (BER)'],
    ['with a zero in front of a longer length', `04 83 00 01 00 ${'00'.repeat(256)}`, 'it has a padded length (BER)'],
    ['with a length of five octets', '04 85 00 00 00 00 01 00', 'it has a length of more than four octets'],
    ['with a length of 4 GiB', '04 84 ff ff ff ff 00', 'it is cut off'],
    ['with the reserved length', '04 ff 00', 'it has a length of more than four octets'],
  ])('%s', (_, hex, message) => expect(() => next(hex)).toThrow(new Malformed(message)));

  test('of another type than expected', () => {
    expect(() => reader('04 00').next(tag.sequence)).toThrow('it has type 0x04 where 0x30 must be');
  });
});

describe('a reader', () => {
  test('passes over what may be absent', () => {
    const fields = reader('05 00');
    expect(fields.optional(tag.integer)).toBeUndefined();
    expect(fields.optional(tag.null)).toBeDefined();
    expect(fields.optional(tag.null)).toBeUndefined();
    expect(fields.atEnd).toBe(true);
    expect(() => fields.end()).not.toThrow();
  });

  test('goes inside and insists on the end there', () => {
    const inside = readWhole(sequence(integer(1), integer(2)), tag.sequence, 'it');
    expect(readSmallInteger(inside.next(), 'it')).toBe(1);
    expect(() => inside.end()).toThrow('it has bytes after its end');
  });

  test('refuses a second element behind the whole', () => {
    expect(() => readWhole(Buffer.concat([sequence(), raw('00')]), tag.sequence, 'it')).toThrow('it has bytes after its end');
  });
});

describe('an integer', () => {
  test.each<[string, number]>([
    ['02 01 00', 0],
    ['02 01 7f', 127],
    ['02 02 00 80', 128],
    ['02 04 7f ff ff ff', 2 ** 31 - 1],
  ])('%s is %d', (hex, value) => expect(readSmallInteger(next(hex), 'it')).toBe(value));

  test.each<[string, string]>([
    ['02 00', 'it is an integer without content'],
    ['02 02 00 7f', 'it is a padded integer (BER)'],
    ['02 02 ff 80', 'it is a padded integer (BER)'],
    ['02 02 00 00', 'it is a padded integer (BER)'],
    ['02 01 80', 'it is out of range'],
    ['02 05 00 80 00 00 00', 'it is out of range'],
  ])('%s is refused: %s', (hex, message) => expect(() => readSmallInteger(next(hex), 'it')).toThrow(new Malformed(message)));

  test('of any size keeps its bytes', () => {
    expect(integerBytes(next('02 02 ff 7f'), 'it').toString('hex')).toBe('ff7f');
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 200n }),
        (value) => BigInt(`0x${integerBytes(new DerReader(integer(value), 'it').next(), 'it').toString('hex')}`) === value,
      ),
    );
  });
});

describe('an object identifier', () => {
  test.each(['0.9.2342.19200300.100.1.25', '1.2.42.42', '1.3.6.1.4.1.8005.100.100.5', '2.5.29.15', '2.999.3', '2.39.1', '1.39', '0.0'])(
    '%s',
    (dotted) => {
      expect(readOid(new DerReader(oid(dotted), 'it').next(), 'it')).toBe(dotted);
    },
  );

  test('of any arcs is read as written', () => {
    const arcs = fc.tuple(
      fc.constantFrom('0.1', '1.2', '2.5', '2.47', '2.48', '2.1000'),
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 70n }), { maxLength: 4 }),
    );
    fc.assert(
      fc.property(arcs, ([head, rest]) => {
        const dotted = [head, ...rest].join('.');
        return readOid(new DerReader(oid(dotted), 'it').next(), 'it') === dotted;
      }),
    );
  });

  test.each<[string, string]>([
    ['06 00', 'without content'],
    ['06 02 2a 80', 'cut off in an arc'],
    ['06 02 80 2a', 'padded at its start'],
    ['06 03 2a 80 01', 'padded inside'],
    [`06 41 ${'01'.repeat(65)}`, 'of more than 64 octets'],
  ])('%s is refused: %s', (hex) => expect(() => readOid(next(hex), 'it')).toThrow(Malformed));
});

describe('a boolean', () => {
  test('is true as FF', () => expect(readTrue(next('01 01 ff'), 'it')).toBe(true));
  test.each(['01 00', '01 01 00', '01 01 01', '01 01 fe', '01 02 ff ff'])('%s is refused', (hex) => {
    expect(() => readTrue(next(hex), 'it')).toThrow('it is not a DER TRUE');
  });
});

describe('a list of bits', () => {
  test.each<[string, number[]]>([
    ['03 01 00', []],
    ['03 02 07 80', [0]],
    ['03 02 05 a0', [0, 2]],
    ['03 02 01 06', [5, 6]],
    ['03 02 00 01', [7]],
    ['03 03 07 00 80', [8]],
  ])('%s holds %j', (hex, bits) => expect([...readNamedBits(next(hex), 'it')]).toEqual(bits));

  test.each([
    '03 00',
    '03 01 01',
    '03 02 00 80',
    '03 02 08 80',
    '03 02 ff 80',
    '03 02 07 00',
    '03 02 06 80',
    '03 03 00 80 00',
    '03 06 00 01 01 01 01 01',
  ])('%s is refused', (hex) => expect(() => readNamedBits(next(hex), 'it')).toThrow('it is not a DER list of bits'));
});

test('what is malformed says where it was found', () => {
  expect(() => new DerReader(tlv(0x04), 'certificate 2: serial number').next(tag.integer)).toThrow(
    /^certificate 2: serial number has type 0x04/,
  );
});
