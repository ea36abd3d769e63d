import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { operations } from '../../src/rest/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { metadata, signature } from '../support/services.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.services.asked.length = 0;
});

/** The answer of an operation, proven to be what its own schema says. */
async function answerOf(path: string, body?: unknown): Promise<Record<string, unknown>> {
  const method = body === undefined ? 'get' : 'post';
  const response = await gateway.call(path, { body });
  const answer: unknown = await response.json();
  if (response.status !== 200) throw new Error(JSON.stringify(answer));
  const schema = operations.find((operation) => operation.path === path && operation.method === method)?.answer;
  if (schema === undefined || schema === 'html') throw new Error('not an operation with a JSON answer');
  return schema.parse(answer) as Record<string, unknown>;
}

const missing = (lfn: string) => ({ lfn, code: 'no-such-file', errno: 2, message: `${lfn} is not registered` });
const lastAsked = () => gateway.services.asked.at(-1);

describe('presign', () => {
  it('answers with URLs and failures in the order asked', async () => {
    const items = ['/vo/b', '/vo/missing', '/vo/a'].map((lfn) => ({ lfn }));
    const answer = await answerOf('/presign', { storageElement: 'CERN-S3', method: 'get_object', items });
    const entry = (lfn: string) => ({
      lfn,
      kind: 'url',
      httpMethod: 'GET',
      url: `https://store.internal:9000/data${lfn}?X-Amz-Signature=${signature}`,
      headers: {},
      expiresAt: '2026-01-02T04:04:05.000Z',
    });
    expect(answer).toEqual({ successful: [entry('/vo/b'), entry('/vo/a')], failed: [missing('/vo/missing')] });
  });

  it('answers an upload with the form of its POST policy', async () => {
    const answer = await answerOf('/presign', { storageElement: 'CERN-S3', method: 'put_object', items: [{ lfn: '/vo/a', sizeBytes: 3 }] });
    expect(answer.successful).toEqual([
      {
        lfn: '/vo/a',
        kind: 'post',
        url: 'https://store.internal:9000/data/vo/a',
        fields: { key: '/vo/a', 'x-amz-signature': signature },
        expiresAt: '2026-01-02T04:04:05.000Z',
      },
    ]);
  });

  it('hands the use case every field, the caller and the id of the request', async () => {
    const item = {
      lfn: '/vo/a',
      sizeBytes: 3,
      maxSizeBytes: 4,
      checksum: '0a1b2c3d',
      metadata: { run: '7' },
      contentType: 'text/plain',
      ifNoneMatch: true,
      uploadId: 'u',
      partNumber: 2,
      downloadName: 'a.txt',
    };
    const request = {
      storageElement: 'CERN-S3',
      method: 'get_object',
      items: [item],
      upload: 'put',
      purpose: 'external',
      expirationSeconds: 60,
    };
    const response = await gateway.call('/presign', { body: request, headers: { 'x-request-id': 'my-id-1' } });
    expect(response.status).toBe(200);
    const [command] = lastAsked()?.arguments ?? [];
    expect(command).toStrictEqual({
      ...request,
      identity: { username: 'alice', group: 'vo_user', vo: 'vo', properties: ['NormalUser'], source: 'token' },
      requestId: 'my-id-1',
    });
  });

  it('adds no field that the caller left out', async () => {
    await answerOf('/presign', { storageElement: 'CERN-S3', method: 'get_object', items: [{ lfn: '/vo/a' }] });
    const [command] = lastAsked()?.arguments ?? [];
    expect(Object.keys(command as object).sort()).toEqual(['identity', 'items', 'method', 'requestId', 'storageElement']);
  });

  it('fails as a whole with the problem of the whole', async () => {
    const body = { storageElement: 'NOPE', method: 'get_object', items: [{ lfn: '/vo/a' }] };
    const response = await gateway.call('/presign', { body });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'unknown-storage-element', errno: 2, detail: '"NOPE" is not configured' });
  });
});

describe('objects', () => {
  const object = { sizeBytes: 3, etag: 'd41d8cd98f00b204e9800998ecf8427e' };

  it('tells what is stored under each name, null where nothing is, and why it does not tell', async () => {
    const lfns = ['/vo/b', '/vo/free', '/vo/missing', '/vo/a'];
    expect(await answerOf('/objects/list', { storageElement: 'CERN-S3', lfns })).toEqual({
      successful: [
        { lfn: '/vo/b', object },
        { lfn: '/vo/free', object: null },
        { lfn: '/vo/a', object },
      ],
      failed: [{ lfn: '/vo/missing', code: 'permission-denied', errno: 13, message: '/vo/missing: not yours' }],
    });
    expect(lastAsked()?.what).toBe('listObjects');
    expect(lastAsked()?.arguments[0]).toStrictEqual({
      storageElement: 'CERN-S3',
      lfns,
      identity: { username: 'alice', group: 'vo_user', vo: 'vo', properties: ['NormalUser'], source: 'token' },
      requestId: expect.any(String),
    });
  });

  it.each([
    [{ lfns: ['/vo/a'] }, 400, 'invalid-argument'],
    [{ storageElement: 'CERN-S3', lfns: [] }, 400, 'invalid-argument'],
    [{ storageElement: 'CERN-S3', lfns: ['/vo/a'], method: 'get_object' }, 400, 'invalid-argument'],
    [{ storageElement: 'CERN-S3', lfns: Array.from({ length: 101 }, (_, n) => `/vo/${n}`) }, 413, 'too-many-items'],
  ])('does not take %#', async (body, status, code) => {
    const response = await gateway.call('/objects/list', { body });
    expect(await response.json()).toMatchObject({ status, code });
    expect(gateway.services.asked).toEqual([]);
  });
});

describe('catalog', () => {
  const entry = { lfn: '/vo/a', sizeBytes: 3, checksum: '0a1b2c3d', guid: metadata.guid, storageElement: 'CERN-S3', pfn: 's3://h/b/vo/a' };
  const replica = { lfn: '/vo/a', storageElement: 'CERN-S3', pfn: 's3://h/b/vo/a' };

  it.each([
    ['/catalog/files', { files: [entry, { ...entry, lfn: '/vo/missing' }] }, 'addFiles', [entry, { ...entry, lfn: '/vo/missing' }]],
    ['/catalog/replicas/add', { replicas: [replica, { ...replica, lfn: '/vo/missing' }] }, 'addReplicas', undefined],
    ['/catalog/replicas/remove', { replicas: [replica, { ...replica, lfn: '/vo/missing' }] }, 'removeReplicas', undefined],
    ['/catalog/files/remove', { lfns: ['/vo/a', '/vo/missing'] }, 'removeFiles', undefined],
    ['/catalog/directories', { directories: ['/vo/a', '/vo/missing'] }, 'createDirectories', undefined],
    ['/catalog/directories/remove', { directories: ['/vo/a', '/vo/missing'] }, 'removeDirectories', undefined],
  ])('%s tells what was done and what was not', async (path, body, what, entries) => {
    expect(await answerOf(path, body)).toEqual({ successful: [{ lfn: '/vo/a' }], failed: [missing('/vo/missing')] });
    const asked = lastAsked();
    expect(asked?.what).toBe(what);
    expect(asked?.identity.username).toBe('alice');
    expect(asked?.arguments[0]).toEqual(['/vo/a', '/vo/missing']);
    if (entries) expect(asked?.arguments[1]).toEqual(entries);
  });

  it.each([{ mode: 0o750 }, { owner: 'bob' }, { ownerGroup: 'guests' }])('changes %j of paths, the root among them', async (change) => {
    const answer = await answerOf('/catalog/paths/change', { paths: ['/', '/vo/missing'], change, recursive: true });
    expect(answer).toEqual({ successful: [{ lfn: '/' }], failed: [missing('/vo/missing')] });
    expect(lastAsked()).toMatchObject({ what: 'changePaths', identity: { username: 'alice' } });
    expect(lastAsked()?.arguments).toEqual([['/', '/vo/missing'], change, { recursive: true }]);
    await answerOf('/catalog/paths/change', { paths: ['/vo'], change });
    expect(lastAsked()?.arguments).toEqual([['/vo'], change, { recursive: false }]);
  });

  it.each([{}, { mode: 512 }, { mode: '755' }, { owner: '' }, { mode: 0, owner: 'bob' }, { setuid: true }])(
    'does not take %j for a change',
    async (change) => {
      const response = await gateway.call('/catalog/paths/change', { body: { paths: ['/vo'], change } });
      expect(await response.json()).toMatchObject({ status: 400, code: 'invalid-argument', detail: expect.stringContaining('change') });
      expect(gateway.services.asked).toEqual([]);
    },
  );

  const encoded = { ...metadata, createdAt: '2026-01-02T03:04:05.000Z', modifiedAt: '2026-01-02T03:04:06.000Z' };

  it('gives metadata with instants in UTC', async () => {
    expect(await answerOf('/catalog/files/metadata', { lfns: ['/vo/a'] })).toEqual({
      successful: [{ lfn: '/vo/a', ...encoded }],
      failed: [],
    });
  });

  it('gives owner and mode of directories, with instants where they are known', async () => {
    const directory = { owner: 'alice', ownerGroup: 'vo_user', mode: 0o755 };
    expect(await answerOf('/catalog/directories/metadata', { directories: ['/', '/vo/missing', '/vo'] })).toEqual({
      successful: [
        { lfn: '/', ...directory, createdAt: '2026-01-02T03:04:05.000Z' },
        { lfn: '/vo', ...directory },
      ],
      failed: [missing('/vo/missing')],
    });
  });

  it('gives replicas by StorageElement', async () => {
    expect(await answerOf('/catalog/replicas', { lfns: ['/vo/a', '/vo/missing'] })).toEqual({
      successful: [{ lfn: '/vo/a', replicas: [{ storageElement: 'CERN-S3', pfn: 's3://store.internal:9000/data/vo/a' }] }],
      failed: [missing('/vo/missing')],
    });
  });

  it('tells which files have a GUID, and leaves out a GUID nobody has', async () => {
    const [known, unknown] = ['AAAAAAAA-0000-0000-0000-000000000000', 'BBBBBBBB-0000-0000-0000-000000000000'];
    expect(await answerOf('/catalog/files/by-guid', { guids: [known, unknown] })).toEqual({
      files: [{ guid: known, lfn: '/vo/a/known.bin' }],
    });
    expect(lastAsked()).toMatchObject({ what: 'findByGuid', identity: { username: 'alice' } });
    const malformed = await gateway.call('/catalog/files/by-guid', { body: { guids: ['x'] } });
    expect(await malformed.json()).toMatchObject({ status: 400, code: 'invalid-argument', detail: expect.stringContaining('guids') });
  });

  it('tells which names exist', async () => {
    expect(await answerOf('/catalog/exists', { lfns: ['/vo/a.bin', '/vo/b'] })).toEqual({
      successful: [
        { lfn: '/vo/a.bin', value: true },
        { lfn: '/vo/b', value: false },
      ],
      failed: [],
    });
  });

  it('tells what the caller may do', async () => {
    expect(await answerOf('/catalog/access', { method: 'removeFile', lfns: ['/vo/a'] })).toEqual({
      successful: [{ lfn: '/vo/a', value: false }],
      failed: [],
    });
    expect(lastAsked()?.arguments).toEqual([['/vo/a'], 'removeFile']);
  });

  it('lists directories, the root among them', async () => {
    expect(await answerOf('/catalog/directories/list', { directories: ['/', '/vo'] })).toEqual({
      successful: [
        { lfn: '/', files: [{ lfn: '//a.bin', ...encoded }], directories: ['//sub'] },
        { lfn: '/vo', files: [{ lfn: '/vo/a.bin', ...encoded }], directories: ['/vo/sub'] },
      ],
      failed: [],
    });
  });

  it('lets a bad name fail alone, in its place, without asking about it', async () => {
    const answer = await answerOf('/catalog/exists', { lfns: ['/vo/../etc', '/vo/a.bin', 'relative', '/vo/missing', '__proto__'] });
    expect(answer.successful).toEqual([{ lfn: '/vo/a.bin', value: true }]);
    expect((answer.failed as { lfn: string; code: string }[]).map(({ lfn, code }) => [lfn, code])).toEqual([
      ['/vo/../etc', 'invalid-lfn'],
      ['relative', 'invalid-lfn'],
      ['/vo/missing', 'no-such-file'],
      ['__proto__', 'invalid-lfn'],
    ]);
    expect(lastAsked()?.arguments[0]).toEqual(['/vo/a.bin', '/vo/missing']);
  });

  it('does not bother the catalog when no name is one', async () => {
    expect((await answerOf('/catalog/exists', { lfns: ['x'] })).failed).toHaveLength(1);
    expect(gateway.services.asked).toEqual([]);
  });

  it('collapses a repeated name into its first place', async () => {
    const answer = await answerOf('/catalog/exists', { lfns: ['/vo/b', '/vo/a.bin', '/vo/b'] });
    expect((answer.successful as { lfn: string }[]).map(({ lfn }) => lfn)).toEqual(['/vo/b', '/vo/a.bin']);
  });

  it('refuses two entries of one name, of which only one could be answered', async () => {
    const response = await gateway.call('/catalog/replicas/add', { body: { replicas: [replica, { ...replica, storageElement: 'X' }] } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid-argument', detail: expect.stringMatching(/^replicas\[1\]\.lfn: /) });
    expect(gateway.services.asked).toEqual([]);
  });
});

describe('information', () => {
  it('names the caller as the Registry knows him', async () => {
    expect(await answerOf('/whoami')).toEqual({
      username: 'alice',
      group: 'vo_user',
      vo: 'vo',
      properties: ['NormalUser'],
      source: 'token',
    });
  });

  it("lists the StorageElements it signs for and that are open to the caller's VO, without secrets", async () => {
    const active = { Read: 'Active', Write: 'Active', Remove: 'Active', Check: 'Active' };
    expect(await answerOf('/storage-elements')).toEqual({
      storageElements: [
        { name: 'CERN-S3', bucket: 'data', endpoint: 'https://store.internal:9000', vos: [], status: active, uploads: ['post'] },
        { name: 'OPEN-S3', bucket: 'data', endpoint: 'https://s3.example.org', vos: [], status: active, uploads: ['post', 'put'] },
      ],
    });
  });

  it('lists the others to users of the other VO', async () => {
    const token = await gateway.issuer.mint({ username: 'alice', group: 'other_user' });
    const answer = (await (await gateway.call('/storage-elements', { token })).json()) as { storageElements: { name: string }[] };
    expect(answer.storageElements.map(({ name }) => name)).toEqual(['CERN-S3', 'OPEN-S3', 'OTHER-S3']);
  });
});
