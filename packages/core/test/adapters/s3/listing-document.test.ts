import { describe, expect, test } from '@jest/globals';
import { readListing } from '../../../src/adapters/s3/listing-document.js';

const etag = 'd41d8cd98f00b204e9800998ecf8427e';
const entry = (key: string, more: { size?: string; etag?: string } = {}): string =>
  `<Contents><Key>${key}</Key><LastModified>2026-11-30T16:38:53.111Z</LastModified><ETag>${more.etag ?? `"${etag}"`}</ETag>` +
  `<Size>${more.size ?? '7'}</Size><Owner><ID>1</ID><DisplayName>&lt;Key&gt;</DisplayName></Owner></Contents>`;
const below = (...prefixes: string[]): string =>
  prefixes.map((prefix) => `<CommonPrefixes><Prefix>${prefix}</Prefix></CommonPrefixes>`).join('');
const documentOf = (body: string, { truncated = 'false', encoding = '<EncodingType>url</EncodingType>' } = {}): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>d/</Prefix>` +
  `${encoding}<IsTruncated>${truncated}</IsTruncated>${body}</ListBucketResult>`;
const read = (document: string, startAfter = '') => readListing(document, { prefix: 'd/', startAfter });

describe('the document of a listing', () => {
  test('gives objects under their own names, with size and ETag', () => {
    const { objects, unclear, passed } = read(documentOf(entry('d/a', { size: '0' }) + entry('d/b') + below('d/c/')));
    expect([...objects]).toEqual([
      ['d/a', { sizeBytes: 0, etag }],
      ['d/b', { sizeBytes: 7, etag }],
    ]);
    expect([unclear.size, passed]).toEqual([0, undefined]);
  });

  test('of an empty directory says that it was passed', () => {
    expect(read(documentOf(''))).toEqual({ objects: new Map(), unclear: new Set(), passed: undefined });
  });

  test.each([
    ['d%2Fa%20b%2Bc%26', 'd/a b+c&'],
    ['d/%F0%9F%98%80', 'd/\u{1f600}'],
    ['d/a&apos;b&#39;&#x27;', "d/a'b''"],
    ['d/%3Cx%3E', 'd/<x>'],
    ['d/%26amp%3B', 'd/&amp;'],
  ])('has %s for the key %s', (written, key) => {
    expect([...read(documentOf(entry(written))).objects.keys()]).toEqual([key]);
  });

  test.each(['"x-2"', '&quot;x-2&quot;', '&#34;x-2&#34;', '&#x22;x-2&#x22;', 'x-2'])('has the ETag %s without quotes', (written) => {
    expect(read(documentOf(entry('d/a', { etag: written }))).objects.get('d/a')?.etag).toBe('x-2');
  });

  test('leaves open whether a plus is one or a blank', () => {
    const { objects, unclear } = read(documentOf(entry('d/a+b') + entry('d/c%2Bd')));
    expect([...objects.keys()]).toEqual(['d/a b', 'd/c+d']);
    expect([...unclear]).toEqual(['d/a b', 'd/a+b']);
  });

  test('that goes on says how far it is: to its last key, or to the end of a directory', () => {
    const passed = (body: string) => read(documentOf(body, { truncated: 'true' })).passed;
    expect(passed(entry('d/a') + below('d/Z/'))).toBe('d/a');
    expect(passed(entry('d/a') + below('d/b/'))).toBe('d/b/\u{10fffd}');
    expect(passed(below('d/b/'))).toBe('d/b/\u{10fffd}');
    expect(passed(entry('d/%EF%BF%A6') + entry('d/%F0%90%80%80'))).toBe('d/\u{10000}');
  });
});

describe('nothing is believed of a listing', () => {
  const whole = documentOf(entry('d/a') + entry('d/b'));

  test('that is cut anywhere', () => {
    for (let length = 0; length < whole.length; length += 1) expect(() => read(whole.slice(0, length))).toThrow(/^the listing /);
    expect(() => read(`${whole} `)).not.toThrow();
  });

  const beyondBelief: readonly (readonly [what: string, document: string, startAfter?: string])[] = [
    ['that is an error', '<Error><Code>AccessDenied</Code></Error>'],
    ['that is a page for people', '<html><body>welcome</body></html>'],
    ['with something behind it', `${whole}<more/>`],
    ['whose keys are not encoded', documentOf(entry('d/a'), { encoding: '' })],
    ['whose keys are encoded otherwise', documentOf(entry('d/a'), { encoding: '<EncodingType>base64</EncodingType>' })],
    ['that does not say whether it goes on', documentOf('', { truncated: '' })],
    ['that says so twice', documentOf('<IsTruncated>true</IsTruncated>')],
    ['that goes on without an entry', documentOf('', { truncated: 'true' })],
    ['out of order', documentOf(entry('d/b') + entry('d/a'))],
    ['in the order of UTF-16', documentOf(entry('d/%F0%90%80%80') + entry('d/%EF%BF%A6'))],
    ['with a key twice', documentOf(entry('d/a') + entry('d/a'))],
    ['of another directory', documentOf(entry('e/a'))],
    ['that begins before it was asked to', whole, 'd/a'],
    ['with directories out of order', documentOf(below('d/b/', 'd/a/'))],
    ['with directories of another one', documentOf(below('e/a/'))],
    ['with its own directory below itself', documentOf(below('d/'))],
    ['with a directory that is none', documentOf(below('d/a'))],
    ['with a directory before it was asked to begin', documentOf(below('d/a/')), 'd/b'],
    ['with a key that is not encoded as UTF-8', documentOf(entry('d/%FF'))],
    ['with a percent sign alone', documentOf(entry('d/100%'))],
    ['with an unknown reference', documentOf(entry('d/&constructor;'))],
    ['with a reference to no character', documentOf(entry('d/&#x110000;'))],
    ['with an ampersand alone', documentOf(entry('d/a&b'))],
    ['with an object without a key', documentOf('<Contents><ETag>x</ETag><Size>1</Size></Contents>')],
    ['with an object of two keys', documentOf(`<Contents><Key>d/a</Key><Key>d/b</Key><ETag>x</ETag><Size>1</Size></Contents>`)],
    ['with an object in another', documentOf(`<Contents>${entry('d/a')}</Contents>`)],
    ['with an object that does not end', documentOf(`<Contents><Key>d/a</Key>${entry('d/b')}`)],
    ['with a size that is none', documentOf(entry('d/a', { size: '-1' }))],
    ['with a size beyond whole numbers', documentOf(entry('d/a', { size: '9007199254740993' }))],
    ['without a size', documentOf(entry('d/a', { size: '' }))],
    ['without an ETag', documentOf(entry('d/a', { etag: '""' }))],
  ];
  test.each(beyondBelief.map(([what, document, startAfter = '']) => ({ what, document, startAfter })))(
    '$what',
    ({ document, startAfter }) => {
      expect(() => read(document, startAfter)).toThrow(
        expect.objectContaining({ code: 'storage-unavailable', message: expect.stringMatching(/^the listing /) }),
      );
    },
  );
});
