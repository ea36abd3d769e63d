import { describe, expect, test } from '@jest/globals';
import type { PresignItem } from '../../src/domain/index.js';
import { itemFault, type Operation } from '../../src/presign/item-rules.js';

const fault = (operation: Operation, fields: Record<string, unknown>): string | undefined =>
  itemFault({ lfn: '/vo/a', ...fields }, operation);

const multipart = { uploadId: '2~abc', partNumber: 1 };

describe('which fields an operation can bind', () => {
  const sample = {
    sizeBytes: 1,
    maxSizeBytes: 1,
    checksum: '0a1b2c3d',
    metadata: { owner: 'alice' },
    contentType: 'text/plain',
    ifNoneMatch: true,
    uploadId: '2~abc',
    uploadToken: 'upload1.a.b',
    partNumber: 1,
    sourceStorageElement: 'OTHER-S3',
    sourceEtag: '"0123456789abcdef0123456789abcdef-2"',
    sourceRange: { from: 0, to: 9 },
    downloadName: 'a.txt',
  };
  const bound: Record<Operation, (keyof typeof sample)[]> = {
    head_object: [],
    get_object: ['downloadName'],
    put_object: ['sizeBytes', 'checksum', 'metadata', 'contentType', 'ifNoneMatch'],
    put_object_by_post: ['sizeBytes', 'maxSizeBytes', 'checksum', 'metadata', 'contentType'],
    delete_object: [],
    copy_object: ['sourceStorageElement', 'sourceEtag'],
    create_multipart_upload: ['checksum', 'metadata', 'contentType'],
    upload_part: ['sizeBytes', 'uploadId', 'uploadToken', 'partNumber'],
    upload_part_copy: ['uploadId', 'uploadToken', 'partNumber', 'sourceStorageElement', 'sourceEtag', 'sourceRange'],
    list_parts: ['uploadId', 'uploadToken'],
    complete_multipart_upload: ['uploadId', 'uploadToken'],
    abort_multipart_upload: ['uploadId', 'uploadToken'],
  };
  const needed = (operation: Operation): Partial<PresignItem> => ({
    ...(bound[operation].includes('uploadId') ? { uploadId: '2~abc' } : {}),
    ...(bound[operation].includes('partNumber') ? { partNumber: 1 } : {}),
    ...(bound[operation].includes('sourceStorageElement') ? { sourceStorageElement: 'OTHER-S3' } : {}),
  });

  for (const [operation, fields] of Object.entries(bound) as [Operation, (keyof typeof sample)[]][])
    for (const [field, value] of Object.entries(sample))
      if (fields.includes(field as keyof typeof sample))
        test(`${operation} binds ${field}`, () => expect(fault(operation, { ...needed(operation), [field]: value })).toBeUndefined());
      else
        test(`${operation} refuses ${field}, which it could not bind`, () =>
          expect(fault(operation, { ...needed(operation), [field]: value })).toMatch(new RegExp(`^${field} cannot be bound`)));

  test('a field nobody knows is refused', () => {
    expect(fault('put_object', { acl: 'public-read' })).toMatch(/^acl cannot be bound/);
  });

  test('a field left undefined, or If-None-Match not wanted, asks for nothing', () => {
    expect(fault('get_object', { sizeBytes: undefined, ifNoneMatch: false })).toBeUndefined();
  });

  test.each(['upload_part', 'list_parts', 'complete_multipart_upload', 'abort_multipart_upload'] as const)(
    '%s needs an upload',
    (operation) => {
      expect(fault(operation, {})).toBe('uploadId is missing');
    },
  );

  test('a part needs its number', () => {
    expect(fault('upload_part', { uploadId: '2~abc' })).toBe('partNumber is missing');
  });
});

describe('what a field may hold', () => {
  test('an exact size and a bound exclude each other', () => {
    expect(fault('put_object_by_post', { sizeBytes: 1, maxSizeBytes: 2 })).toBe(
      'maxSizeBytes: cannot stand beside sizeBytes, which is exact',
    );
  });

  test.each([
    ['sizeBytes', 'put_object', [0, 1, 5_368_709_120], [-1, 1.5, NaN, 5_368_709_121, '1']],
    ['maxSizeBytes', 'put_object_by_post', [0, 1, 5_368_709_120], [-1, 1.5, NaN, 5_368_709_121, '1']],
    ['checksum', 'put_object', ['00000001', 'deadbeef'], ['DEADBEEF', '0xdeadbeef', '1', 'deadbeef0', 'deadbeeg', 'deadbeef\n']],
    [
      'contentType',
      'put_object',
      ['text/plain', 'text/plain; charset=utf-8', 'image/svg+xml'],
      ['text', 'text/plain\r\nx: y', 'text/pläin', `a/${'b'.repeat(255)}`],
    ],
  ] as const)('%s is checked', (field, operation, good, bad) => {
    for (const value of good) expect(fault(operation, { [field]: value })).toBeUndefined();
    for (const value of bad) expect(fault(operation, { [field]: value })).toMatch(new RegExp(`^${field}: must be`));
  });

  test.each([1, 10_000])('a part may have the number %i', (partNumber) => {
    expect(fault('upload_part', { ...multipart, partNumber })).toBeUndefined();
  });

  test.each([0, -1, 10_001, 1.5])('a part may not have the number %d', (partNumber) => {
    expect(fault('upload_part', { ...multipart, partNumber })).toMatch(/^partNumber: must be a whole number from 1 to 10000/);
  });

  test.each(['a b', 'a\r\nb', 'ü', 'a'.repeat(1025)])('an upload id %j is refused', (uploadId) => {
    expect(fault('list_parts', { uploadId })).toMatch(/^uploadId: must be/);
  });

  test.each(['report.pdf', 'mein "Büch" 100%.txt', '日本語.txt'])('a download may be called %j', (downloadName) => {
    expect(fault('get_object', { downloadName })).toBeUndefined();
  });

  test.each(['', '.', '..', '../x', 'a/b', 'a\\b', 'a\r\nSet-Cookie: x', 'a\u2028b', 'a\ud800', 'ü'.repeat(128)])(
    'a download may not be called %j',
    (downloadName) => {
      expect(fault('get_object', { downloadName })).toMatch(/^downloadName: must/);
    },
  );
});

describe('user metadata', () => {
  const metadata = (pairs: Record<string, string>, checksum?: string): string | undefined =>
    fault('put_object', { metadata: pairs, ...(checksum === undefined ? {} : { checksum }) });

  test.each(['run', 'run-number', 'a', '2nd-run', 'a'.repeat(128)])('the name %j is accepted', (name) => {
    expect(metadata({ [name]: 'x' })).toBeUndefined();
  });

  test.each(['', 'Run', 'run_number', 'run number', '-run', 'run-', 'rün', 'a:b', 'a\r\nb', 'a'.repeat(129)])(
    'the name %j is refused',
    (name) => {
      expect(metadata({ [name]: 'x' })).toMatch(/^metadata: names must be/);
    },
  );

  test('the name of the checksum belongs to the field checksum', () => {
    expect(metadata({ checksum: '0a1b2c3d' })).toBe('metadata: "checksum" is set by the field checksum');
  });

  test.each(['x', 'a b', '=?UTF-8?B?w7w=?=', '~!@#$%^&*()'])('the value %j is accepted', (value) => {
    expect(metadata({ run: value })).toBeUndefined();
  });

  test.each(['', ' a', 'a ', 'a  b', 'ä', 'a\tb', 'a\r\nx-amz-acl: public-read', '\0'])(
    'the value %j is refused: it would not come back as given, or be another header',
    (value) => {
      expect(metadata({ run: value })).toMatch(/^metadata: the value of "run" must be printable ASCII/);
    },
  );

  test('names and values together have two kilobytes, the checksum among them', () => {
    const full = { a: 'x'.repeat(1000), b: 'x'.repeat(1046) };
    expect(metadata(full)).toBeUndefined();
    expect(metadata(full, '0a1b2c3d')).toMatch(/must not exceed 2048 bytes together/);
    expect(metadata({ ...full, c: 'x' })).toMatch(/must not exceed 2048 bytes together/);
  });
});
