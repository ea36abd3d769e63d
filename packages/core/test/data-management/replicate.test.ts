import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ReplicateOptions, ReplicateOutcome } from '../../src/data-management/index.js';
import { adler32, singleResult, type BulkResult, type Lfn } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import type { FileCatalog } from '../../src/ports/index.js';
import { identityOf } from '../../src/testing/index.js';
import { alice, filesBelow, lfnOf, ways } from '../storage/world.js';
import { ReplicationWorld } from './replication-world.js';

const lfn = lfnOf('data.bin');
const bytes = randomBytes(3_000_000);
const whole = { sizeBytes: bytes.length, checksum: adler32(bytes) };

describe.each(ways)('replication, %s', (way) => {
  let world: ReplicationWorld;
  beforeEach(async () => {
    world = await ReplicationWorld.open(way);
    await world.add(lfn, bytes);
  });
  afterEach(() => world.close());

  const replicate = (
    options: Partial<ReplicateOptions> = {},
    dependencies = {},
    lfns: readonly Lfn[] = [lfn],
  ): Promise<BulkResult<ReplicateOutcome, Lfn>> => world.manager(dependencies).replicate(lfns, { storageElement: 'FAR', ...options });
  const one = (...args: Parameters<typeof replicate>): Promise<ReplicateOutcome> => replicate(...args).then(singleResult);
  const puts = (): string[] => world.seen.filter((line) => /^(PUT|POST) /.test(line));
  const ownCatalog = (): FileCatalog => world.catalog.catalogFor(alice);

  test.each<[string, string]>([
    ['to another endpoint', 'FAR'],
    ['to a directory', 'DISK'],
  ])('streams %s, and registers what was read back', async (_, storageElement) => {
    const outcome = await one({ storageElement });
    expect(outcome).toMatchObject({ storageElement, source: 'ONE', method: 'stream', sizeBytes: bytes.length });
    expect(outcome.pfn).toBe(world.client(storageElement).storageUrl(lfn));
    expect(await world.bytesAt(storageElement, lfn)).toEqual(whole);
    expect(await world.replicas(lfn)).toEqual([storageElement, 'ONE'].sort());
  });

  test('copies from a directory to a store', async () => {
    await one({ storageElement: 'DISK' });
    expect(await one({ storageElement: 'FAR', source: 'DISK' })).toMatchObject({ source: 'DISK', method: 'stream' });
    expect(await world.bytesAt('FAR', lfn)).toEqual(whole);
  });

  test('copies through a local file where that is asked for, and leaves none', async () => {
    const localCache = join(world.folder, 'cache');
    mkdirSync(localCache);
    expect(await one({ localCache })).toMatchObject({ method: 'local-file', source: 'ONE' });
    expect(await world.bytesAt('FAR', lfn)).toEqual(whole);
    expect(readdirSync(localCache)).toEqual([]);
    await expect(one({ storageElement: 'DISK', localCache: join(world.folder, 'missing') })).rejects.toMatchObject({ code: 'local-file' });
  });

  test('does nothing for a replica that is registered there already', async () => {
    await one();
    world.seen.length = 0;
    expect(await one()).toMatchObject({ method: 'none', source: undefined, replicateSeconds: 0, registerSeconds: 0 });
    expect(world.seen).toEqual([]);
  });

  test('registers what an earlier run stored and did not register, and copies nothing', async () => {
    await one(
      {},
      {
        catalog: {
          ...ownCatalog(),
          addReplicas: () => Promise.reject(new DiracS3Error('catalog-unavailable', 'gone')),
          getReplicas: onceThen(ownCatalog().getReplicas),
        },
      },
    ).then(
      () => expect('it succeeded').toBe('it failed'),
      (thrown: unknown) => {
        expect(thrown).toMatchObject({
          code: 'registration-failed',
          message: expect.stringContaining(`dirac-s3 replicate ${lfn} --to FAR`),
        });
      },
    );
    expect(await world.bytesAt('FAR', lfn)).toEqual(whole);
    world.seen.length = 0;
    expect(await one()).toMatchObject({ method: 'none', storageElement: 'FAR' });
    expect(puts()).toEqual([]);
    expect(await world.replicas(lfn)).toEqual(['FAR', 'ONE']);
  });

  test('replaces something else that is stored under the name and not registered', async () => {
    const path = join(world.folder, 'other');
    writeFileSync(path, 'something else');
    singleResult(await world.client('FAR').put([{ lfn, source: { path } }]));
    expect(await one()).toMatchObject({ method: 'stream' });
    expect(await world.bytesAt('FAR', lfn)).toEqual(whole);
  });

  test('removes what it stored when the catalog certainly does not list it', async () => {
    const addReplicas: FileCatalog['addReplicas'] = () => Promise.reject(new DiracS3Error('catalog-unavailable', 'it is full'));
    await expect(one({ storageElement: 'DISK' }, { catalog: { ...ownCatalog(), addReplicas } })).rejects.toMatchObject({
      code: 'catalog-unavailable',
      message: expect.stringMatching(/removed again: it is full/),
    });
    expect(filesBelow(world.disk)).toEqual([]);
    expect(await world.replicas(lfn)).toEqual(['ONE']);
  });

  test('takes the word of the catalog when only its answer was lost', async () => {
    const addReplicas: FileCatalog['addReplicas'] = async (replicas) => {
      await ownCatalog().addReplicas(replicas);
      throw new DiracS3Error('catalog-unavailable', 'the answer was lost');
    };
    expect(await one({}, { catalog: { ...ownCatalog(), addReplicas } })).toMatchObject({ storageElement: 'FAR' });
    expect(await world.bytesAt('FAR', lfn)).toEqual(whole);
  });

  describe('refuses before a byte moves', () => {
    test.each<[string, Partial<ReplicateOptions>, string, RegExp]>([
      ['a destination nobody knows', { storageElement: 'NOWHERE' }, 'unknown-storage-element', /NOWHERE/],
      ['a source without a replica', { source: 'TWO' }, 'no-such-file', /no replica at TWO/],
    ])('%s', async (_, options, code, message) => {
      await expect(one(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      expect(puts()).toEqual([]);
    });

    test('a file the catalog does not know', async () => {
      await expect(one({}, {}, [lfnOf('unknown')])).rejects.toMatchObject({ code: 'no-such-file' });
    });

    test('a user without the right to add replicas', async () => {
      const catalog = world.catalog.catalogFor(identityOf('bob'));
      await expect(one({}, { catalog })).rejects.toMatchObject({
        code: 'permission-denied',
        message: expect.stringContaining('addReplica'),
      });
      expect(puts()).toEqual([]);
    });

    test('a destination that is the bucket of a replica by another name', async () => {
      world.elements.set('SAME', { ...world.elements.get('ONE')!, name: 'SAME' });
      world.openS3('SAME', way);
      await expect(one({ storageElement: 'SAME' })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('SAME and ONE, which has a replica, are one storage by two names'),
      });
      expect(world.seen).toEqual([]);
      expect(await world.replicas(lfn)).toEqual(['ONE']);
    });

    test('a destination that is not open to the VO', async () => {
      world.openS3('FAR', way, { vos: ['other'] }, { vo: 'vo' });
      await expect(one()).rejects.toMatchObject({ code: 'access-not-allowed', message: expect.stringContaining('not open to the VO') });
      expect(world.seen).toEqual([]);
    });

    test.each(['Banned', 'Probing', 'Error', 'Unknown'])('a destination whose WriteAccess is %s', async (state) => {
      world.openS3('FAR', way, { status: { Read: 'Active', Write: state, Remove: 'Active', Check: 'Active' } });
      await expect(one()).rejects.toMatchObject({
        code: 'access-not-allowed',
        message: expect.stringContaining(`WriteAccess is ${state}`),
      });
      expect(world.seen).toEqual([]);
    });

    test('a destination whose protocol may not be registered, naming the option', async () => {
      for (const [storageElement, protocol] of [
        ['FAR', 's3'],
        ['DISK', 'file'],
      ]) {
        await expect(one({ storageElement: storageElement! }, { registrationProtocols: ['srm', 'dips'] })).rejects.toMatchObject({
          code: 'unsupported-protocol',
          message: expect.stringMatching(new RegExp(`protocol ${protocol}, which RegistrationProtocols \\(srm, dips\\)`)),
        });
      }
      expect(world.seen).toEqual([]);
      expect(await one({}, { registrationProtocols: ['srm', 's3'] })).toMatchObject({ method: 'stream' });
    });
  });

  test('writes to a destination that is Degraded', async () => {
    world.openS3('FAR', way, { status: { Read: 'Active', Write: 'Degraded', Remove: 'Active', Check: 'Active' } });
    expect(await one()).toMatchObject({ storageElement: 'FAR' });
  });

  describe('sources', () => {
    beforeEach(() => one({ storageElement: 'DISK' }));

    test('of the own site come first', async () => {
      const siteOf = (name: string): string => (name === 'ONE' ? 'LCG.A.org' : 'LCG.B.org');
      expect(await one({}, { siteOf })).toMatchObject({ source: 'DISK' });
      world.client('FAR');
      expect(
        await one({ storageElement: 'TWO' }, { siteOf: (name: string) => (name === 'ONE' || name === 'TWO' ? 'A' : 'B') }),
      ).toMatchObject({ source: 'ONE' });
    });

    test('that have another file than the catalog says are passed over', async () => {
      writeFileSync(world.client('DISK').storageUrl(lfn), 'damaged');
      const siteOf = (name: string): string | undefined => (name === 'ONE' ? undefined : 'A');
      expect(await one({}, { siteOf })).toMatchObject({ source: 'ONE' });
      await expect(one({ storageElement: 'TWO', source: 'DISK' })).rejects.toMatchObject({
        code: 'size-mismatch',
        message: expect.stringMatching(/from DISK: .*7 bytes are stored, the catalog says 3000000/),
      });
    });

    test('whose bytes were exchanged for others of the same number never make a replica', async () => {
      writeFileSync(world.client('DISK').storageUrl(lfn), randomBytes(bytes.length));
      await expect(one({ source: 'DISK' })).rejects.toMatchObject({ code: 'checksum-mismatch' });
      expect(await world.bytesAt('FAR', lfn)).toBeUndefined();
      expect(await world.replicas(lfn)).toEqual(['DISK', 'ONE']);
    });

    test('that are closed are passed over, and all of them are named when none is left', async () => {
      world.openDisk({ status: { Read: 'Banned', Write: 'Active', Remove: 'Active', Check: 'Active' } });
      expect(await one({}, { siteOf: (name: string) => (name === 'ONE' ? undefined : 'A') })).toMatchObject({ source: 'ONE' });
      world.openS3('ONE', way, { status: { Read: 'Probing', Write: 'Active', Remove: 'Active', Check: 'Active' } });
      world.openS3('FAR', way, { status: { Read: 'Banned', Write: 'Active', Remove: 'Active', Check: 'Active' } });
      await expect(one({ storageElement: 'TWO' })).rejects.toMatchObject({
        code: 'access-not-allowed',
        message: expect.stringMatching(/from .*DISK.*from .*ONE/s),
      });
    });
  });

  test('a source whose bytes change under way is never completed at the destination', async () => {
    const damaged = Buffer.from(bytes);
    damaged[damaged.length - 1]! ^= 1;
    const store = world.client('ONE');
    world.clients.set('ONE', {
      ...store,
      open: async (name) => {
        const opened = await store.open(name);
        opened.destroy();
        return {
          ...opened,
          chunks: async function* () {
            yield await Promise.resolve(damaged);
          },
        };
      },
    });
    await expect(one()).rejects.toMatchObject({ code: 'checksum-mismatch' });
    expect(await world.bytesAt('FAR', lfn)).toBeUndefined();
    expect(await world.replicas(lfn)).toEqual(['ONE']);
  });

  test('one failure does not stop the others', async () => {
    const names = Array.from({ length: 12 }, (_, n) => lfnOf(`many/${n}`));
    for (const [n, name] of names.entries()) await world.add(name, randomBytes(1000 + n));
    const lost = names[3]!;
    singleResult(await world.client('ONE').remove([lost]));
    const { successful, failed } = await replicate({ parallel: 3 }, {}, [...names, lfnOf('unknown')]);
    expect([...successful.keys()]).toEqual(names.filter((name) => name !== lost));
    expect([...failed].map(([name, { code }]) => [name, code])).toEqual([
      [lost, 'no-such-file'],
      [lfnOf('unknown'), 'no-such-file'],
    ]);
  });

  test('nothing is registered when the destination fails', async () => {
    world.faults = ({ method, target }) =>
      method !== 'HEAD' && method !== 'GET' && target.startsWith('/far') ? { kind: 'answer', status: 503 } : undefined;
    await expect(one()).rejects.toMatchObject({ code: 'storage-unavailable', message: expect.stringMatching(/^from ONE: /) });
    expect(await world.replicas(lfn)).toEqual(['ONE']);
  });
});

/** The first answer is real, later ones are lost. */
function onceThen<Args extends unknown[], Value>(real: (...args: Args) => Promise<Value>): (...args: Args) => Promise<Value> {
  let asked = 0;
  return (...args) => ((asked += 1) === 1 ? real(...args) : Promise.reject(new DiracS3Error('catalog-unavailable', 'lost')));
}
