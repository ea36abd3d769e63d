import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDataManager, guidOfFile, type DataManager, type PutRequest } from '../../src/data-management/index.js';
import { adler32, parseLfn, singleResult, type Identity, type Lfn } from '../../src/domain/index.js';
import { DiracS3Error, failure } from '../../src/errors/index.js';
import type { FileCatalog } from '../../src/ports/index.js';
import type { S3StorageElement } from '../../src/storage/index.js';
import { identityOf } from '../../src/testing/index.js';
import { alice, filesBelow, lfnOf, ways, World } from '../storage/world.js';

const lfn = lfnOf('data.bin');
const bytes = Buffer.from('hello world');

const messageOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'it succeeded',
    (thrown: unknown) => (thrown as DiracS3Error).message,
  );

describe.each(ways)('data management, %s', (way) => {
  let world: World;
  let source: string;
  beforeEach(async () => {
    world = await World.open(way);
    source = join(world.local, 'source');
    writeFileSync(source, bytes);
  });
  afterEach(() => world.close());

  /** StorageElements `SE` and, with other names for the same place, whatever a test needs. */
  const managerOf = (options: { identity?: Identity; catalog?: Partial<FileCatalog>; others?: Record<string, S3StorageElement> } = {}) =>
    createDataManager({
      catalog: { ...world.catalog.catalogFor(options.identity ?? alice), ...options.catalog },
      storageElement: (name) => {
        const element = name === 'SE' ? world.se : options.others?.[name];
        if (element === undefined) throw new DiracS3Error('unknown-storage-element', `"${name}" is not configured`);
        return element;
      },
    });
  const put = (manager: DataManager = managerOf(), more: Partial<PutRequest> = {}) =>
    manager.putAndRegister([{ lfn, source: { path: source }, storageElement: 'SE', ...more }]).then(singleResult);
  const stored = async (name: Lfn = lfn): Promise<boolean> => singleResult(await world.se.exists([name]));
  const registered = async (name: Lfn = lfn): Promise<boolean> => singleResult(await world.catalog.catalogFor(alice).exists([name]));
  const sent = (): string[] => world.seen.filter((line) => !line.startsWith('HEAD'));
  const nothingDone = async (): Promise<void> => {
    expect([sent(), await registered()]).toEqual([[], false]);
  };

  test('registers an alias as the StorageElement it stands for, and finds the replica by either name', async () => {
    const manager = managerOf({ others: { ALIAS: world.se } });
    expect(await put(manager, { storageElement: 'ALIAS' })).toMatchObject({ storageElement: 'SE' });
    expect([...singleResult(await manager.replicas([lfn])).keys()]).toEqual(['SE']);
    for (const storageElement of ['SE', 'ALIAS']) expect((await manager.accessUrl([lfn], { storageElement })).failed.size).toBe(0);
  });

  test('stores a file, registers it as DIRAC does, and gives it back', async () => {
    const outcome = await put();
    expect(outcome).toEqual({
      storageElement: 'SE',
      sizeBytes: 11,
      checksum: '1a0b045d',
      guid: '5EB63BBB-E01E-EED0-93CB-22BB8F5ACDC3',
      pfn: `s3://127.0.0.1:${world.store.port}/bucket${lfn}`,
    });
    const manager = managerOf();
    expect(singleResult(await manager.replicas([lfn]))).toEqual(new Map([['SE', outcome.pfn]]));
    expect(singleResult(await manager.metadata([lfn]))).toMatchObject({
      sizeBytes: 11,
      checksum: '1a0b045d',
      checksumType: 'Adler32',
      guid: outcome.guid,
      owner: 'alice',
      ownerGroup: 'users',
    });
    const path = join(world.local, 'copy');
    expect(singleResult(await manager.get([{ lfn, path }]))).toEqual({
      path,
      sizeBytes: 11,
      checksum: '1a0b045d',
      verified: true,
      storageElement: 'SE',
    });
    expect(readFileSync(path)).toEqual(bytes);
  });

  test('registers what was stored beside a fault, and tells of each file what became of it', async () => {
    const names = Array.from({ length: 70 }, (_, n) => lfnOf(`many/${n}`));
    const paths = names.map((_, n) => {
      const path = join(world.local, String(n));
      writeFileSync(path, randomBytes(20));
      return path;
    });
    truncateSync(paths[3]!, 0);
    const requests = names.map((name, n) => ({ lfn: name, source: { path: paths[n]! }, storageElement: n === 5 ? 'NOWHERE' : 'SE' }));
    const registrations: number[] = [];
    const own = world.catalog.catalogFor(alice);
    const catalog: Partial<FileCatalog> = {
      addFiles: (files) => {
        registrations.push(files.length);
        return own.addFiles(files);
      },
    };
    const { successful, failed } = await managerOf({ catalog }).putAndRegister(requests);
    expect([...successful.keys()]).toEqual(names.filter((_, n) => n !== 3 && n !== 5));
    expect([...failed].map(([name, { code }]) => [name, code])).toEqual([
      [names[3], 'local-file'],
      [names[5], 'unknown-storage-element'],
    ]);
    expect(registrations).toEqual([68]);
  });

  describe('refuses an upload before anything moves', () => {
    test.each<[string, Partial<PutRequest>, string, RegExp]>([
      ['of a name longer than the catalog holds', { lfn: lfnOf('x'.repeat(129)) }, 'invalid-lfn', /128 bytes/],
      ['of a file that is not there', { source: { path: '/nonexistent/file' } }, 'local-file', /does not exist/],
      ['of a directory', { source: { path: '/' } }, 'local-file', /not a regular file/],
      ['to a StorageElement nobody knows', { storageElement: 'NOWHERE' }, 'unknown-storage-element', /NOWHERE/],
      ['with a malformed GUID', { guid: '5EB63BBB' }, 'invalid-argument', /guid/],
      ["into another user's directory", { lfn: parseLfn('/vo/user/b/bob/x') }, 'permission-denied', /addFile/],
    ])('%s', async (_, request, code, message) => {
      await expect(put(managerOf(), request)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      await nothingDone();
    });

    test('of an empty file, which DIRAC refuses too', async () => {
      truncateSync(source, 0);
      await expect(put()).rejects.toMatchObject({ code: 'local-file', message: expect.stringContaining('empty') });
      await nothingDone();
    });

    test('of a file that one upload cannot carry', async () => {
      truncateSync(source, 5 * 1024 ** 3 + 1);
      await expect(put()).rejects.toMatchObject({ code: 'local-file', message: expect.stringContaining('5 GiB') });
      await nothingDone();
    });

    test('of a registered name, wherever its replicas are', async () => {
      await put();
      const elsewhere = lfnOf('elsewhere');
      const file = { lfn: elsewhere, sizeBytes: 1, checksum: '00620062', guid: '0CC175B9-C0F1-B6A8-31C3-99E269772661' };
      await world.catalog.catalogFor(alice).addFiles([{ ...file, storageElement: 'OTHER', pfn: 's3://other.example/b/x' }]);
      world.seen.length = 0;
      await expect(put()).rejects.toMatchObject({ code: 'file-exists' });
      await expect(put(managerOf(), { lfn: elsewhere })).rejects.toMatchObject({ code: 'file-exists' });
      expect(sent()).toEqual([]);
    });

    test('while the catalog cannot be asked', async () => {
      const down = (): Promise<never> => Promise.reject(new DiracS3Error('catalog-unavailable', 'down'));
      for (const catalog of [{ hasAccess: down }, { exists: down }]) {
        await expect(put(managerOf({ catalog }))).rejects.toMatchObject({ code: 'catalog-unavailable' });
      }
      const silent = { hasAccess: () => Promise.resolve({ successful: new Map<Lfn, boolean>(), failed: new Map() }) };
      await expect(put(managerOf({ catalog: silent }))).rejects.toMatchObject({ code: 'catalog-unavailable' });
      await nothingDone();
    });

    test("into another user's directory, whatever else the catalog cannot tell", async () => {
      const down = (): Promise<never> => Promise.reject(new DiracS3Error('catalog-unavailable', 'down'));
      for (const catalog of [{ exists: down }, { findByGuid: down }]) {
        const outcome = put(managerOf({ catalog }), { lfn: parseLfn('/vo/user/b/bob/x') });
        await expect(outcome).rejects.toMatchObject({ code: 'permission-denied' });
      }
      await nothingDone();
    });

    test('of two files to one name', async () => {
      const request = { lfn, source: { path: source }, storageElement: 'SE' };
      await expect(managerOf().putAndRegister([request, request])).rejects.toMatchObject({ code: 'invalid-argument' });
      await nothingDone();
    });
  });

  test('registers nothing when the upload fails, and leaves nothing stored', async () => {
    world.faults = ({ method }) => (method === 'PUT' || method === 'POST' ? { kind: 'break-upload', afterBytes: 3 } : undefined);
    await expect(put()).rejects.toMatchObject({ code: 'storage-unavailable' });
    world.faults = () => undefined;
    expect([await stored(), await registered()]).toEqual([false, false]);
  });

  describe('after a registration that failed', () => {
    const failing: Partial<FileCatalog> = {
      addFiles: () => Promise.reject(new DiracS3Error('catalog-unavailable', 'the catalog is down')),
    };
    const guid = 'A0B1C2D3-0000-1111-2222-333344445555';

    test('says what is stored where, and how to finish or undo it', async () => {
      const outcome = put(managerOf({ catalog: failing }), { guid: guid.toLowerCase() });
      await expect(outcome).rejects.toMatchObject({ code: 'registration-failed' });
      const message = await messageOf(outcome);
      for (const part of [
        `${lfn} is stored as s3://127.0.0.1:${world.store.port}/bucket${lfn}`,
        '11 bytes, Adler-32 1a0b045d',
        'the catalog is down',
        `dirac-s3 register ${lfn} SE --guid ${guid}`,
        `dirac-s3 rm --unregistered ${lfn} SE`,
      ])
        expect(message).toContain(part);
      expect([await stored(), await registered()]).toEqual([true, false]);
    });

    test('finishes it from what the store has', async () => {
      await put(managerOf({ catalog: failing }), { guid }).catch(() => undefined);
      expect(singleResult(await managerOf().registerStored([{ lfn, storageElement: 'SE', guid }]))).toMatchObject({
        guid,
        sizeBytes: 11,
        checksum: '1a0b045d',
      });
      expect(singleResult(await managerOf().metadata([lfn]))).toMatchObject({ guid, sizeBytes: 11, checksum: '1a0b045d' });
    });

    test('finishes nothing that is not there, or somewhere unknown', async () => {
      const missing = lfnOf('missing');
      const { failed } = await managerOf().registerStored([
        { lfn: missing, storageElement: 'SE' },
        { lfn, storageElement: 'NOWHERE' },
      ]);
      expect([...failed].map(([name, { code }]) => [name, code])).toEqual([
        [missing, 'no-such-file'],
        [lfn, 'unknown-storage-element'],
      ]);
      await expect(managerOf().registerStored([{ lfn, storageElement: 'SE', guid: 'x' }])).rejects.toMatchObject({
        code: 'invalid-argument',
      });
      await nothingDone();
    });

    test('undoes it, but only for who may, and only what is not registered', async () => {
      await put(managerOf({ catalog: failing })).catch(() => undefined);
      const stranger = managerOf({ identity: identityOf('mallory') });
      expect(
        singleResult(
          await managerOf()
            .replicas([lfn])
            .then(() => world.se.exists([lfn])),
        ),
      ).toBe(true);
      await expect(stranger.removeUnregistered([lfn], 'SE').then(singleResult)).rejects.toMatchObject({ code: 'permission-denied' });
      expect(await stored()).toBe(true);
      expect(singleResult(await managerOf().removeUnregistered([lfn], 'SE'))).toBe(true);
      expect(await stored()).toBe(false);
      await put();
      await expect(managerOf().removeUnregistered([lfn], 'SE').then(singleResult)).rejects.toMatchObject({ code: 'file-exists' });
      expect(await stored()).toBe(true);
    });

    test('tells who puts the file again that it is stored, and replaces it when told to', async () => {
      await put(managerOf({ catalog: failing })).catch(() => undefined);
      await expect(put()).rejects.toMatchObject({ code: 'file-exists', message: expect.stringContaining(`dirac-s3 register ${lfn} SE`) });
      writeFileSync(source, 'other');
      expect(await put(managerOf(), { overwrite: true })).toMatchObject({ sizeBytes: 5 });
    });

    test('does not advise a GUID that somebody else was faster to take', async () => {
      await put();
      const twin = lfnOf('twin');
      const outcome = put(managerOf({ catalog: { findByGuid: () => Promise.resolve(new Map()) } }), { lfn: twin });
      await expect(outcome).rejects.toMatchObject({ code: 'registration-failed', message: expect.not.stringContaining('--guid') });
      expect(singleResult(await managerOf().registerStored([{ lfn: twin, storageElement: 'SE' }])).sizeBytes).toBe(11);
    });
  });

  describe('a second file of the same content', () => {
    const twin = lfnOf('twin');

    test('is refused before a byte moves, naming the first', async () => {
      await put();
      const before = sent().length;
      await expect(put(managerOf(), { lfn: twin })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(lfn) });
      expect([sent().length, await stored(twin), await registered(twin)]).toEqual([before, false, false]);
    });

    test('is refused within one request too', async () => {
      const requests = [lfn, twin].map((name) => ({ lfn: name, source: { path: source }, storageElement: 'SE' }));
      const { successful, failed } = await managerOf().putAndRegister(requests);
      expect([...successful.keys()]).toEqual([lfn]);
      expect(failed.get(twin)).toMatchObject({ code: 'conflict', message: expect.stringContaining(lfn) });
    });

    test('is stored with a new GUID', async () => {
      const first = await put();
      const second = await put(managerOf(), { lfn: twin, guid: 'new' });
      expect(second.guid).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
      expect(second.guid).not.toBe(first.guid);
      expect(await registered(twin)).toBe(true);
    });
  });

  describe('overwriting', () => {
    test('removes the registered file first', async () => {
      await put();
      writeFileSync(source, 'something else');
      await put(managerOf(), { overwrite: true });
      expect(singleResult(await managerOf().metadata([lfn]))).toMatchObject({
        sizeBytes: 14,
        checksum: adler32(Buffer.from('something else')),
      });
    });

    test('keeps the old file when the new one could not be put', async () => {
      await put();
      for (const request of [{ storageElement: 'NOWHERE' }, { source: { path: '/nonexistent' } }, { guid: 'x' }]) {
        await expect(put(managerOf(), { overwrite: true, ...request })).rejects.toBeInstanceOf(DiracS3Error);
        expect([await stored(), await registered()]).toEqual([true, true]);
      }
    });

    test("leaves a stranger's file alone", async () => {
      await put();
      const stranger = managerOf({ identity: identityOf('mallory') });
      await expect(put(stranger, { overwrite: true })).rejects.toMatchObject({ code: 'permission-denied' });
      expect([await stored(), await registered()]).toEqual([true, true]);
    });
  });

  describe('getting', () => {
    const get = (manager = managerOf(), name = 'copy') => manager.get([{ lfn, path: join(world.local, name) }]).then(singleResult);
    const replicaAt = (...names: string[]) =>
      world.catalog
        .catalogFor(alice)
        .addReplicas(names.map((storageElement) => ({ lfn, storageElement, pfn: `s3://x/${storageElement}` })));
    const broken = (code: 'storage-unavailable' | 'checksum-mismatch'): S3StorageElement => ({
      ...world.se,
      get: (downloads) =>
        Promise.resolve({ successful: new Map(), failed: new Map(downloads.map((one) => [one.lfn, failure(code, 'it is broken')])) }),
    });

    test('goes on to the next StorageElement until one gives a verified copy', async () => {
      await put();
      await replicaAt('A-BROKEN', 'A-LIAR', 'A-STRANGER');
      const others = { 'A-BROKEN': broken('storage-unavailable'), 'A-LIAR': broken('checksum-mismatch') };
      expect(await get(managerOf({ others }))).toMatchObject({ storageElement: 'SE', verified: true });
      expect(filesBelow(world.local)).toEqual(['copy', 'source']);
    });

    test('asks the StorageElement first that is named, where it has a replica', async () => {
      await put();
      await replicaAt('A-BROKEN');
      let asked = 0;
      const unlucky = broken('checksum-mismatch');
      const counted: S3StorageElement = { ...unlucky, get: (downloads) => ((asked += 1), unlucky.get(downloads)) };
      const manager = managerOf({ others: { 'A-BROKEN': counted } });
      const from = (storageElement: string) =>
        manager.get([{ lfn, path: join(world.local, storageElement), storageElement }]).then(singleResult);
      expect(await from('SE')).toMatchObject({ storageElement: 'SE' });
      expect(asked).toBe(0);
      expect(await from('NOWHERE')).toMatchObject({ storageElement: 'SE' });
      expect(asked).toBe(1);
    });

    test('tells the reason of each when none does', async () => {
      await put();
      await replicaAt('A-BROKEN', 'Z-STRANGER');
      world.faults = () => ({ kind: 'answer', status: 500 });
      const outcome = get(managerOf({ others: { 'A-BROKEN': broken('storage-unavailable') } }));
      await expect(outcome).rejects.toMatchObject({ code: 'storage-unavailable' });
      const message = await messageOf(outcome);
      for (const part of ['A-BROKEN: it is broken', 'SE: ', 'Z-STRANGER: ']) expect(message).toContain(part);
      expect(filesBelow(world.local)).toEqual(['source']);
    });

    test('asks no store when the destination is taken', async () => {
      await put();
      await replicaAt('Z-STRANGER');
      world.seen.length = 0;
      await expect(get(managerOf(), 'source')).rejects.toMatchObject({ code: 'local-file', message: expect.stringContaining('exists') });
      expect(world.seen).toEqual([]);
    });

    test('keeps nothing of a copy that the catalog contradicts', async () => {
      await put(managerOf({ catalog: { addFiles: () => Promise.reject(new Error('not now')) } })).catch(() => undefined);
      const file = { lfn, sizeBytes: 11, checksum: '00000001', guid: await guidOfFile(source), storageElement: 'SE', pfn: 's3://x/y' };
      await world.catalog.catalogFor(alice).addFiles([file]);
      await expect(get()).rejects.toMatchObject({ code: 'checksum-mismatch' });
      expect(filesBelow(world.local)).toEqual(['source']);
    });

    test('of a name the catalog does not know is no-such-file, without asking any store', async () => {
      await expect(get()).rejects.toMatchObject({ code: 'no-such-file' });
      expect(world.seen).toEqual([]);
    });

    test('is refused to who may not read', async () => {
      const secret = lfnOf('secret/data.bin');
      await world.catalog.administration.createDirectories([{ path: lfnOf('secret'), owner: 'alice', group: 'users', mode: 0o700 }]);
      await put(managerOf(), { lfn: secret });
      world.seen.length = 0;
      const stranger = managerOf({ identity: identityOf('mallory', { group: 'guests' }) });
      const outcome = stranger.get([{ lfn: secret, path: join(world.local, 'copy') }]).then(singleResult);
      await expect(outcome).rejects.toMatchObject({ code: 'permission-denied' });
      expect(world.seen).toEqual([]);
    });
  });

  describe('removing', () => {
    test('takes the object and the entry', async () => {
      await put();
      expect(singleResult(await managerOf().remove([lfn]))).toBe(true);
      expect([await stored(), await registered()]).toEqual([false, false]);
      await expect(managerOf().remove([lfn]).then(singleResult)).rejects.toMatchObject({ code: 'no-such-file' });
    });

    test('keeps the entry, and says what is left, while a replica cannot be removed', async () => {
      await put();
      await world.catalog.catalogFor(alice).addReplicas([{ lfn, storageElement: 'FAR', pfn: 's3://far/x' }]);
      const outcome = managerOf().remove([lfn]).then(singleResult);
      await expect(outcome).rejects.toMatchObject({ message: expect.stringMatching(/stays in the catalog.*FAR/s) });
      expect(await registered()).toBe(true);
    });

    test('keeps the entry when the store refuses', async () => {
      await put();
      world.faults = ({ method }) => (method === 'DELETE' ? { kind: 'answer', status: 503, code: 'SlowDown' } : undefined);
      await expect(managerOf().remove([lfn]).then(singleResult)).rejects.toMatchObject({ code: 'storage-unavailable' });
      expect(await registered()).toBe(true);
      world.faults = () => undefined;
      expect(singleResult(await managerOf().remove([lfn]))).toBe(true);
    });

    test('asks for permission before it touches an object', async () => {
      await put();
      world.seen.length = 0;
      const outcome = managerOf({ identity: identityOf('mallory') })
        .remove([lfn])
        .then(singleResult);
      await expect(outcome).rejects.toMatchObject({ code: 'permission-denied' });
      expect(world.seen).toEqual([]);
    });
  });

  describe('an access URL', () => {
    test('is given for a replica that is registered there', async () => {
      await put();
      const url = singleResult(await managerOf().accessUrl([lfn], { storageElement: 'SE', expirationSeconds: 60 }));
      expect(await (await fetch(url.url)).text()).toBe('hello world');
    });

    test('is not given for a replica elsewhere, an unregistered name or an unknown StorageElement', async () => {
      await put();
      const manager = managerOf({ others: { OTHER: { ...world.se, name: 'OTHER' } } });
      const of = (name: Lfn, storageElement: string) => manager.accessUrl([name], { storageElement }).then(singleResult);
      await expect(of(lfn, 'OTHER')).rejects.toMatchObject({ code: 'no-such-file', message: expect.stringContaining('OTHER') });
      await expect(of(lfnOf('missing'), 'SE')).rejects.toMatchObject({ code: 'no-such-file' });
      await expect(of(lfn, 'NOWHERE')).rejects.toMatchObject({ code: 'unknown-storage-element' });
    });
  });

  test('stops on request: what is not begun is cancelled, what is stored is registered', async () => {
    const controller = new AbortController();
    const requests = ['first', 'second'].map((name) => {
      const path = join(world.local, name);
      writeFileSync(path, randomBytes(5 * 1024 * 1024));
      return { lfn: lfnOf(name), source: { path }, storageElement: 'SE' };
    });
    const { successful, failed } = await managerOf().putAndRegister(requests, {
      parallel: 1,
      signal: controller.signal,
      onProgress: ({ lfn: name, phase }) => {
        if (name === lfnOf('second') && phase === 'checksum') controller.abort();
      },
    });
    expect([[...successful.keys()], [...failed.values()].map(({ code }) => code)]).toEqual([[lfnOf('first')], ['cancelled']]);
    expect([await registered(lfnOf('first')), await registered(lfnOf('second'))]).toEqual([true, false]);
    expect(statSync(join(world.local, 'second')).size).toBeGreaterThan(0);
  });
});
