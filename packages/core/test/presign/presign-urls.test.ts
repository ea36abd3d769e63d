import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createS3Presigner } from '../../src/adapters/s3/index.js';
import { Secret, type PresignedPost } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import { createPresignUrls } from '../../src/presign/index.js';
import { alice, allowed, command, createWorld, denied, urlOf } from './world.js';

describe('the answer', () => {
  test('has each asked name exactly once, in order, as spelt, and nothing else', async () => {
    const name = fc.oneof(fc.constantFrom('/vo/a', '/vo/b', '/vo/denied', 'bad', '/vo//x', '__proto__', ''), fc.string());
    await fc.assert(
      fc.asyncProperty(fc.array(name, { maxLength: 30 }), async (names) => {
        const world = createWorld({ verdict: (_, lfn) => (lfn === '/vo/denied' ? denied : allowed) });
        const { successful, failed } = await world.presignUrls(command('get_object', names));
        const unique = [...new Set(names)];
        expect([...successful.keys(), ...failed.keys()].sort()).toEqual([...unique].sort());
        expect([...successful.keys()]).toEqual(unique.filter((one) => successful.has(one)));
        expect([...failed.keys()]).toEqual(unique.filter((one) => failed.has(one)));
      }),
    );
  });

  test('to nothing is nothing', async () => {
    const world = createWorld();
    const { successful, failed } = await world.presignUrls(command('get_object', []));
    expect([successful.size, failed.size, world.calls.length, world.trail.records.length]).toEqual([0, 0, 0, 0]);
  });

  test('carries what could be signed when a signature of another name fails', async () => {
    const world = createWorld({
      sign: async (target, now) => {
        if (target.key === 'vo/b') throw new DiracS3Error('upload-unsafe', 'no write-only key');
        return urlOf(target, now);
      },
    });
    const { successful, failed } = await world.presignUrls(command('get_object', ['/vo/a', '/vo/b', '/vo/c']));
    expect([...successful.keys()]).toEqual(['/vo/a', '/vo/c']);
    expect(failed.get('/vo/b')).toEqual({ code: 'upload-unsafe', message: '/vo/b: no write-only key' });
  });

  test('to ten thousand names lets other work run in between', async () => {
    const world = createWorld();
    let turns = 0;
    const count = (): void => {
      turns += 1;
      pending = setImmediate(count);
    };
    let pending = setImmediate(count);
    const lfns = Array.from({ length: 10_000 }, (_, index) => `/vo/${index}`);
    const { successful } = await world.presignUrls(command('get_object', lfns));
    clearImmediate(pending);
    expect(successful.size).toBe(10_000);
    expect(turns).toBeGreaterThanOrEqual(40);
  });
});

describe('a request', () => {
  test('with more items than one may carry is refused before anything is done', async () => {
    const world = createWorld();
    await expect(world.presignUrls(command('get_object', ['/vo/a', '/vo/b'], { maxItems: 1 }))).rejects.toMatchObject({
      code: 'too-many-items',
    });
    expect([world.calls.length, world.trail.records.length]).toEqual([0, 0]);
    expect((await world.presignUrls(command('get_object', ['/vo/a'], { maxItems: 1 }))).successful.size).toBe(1);
  });

  test('is signed for the bucket of the VO of the identity, not of one named in the request', async () => {
    const world = createWorld();
    await world.presignUrls({ ...command('get_object', ['/vo/a']), vo: 'biomed' } as never);
    expect(world.signed[0]?.bucket).toBe('bucket');
  });

  test('goes to the signer with the time of the clock', async () => {
    const { successful } = await createWorld().presignUrls(command('get_object', ['/vo/a'], { expirationSeconds: 60 }));
    expect(successful.get('/vo/a')?.expiresAt).toEqual(new Date('2026-11-24T12:35:56Z'));
  });

  test('for an upload comes back as a form by the real signer, and as a refusal when PUT is not safe', async () => {
    const keys = { accessKeyId: 'MAIN', secretAccessKey: new Secret('secret') };
    const presigner = createS3Presigner({ credentials: { credentialsOf: (_, use) => (use === 'main' ? keys : undefined) } });
    const presignUrls = createPresignUrls({ ...createWorld(), presigner });
    const form = (await presignUrls(command('put_object', [{ lfn: '/vo/a', sizeBytes: 3 }]))).successful.get('/vo/a') as PresignedPost;
    expect(form.kind).toBe('post');
    expect(form.fields.key).toBe('vo/a');
    const put = await presignUrls(command('put_object', ['/vo/a'], { upload: 'put' }));
    expect(put.failed.get('/vo/a')?.code).toBe('upload-unsafe');
  });

  test.each([
    ['create_multipart_upload', 'by its own operation'],
    ['upload_part', 'not served here'],
  ] as const)('for %s is refused where no uploads in parts are served', async (method, why) => {
    const item = { lfn: '/vo/a', ...(method === 'upload_part' && { uploadId: '2~abc', partNumber: 1 }) };
    await expect(createWorld().presignUrls(command(method, [item]))).rejects.toMatchObject({
      code: 'unsupported-operation',
      message: expect.stringContaining(why),
    });
  });
});

describe('the audit', () => {
  test('has one record per name, granted and refused alike', async () => {
    const world = createWorld({ verdict: (_, lfn) => (lfn === '/vo/b' ? denied : allowed) });
    await world.presignUrls(command('get_object', ['/vo/a', '/vo/b', 'bad', '/vo/a'], { purpose: 'external' }));
    const shared = {
      at: new Date('2026-11-24T12:34:56Z'),
      requestId: 'request-1',
      identity: alice,
      storageElement: 'SE',
      method: 'get_object',
      purpose: 'external',
    };
    expect(world.trail.records).toEqual([
      { ...shared, lfn: '/vo/a', outcome: { granted: true, expiresAt: new Date('2026-11-25T12:34:56Z') } },
      { ...shared, lfn: '/vo/b', outcome: { granted: false, code: 'permission-denied', reason: '/vo/b: not yours' } },
      { ...shared, lfn: 'bad', outcome: { granted: false, code: 'invalid-lfn', reason: expect.any(String) } },
    ]);
  });

  test('never holds a URL or a signature', async () => {
    const world = createWorld();
    await world.presignUrls(command('get_object', ['/vo/a']));
    expect(JSON.stringify(world.trail.records)).not.toMatch(/https?:|Signature/);
  });

  test.each([
    ['unknown-storage-element', { storageElement: 'NONE' }],
    ['expiration-refused', { expirationSeconds: 7201 }],
  ] as const)('also records a request that fails as a whole (%s)', async (code, more) => {
    const world = createWorld();
    await expect(world.presignUrls(command('get_object', ['/vo/a', '/vo/b'], more))).rejects.toMatchObject({ code });
    expect(world.trail.records.map(({ lfn, outcome }) => [lfn, 'code' in outcome && outcome.code])).toEqual([
      ['/vo/a', code],
      ['/vo/b', code],
    ]);
  });

  test('records the refusal when the catalog fails', async () => {
    const world = createWorld({ verdict: () => new Error('gone') });
    await expect(world.presignUrls(command('put_object', ['/vo/a']))).rejects.toThrow(DiracS3Error);
    expect(world.trail.records.map(({ outcome }) => outcome)).toEqual([
      { granted: false, code: 'catalog-unavailable', reason: expect.any(String) },
    ]);
  });

  test('that cannot be written stops the answer', async () => {
    const world = createWorld({ audit: { record: () => Promise.reject(new Error('disk full')) } });
    await expect(world.presignUrls(command('get_object', ['/vo/a']))).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('audit'),
    });
  });
});
