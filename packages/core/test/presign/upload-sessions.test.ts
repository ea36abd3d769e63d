import { describe, expect, test } from '@jest/globals';
import { Secret, singleResult, type Lfn } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import { identityOf } from '../../src/testing/index.js';
import {
  asked,
  begin,
  begun,
  clear,
  codeOf,
  createSessionWorld,
  firstPart,
  keyOfGateway,
  mebibyte,
  renew,
  signPart,
  size,
} from './session-world.js';
import { alice, allowed, command, createWorld, denied, storageElement, type Answer } from './world.js';

const bob = identityOf('bob');

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
