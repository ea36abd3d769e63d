import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { singleResult } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import type { FileCatalog } from '../../src/ports/index.js';
import { identityOf } from '../../src/testing/index.js';
import { alice, filesBelow, lfnOf, ways } from '../storage/world.js';
import { ReplicationWorld } from './replication-world.js';

const lfn = lfnOf('data.bin');

describe.each(ways)('removal of replicas, %s', (way) => {
  let world: ReplicationWorld;
  beforeEach(async () => {
    world = await ReplicationWorld.open(way);
    await world.add(lfn, randomBytes(1000));
    for (const storageElement of ['FAR', 'DISK']) singleResult(await world.manager().replicate([lfn], { storageElement }));
    world.seen.length = 0;
  });
  afterEach(() => world.close());

  const remove = (storageElement: string, catalog: Partial<FileCatalog> = {}): Promise<true> =>
    world
      .manager({ catalog: { ...world.catalog.catalogFor(alice), ...catalog } })
      .removeReplicas([lfn], storageElement)
      .then(singleResult);

  test.each(['FAR', 'DISK'])('removes file and entry at %s, and nothing else', async (name) => {
    await remove(name);
    expect(await world.bytesAt(name, lfn)).toBeUndefined();
    expect(await world.replicas(lfn)).toEqual(['DISK', 'FAR', 'ONE'].filter((other) => other !== name));
    expect(await world.bytesAt('ONE', lfn)).toBeDefined();
  });

  test('is done where there is none', async () => {
    expect(await remove('TWO')).toBe(true);
    expect(world.seen).toEqual([]);
  });

  test('refuses the only replica of a file, and says what removes the file', async () => {
    await remove('DISK');
    await remove('FAR');
    await expect(remove('ONE')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(`dirac-s3 rm ${lfn}`) });
    expect(await world.bytesAt('ONE', lfn)).toBeDefined();
    expect(await world.replicas(lfn)).toEqual(['ONE']);
  });

  test('keeps the entry of a file that could not be removed', async () => {
    world.faults = ({ method }) => (method === 'DELETE' ? { kind: 'answer', status: 503 } : undefined);
    await expect(remove('FAR')).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`FAR stays, file and entry.*To finish: dirac-s3 replica rm ${lfn} FAR`)),
    });
    expect(await world.replicas(lfn)).toContain('FAR');
    world.faults = () => undefined;
    expect(await remove('FAR')).toBe(true);
  });

  test('tells when only the entry is left, and finishes when it is asked again', async () => {
    const removeReplicas: FileCatalog['removeReplicas'] = () => Promise.reject(new DiracS3Error('catalog-unavailable', 'gone'));
    await expect(remove('FAR', { removeReplicas })).rejects.toMatchObject({
      code: 'registration-failed',
      message: expect.stringContaining(`To finish: dirac-s3 replica rm ${lfn} FAR`),
    });
    expect(await world.bytesAt('FAR', lfn)).toBeUndefined();
    expect(await remove('FAR')).toBe(true);
    expect(await world.replicas(lfn)).toEqual(['DISK', 'ONE']);
  });

  test('asks for the right to remove replicas before it touches anything', async () => {
    const catalog = world.catalog.catalogFor(identityOf('bob'));
    const result = world.manager({ catalog }).removeReplicas([lfn], 'FAR').then(singleResult);
    await expect(result).rejects.toMatchObject({ code: 'permission-denied', message: expect.stringContaining('removeReplica') });
    expect(world.seen).toEqual([]);
  });

  test.each(['Banned', 'Probing', 'Error'])('refuses a StorageElement whose RemoveAccess is %s', async (state) => {
    const status = { Read: 'Active', Write: 'Active', Remove: state, Check: 'Active' };
    world.openS3('FAR', way, { status });
    world.openDisk({ status });
    for (const name of ['FAR', 'DISK']) {
      await expect(remove(name)).rejects.toMatchObject({ code: 'access-not-allowed', message: expect.stringContaining(state) });
    }
    expect(await world.replicas(lfn)).toEqual(['DISK', 'FAR', 'ONE']);
  });

  test('keeps a file that is a replica by another name of the same bucket too, and takes the entry only', async () => {
    world.elements.set('SAME', { ...world.elements.get('ONE')!, name: 'SAME' });
    world.openS3('SAME', way);
    singleResult(
      await world.catalog
        .catalogFor(alice)
        .addReplicas([{ lfn, storageElement: 'SAME', pfn: singleResult(await world.manager().replicas([lfn])).get('ONE')! }]),
    );
    await remove('SAME');
    expect(await world.replicas(lfn)).toEqual(['DISK', 'FAR', 'ONE']);
    expect(await world.bytesAt('ONE', lfn)).toBeDefined();
  });

  test('removal of the file takes every kind of replica', async () => {
    singleResult(await world.manager().remove([lfn]));
    for (const name of ['ONE', 'FAR', 'DISK']) expect(await world.bytesAt(name, lfn)).toBeUndefined();
    expect(filesBelow(world.disk)).toEqual([]);
    expect(singleResult(await world.catalog.catalogFor(alice).exists([lfn]))).toBe(false);
  });
});
