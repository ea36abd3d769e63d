import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDataManager, type DataManager } from '../../src/data-management/index.js';
import { adler32, singleResult, type BulkResult, type Lfn } from '../../src/domain/index.js';
import { DiracS3Error, failure, type ErrorCode } from '../../src/errors/index.js';
import type { FileCatalog, FileMetadata } from '../../src/ports/index.js';
import type { S3StorageElement, StoredObject, TransferOptions } from '../../src/storage/index.js';
import { alice, lfnOf, ways, World } from '../storage/world.js';

const lfn = lfnOf('data.bin');
const oldBytes = Buffer.from('the old bytes');
const newBytes = Buffer.from('what is to come');
const oldGuid = 'A0B1C2D3-0000-1111-2222-333344445555';

describe.each(ways)('replacing a file, %s,', (way) => {
  let world: World;
  let source: string;
  const upload = way === 'direct' ? 'PUT' : 'POST';
  const ofGateway = way === 'via-gateway';

  beforeEach(async () => {
    world = await World.open(way);
    source = join(world.local, 'source');
    writeFileSync(source, oldBytes);
    await managerOf()
      .putAndRegister([{ lfn, source: { path: source }, storageElement: 'SE', guid: oldGuid }])
      .then(singleResult);
    writeFileSync(source, newBytes);
    world.seen.length = 0;
  });
  afterEach(() => world.close());

  const managerOf = (changes: { catalog?: Partial<FileCatalog>; element?: Partial<S3StorageElement> } = {}): DataManager =>
    createDataManager({
      catalog: { ...world.catalog.catalogFor(alice), ...changes.catalog },
      storageElement: (name) => {
        if (name === 'SE') return { ...world.se, ...changes.element };
        throw new DiracS3Error('unknown-storage-element', `"${name}" is not configured`);
      },
    });
  const replace = (manager = managerOf(), options: TransferOptions = {}) =>
    manager.putAndRegister([{ lfn, source: { path: source }, storageElement: 'SE', overwrite: true }], options).then(singleResult);
  const faultOf = (outcome: Promise<unknown>): Promise<{ code: ErrorCode; message: string }> =>
    outcome.then(
      () => Promise.reject(new Error('it succeeded')),
      (thrown: unknown) => thrown as DiracS3Error,
    );
  const sent = (method: string): number => world.seen.filter((line) => line.startsWith(method)).length;
  const metadata = async (): Promise<FileMetadata> => singleResult(await managerOf().metadata([lfn]));
  const registered = async (): Promise<boolean> => singleResult(await world.catalog.catalogFor(alice).exists([lfn]));
  const content = async (): Promise<string> => {
    const path = join(world.local, 'copy');
    await managerOf()
      .get([{ lfn, path, overwrite: true }])
      .then(singleResult);
    return readFileSync(path, 'utf8');
  };
  const expectOldFile = async (): Promise<void> => {
    world.faults = () => undefined;
    expect(await metadata()).toMatchObject({ sizeBytes: oldBytes.length, checksum: adler32(oldBytes), guid: oldGuid });
    expect(singleResult(await managerOf().replicas([lfn]))).toEqual(new Map([['SE', world.se.storageUrl(lfn)]]));
    expect(await content()).toBe(oldBytes.toString());
    expect(sent('DELETE')).toBe(0);
  };
  const failing = (code: ErrorCode, message: string) => () => Promise.reject(new DiracS3Error(code, message));
  /** Stores something else than what it was given, and notices. */
  const twisting = (what: Buffer): Partial<S3StorageElement> => ({
    put: async (uploads): Promise<BulkResult<StoredObject, Lfn>> => {
      const path = join(world.local, 'twisted');
      writeFileSync(path, what);
      await world.se.put(uploads.map((one) => ({ ...one, source: { path } })));
      return { successful: new Map(), failed: new Map(uploads.map((one) => [one.lfn, failure('checksum-mismatch', 'it differs')])) };
    },
  });

  test('stores the new object over the old one, and removes none', async () => {
    expect(await replace()).toMatchObject({ sizeBytes: newBytes.length });
    expect(await metadata()).toMatchObject({ sizeBytes: newBytes.length, checksum: adler32(newBytes) });
    expect(await content()).toBe(newBytes.toString());
    expect(sent('DELETE')).toBe(0);
  });

  describe('keeps the old one and says so', () => {
    test.each([
      ['answers 500', { kind: 'answer' }],
      ['answers 403', { kind: 'answer', status: 403, code: 'AccessDenied' }],
      ['breaks off', { kind: 'break-upload', afterBytes: 3 }],
    ] as const)('when the store %s', async (_, fault) => {
      world.faults = ({ method }) => (method === upload ? fault : undefined);
      const { message } = await faultOf(replace());
      expect(message).toMatch(ofGateway ? /the old file is kept; its entry was put back/ : /the old file is kept, object and entry/);
      await expectOldFile();
    });

    test('when the store does not answer at all', async () => {
      world.faults = () => ({ kind: 'answer' });
      const { code, message } = await faultOf(replace());
      expect(code).toBe('storage-unavailable');
      expect(message).toMatch(
        ofGateway ? /its entry was put back/ : /the entry is as it was; whether the object is, the store did not say/,
      );
      await expectOldFile();
    });

    test('when it is stopped before it began, or in the middle', async () => {
      const stopped = AbortSignal.abort();
      expect(await faultOf(replace(managerOf(), { signal: stopped }))).toMatchObject({ code: 'cancelled' });
      await expectOldFile();
      const controller = new AbortController();
      const outcome = replace(managerOf(), { signal: controller.signal, onProgress: () => controller.abort() });
      expect(await faultOf(outcome)).toMatchObject({ code: 'cancelled', message: expect.stringContaining('the old file is kept') });
      await expectOldFile();
    });

    test('when the local file is gone when its turn comes', async () => {
      const element: Partial<S3StorageElement> = {
        put: (uploads, options) => {
          rmSync(source);
          return world.se.put(uploads, options);
        },
      };
      expect(await faultOf(replace(managerOf({ element })))).toMatchObject({
        code: 'local-file',
        message: expect.stringContaining('the old file is kept'),
      });
      await expectOldFile();
    });

    test('while others of the same request are replaced', async () => {
      const other = lfnOf('other.bin');
      const put = (overwrite: boolean) =>
        managerOf().putAndRegister(
          [lfn, other].map((name) => ({ lfn: name, source: { path: source }, storageElement: 'SE', guid: 'new', overwrite })),
        );
      await put(false);
      let uploads = 0;
      world.faults = ({ method }) =>
        method === upload && (uploads += 1) === 1 ? { kind: 'answer', status: 400, code: 'InvalidRequest' } : undefined;
      const { successful, failed } = await put(true);
      expect([successful.size, failed.size]).toEqual([1, 1]);
      world.faults = () => undefined;
      for (const name of [lfn, other]) expect(singleResult(await managerOf().metadata([name]))).toBeDefined();
    });
  });

  describe('refuses before anything is changed', () => {
    test('a file with a replica elsewhere, which would be left behind or lost', async () => {
      await world.catalog.catalogFor(alice).addReplicas([{ lfn, storageElement: 'FAR', pfn: 's3://far/x' }]);
      const { code, message } = await faultOf(replace());
      expect(code).toBe('conflict');
      expect(message).toMatch(/has a replica at FAR, which an upload to SE does not replace; remove the file first: dirac-s3 rm \/vo/);
      expect(world.seen).toEqual([]);
      await world.catalog.catalogFor(alice).removeReplicas([{ lfn, storageElement: 'FAR', pfn: '' }]);
      await expectOldFile();
    });

    test('what the user may not remove', async () => {
      const own = world.catalog.catalogFor(alice);
      const hasAccess: FileCatalog['hasAccess'] = (method, lfns) =>
        method === 'removeFile' ? Promise.resolve({ successful: new Map([[lfn, false]]), failed: new Map() }) : own.hasAccess(method, lfns);
      expect(await faultOf(replace(managerOf({ catalog: { hasAccess } })))).toMatchObject({ code: 'permission-denied' });
      expect(world.seen).toEqual([]);
      await expectOldFile();
    });

    test('while the catalog cannot tell what is there', async () => {
      for (const catalog of [
        { getFileMetadata: failing('catalog-unavailable', 'down') },
        { getReplicas: failing('catalog-unavailable', 'down') },
      ]) {
        expect(await faultOf(replace(managerOf({ catalog })))).toMatchObject({ code: 'catalog-unavailable' });
      }
      expect(world.seen).toEqual([]);
      await expectOldFile();
    });

    test.each<[string, Partial<FileMetadata>]>([
      ['has an MD5', { checksum: '900150983cd24fb0d6963f7d28e17f72', checksumType: 'MD5' }],
      ['has no checksum', { checksum: '' }],
    ])('an entry that could not be put back, because it %s', async (_, changes) => {
      const facts = { ...(await metadata()), ...changes };
      const getFileMetadata = () => Promise.resolve({ successful: new Map([[lfn, facts]]), failed: new Map() });
      const outcome = replace(managerOf({ catalog: { getFileMetadata } }));
      if (!ofGateway) {
        expect(await outcome).toMatchObject({ sizeBytes: newBytes.length });
        return;
      }
      expect(await faultOf(outcome)).toMatchObject({ code: 'conflict', message: expect.stringContaining('could not be put back') });
      expect(world.seen).toEqual([]);
      await expectOldFile();
    });
  });

  test('says what stands where when the entry cannot make room', async () => {
    const manager = managerOf({ catalog: { removeFiles: failing('catalog-unavailable', 'the catalog is down') } });
    const { code, message } = await faultOf(replace(manager));
    expect(message).toContain('the catalog is down');
    if (ofGateway) {
      expect([code, sent(upload)]).toEqual(['catalog-unavailable', 0]);
      return expectOldFile();
    }
    expect(code).toBe('registration-failed');
    expect(message).toContain(`${lfn} is stored as ${world.se.storageUrl(lfn)} (15 bytes, Adler-32 ${adler32(newBytes)})`);
    expect(message).toContain('the catalog still describes the file it replaces');
    expect(message).toContain('To finish: the same command again');
    expect(await replace()).toMatchObject({ sizeBytes: newBytes.length });
    expect(await content()).toBe(newBytes.toString());
  });

  test('goes on when the entry made room and only the answer was lost', async () => {
    const removeFiles: FileCatalog['removeFiles'] = async (lfns) => {
      await world.catalog.catalogFor(alice).removeFiles(lfns);
      throw new DiracS3Error('gateway-unavailable', 'the connection was lost');
    };
    expect(await replace(managerOf({ catalog: { removeFiles } }))).toMatchObject({ sizeBytes: newBytes.length });
    expect(await content()).toBe(newBytes.toString());
  });

  test('says how to register what is stored when nobody knows whether the entry is there', async () => {
    let asked = 0;
    const own = world.catalog.catalogFor(alice);
    const catalog: Partial<FileCatalog> = {
      removeFiles: failing('gateway-unavailable', 'the connection was lost'),
      exists: (lfns) => ((asked += 1) === 1 ? own.exists(lfns) : failing('gateway-unavailable', 'down')()),
    };
    const { message } = await faultOf(replace(managerOf({ catalog })));
    expect(message).toContain(
      `the connection was lost; should its entry be gone, this registers what is stored: dirac-s3 register ${lfn} SE --guid ${oldGuid}`,
    );
  });

  if (ofGateway) {
    test('says how to finish what it could not put back', async () => {
      world.faults = ({ method }) => (method === upload ? { kind: 'answer' } : undefined);
      const manager = managerOf({ catalog: { addFiles: failing('catalog-unavailable', 'the catalog is down') } });
      const { code, message } = await faultOf(replace(manager));
      expect(code).toBe('registration-failed');
      for (const part of [
        '500 InternalError',
        `the old file is still stored as ${world.se.storageUrl(lfn)} (13 bytes, Adler-32 ${adler32(oldBytes)})`,
        'the catalog is down',
        `To put it back: dirac-s3 register ${lfn} SE --guid ${oldGuid}`,
        `To remove it: dirac-s3 rm --unregistered ${lfn} SE`,
      ])
        expect(message).toContain(part);
      expect(await registered()).toBe(false);
      singleResult(await managerOf().registerStored([{ lfn, storageElement: 'SE', guid: oldGuid }]));
      await expectOldFile();
    });
  }

  test('that comes out as something else says so, and how to go on', async () => {
    const { code, message } = await faultOf(replace(managerOf({ element: twisting(Buffer.from('noise')) })));
    expect(code).toBe('checksum-mismatch');
    expect(message).toContain(`it differs; 5 bytes, Adler-32 ${adler32(Buffer.from('noise'))} are stored under the name`);
    expect(message).toContain('To finish: the same command again');
    expect(message).toContain(ofGateway ? `To undo: dirac-s3 rm --unregistered ${lfn} SE` : `To remove the file: dirac-s3 rm ${lfn}`);
    expect(await registered()).toBe(!ofGateway);
    await replace();
    expect(await content()).toBe(newBytes.toString());
  });

  test('whose object was gone, or is now, says so', async () => {
    await world.se.remove([lfn]);
    world.faults = ({ method }) => (method === upload ? { kind: 'answer' } : undefined);
    expect((await faultOf(replace())).message).toMatch(
      ofGateway
        ? /the old object is gone, and its entry was removed; nothing has the name any more/
        : /the object is gone, and the catalog/,
    );
    expect(await registered()).toBe(!ofGateway);
    world.faults = () => undefined;
    await replace();
    expect(await content()).toBe(newBytes.toString());
  });

  test('whose entry had no replica says what became of the entry', async () => {
    await world.catalog.catalogFor(alice).removeReplicas([{ lfn, storageElement: 'SE', pfn: '' }]);
    await world.se.remove([lfn]);
    world.faults = ({ method }) => (method === upload ? { kind: 'answer' } : undefined);
    const { message } = await faultOf(replace());
    expect(message).toMatch(ofGateway ? /the entry, which had no replica, was removed/ : /the entry, which has no replica, is as it was/);
    world.faults = () => undefined;
    await replace();
    expect(await content()).toBe(newBytes.toString());
  });

  test('of no old file that comes out as something else says how to undo it', async () => {
    const fresh = lfnOf('fresh.bin');
    const manager = managerOf({ element: twisting(Buffer.from('noise')) });
    const { message } = await faultOf(
      manager.putAndRegister([{ lfn: fresh, source: { path: source }, storageElement: 'SE' }]).then(singleResult),
    );
    expect(message).toContain(`are stored under the name, not registered. To undo: dirac-s3 rm --unregistered ${fresh} SE`);
    expect(singleResult(await managerOf().removeUnregistered([fresh], 'SE'))).toBe(true);
    expect(singleResult(await world.se.exists([fresh]))).toBe(false);
  });

  test('of no old file that stored nothing has nothing to undo', async () => {
    const element: Partial<S3StorageElement> = {
      put: (uploads) =>
        Promise.resolve({ successful: new Map(), failed: new Map(uploads.map((one) => [one.lfn, failure('size-mismatch', 'it grew')])) }),
    };
    const request = { lfn: lfnOf('fresh.bin'), source: { path: source }, storageElement: 'SE' };
    const { message } = await faultOf(managerOf({ element }).putAndRegister([request]).then(singleResult));
    expect(message).toBe('it grew');
  });
});
