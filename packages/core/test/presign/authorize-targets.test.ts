import { describe, expect, test } from '@jest/globals';
import {
  parseLfnDirectory,
  s3MethodNames,
  s3Methods,
  type Access,
  type CatalogMethod,
  type PresignItem,
  type Restriction,
  type S3Method,
} from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import { createPresignUrls } from '../../src/presign/index.js';
import type { Registration } from '../../src/ports/index.js';
import { identityOf } from '../../src/testing/index.js';
import { allowed, command, createWorld, denied, storageElement, type Answer, type World, type WorldOptions } from './world.js';

const at = (...storageElements: string[]): Registration => ({ registered: true, what: 'file', storageElements });
const unknown: Registration = { registered: false };
const ask = async (options: WorldOptions, method: S3Method, ...lfns: string[]) => {
  const world = createWorld(options);
  const result = await world.presignUrls(
    command(
      method,
      lfns.map((lfn) => itemFor(method, lfn)),
    ),
  );
  return { world, result };
};
const itemFor = (method: S3Method, lfn: string): PresignItem => (s3Methods[method].copies ? { lfn, sourceStorageElement: 'SE' } : { lfn });
const methodsOf = (world: World): string[] => world.calls.map(({ method }) => method);
/** Those the catalog decides about for each URL; of an upload in parts it does when the upload begins (upload-sessions). */
const decided = s3MethodNames.filter((method) => !s3Methods[method].needsUploadId && method !== 'create_multipart_upload');
const writing = decided.filter((method) => s3Methods[method].access === 'write');
/** A copy asks for reading too. */
const asksReading = (method: S3Method): boolean => s3Methods[method].copies;

describe('reading', () => {
  test.each(['get_object', 'head_object'] as const)('%s asks getFileMetadata once', async (method) => {
    const { world, result } = await ask({}, method, '/vo/a', '/vo/b');
    expect(world.calls).toEqual([{ method: 'getFileMetadata', names: ['/vo/a', '/vo/b'] }]);
    expect([...result.successful.keys()]).toEqual(['/vo/a', '/vo/b']);
  });

  test('a refused LFN is refused with the reason, the others are signed', async () => {
    const { world, result } = await ask(
      { verdict: (_, lfn) => (lfn === '/vo/b' ? denied : allowed) },
      'get_object',
      '/vo/a',
      '/vo/b',
      '/vo/c',
    );
    expect([...result.successful.keys()]).toEqual(['/vo/a', '/vo/c']);
    expect(result.failed.get('/vo/b')).toEqual({ code: 'permission-denied', message: '/vo/b: not yours' });
    expect(world.signed.map(({ key }) => key)).toEqual(['vo/a', 'vo/c']);
  });
});

describe('writing', () => {
  const registered: Record<string, Registration> = { '/vo/here': at('OTHER', 'SE'), '/vo/elsewhere': at('OTHER'), '/vo/bare': at() };
  const registration = (lfn: string): Registration => registered[lfn] ?? unknown;

  test.each(writing)('%s asks addFile of new names and addReplica of names registered elsewhere', async (method) => {
    const { world, result } = await ask({ registration }, method, '/vo/new', '/vo/elsewhere', '/vo/bare', '/vo/here');
    expect(world.calls).toEqual([
      { method: 'lookUpReplicas', names: ['/vo/new', '/vo/elsewhere', '/vo/bare', '/vo/here'] },
      { method: 'addFile', names: ['/vo/new'] },
      { method: 'addReplica', names: ['/vo/elsewhere', '/vo/bare', '/vo/here'] },
      ...(asksReading(method) ? [{ method: 'getFileMetadata', names: ['/vo/new', '/vo/elsewhere', '/vo/bare', '/vo/here'] }] : []),
    ]);
    expect([...result.successful.keys()]).toEqual(['/vo/new', '/vo/elsewhere', '/vo/bare']);
    expect(result.failed.get('/vo/here')).toEqual({ code: 'file-exists', message: '/vo/here: a replica is registered at SE' });
  });

  test('a name is judged by its own question only', async () => {
    const verdict = (method: CatalogMethod): Answer => (method === 'addReplica' ? denied : allowed);
    const { result } = await ask({ registration, verdict }, 'put_object', '/vo/new', '/vo/elsewhere');
    expect([...result.successful.keys()]).toEqual(['/vo/new']);
    expect(result.failed.get('/vo/elsewhere')?.code).toBe('permission-denied');
  });

  test('what the catalog permits does not open a registered replica to overwriting', async () => {
    const { world, result } = await ask({ registration: () => at('SE'), verdict: () => allowed }, 'put_object', '/vo/here');
    expect(result.failed.get('/vo/here')?.code).toBe('file-exists');
    expect(world.signed).toEqual([]);
  });

  test('a replica under another name of the same bucket is protected too', async () => {
    const elements = [
      storageElement('SE'),
      storageElement('ALIAS', { endpoint: { secure: true, host: 'SE.example.org', port: 443 } }),
      storageElement('BY-VO', {
        endpoint: { secure: true, host: 'se.example.org', port: undefined },
        bucket: 'x',
        voBuckets: new Map([['vo', 'bucket']]),
      }),
      storageElement('OTHER-PORT', { endpoint: { secure: true, host: 'se.example.org', port: 8443 } }),
      storageElement('OTHER-BUCKET', { endpoint: { secure: true, host: 'se.example.org', port: undefined }, bucket: 'other' }),
    ];
    const names = elements.map(({ name }) => name);
    const { result } = await ask(
      { elements, registration: (lfn) => at(lfn.slice(4)) },
      'put_object',
      ...names.map((name) => `/vo/${name}`),
    );
    expect([...result.failed.keys()]).toEqual(['/vo/SE', '/vo/ALIAS', '/vo/BY-VO']);
    expect([...result.successful.keys()]).toEqual(['/vo/OTHER-PORT', '/vo/OTHER-BUCKET']);
  });

  test('a replica under an alias of the StorageElement is protected too', async () => {
    const { registry } = createWorld();
    const world = createWorld({ registration: () => at('OLD-NAME') });
    const find = (name: string) => registry.find(name === 'OLD-NAME' ? 'SE' : name);
    const presignUrls = createPresignUrls({ ...world, registry: { find, all: () => registry.all() } });
    expect((await presignUrls(command('put_object', ['/vo/a']))).failed.get('/vo/a')?.code).toBe('file-exists');
  });

  test.each(['directory', 'hidden'] as const)('a %s is never asked as a replica, and always refused', async (what) => {
    const registration = (): Registration => ({ registered: true, what, storageElements: what === 'hidden' ? ['OTHER'] : [] });
    for (const method of writing) {
      const granted = await ask({ registration }, method, '/vo/a');
      expect(methodsOf(granted.world).filter((asked) => asked !== 'getFileMetadata')).toEqual(['lookUpReplicas', 'addFile']);
      expect(granted.result.failed.get('/vo/a')?.code).toBe('file-exists');
      const refused = await ask({ registration, verdict: () => denied }, method, '/vo/a');
      expect(refused.result.failed.get('/vo/a')).toEqual({ code: 'permission-denied', message: '/vo/a: not yours' });
    }
  });

  test('a file that may be hidden, for all a brief answer says, is refused as no replica of it was asked about', async () => {
    const registration = (lfn: string): Registration =>
      lfn === '/vo/new' ? unknown : { registered: true, what: 'unsettled', storageElements: [lfn === '/vo/here' ? 'SE' : 'OTHER'] };
    const { world, result } = await ask({ registration }, 'put_object', '/vo/new', '/vo/elsewhere', '/vo/here');
    expect(methodsOf(world)).toEqual(['lookUpReplicas', 'addFile']);
    expect([...result.successful.keys()]).toEqual(['/vo/new']);
    expect([...result.failed.values()].map(({ code, message }) => [code, message])).toEqual([
      ['file-exists', expect.stringMatching(/elsewhere: .* apart from new names/)],
      ['file-exists', '/vo/here: a replica is registered at SE'],
    ]);
  });

  test('names that nobody may write cost no question beside that about files, and are refused without a reason that tells', async () => {
    const registration = (lfn: string): Registration =>
      lfn === '/vo/elsewhere' ? at('OTHER') : { registered: true, what: lfn === '/vo/dir' ? 'directory' : 'hidden', storageElements: [] };
    const { world, result } = await ask({ registration }, 'put_object', '/vo/elsewhere', '/vo/dir', '/vo/hidden');
    expect(methodsOf(world)).toEqual(['lookUpReplicas', 'addReplica']);
    expect([...result.successful.keys()]).toEqual(['/vo/elsewhere']);
    expect([...result.failed.values()]).toEqual(
      ['/vo/dir', '/vo/hidden'].map((lfn) => ({ code: 'permission-denied', message: `${lfn}: nothing may be stored under this name` })),
    );
  });

  test('whoever may not write there does not learn what is registered', async () => {
    const { result } = await ask({ registration, verdict: () => denied }, 'put_object', '/vo/here');
    expect(result.failed.get('/vo/here')?.code).toBe('permission-denied');
  });

  test('a name missing from the replicas is refused', async () => {
    const { result } = await ask({ registration: (lfn) => (lfn === '/vo/a' ? undefined : unknown) }, 'put_object', '/vo/a', '/vo/b');
    expect(result.failed.get('/vo/a')?.code).toBe('catalog-unavailable');
    expect([...result.successful.keys()]).toEqual(['/vo/b']);
  });

  test('as DIRAC does it: addFile for all, registered or not', async () => {
    const { world, result } = await ask({ registration, policies: { putRegistered: 'as-dirac' } }, 'put_object', '/vo/new', '/vo/here');
    expect(world.calls).toEqual([{ method: 'addFile', names: ['/vo/new', '/vo/here'] }]);
    expect(result.failed.size).toBe(0);
  });
});

describe('removing', () => {
  test('needs removeFile and addFile of every name', async () => {
    const { world } = await ask({}, 'delete_object', '/vo/a', '/vo/b');
    expect(world.calls).toEqual([
      { method: 'removeFile', names: ['/vo/a', '/vo/b'] },
      { method: 'addFile', names: ['/vo/a', '/vo/b'] },
    ]);
  });

  test.each(['removeFile', 'addFile'] as const)('is refused when %s is', async (method) => {
    const { result } = await ask({ verdict: (asked) => (asked === method ? denied : allowed) }, 'delete_object', '/vo/a');
    expect(result.failed.get('/vo/a')?.code).toBe('permission-denied');
  });

  test('as DIRAC does it: removeFile alone, which lets anybody remove what is not registered', async () => {
    const { world, result } = await ask(
      { policies: { deleteUnregistered: 'as-dirac' }, verdict: (method) => (method === 'removeFile' ? allowed : denied) },
      'delete_object',
      '/vo/a',
    );
    expect(methodsOf(world)).toEqual(['removeFile']);
    expect(result.successful.size).toBe(1);
  });
});

describe('a fixed number of catalog calls', () => {
  const mixed = (lfn: string): Registration => (Number(/\d+$/.exec(lfn)) % 2 === 0 ? unknown : at('OTHER'));
  const most: Partial<Record<S3Method, number>> = { get_object: 1, head_object: 1, delete_object: 2, put_object: 3, copy_object: 4 };

  for (const count of [1, 10_000])
    test.each(decided)(`%s of ${count} LFNs`, async (method) => {
      const lfns = Array.from({ length: count }, (_, index) => `/vo/${index}`);
      const { world, result } = await ask({ registration: mixed }, method, ...lfns);
      expect(world.calls.length).toBeLessThanOrEqual(most[method]!);
      expect([...result.successful.keys()]).toEqual(lfns);
    });

  test('a question about nothing is not asked', async () => {
    const { world, result } = await ask({}, 'put_object', 'not an LFN');
    expect(world.calls).toEqual([]);
    expect(result.failed.size).toBe(1);
  });
});

describe('fail closed', () => {
  test.each(decided)('%s: a name the catalog did not answer for is refused', async (method) => {
    const { world, result } = await ask({ verdict: (_, lfn) => (lfn === '/vo/b' ? undefined : allowed) }, method, '/vo/a', '/vo/b');
    expect(result.failed.get('/vo/b')).toEqual({ code: 'catalog-unavailable', message: expect.stringContaining('/vo/b: ') });
    expect(world.signed.map(({ key }) => key)).toEqual(['vo/a']);
  });

  test.each(decided)('%s: an error of the catalog fails the request and signs nothing', async (method) => {
    const world = createWorld({ verdict: () => new Error('connection lost to db.internal') });
    await expect(world.presignUrls(command(method, [itemFor(method, '/vo/a')]))).rejects.toMatchObject({
      code: 'catalog-unavailable',
      message: expect.not.stringContaining('db.internal'),
      cause: expect.any(Error),
    });
    expect(world.signed).toEqual([]);
  });

  test.each(writing)('%s: so does an error while looking up replicas', async (method) => {
    const world = createWorld({ registration: () => new Error('gone') });
    await expect(world.presignUrls(command(method, [itemFor(method, '/vo/a')]))).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect(world.signed).toEqual([]);
  });

  test('one failing question of several fails the request', async () => {
    const world = createWorld({ verdict: (method) => (method === 'addFile' ? new DiracS3Error('timeout', 'too slow') : allowed) });
    await expect(world.presignUrls(command('delete_object', ['/vo/a']))).rejects.toMatchObject({ code: 'timeout' });
    expect(world.signed).toEqual([]);
  });
});

describe('a narrowed credential', () => {
  const accesses: readonly Access[] = ['read', 'write', 'remove'];
  const narrowed = (restrictions: readonly Restriction[]) => ({ identity: identityOf('alice', { restrictions }) });
  const itemsFor = (method: S3Method, ...lfns: string[]) => lfns.map((lfn) => itemFor(method, lfn));

  test('is looked at before the catalog is asked', async () => {
    const world = createWorld();
    const read = narrowed([{ access: ['read'], path: parseLfnDirectory('/vo/a') }]);
    const { successful, failed } = await world.presignUrls(command('get_object', ['/vo/a/x', '/vo/ab', '/vo/a'], read));
    expect(world.calls).toEqual([{ method: 'getFileMetadata', names: ['/vo/a/x', '/vo/a'] }]);
    expect([...successful.keys()]).toEqual(['/vo/a/x', '/vo/a']);
    expect([...failed]).toEqual([
      ['/vo/ab', { code: 'permission-denied', message: '/vo/ab: the credential of the caller does not extend to read access here' }],
    ]);
    expect(world.trail.records.map(({ lfn, outcome }) => [lfn, outcome.granted])).toEqual([
      ['/vo/a/x', true],
      ['/vo/ab', false],
      ['/vo/a', true],
    ]);
  });

  test.each(decided)('%s needs its own kind of access', async (method) => {
    const { access } = s3Methods[method];
    const needed: readonly Access[] = asksReading(method) ? [access, 'read'] : [access];
    for (const granted of accesses) {
      const world = createWorld();
      const identity = narrowed([{ access: [granted], path: parseLfnDirectory('/') }]);
      const { successful } = await world.presignUrls(command(method, itemsFor(method, '/vo/a'), identity));
      const enough = needed.every((one) => one === granted);
      expect([granted, successful.size === 1, world.calls.length > 0]).toEqual([granted, enough, needed.includes(granted)]);
    }
    const world = createWorld();
    const identity = narrowed([{ access: needed, path: parseLfnDirectory('/') }]);
    expect((await world.presignUrls(command(method, itemsFor(method, '/vo/a'), identity))).successful.size).toBe(1);
  });

  test('that leaves nothing signs nothing, and the catalog is not asked', async () => {
    for (const policies of [{}, { putRegistered: 'as-dirac', deleteUnregistered: 'as-dirac' } as const]) {
      for (const method of decided) {
        const world = createWorld({ policies });
        const { successful } = await world.presignUrls(command(method, itemsFor(method, '/vo/a'), narrowed([])));
        expect([successful.size, world.calls, world.signed]).toEqual([0, [], []]);
      }
    }
  });
});
