import { describe, expect, test } from '@jest/globals';
import {
  bucketFor,
  isOpenFor,
  isOpenToVo,
  isS3Method,
  originOf,
  s3MethodNames,
  s3Methods,
  storageUrlBaseOf,
  type StatusKind,
  type StorageElement,
} from '../../src/domain/index.js';

const policy = { defaultSeconds: 3600, maxSeconds: 3600 };
const element: StorageElement = {
  name: 'X',
  baseName: undefined,
  section: 'S3',
  endpoint: { secure: true, host: 's3.example.org', port: 9000 },
  publicEndpoint: undefined,
  bucket: 'data',
  voBuckets: new Map([['gridpp', 'gridpp-data']]),
  region: 'us-east-1',
  addressingStyle: 'path',
  caFile: undefined,
  vos: [],
  status: { Read: 'Active', Write: 'Active', Remove: 'Active', Check: 'Active' },
  unsignedHeaders: 'honoured',
  expiration: { transfer: policy, external: policy },
  access: 'direct',
};
const withStatus = (status: Partial<Record<StatusKind, string>>): StorageElement => ({
  ...element,
  status: { ...element.status, ...status },
});

describe('states', () => {
  test.each(['Active', 'Degraded'])('%s permits', (word) => {
    for (const kind of ['Read', 'Write', 'Remove'] as const) expect(isOpenFor(withStatus({ [kind]: word }), kind)).toBe(true);
  });

  test.each(['Banned', 'Probing', 'Error', 'InActive', 'Unknown', 'True', 'active', ''])('%j forbids', (word) => {
    for (const kind of ['Read', 'Write', 'Remove'] as const) expect(isOpenFor(withStatus({ [kind]: word }), kind)).toBe(false);
  });

  test('who may read may check; a banned reader needs Check', () => {
    expect(isOpenFor(withStatus({ Check: 'Banned' }), 'Check')).toBe(true);
    expect(isOpenFor(withStatus({ Read: 'Banned' }), 'Check')).toBe(true);
    expect(isOpenFor(withStatus({ Read: 'Banned', Check: 'Banned' }), 'Check')).toBe(false);
  });
});

test('an empty list of VOs is open to all, any other only to its own', () => {
  expect(isOpenToVo(element, 'lhcb')).toBe(true);
  expect(isOpenToVo({ ...element, vos: ['gridpp'] }, 'gridpp')).toBe(true);
  expect(isOpenToVo({ ...element, vos: ['gridpp'] }, 'lhcb')).toBe(false);
});

test('a VO may have its own bucket, and storage URLs show it', () => {
  expect(bucketFor(element, undefined)).toBe('data');
  expect(bucketFor(element, 'lhcb')).toBe('data');
  expect(bucketFor(element, 'gridpp')).toBe('gridpp-data');
  expect(storageUrlBaseOf(element, 'gridpp')).toEqual({ secure: true, host: 's3.example.org', port: 9000, bucket: 'gridpp-data' });
  expect(storageUrlBaseOf(element)).toMatchObject({ bucket: 'data' });
});

test.each([
  [{ secure: true, host: 'h', port: undefined }, 'https://h'],
  [{ secure: true, host: 'h', port: 443 }, 'https://h'],
  [{ secure: true, host: 'h', port: 0 }, 'https://h'],
  [{ secure: true, host: 'h', port: 80 }, 'https://h:80'],
  [{ secure: false, host: '[::1]', port: 9000 }, 'http://[::1]:9000'],
])('the origin of %j is %s', (endpoint, origin) => expect(originOf(endpoint)).toBe(origin));

describe('S3 methods', () => {
  test("DIRAC's four keep their wire names, verbs and rights", () => {
    const row = (name: 'head_object' | 'get_object' | 'put_object' | 'delete_object') => [
      s3Methods[name].httpMethod,
      s3Methods[name].access,
      s3Methods[name].status,
    ];
    expect(row('head_object')).toEqual(['HEAD', 'read', 'Check']);
    expect(row('get_object')).toEqual(['GET', 'read', 'Read']);
    expect(row('put_object')).toEqual(['PUT', 'write', 'Write']);
    expect(row('delete_object')).toEqual(['DELETE', 'remove', 'Remove']);
  });

  test('every method of a multipart upload needs the right to write', () => {
    for (const name of s3MethodNames.filter((method) => /multipart|part/.test(method))) {
      expect(s3Methods[name]).toMatchObject({ access: 'write', status: 'Write', needsUploadId: name !== 'create_multipart_upload' });
    }
  });

  test('only a body-carrying PUT sends bytes, and only a part has a number', () => {
    expect(s3MethodNames.filter((name) => s3Methods[name].sendsBody)).toEqual(['put_object', 'upload_part']);
    expect(s3MethodNames.filter((name) => s3Methods[name].needsPartNumber)).toEqual(['upload_part', 'upload_part_copy']);
    expect(s3MethodNames.filter((name) => s3Methods[name].copies)).toEqual(['copy_object', 'upload_part_copy']);
  });

  test('no other word is one, not even those every object knows', () => {
    for (const name of s3MethodNames) expect(isS3Method(name)).toBe(true);
    for (const name of ['', 'GET_OBJECT', 'list_objects', 'toString', '__proto__', 'constructor']) expect(isS3Method(name)).toBe(false);
  });
});
