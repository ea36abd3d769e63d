import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { singleResult, type BulkResult, type Lfn } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import type { FileCatalog } from '../../src/ports/index.js';
import { alice, lfnOf, ways } from '../storage/world.js';
import { ReplicationWorld } from './replication-world.js';

const lfn = lfnOf('data.bin');

describe.each(ways)('removal of files, %s', (way) => {
  let world: ReplicationWorld;
  beforeEach(async () => {
    world = await ReplicationWorld.open(way);
    await world.add(lfn, randomBytes(1000));
    for (const storageElement of ['FAR', 'DISK']) singleResult(await world.manager().replicate([lfn], { storageElement }));
    world.seen.length = 0;
  });
  afterEach(() => world.close());

  const removeAll = (lfns: readonly Lfn[], catalog: Partial<FileCatalog> = {}): Promise<BulkResult<true, Lfn>> =>
    world.manager({ catalog: { ...world.catalog.catalogFor(alice), ...catalog } }).remove(lfns);
  const remove = (catalog: Partial<FileCatalog> = {}): Promise<true> => removeAll([lfn], catalog).then(singleResult);
  const isRegistered = async (): Promise<boolean> => singleResult(await world.catalog.catalogFor(alice).exists([lfn]));
  const unavailable = (): Promise<never> => Promise.reject(new DiracS3Error('catalog-unavailable', 'it is down'));

  test.each(['Banned', 'Probing', 'Error'])('removes nothing where the RemoveAccess of one StorageElement is %s', async (state) => {
    world.openS3('FAR', way, { status: { Read: 'Active', Write: 'Active', Remove: state, Check: 'Active' } });
    await expect(remove()).rejects.toMatchObject({
      code: 'access-not-allowed',
      message: expect.stringMatching(
        new RegExp(
          `nothing was removed, since FAR .*RemoveAccess is ${state}.*Replicas at DISK, ONE are removed by: dirac-s3 replica rm ${lfn} SE`,
        ),
      ),
    });
    for (const name of ['ONE', 'DISK']) expect(await world.bytesAt(name, lfn)).toBeDefined();
    expect(await world.replicas(lfn)).toEqual(['DISK', 'FAR', 'ONE']);
  });

  test('names a StorageElement that this program cannot reach, and removes nothing', async () => {
    world.clients.delete('FAR');
    await expect(remove()).rejects.toMatchObject({ message: expect.stringMatching(/nothing was removed, since FAR/) });
    expect(await world.bytesAt('ONE', lfn)).toBeDefined();
  });

  test('of which one replica stays keeps its entry, forgets those that are gone, and is finished by the command it names', async () => {
    world.faults = ({ method, target }) => (method === 'DELETE' && target.startsWith('/far') ? { kind: 'answer', status: 503 } : undefined);
    await expect(remove()).rejects.toMatchObject({
      message: expect.stringMatching(
        new RegExp(`could not be removed from FAR \\(.*it is removed from (DISK, ONE|ONE, DISK). To finish: dirac-s3 rm ${lfn}$`),
      ),
    });
    expect(await world.replicas(lfn)).toEqual(['FAR']);
    world.faults = () => undefined;
    expect(await remove()).toBe(true);
    expect(await world.bytesAt('FAR', lfn)).toBeUndefined();
    expect(await isRegistered()).toBe(false);
  });

  test('of which one replica stays is finished all the same when those that are gone could not be forgotten', async () => {
    world.faults = ({ method, target }) => (method === 'DELETE' && target.startsWith('/far') ? { kind: 'answer', status: 503 } : undefined);
    await expect(remove({ removeReplicas: unavailable })).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(await world.replicas(lfn)).toEqual(['DISK', 'FAR', 'ONE']);
    world.faults = () => undefined;
    expect(await remove()).toBe(true);
    expect(await isRegistered()).toBe(false);
  });

  test('tells when only the entry is left, and is finished by the command it names', async () => {
    await expect(remove({ removeFiles: unavailable })).rejects.toMatchObject({
      code: 'registration-failed',
      message: expect.stringMatching(new RegExp(`still lists it: it is down. To finish: dirac-s3 rm ${lfn}$`)),
    });
    for (const name of ['ONE', 'FAR', 'DISK']) expect(await world.bytesAt(name, lfn)).toBeUndefined();
    expect(await isRegistered()).toBe(true);
    expect(await remove()).toBe(true);
    expect(await isRegistered()).toBe(false);
  });

  test('takes the word of the catalog when only its answer was lost', async () => {
    const removeFiles: FileCatalog['removeFiles'] = async (lfns) => {
      await world.catalog.catalogFor(alice).removeFiles(lfns);
      return unavailable();
    };
    expect(await remove({ removeFiles })).toBe(true);
    expect(await isRegistered()).toBe(false);
  });

  test('of many files goes on past those that fail', async () => {
    const names = Array.from({ length: 20 }, (_, n) => lfnOf(`many/${n}`));
    for (const [n, name] of names.entries()) await world.add(name, randomBytes(100 + n));
    const held = names[7]!;
    world.faults = ({ method, target }) =>
      method === 'DELETE' && target.includes('/many/7?') ? { kind: 'answer', status: 403, code: 'AccessDenied' } : undefined;
    const { successful, failed } = await removeAll([...names, lfnOf('unknown')]);
    expect([...successful.keys()]).toEqual(names.filter((name) => name !== held));
    expect([...failed.keys()]).toEqual([held, lfnOf('unknown')]);
  });
});
