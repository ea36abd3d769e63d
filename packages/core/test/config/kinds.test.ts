import { describe, expect, test } from '@jest/globals';
import { integer, list, oneOf, parseCfg, readAt, text, yesNo } from '../../src/config/index.js';
import { didYouMean } from '../../src/config/did-you-mean.js';
import { endpoint, host, instant, isDnsBucket } from '../../src/config/schema/kinds-of-s3.js';

const valueOf = (result: object): unknown => ('value' in result ? result.value : undefined);
const faultOf = (result: object): unknown => ('fault' in result ? result.fault : undefined);

describe('yes/no', () => {
  test.each(['y', 'yes', 'true', '1', 'Y', 'Yes', 'TRUE', 'True'])('%j is yes', (word) =>
    expect(yesNo.read(word)).toEqual({ value: true }),
  );
  test.each(['n', 'no', 'false', '0', 'N', 'No', 'FALSE', 'False'])('%j is no', (word) =>
    expect(yesNo.read(word)).toEqual({ value: false }),
  );
  test.each(['on', 'off', 'ja', '', '2', 'yes ', 'truee'])('%j is a fault, where DIRAC takes it for no', (word) => {
    expect(faultOf(yesNo.read(word))).toMatch(/must be one of y, yes, true, 1 \(yes\) or n, no, false, 0 \(no\)/);
  });
});

test('a list drops empty items and the spaces around the others', () => {
  expect(list.read('x, y,, z ,')).toEqual({ value: ['x', 'y', 'z'] });
  expect(list.read('')).toEqual({ value: [] });
  expect(list.read(' 12 , 34 ')).toEqual({ value: ['12', '34'] });
});

test.each([
  ['0', 0],
  ['-7', -7],
  ['+7', 7],
  ['007', 7],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
])('%j is a whole number', (word, number) => expect(integer().read(word)).toEqual({ value: number }));

test.each(['', '1.0', '1e3', '0x10', 'ten', '9007199254740993', ' 1'])('%j is no whole number', (word) => {
  expect(faultOf(integer().read(word))).toMatch(/must be a whole number/);
});

test('a whole number outside its range is a fault that names the range', () => {
  expect(integer(1, 9).read('9')).toEqual({ value: 9 });
  expect(faultOf(integer(1, 9).read('10'))).toBe('must be a whole number from 1 to 9');
  expect(faultOf(integer(1).read('0'))).toBe('must be a whole number of at least 1');
});

test('a fault names the habits of other formats', () => {
  expect(faultOf(integer().read('"1"'))).toMatch(/written in quotes, and a CFG has no quoting/);
  expect(faultOf(integer().read('1 # one'))).toMatch(/a CFG has no trailing comments/);
  expect(faultOf(oneOf('path', 'virtual-host').read('Path'))).toBe('must be path or virtual-host');
});

describe('readAt', () => {
  const { tree } = parseCfg('S\n{\na = 1\nbad = x\nempty =\nAws_secret_access_key = wJalr\nT\n{\n}\n}', { file: 'dirac.cfg' });

  test('quotes no value that may hold a password', () => {
    const tree = parseCfg('S\n{\n  Url = https://svc:hunter2@idp\n}\n', { file: 'dirac.cfg' }).tree;
    const read = () => readAt(tree, '/S/Url', integer());
    expect(read).toThrow(/must be a whole number \(its value is not shown/);
    expect(read).not.toThrow(/svc|hunter2/);
  });

  test('gives the typed value at a path, and undefined when it is not set', () => {
    expect(readAt(tree, '/S/a', integer())).toBe(1);
    expect(readAt(tree, '/S/a', yesNo)).toBe(true);
    expect(readAt(tree, '/S/a', list)).toEqual(['1']);
    expect(readAt(tree, '/S/none', text)).toBeUndefined();
    expect(readAt(tree, '/S/T', text)).toBeUndefined();
    expect(readAt(tree, '/S/empty', integer())).toBeUndefined();
  });

  test('throws for a faulty value, naming file, line and path', () => {
    expect(() => readAt(tree, '/S/bad', integer())).toThrow('dirac.cfg:4:1: /S/bad must be a whole number (it is "x")');
    expect(() => readAt(tree, '/S/empty', yesNo)).toThrow(expect.objectContaining({ code: 'invalid-configuration' }));
  });

  test('never quotes a secret', () => {
    expect(() => readAt(tree, '/S/Aws_secret_access_key', integer())).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('wJalr') }),
    );
  });
});

describe('hosts', () => {
  test.each([
    ['S3.Example.org', 's3.example.org'],
    ['s3_direct', 's3_direct'],
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '[::1]'],
  ])('%j is one', (word, value) => expect(host.read(word)).toEqual({ value }));

  test.each([
    ['https://s3.example.org', /without the scheme/],
    ['s3.example.org/bucket', /without a path/],
    ['s3.example.org:9000', /the port goes into Port/],
    ['::1', /IPv6 address in brackets/],
    ['s3.example.org # main', /no trailing comments/],
    ['alice@s3.example.org', /must be a host name/],
    ['-x', /must be a host name/],
    ['a b', /must be a host name/],
  ])('%j is none', (word, reason) => expect(faultOf(host.read(word))).toMatch(reason));
});

describe('endpoints', () => {
  test.each([
    ['https://S3.example.org', { secure: true, host: 's3.example.org', port: undefined }],
    ['https://s3.example.org:443/', { secure: true, host: 's3.example.org', port: undefined }],
    ['https://s3.example.org:0', { secure: true, host: 's3.example.org', port: undefined }],
    ['http://127.0.0.1:9000', { secure: false, host: '127.0.0.1', port: 9000 }],
    ['http://h:443', { secure: false, host: 'h', port: 443 }],
    ['https://[::1]:9000', { secure: true, host: '[::1]', port: 9000 }],
  ])('%j is one', (word, value) => expect(endpoint.read(word)).toEqual({ value }));

  test.each(['s3.example.org', 'ftp://h', 'https://h/path', 'https://h?x', 'https://a@h', 'https://h:99999', 'https://', 'https://h:'])(
    '%j is none',
    (word) => expect(faultOf(endpoint.read(word))).toMatch(/must be https:\/\/host\[:port\]/),
  );
});

test.each(['2026-01-31T12:00:00Z', '2026-01-31T12:00Z', '2026-01-31T13:00:00.000+01:00'])('%j is an instant', (word) => {
  expect(valueOf(instant.read(word))).toEqual(new Date('2026-01-31T12:00:00Z'));
});

test.each(['2026-01-31', '2026-01-31T12:00:00', 'tomorrow', '1769860800', '2026-13-01T00:00:00Z'])('%j is no instant', (word) => {
  expect(faultOf(instant.read(word))).toMatch(/must be an instant with its zone/);
});

test('a bucket in front of a host must be a DNS name', () => {
  for (const name of ['data', 'my-data', 'a.b', '0ab']) expect(isDnsBucket(name)).toBe(true);
  for (const name of ['Data', 'my_data', '-data', 'a..b', 'a'.repeat(64)]) expect(isDnsBucket(name)).toBe(false);
});

test('a misspelled name is recognised, a different one is not', () => {
  const names = ['MaxItems', 'MaxBodyBytes', 'Host', 'Port'];
  expect(didYouMean('maxitems', names)).toBe('MaxItems');
  expect(didYouMean('MaxItem', names)).toBe('MaxItems');
  expect(didYouMean('Hots', names)).toBeUndefined();
  expect(didYouMean('Prt', names)).toBe('Port');
  expect(didYouMean('Certificate', names)).toBeUndefined();
  expect(didYouMean('x', [])).toBeUndefined();
});
