import { describe, expect, test } from '@jest/globals';
import { Secret, singleResult, type Lfn } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import type { MultipartUpload } from '../../src/ports/index.js';
import { identityOf } from '../../src/testing/index.js';
import { alice, allowed, command, createWorld, denied, storageElement, type Answer } from './world.js';
import { createSessionWorld, keyOfGateway, mebibyte, type SessionWorld } from './session-world.js';

const bob = identityOf('bob');
const size = { sizeBytes: 12 * mebibyte, partBytes: 5 * mebibyte, checksum: '0a1b2c3d' };
const asked = { identity: alice, requestId: 'request-1', storageElement: 'SE' };
const begin = (world: SessionWorld, lfn = '/vo/a', more: Partial<typeof size> = {}) =>
  world.sessions.begin({ ...asked, uploads: [{ lfn, ...size, ...more }] });
const begun = async (world: SessionWorld, lfn = '/vo/a'): Promise<MultipartUpload> => singleResult(await begin(world, lfn));
const renew = (world: SessionWorld, { lfn, uploadId, token = '' }: MultipartUpload, identity = alice) =>
  world.sessions.renew({ ...asked, identity, uploads: [{ lfn, uploadId, token }] });
const firstPart = ({ uploadId, token = '' }: MultipartUpload) => ({
  uploadId,
  uploadToken: token,
  partNumber: 1,
  sizeBytes: size.partBytes,
});
const signPart = (world: SessionWorld, upload: MultipartUpload, identity = alice) =>
  world.presignUrls({ ...command('upload_part', [{ lfn: upload.lfn, ...firstPart(upload) }]), identity });
const clear = (world: SessionWorld, { lfn, uploadId, token = '' }: MultipartUpload, identity = alice) =>
  world.presignUrls({ ...command('abort_multipart_upload', [{ lfn, uploadId, uploadToken: token }]), identity });
const codeOf = (result: { readonly failed: ReadonlyMap<string, { readonly code: string }> }) => [...result.failed.values()][0]?.code;

describe('beginning an upload in parts', () => {
  test('asks the catalog as for an upload of the whole, then the store, and binds what was permitted', async () => {
    const world = createSessionWorld();
    const upload = await begun(world);
    expect(world.calls.map(({ method }) => method)).toEqual(['lookUpReplicas', 'addFile']);
    expect(world.started).toMatchObject([{ target: { method: 'create_multipart_upload', key: 'vo/a', item: { checksum: '0a1b2c3d' } } }]);
    expect(upload).toMatchObject({ lfn: '/vo/a', uploadId: '2~1', expiresAt: new Date('2026-11-24T12:10:00Z') });
    expect(codeOf(await signPart(world, upload))).toBeUndefined();
    expect(world.signed.at(-1)).toMatchObject({
      method: 'upload_part',
      key: 'vo/a',
      notAfter: upload.expiresAt,
      item: { uploadId: '2~1' },
    });
    // Its token was the decision: nobody was asked again.
    expect(world.calls).toHaveLength(2);
  });

  test('writes down who was permitted what, and who was not, before it answers', async () => {
    const world = createSessionWorld({ verdict: (_, lfn) => (lfn === '/vo/b' ? denied : allowed) });
    const uploads = ['/vo/a', '/vo/b', 'nonsense'].map((lfn) => ({ lfn, ...size }));
    const { successful, failed } = await world.sessions.begin({ ...asked, uploads });
    expect([...successful.keys()]).toEqual(['/vo/a']);
    expect([...failed].map(([lfn, { code }]) => [lfn, code])).toEqual([
      ['/vo/b', 'permission-denied'],
      ['nonsense', 'invalid-lfn'],
    ]);
    expect(
      world.trail.records.map(({ lfn, method, requestId, identity, outcome }) => [lfn, method, requestId, identity.username, outcome]),
    ).toEqual([
      ['/vo/a', 'create_multipart_upload', 'request-1', 'alice', { granted: true, expiresAt: new Date('2026-11-24T12:10:00Z') }],
      ['/vo/b', 'create_multipart_upload', 'request-1', 'alice', expect.objectContaining({ granted: false, code: 'permission-denied' })],
      ['nonsense', 'create_multipart_upload', 'request-1', 'alice', expect.objectContaining({ granted: false, code: 'invalid-lfn' })],
    ]);
    expect(JSON.stringify(world.trail.records)).not.toContain('upload1.');
  });

  test('gives nothing away when the decision cannot be written down', async () => {
    const world = createSessionWorld({ audit: { record: () => Promise.reject(new Error('disk full')) } });
    await expect(begin(world)).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('audit log') });
  });

  test('begins nothing at the store that is not permitted, by the catalog or by the credential', async () => {
    const world = createSessionWorld({ verdict: () => denied });
    expect(codeOf(await begin(world))).toBe('permission-denied');
    const narrow = identityOf('alice', { restrictions: [{ access: ['read'], path: '/vo' as Lfn }] });
    expect(codeOf(await createAndBegin(narrow))).toBe('permission-denied');
    const broken = createSessionWorld({ verdict: () => new DiracS3Error('catalog-unavailable', 'gone') });
    await expect(begin(broken)).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect([...world.started, ...broken.started]).toEqual([]);
  });

  const createAndBegin = (identity: typeof alice) =>
    createSessionWorld().sessions.begin({ ...asked, identity, uploads: [{ lfn: '/vo/a', ...size }] });

  test.each<[Partial<typeof size>, RegExp]>([
    [{ sizeBytes: 0 }, /sizeBytes: must be a whole number from 1/],
    [{ sizeBytes: 1.5 }, /sizeBytes/],
    [{ sizeBytes: 2 ** 60 }, /sizeBytes/],
    [{ partBytes: 5 * mebibyte - 1 }, /partBytes: must be a whole number from 5242880 to 5368709120/],
    [{ partBytes: 5 * 1024 * mebibyte + 1 }, /partBytes/],
    [{ partBytes: NaN }, /partBytes/],
    [{ sizeBytes: 5 * mebibyte * 10_000 + 1 }, /partBytes: \d+ bytes would need more than 10000 parts/],
    [{ checksum: 'XYZ' }, /checksum/],
  ])('refuses %j by name', async (more, message) => {
    const world = createSessionWorld();
    const { failed } = await begin(world, '/vo/a', more);
    expect(failed.get('/vo/a')).toMatchObject({ code: 'invalid-argument', message: expect.stringMatching(message) });
    expect(world.started).toEqual([]);
  });

  test('refuses a name twice, and more names than one request may carry', async () => {
    const world = createSessionWorld();
    const twice = { ...asked, uploads: ['/vo/a', '/vo/a'].map((lfn) => ({ lfn, ...size })) };
    await expect(world.sessions.begin(twice)).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(world.sessions.begin({ ...twice, maxItems: 1 })).rejects.toMatchObject({ code: 'too-many-items' });
    expect(world.trail.records.every(({ outcome }) => !outcome.granted)).toBe(true);
    expect(world.started).toEqual([]);
  });

  test('says which upload the store would not begin, and begins the others', async () => {
    const world = createSessionWorld({
      start: ({ key }) => (key === 'vo/b' ? Promise.reject(new DiracS3Error('upload-unsafe', 'not here')) : Promise.resolve('2~x')),
    });
    const uploads = ['/vo/a', '/vo/b'].map((lfn) => ({ lfn, ...size }));
    const { successful, failed } = await world.sessions.begin({ ...asked, uploads });
    expect([[...successful.keys()], failed.get('/vo/b')?.code]).toEqual([['/vo/a'], 'upload-unsafe']);
  });

  test('wants parts signed with keys that cannot read, where the store honours unsigned headers', async () => {
    const elements = [storageElement('SE', { unsignedHeaders: 'honoured' }), storageElement('STRICT', { unsignedHeaders: 'refused' })];
    const world = createSessionWorld({ elements });
    await begin(world);
    await world.sessions.begin({ ...asked, storageElement: 'STRICT', uploads: [{ lfn: '/vo/a', ...size }] });
    expect(world.started.map(({ partsSignedWith, target }) => [partsSignedWith, target.signWith])).toEqual([
      ['write-only', 'main'],
      ['main', 'main'],
    ]);
  });
});

describe('going on with an upload in parts', () => {
  test('asks for the permission again, and gives a later end but never beyond the limit', async () => {
    const world = createSessionWorld();
    const upload = await begun(world);
    world.clock.advanceSeconds(599);
    expect(codeOf(await signPart(world, upload))).toBeUndefined();
    world.clock.advanceSeconds(1);
    expect((await signPart(world, upload)).failed.get('/vo/a')).toMatchObject({
      code: 'permission-denied',
      message: expect.stringMatching(/has expired; renew it/),
    });
    const renewed = singleResult(await renew(world, upload));
    expect(world.calls.map(({ method }) => method)).toEqual(['lookUpReplicas', 'addFile', 'lookUpReplicas', 'addFile']);
    expect(renewed).toMatchObject({ uploadId: upload.uploadId, expiresAt: new Date('2026-11-24T12:20:00Z') });
    expect(codeOf(await signPart(world, renewed))).toBeUndefined();
    // Nothing new was begun, and the size is the one of the begin.
    expect(world.started).toHaveLength(1);
    world.clock.set(new Date('2026-11-24T13:55:00Z'));
    expect(singleResult(await renew(world, renewed)).expiresAt).toEqual(new Date('2026-11-24T14:00:00Z'));
    world.clock.set(new Date('2026-11-24T14:00:00Z'));
    expect(codeOf(await renew(world, renewed))).toBe('upload-ended');
  });

  test('ends where the permission was withdrawn meanwhile, and what was sent can still be cleared away', async () => {
    let verdict: Answer = allowed;
    const world = createSessionWorld({ verdict: () => verdict });
    const upload = await begun(world);
    verdict = denied;
    expect((await renew(world, upload)).failed.get('/vo/a')).toEqual({ code: 'permission-denied', message: '/vo/a: not yours' });
    expect(world.trail.records.at(-1)).toMatchObject({ lfn: '/vo/a', outcome: { granted: false, code: 'permission-denied' } });
    world.clock.advanceSeconds(600);
    expect(codeOf(await signPart(world, upload))).toBe('permission-denied');
    expect(codeOf(await clear(world, upload))).toBeUndefined();
    verdict = undefined;
    expect(codeOf(await renew(world, upload))).toBe('catalog-unavailable');
  });

  test('ends where the name was stored meanwhile', async () => {
    let registered = false;
    const world = createSessionWorld({
      registration: () => (registered ? { registered: true, what: 'file', storageElements: ['SE'] } : { registered: false }),
    });
    const upload = await begun(world);
    registered = true;
    expect(codeOf(await renew(world, upload))).toBe('file-exists');
  });

  test('is for nobody but the user, with nothing but his upload', async () => {
    const world = createSessionWorld();
    const [upload, other] = [await begun(world), await begun(world, '/vo/other')];
    for (const [stolen, identity] of [
      [upload, bob],
      [upload, identityOf('alice', { group: 'others' })],
      [{ ...upload, uploadId: other.uploadId }, alice],
      [{ ...upload, lfn: other.lfn }, alice],
      [{ ...other, uploadId: upload.uploadId }, alice],
    ] as const) {
      for (const result of [
        await signPart(world, stolen, identity),
        await clear(world, stolen, identity),
        await renew(world, stolen, identity),
      ])
        expect([...result.failed.values()]).toMatchObject([
          { code: 'permission-denied', message: expect.stringMatching(/not of this upload/) },
        ]);
    }
    expect(world.signed).toEqual([]);
  });

  test('is the same at every gateway with the keys, through a change of keys, and nowhere else', async () => {
    const next = new Secret('0123456789abcdefghijklmnopqrstuv');
    const upload = await begun(createSessionWorld({ keys: [keyOfGateway] }));
    for (const keys of [[keyOfGateway], [keyOfGateway, next], [next, keyOfGateway]]) {
      const there = createSessionWorld({ keys });
      expect(codeOf(await signPart(there, upload))).toBeUndefined();
      const renewed = singleResult(await renew(there, upload));
      expect(codeOf(await signPart(createSessionWorld({ keys: [keys[0]!] }), renewed))).toBeUndefined();
    }
    const stranger = createSessionWorld({ keys: [next] });
    for (const result of [await signPart(stranger, upload), await clear(stranger, upload), await renew(stranger, upload)])
      expect([...result.failed.values()]).toMatchObject([
        { code: 'upload-ended', message: expect.stringMatching(/none of the keys of this gateway/) },
      ]);
    expect(stranger.signed).toEqual([]);
  });

  test('needs a token: an upload id alone is useless', async () => {
    const world = createSessionWorld();
    const { lfn, uploadId } = await begun(world);
    for (const method of ['list_parts', 'complete_multipart_upload', 'abort_multipart_upload'] as const)
      expect(codeOf(await world.presignUrls(command(method, [{ lfn, uploadId }])))).toBe('upload-ended');
    const part = { lfn, uploadId, partNumber: 1, sizeBytes: size.partBytes };
    expect(codeOf(await world.presignUrls(command('upload_part', [part])))).toBe('upload-ended');
    expect(world.signed).toEqual([]);
  });

  test('holds every part to its place in what was permitted', async () => {
    const world = createSessionWorld();
    const upload = await begun(world);
    const sign = (partNumber: number, sizeBytes?: number) =>
      world.presignUrls(command('upload_part', [{ lfn: '/vo/a', ...firstPart(upload), partNumber, ...(sizeBytes && { sizeBytes }) }]));
    expect(codeOf(await sign(1, size.sizeBytes))).toBe('permission-denied');
    expect(codeOf(await sign(3, size.partBytes))).toBe('permission-denied');
    expect(codeOf(await sign(4, 1))).toBe('permission-denied');
    expect(codeOf(await sign(3, 2 * mebibyte))).toBeUndefined();
    expect(world.signed).toHaveLength(1);
  });

  test('is not served where no policy is given, and says so', async () => {
    const item = { lfn: '/vo/a', uploadId: '2~1', uploadToken: 'x' };
    await expect(createWorld().presignUrls(command('list_parts', [item]))).rejects.toMatchObject({
      code: 'unsupported-operation',
      message: 'uploads in parts are not served here',
    });
  });
});

describe('finding unfinished uploads', () => {
  const at = (minutes: number): Date => new Date(Date.parse('2026-11-24T10:00:00Z') + minutes * 60_000);
  const unfinished = [
    { key: 'vo/a/young', uploadId: '2~y', begunAt: at(50) },
    { key: 'vo/a/old', uploadId: '2~o', begunAt: at(0) },
    { key: 'vo/a/his', uploadId: '2~h', begunAt: at(1) },
    { key: 'vo/a//foreign', uploadId: '2~f', begunAt: at(2) },
    { key: 'vo/b', uploadId: '2~b', begunAt: at(3) },
  ];
  const verdict = (_: string, lfn: Lfn): Answer => (lfn.endsWith('his') ? denied : allowed);
  const find = (world: SessionWorld, lfns: readonly string[], identity = alice) => world.sessions.find({ ...asked, identity, lfns });

  test('tells the oldest first what the caller might remove, and nothing of the rest', async () => {
    const world = createSessionWorld({ unfinished, verdict });
    const { successful, failed } = await find(world, ['/vo/a', '/vo/b', '/vo/c', 'nonsense']);
    const told = [...successful].map(([lfn, uploads]) => [
      lfn,
      uploads.map(({ lfn: name, uploadId, begunAt }) => [name, uploadId, begunAt]),
    ]);
    expect(told).toEqual([
      [
        '/vo/a',
        [
          ['/vo/a/old', '2~o', at(0)],
          ['/vo/a/young', '2~y', at(50)],
        ],
      ],
      ['/vo/b', [['/vo/b', '2~b', at(3)]]],
      ['/vo/c', []],
    ]);
    expect([...failed].map(([lfn, { code }]) => [lfn, code])).toEqual([['nonsense', 'invalid-lfn']]);
    // As for a removal, of all names at once.
    expect(world.calls).toEqual([
      { method: 'removeFile', names: ['/vo/a/old', '/vo/a/his', '/vo/a/young', '/vo/b'] },
      { method: 'addFile', names: ['/vo/a/old', '/vo/a/his', '/vo/a/young', '/vo/b'] },
    ]);
  });

  test('gives tokens that clear away what was found, and do nothing else', async () => {
    const world = createSessionWorld({ unfinished, verdict });
    const [old] = singleResult(await find(world, ['/vo/a']));
    expect(codeOf(await clear(world, old!))).toBeUndefined();
    expect(world.signed).toMatchObject([{ method: 'abort_multipart_upload', key: 'vo/a/old', notAfter: old!.expiresAt }]);
    expect(codeOf(await signPart(world, old!))).toBe('permission-denied');
    expect(codeOf(await renew(world, old!))).toBe('permission-denied');
    const item = { lfn: old!.lfn, uploadId: old!.uploadId, uploadToken: old!.token! };
    expect(codeOf(await world.presignUrls(command('complete_multipart_upload', [item])))).toBe('permission-denied');
    expect(codeOf(await clear(world, old!, bob))).toBe('permission-denied');
    world.clock.advanceSeconds(600);
    expect(codeOf(await clear(world, old!))).toBe('upload-ended');
    expect(world.signed).toHaveLength(1);
  });

  test('writes down what was given, one line for each name', async () => {
    const world = createSessionWorld({ unfinished: [...unfinished, { ...unfinished[0]!, uploadId: '2~z' }], verdict });
    await find(world, ['/vo/a', 'nonsense']);
    expect(world.trail.records.map(({ lfn, method, outcome }) => [lfn, method, outcome.granted])).toEqual([
      ['/vo/a/old', 'abort_multipart_upload', true],
      ['/vo/a/young', 'abort_multipart_upload', true],
      ['nonsense', 'abort_multipart_upload', false],
    ]);
  });

  test('refuses when the catalog is silent or broken, and writes that down too', async () => {
    const silent = createSessionWorld({ unfinished, verdict: () => undefined });
    expect(singleResult(await find(silent, ['/vo/a']))).toEqual([]);
    const broken = createSessionWorld({ unfinished, verdict: () => new Error('boom') });
    await expect(find(broken, ['/vo/a'])).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect(broken.trail.records).toMatchObject([{ lfn: '/vo/a', outcome: { granted: false, code: 'catalog-unavailable' } }]);
  });

  test('does not ask the store about a StorageElement that is closed or unknown, nor about too many names', async () => {
    const closed = storageElement('SE', { status: { Read: 'Active', Write: 'Active', Remove: 'Banned', Check: 'Active' } });
    const world = createSessionWorld({ unfinished, elements: [closed] });
    await expect(find(world, ['/vo/a'])).rejects.toMatchObject({ code: 'access-not-allowed' });
    await expect(world.sessions.find({ ...asked, storageElement: 'NO', lfns: ['/vo/a'] })).rejects.toMatchObject({
      code: 'unknown-storage-element',
    });
    await expect(world.sessions.find({ ...asked, lfns: ['/vo/a', '/vo/b'], maxItems: 1 })).rejects.toMatchObject({
      code: 'too-many-items',
    });
    expect(world.looked).toEqual([]);
  });

  test('leaves a narrowed credential what it may remove', async () => {
    const narrow = identityOf('alice', { restrictions: [{ access: ['remove', 'write'], path: '/vo/b' as Lfn }] });
    const world = createSessionWorld({ unfinished });
    const { successful } = await find(world, ['/vo/a', '/vo/b'], narrow);
    expect([...successful].map(([lfn, uploads]) => [lfn, uploads.length])).toEqual([
      ['/vo/a', 0],
      ['/vo/b', 1],
    ]);
  });

  test('tells a thousand of a name, the oldest of them', async () => {
    const many = Array.from({ length: 1500 }, (_, n) => ({ key: `vo/a/${n}`, uploadId: `2~${n}`, begunAt: at(1500 - n) }));
    const uploads = singleResult(await find(createSessionWorld({ unfinished: many }), ['/vo/a']));
    expect([uploads.length, uploads[0]?.uploadId, uploads.at(-1)?.uploadId]).toEqual([1000, '2~1499', '2~500']);
  });
});
