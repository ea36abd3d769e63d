import { describe, expect, test } from '@jest/globals';
import {
  s3MethodNames,
  s3Methods,
  type PresignItem,
  type PresignRequest,
  type S3Method,
  type StorageElement,
} from '../../src/domain/index.js';
import { resolveTargets, type ResolveContext } from '../../src/presign/resolve-targets.js';
import { storageElement } from './world.js';

const resolve = (request: Partial<PresignRequest>, element: Partial<StorageElement> = {}, context: Partial<ResolveContext> = {}) =>
  resolveTargets(
    { storageElement: 'SE', method: 'get_object', items: [{ lfn: '/vo/a' }], ...request },
    {
      registry: { find: (name) => (name === 'SE' ? storageElement('SE', element) : undefined), all: () => [] },
      vo: 'vo',
      holder: 'client',
      ...context,
    },
  );
const only = (...args: Parameters<typeof resolve>) => [...resolve(...args).passed.values()][0]!;
const code = (expected: string, message = ''): unknown =>
  expect.objectContaining({ code: expected, message: expect.stringContaining(message) });
const itemFor = (method: S3Method): PresignItem => ({
  lfn: '/vo/a',
  ...(s3Methods[method].needsUploadId ? { uploadId: '2~abc' } : {}),
  ...(s3Methods[method].needsPartNumber ? { partNumber: 1 } : {}),
  ...(s3Methods[method].copies ? { sourceStorageElement: 'SE' } : {}),
});

describe('the StorageElement', () => {
  test.each(['OTHER', '', 'se', '__proto__'])('an unknown one, %j, fails the whole request by name', (name) => {
    expect(() => resolve({ storageElement: name })).toThrow(code('unknown-storage-element', JSON.stringify(name)));
  });

  test('one without credentials in this process is as good as unknown', () => {
    expect(() => resolve({}, { access: 'via-gateway' })).toThrow(code('unknown-storage-element', 'no credentials'));
  });

  const status = { Read: 'Active', Write: 'Active', Remove: 'Active', Check: 'Active' };
  const closedBy: [S3Method, keyof typeof status][] = [
    ['get_object', 'Read'],
    ['put_object', 'Write'],
    ['upload_part', 'Write'],
    ['delete_object', 'Remove'],
  ];
  test.each(closedBy)('%s is refused when %sAccess is not open', (method, kind) => {
    for (const state of ['Banned', 'Error', 'Probing', 'active', ''])
      expect(() => resolve({ method, items: [itemFor(method)] }, { status: { ...status, [kind]: state } })).toThrow(
        code('access-not-allowed', `${kind}Access`),
      );
    expect(resolve({ method, items: [itemFor(method)] }, { status: { ...status, [kind]: 'Degraded' } }).passed.size).toBe(1);
  });

  test('head_object needs Check, and whoever may read may also check', () => {
    expect(resolve({ method: 'head_object' }, { status: { ...status, Check: 'Banned' } }).passed.size).toBe(1);
    expect(() => resolve({ method: 'head_object' }, { status: { ...status, Check: 'Banned', Read: 'Banned' } })).toThrow(
      code('access-not-allowed'),
    );
  });

  test('is closed to other VOs than the listed ones', () => {
    expect(() => resolve({}, { vos: ['biomed'] })).toThrow(code('access-not-allowed', '"vo"'));
    expect(resolve({}, { vos: ['biomed', 'vo'] }).passed.size).toBe(1);
  });

  test("gives the VO's own bucket where it has one", () => {
    const voBuckets = new Map([['vo', 'vo-bucket']]);
    expect(only({}, { voBuckets }).bucket).toBe('vo-bucket');
    expect(only({}, { voBuckets }, { vo: 'biomed' }).bucket).toBe('bucket');
  });
});

describe('the lifetime', () => {
  const expiration = { transfer: { defaultSeconds: 3600, maxSeconds: 7200 }, external: { defaultSeconds: 86_400, maxSeconds: 1_000_000 } };
  const seconds = (request: Partial<PresignRequest>): number => only(request, { expiration }).expirationSeconds;

  test('is the default of the purpose when none is asked', () => {
    expect(seconds({})).toBe(3600);
    expect(seconds({ purpose: 'transfer' })).toBe(3600);
    expect(seconds({ purpose: 'external' })).toBe(86_400);
  });

  test('is what is asked, up to the cap of the purpose', () => {
    expect(seconds({ expirationSeconds: 1 })).toBe(1);
    expect(seconds({ expirationSeconds: 7200 })).toBe(7200);
    expect(seconds({ expirationSeconds: 604_800, purpose: 'external' })).toBe(604_800);
  });

  test('beyond the cap is refused with the cap, not clamped', () => {
    expect(() => seconds({ expirationSeconds: 7201 })).toThrow(code('expiration-refused', '7200'));
  });

  test('never exceeds seven days, whatever the configuration says', () => {
    expect(() => seconds({ expirationSeconds: 604_801, purpose: 'external' })).toThrow(code('expiration-refused', '604800'));
  });

  test.each([0, -1, 1.5, NaN, Infinity])('%d seconds are no lifetime', (expirationSeconds) => {
    expect(() => seconds({ expirationSeconds })).toThrow(code('invalid-argument', 'expirationSeconds'));
  });

  test.each(s3MethodNames.filter((method) => method !== 'get_object' && method !== 'head_object'))('%s cannot be external', (method) => {
    expect(() => resolve({ method, items: [itemFor(method)], purpose: 'external' })).toThrow(code('invalid-argument', 'purpose'));
  });
});

describe('which keys sign', () => {
  const keys = (
    method: S3Method,
    upload: 'post' | 'put' | undefined,
    ...more: [Partial<StorageElement>?, Partial<ResolveContext>?]
  ): string => only({ method, items: [itemFor(method)], ...(upload === undefined ? {} : { upload }) }, ...more).signWith;

  test.each([
    ['put_object', 'put'],
    ['upload_part', undefined],
  ] as const)('%s to a URL needs write-only keys where unsigned headers are honoured', (method, upload) => {
    expect(keys(method, upload, { unsignedHeaders: 'honoured' })).toBe('write-only');
    expect(keys(method, upload, { unsignedHeaders: 'refused' })).toBe('main');
  });

  test('in the process that holds the keys the main ones sign uploads too', () => {
    expect(keys('put_object', 'put', { unsignedHeaders: 'honoured' }, { holder: 'self' })).toBe('main');
    expect(keys('upload_part', undefined, { unsignedHeaders: 'honoured' }, { holder: 'self' })).toBe('main');
  });

  test('a POST policy, and every method that sends no object, is signed with the main keys', () => {
    expect(keys('put_object', undefined)).toBe('main');
    expect(keys('put_object', 'post')).toBe('main');
    for (const method of s3MethodNames.filter((one) => one !== 'put_object' && one !== 'upload_part'))
      expect(keys(method, undefined)).toBe('main');
  });

  test('put_object is a POST policy unless PUT is asked', () => {
    expect(only({ method: 'put_object' }).upload).toBe('post');
    expect(only({ method: 'put_object', upload: 'put' }).upload).toBe('put');
  });

  test('no other method has the choice', () => {
    expect(() => resolve({ method: 'get_object', upload: 'post' })).toThrow(code('invalid-argument', 'upload'));
  });

  test('a method that does not exist is refused', () => {
    expect(() => resolve({ method: 'constructor' as S3Method })).toThrow(code('unsupported-operation', 'constructor'));
  });
});

describe('the endpoint', () => {
  const publicEndpoint = { secure: true, host: 'public.example.org', port: undefined };

  test('of URLs for others is the public one', () => {
    expect(only({}, { publicEndpoint }).storageElement.publicEndpoint).toEqual(publicEndpoint);
    expect(only({ purpose: 'external' }, { publicEndpoint }, { holder: 'self' }).storageElement.publicEndpoint).toEqual(publicEndpoint);
  });

  test('of own transfers is the one the process is configured with', () => {
    expect(only({}, { publicEndpoint }, { holder: 'self' }).storageElement.publicEndpoint).toBeUndefined();
  });
});

describe('the names', () => {
  const failures = (items: readonly PresignItem[], request: Partial<PresignRequest> = {}) => resolve({ ...request, items });

  test('a bad one fails alone, under its own spelling', () => {
    const bad = ['', 'vo/a', '/vo//a', '/vo/../a', '/vo/./a', '/vo/a/', '/vo/a?b', '/vo/a\0', '/vo/a\\b', `/${'a'.repeat(1024)}`];
    const { passed, refused } = failures([...bad, '/vo/good'].map((lfn) => ({ lfn })));
    expect([...passed.keys()]).toEqual(['/vo/good']);
    expect([...refused.keys()]).toEqual(bad);
    expect(new Set([...refused.values()].map((one) => one.code))).toEqual(new Set(['invalid-lfn']));
  });

  test('the key is the LFN without its slash, and nothing of the caller but the LFN', () => {
    expect(only({ items: [{ lfn: '/vo/a b/ü' }] }).key).toBe('vo/a b/ü');
  });

  test('a field that cannot be bound fails its LFN alone, by name', () => {
    const { passed, refused } = failures([{ lfn: '/vo/a', sizeBytes: 1 }, { lfn: '/vo/b' }]);
    expect([...passed.keys()]).toEqual(['/vo/b']);
    expect(refused.get('/vo/a')).toEqual(code('invalid-argument', '/vo/a: sizeBytes'));
  });

  test('the same item twice collapses, whatever the order of its fields', () => {
    const { passed, refused } = failures(
      [
        { lfn: '/vo/a', sizeBytes: 1, metadata: { a: '1', b: '2' } },
        { lfn: '/vo/a', metadata: { b: '2', a: '1' }, sizeBytes: 1 },
      ],
      { method: 'put_object' },
    );
    expect(passed.size).toBe(1);
    expect(refused.size).toBe(0);
  });

  test('the same LFN with different fields fails, and the others do not', () => {
    const { passed, refused } = failures([{ lfn: '/vo/a', sizeBytes: 1 }, { lfn: '/vo/b' }, { lfn: '/vo/a', sizeBytes: 2 }], {
      method: 'put_object',
    });
    expect([...passed.keys()]).toEqual(['/vo/b']);
    expect(refused.get('/vo/a')).toEqual(code('invalid-argument', 'different fields'));
  });

  test('two parts of one upload are two requests', () => {
    const part = (partNumber: number): PresignItem => ({ lfn: '/vo/a', uploadId: '2~abc', partNumber });
    expect(failures([part(1), part(2)], { method: 'upload_part' }).refused.get('/vo/a')).toEqual(
      code('invalid-argument', 'separate requests'),
    );
  });

  test('a form is not signed for a key its holder, or the store, would change', () => {
    const names = ['/vo/${filename}', '/vo/a${filename}b', '/vo/a ', '/ vo/a'].map((lfn) => ({ lfn }));
    expect(failures(names, { method: 'put_object' }).passed.size).toBe(0);
    expect(failures(names, { method: 'put_object', upload: 'put' }).passed.size).toBe(4);
    expect(failures(names).passed.size).toBe(4);
  });
});
