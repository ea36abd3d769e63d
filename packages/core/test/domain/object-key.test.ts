import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  defaultPort,
  effectivePort,
  lfnOfObjectKey,
  isStorageUrlOf,
  lfnOfStorageUrl,
  objectKeyOf,
  parseLfn,
  storageUrlOf,
  type StorageUrlBase,
} from '../../src/domain/index.js';
import { anyLfn } from './lfns.js';

const base: StorageUrlBase = { host: 's3.example.org', port: undefined, secure: true, bucket: 'data' };
const anyBase = fc.record<StorageUrlBase>({
  host: fc.constantFrom('s3.example.org', '127.0.0.1', '[::1]', 's3_direct'),
  port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
  secure: fc.boolean(),
  bucket: fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,20}[a-z0-9]$/),
});

describe('LFN and object key', () => {
  test('the key is the LFN without its leading slash', () => {
    expect(objectKeyOf(parseLfn('/vo/user/file'))).toBe('vo/user/file');
    expect(lfnOfObjectKey('vo/user/file')).toBe('/vo/user/file');
  });

  test('there and back is the same name', () => {
    fc.assert(fc.property(anyLfn, (lfn) => lfnOfObjectKey(objectKeyOf(lfn)) === lfn));
  });

  test('back and there is the same key, or no LFN at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a./?#\\]{0,12}$/)), (key) => {
        let lfn;
        try {
          lfn = lfnOfObjectKey(key);
        } catch {
          return true;
        }
        return objectKeyOf(lfn) === key;
      }),
      { numRuns: 1000 },
    );
  });

  test('different LFNs have different keys', () => {
    fc.assert(fc.property(anyLfn, anyLfn, (one, other) => (one === other) === (objectKeyOf(one) === objectKeyOf(other))));
  });

  test.each(['', '/vo/x', 'vo//x', 'vo/../x', './x', 'vo/', 'grid/x', '..'])('key %j belongs to no LFN', (key) => {
    expect(() => lfnOfObjectKey(key)).toThrow(expect.objectContaining({ code: 'invalid-lfn' }));
  });
});

describe('LFN and storage URL', () => {
  test('a storage URL is not percent-encoded and shows a port only when it is not the default one', () => {
    const lfn = parseLfn('/vo/a b/c%20d');
    expect(storageUrlOf(base, lfn)).toBe('s3://s3.example.org/data/vo/a b/c%20d');
    expect(storageUrlOf({ ...base, port: 443 }, lfn)).toBe('s3://s3.example.org/data/vo/a b/c%20d');
    expect(storageUrlOf({ ...base, port: 0 }, lfn)).toBe('s3://s3.example.org/data/vo/a b/c%20d');
    expect(storageUrlOf({ ...base, port: 80 }, lfn)).toBe('s3://s3.example.org:80/data/vo/a b/c%20d');
    expect(storageUrlOf({ ...base, secure: false, port: 80 }, lfn)).toBe('s3://s3.example.org/data/vo/a b/c%20d');
    expect(storageUrlOf({ ...base, secure: false, port: 9000 }, lfn)).toBe('s3://s3.example.org:9000/data/vo/a b/c%20d');
  });

  test('there and back is the same name, at every StorageElement', () => {
    fc.assert(fc.property(anyBase, anyLfn, (at, lfn) => lfnOfStorageUrl(at, storageUrlOf(at, lfn)) === lfn));
  });

  test('back and there is the same URL up to the ways to write the port and the host', () => {
    fc.assert(
      fc.property(anyBase, anyLfn, fc.constantFrom('', ':0', ':default'), (at, lfn, written) => {
        fc.pre(effectivePort(at) === defaultPort(at.secure));
        const port = written === ':default' ? `:${defaultPort(at.secure)}` : written;
        const url = `s3://${at.host.toUpperCase()}${port}/${at.bucket}${lfn}`;
        expect(storageUrlOf(at, lfnOfStorageUrl(at, url))).toBe(`s3://${at.host}/${at.bucket}${lfn}`);
      }),
    );
  });

  test('of another StorageElement is refused, unless it is the same bucket at the same address', () => {
    fc.assert(
      fc.property(anyBase, anyBase, anyLfn, (one, other, lfn) => {
        const same = one.host === other.host && effectivePort(one) === effectivePort(other) && one.bucket === other.bucket;
        // Without a port in the URL its scheme decides, and the URL does not tell it.
        fc.pre(one.secure === other.secure);
        let read;
        try {
          read = lfnOfStorageUrl(other, storageUrlOf(one, lfn));
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'invalid-storage-url' });
        }
        expect(read).toBe(same ? lfn : undefined);
      }),
    );
  });

  test.each([
    ['s3://s3.example.org/data/vo/x', {}],
    ['s3://s3.example.org:0/data/vo/x', {}],
    ['s3://s3.example.org:443/data/vo/x', {}],
    ['s3://S3.EXAMPLE.ORG/data/vo/x', {}],
    ['s3://s3.example.org:0/data/vo/x', { secure: false }],
    ['s3://s3.example.org:80/data/vo/x', { secure: false }],
    ['s3://s3.example.org:9000/data/vo/x', { port: 9000 }],
    ['s3://[::1]:9000/data/vo/x', { host: '[::1]', port: 9000 }],
  ])('%s is read', (url, more) => expect(lfnOfStorageUrl({ ...base, ...more }, url)).toBe('/vo/x'));

  test.each(['s3://s3.example.org:9000/bucket/vo/x', 's3://s3.example.org:9000/bucket/../x', 's3://s3.example.org:9000/bucket/'])(
    '%s belongs to the StorageElement, whatever its name is worth',
    (url) => expect(isStorageUrlOf({ secure: true, host: 's3.example.org', port: 9000, bucket: 'bucket' }, url)).toBe(true),
  );

  test.each([
    's3://s3.example.org:9001/bucket/vo/x',
    's3://s3.example.org:9000/bucket',
    's3://other:9000/bucket/vo/x',
    's3://s3.example.org:9000/other/vo/x',
    'x',
    '',
  ])('%s does not belong to the StorageElement', (url) =>
    expect(isStorageUrlOf({ secure: true, host: 's3.example.org', port: 9000, bucket: 'bucket' }, url)).toBe(false),
  );

  test.each<[string, RegExp]>([
    ['https://s3.example.org/data/vo/x', /scheme must be "s3"/],
    ['S3://s3.example.org/data/vo/x', /scheme must be "s3"/],
    ['/data/vo/x', /not a storage URL/],
    ['data/vo/x', /not a storage URL/],
    ['', /not a storage URL/],
    ['s3:/s3.example.org/data/vo/x', /not a storage URL/],
    ['s3://s3.example.org', /bucket/],
    ['s3://s3.example.org/', /bucket/],
    ['s3://s3.example.org/data', /bucket/],
    ['s3://s3.example.org/data/', /must not end|root directory/],
    ['s3://otherhost/data/vo/x', /host is not that/],
    ['s3://s3.example.org.evil/data/vo/x', /host is not that/],
    ['s3://alice@s3.example.org/data/vo/x', /host part/],
    ['s3://s3.example.org:1:2/data/vo/x', /host part/],
    ['s3://s3.example.org:/data/vo/x', /host part/],
    ['s3://s3.example.org:+443/data/vo/x', /host part/],
    ['s3://s3.example.org:80/data/vo/x', /port is not that/],
    ['s3://s3.example.org:99999/data/vo/x', /port is not that/],
    ['s3:///data/vo/x', /host part/],
    ['s3://s3.example.org/other/vo/x', /bucket is not that/],
    ['s3://s3.example.org/dataX/vo/x', /bucket is not that/],
    ['s3://s3.example.org/Data/vo/x', /bucket is not that/],
    ['s3://s3.example.org//data/vo/x', /bucket is not that/],
    ['s3://s3.example.org/x/../data/vo/x', /bucket is not that/],
    ['s3://s3.example.org/%64ata/vo/x', /bucket is not that/],
    ['s3://s3.example.org/data/../other/vo/x', /segments/],
    ['s3://s3.example.org/data//vo/x', /empty segment/],
    ['s3://s3.example.org/data/vo/x?versionId=1', /must not contain "\?"/],
    ['s3://s3.example.org/data/vo/x#part', /must not contain "#"/],
    ['s3://s3.example.org?/data/vo/x', /not a storage URL/],
    ['s3://s3.example.org/data/vo/a\nb', /control character/],
  ])('%j is refused', (url, reason) => {
    expect(() => lfnOfStorageUrl(base, url)).toThrow(
      expect.objectContaining({ code: 'invalid-storage-url', message: expect.stringMatching(reason) }),
    );
  });

  test('nothing is decoded: a percent sign is a percent sign', () => {
    expect(lfnOfStorageUrl(base, 's3://s3.example.org/data/vo/%2e%2e/x')).toBe('/vo/%2e%2e/x');
  });

  test('a message cannot move the cursor of a terminal', () => {
    expect(() => lfnOfStorageUrl(base, 's3://\x1b[2J\x9b\u202e')).toThrow('\\u001b[2J\\u009b\\u202e');
  });
});
