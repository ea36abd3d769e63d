import { describe, expect, test } from '@jest/globals';
import { singleResult, type CatalogMethod, type Identity, type Lfn, type PresignItem, type S3Method } from '../../src/domain/index.js';
import { identityOf } from '../../src/testing/index.js';
import { alice, allowed, command, denied, storageElement, type Answer } from './world.js';
import { createSessionWorld, mebibyte, type SessionWorld, type SessionWorldOptions } from './session-world.js';

const lfn = '/vo/a';
const endpoint = { secure: true, host: 'store.example.org', port: undefined };
const elements = [
  storageElement('SE', { endpoint, bucket: 'here' }),
  storageElement('SOURCE', { endpoint, bucket: 'there' }),
  storageElement('FAR', { bucket: 'there' }),
  storageElement('CLOSED', { endpoint, status: { Read: 'Banned', Write: 'Active', Remove: 'Active', Check: 'Active' } }),
  storageElement('OTHERS', { endpoint, vos: ['another'] }),
];
const worldOf = (options: SessionWorldOptions = {}): SessionWorld => createSessionWorld({ elements, ...options });

/** Asks for a copy, of a part within an upload that was permitted when everything was. */
async function ask(method: S3Method, options: SessionWorldOptions = {}, more: Partial<PresignItem> = {}, identity: Identity = alice) {
  const world = worldOf(options);
  const item = {
    lfn,
    sourceStorageElement: 'SOURCE',
    sourceEtag: '"abc"',
    ...(method === 'upload_part_copy' ? await partOf() : {}),
    ...more,
  };
  const result = await world.presignUrls({ ...command(method, [item]), identity });
  return { world, fault: result.failed.get(lfn), granted: result.successful.has(lfn) };
}

async function partOf(): Promise<Partial<PresignItem>> {
  const upload = { lfn, sizeBytes: 12 * mebibyte, partBytes: 5 * mebibyte, checksum: '0a1b2c3d', copied: true };
  const { uploadId, token = '' } = singleResult(
    await worldOf().sessions.begin({ identity: alice, requestId: 'r', storageElement: 'SE', uploads: [upload] }),
  );
  return { uploadId, uploadToken: token, partNumber: 2, sourceRange: { from: 5 * mebibyte, to: 10 * mebibyte - 1 } };
}

const unless =
  (refused: CatalogMethod) =>
  (method: CatalogMethod): Answer =>
    method === refused ? denied : allowed;

describe.each(['copy_object', 'upload_part_copy'] as const)('%s', (method) => {
  test('is signed with both permissions, with the main key, of the same name at the source and of nothing else', async () => {
    const { world, granted } = await ask(method);
    expect(granted).toBe(true);
    expect(world.calls.map((call) => call.method)).toContain('getFileMetadata');
    expect(world.signed).toMatchObject([
      { key: 'vo/a', bucket: 'here', signWith: 'main', source: { bucket: 'there', storageElement: { name: 'SOURCE' } } },
    ]);
  });

  test('is refused to who may not read, whatever he may write', async () => {
    const { world, fault } = await ask(method, { verdict: unless('getFileMetadata') });
    expect(fault).toMatchObject({ code: 'permission-denied' });
    expect(world.signed).toEqual([]);
  });

  test.each([
    ['gives no answer', () => undefined],
    ['is wrong', () => new Error('down')],
  ])('is refused where the catalog %s about reading', async (_, answer) => {
    const verdict = (asked: CatalogMethod): Answer => (asked === 'getFileMetadata' ? answer() : allowed);
    const outcome = await ask(method, { verdict }).then(
      ({ world, granted }) => ({ granted, signed: world.signed }),
      () => ({ granted: false, signed: [] }),
    );
    expect(outcome).toEqual({ granted: false, signed: [] });
  });

  test.each(['write', 'read'] as const)('is refused to a credential that is good for %s only', async (access) => {
    const identity = identityOf('alice', { restrictions: [{ access: [access], path: '/vo' as Lfn }] });
    const { world, fault } = await ask(method, {}, {}, identity);
    expect(fault).toMatchObject({ code: 'permission-denied' });
    expect(world.signed).toEqual([]);
  });

  test.each([
    ['FAR', 'unsupported-operation', /not in one store/],
    ['CLOSED', 'access-not-allowed', /ReadAccess forbids/],
    ['OTHERS', 'access-not-allowed', /not open to the VO/],
    ['NOWHERE', 'unknown-storage-element', /not a configured/],
  ])('is refused from %s', async (sourceStorageElement, code, message) => {
    const { world, fault } = await ask(method, {}, { sourceStorageElement });
    expect(fault).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(world.signed).toEqual([]);
  });
});

describe('copy_object', () => {
  test('is refused to who may not write, whatever he may read', async () => {
    const { world, fault } = await ask('copy_object', { verdict: unless('addFile') });
    expect(fault).toMatchObject({ code: 'permission-denied' });
    expect(world.signed).toEqual([]);
  });

  test('never replaces a registered replica', async () => {
    const registration = () => ({ registered: true, what: 'file', storageElements: ['SE'] }) as const;
    expect((await ask('copy_object', { registration })).fault).toMatchObject({ code: 'file-exists' });
  });
});

describe('upload_part_copy', () => {
  test.each<[string, Partial<PresignItem>, string]>([
    ['a token that nobody sealed', { uploadToken: 'nonsense' }, 'upload-ended'],
    ['another upload', { uploadId: '2~9' }, 'permission-denied'],
    ['another part', { partNumber: 1 }, 'permission-denied'],
    ['other bytes', { sourceRange: { from: 0, to: 10 * mebibyte - 1 } }, 'permission-denied'],
  ])('is refused with %s', async (_, more, code) => {
    const { world, fault } = await ask('upload_part_copy', {}, more);
    expect(fault).toMatchObject({ code });
    expect(world.signed).toEqual([]);
  });
});

describe('an upload whose parts are copied', () => {
  test.each([
    [true, 'main'],
    [false, 'write-only'],
  ])('(%s) begins where the key of its parts (%s) is, also at a store that honours unsigned headers', async (copied, key) => {
    const world = worldOf();
    const uploads = [{ lfn, sizeBytes: 12 * mebibyte, partBytes: 5 * mebibyte, checksum: '0a1b2c3d', copied }];
    await world.sessions.begin({ identity: alice, requestId: 'r', storageElement: 'SE', uploads });
    expect(world.started.map(({ partsSignedWith }) => partsSignedWith)).toEqual([key]);
  });
});
