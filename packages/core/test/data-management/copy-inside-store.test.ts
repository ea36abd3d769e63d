import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ReplicateOptions, ReplicateOutcome } from '../../src/data-management/index.js';
import { adler32, singleResult, type BulkResult, type Lfn } from '../../src/domain/index.js';
import type { CheckName, FaultHook, FaultRequest, StoreCredential } from '../../src/testing/development-store/index.js';
import { identityOf } from '../../src/testing/index.js';
import { lfnOf, ways } from '../storage/world.js';
import { ClientBytes } from './client-bytes.js';
import { ReplicationWorld } from './replication-world.js';

const mebibyte = 1024 * 1024;
const lfn = lfnOf('data.bin');
const bytes = randomBytes(12 * mebibyte + 7);
const whole = { sizeBytes: bytes.length, checksum: adler32(bytes) };
const keysOf = (accessKeyId: string): StoreCredential => ({ accessKeyId, secretAccessKey: `the secret of ${accessKeyId}` });
const other = keysOf('OTHER');
const credentials = [keysOf('MAIN'), { ...keysOf('WRITER'), rights: 'write-only' as const }, other];
const inParts = { pieces: { partBytes: 5 * mebibyte, singleCopyBytes: mebibyte } };

describe.each(ways)('a copy inside the store, %s', (way) => {
  let world: ReplicationWorld;
  let client: ClientBytes;
  beforeEach(async () => {
    client = new ClientBytes();
    world = await ReplicationWorld.open(way, { store: { credentials } });
    await world.add(lfn, bytes);
    client.reset();
    world.asked.length = 0;
  });
  afterEach(async () => {
    client.stop();
    await world.close();
  });

  const replicate = (options: Partial<ReplicateOptions> = {}, lfns: readonly Lfn[] = [lfn]): Promise<BulkResult<ReplicateOutcome, Lfn>> =>
    world.manager().replicate(lfns, { storageElement: 'TWO', ...options });
  const one = (options: Partial<ReplicateOptions> = {}): Promise<ReplicateOutcome> => replicate(options).then(singleResult);
  const openUploads = (): string[] => readdirSync(join(world.folder, 'one', 'uploads')).filter((name) => !name.startsWith('.'));
  const isCopy = ({ headers }: FaultRequest): boolean => headers['x-amz-copy-source'] !== undefined;
  const failCopies = (fault: ReturnType<FaultHook>): void => {
    world.faults = (request) => (isCopy(request) ? fault : undefined);
  };
  const stored = async (): Promise<void> => {
    world.faults = () => undefined;
    expect(await world.bytesAt('TWO', lfn)).toEqual(whole);
    expect(singleResult(await world.client('TWO').getMetadata([lfn]))).toMatchObject(whole);
    expect(await world.replicas(lfn)).toEqual(['ONE', 'TWO']);
    expect(openUploads()).toEqual([]);
  };

  test('is made by the store, verified and registered; no byte of the file passes through the client', async () => {
    const doneBytes: number[] = [];
    const outcome = await one({ onProgress: (progress) => doneBytes.push(progress.doneBytes) });
    expect(client.count).toBeLessThan(20_000);
    expect(outcome).toMatchObject({ storageElement: 'TWO', source: 'ONE', method: 'server-side', sizeBytes: bytes.length });
    expect(doneBytes).toEqual([bytes.length]);
    // Is it there, is the source sound; the copy; is the source still the same, and the copy like it?
    const of = (bucket: string, method: string): string => `${method} ${bucket}${lfn}`;
    expect(world.seen).toEqual([of('two', 'HEAD'), of('one', 'HEAD'), of('two', 'PUT'), of('one', 'HEAD'), of('two', 'HEAD')]);
    await stored();
  });

  test('is made in parts beyond what one request copies, and no byte of the file passes through the client', async () => {
    world.openS3('TWO', way, {}, inParts);
    const doneBytes: number[] = [];
    expect(await one({ onProgress: (progress) => doneBytes.push(progress.doneBytes) })).toMatchObject({ method: 'server-side' });
    expect(client.count).toBeLessThan(30_000);
    expect(doneBytes).toHaveLength(3);
    expect(doneBytes.at(-1)).toBe(bytes.length);
    expect(world.asked.filter((question) => question === 'upload_part_copy TWO')).toHaveLength(3);
    await stored();
  });

  test('is made in parts at a store for which the gateway signs no parts that are sent', async () => {
    world.withoutWriteOnly.add('TWO');
    world.openS3('TWO', way, {}, inParts);
    expect(await one()).toMatchObject({ method: 'server-side' });
    await stored();
  });

  test('replaces something else that is stored under the name and not registered', async () => {
    const path = join(world.folder, 'other');
    writeFileSync(path, 'something else');
    singleResult(await world.client('TWO').put([{ lfn, source: { path } }]));
    expect(await one()).toMatchObject({ method: 'server-side' });
    await stored();
  });

  test.each<[string, ReturnType<FaultHook>]>([
    ['an answer 503', { kind: 'answer', status: 503, code: 'SlowDown' }],
    ['an error in an answer 200', { kind: 'answer', status: 200, code: 'InternalError' }],
    ['one answer 403', { kind: 'answer', status: 403, code: 'AccessDenied' }],
  ])('passes over %s', async (_, fault) => {
    for (const more of [{}, inParts]) {
      world.openS3('TWO', way, {}, more);
      let left = 1;
      world.faults = (request) => (isCopy(request) && left-- > 0 ? fault : undefined);
      expect(await one()).toMatchObject({ method: 'server-side' });
      expect(left).toBeLessThan(0);
      await stored();
      singleResult(await world.manager().removeReplicas([lfn], 'TWO'));
    }
  });

  test.each<[string, ReturnType<FaultHook>]>([
    ['refuses copies', { kind: 'answer', status: 403, code: 'AccessDenied' }],
    ['knows no copies', { kind: 'answer', status: 501, code: 'NotImplemented' }],
    ['fails in the middle of each', { kind: 'answer', status: 200, code: 'InternalError' }],
  ])('becomes a stream where the store %s', async (_, fault) => {
    for (const more of [{}, inParts]) {
      world.openS3('TWO', way, {}, more);
      failCopies(fault);
      expect(await one()).toMatchObject({ method: 'stream', source: 'ONE' });
      await stored();
      singleResult(await world.manager().removeReplicas([lfn], 'TWO'));
    }
  });

  test('is a stream between StorageElements with different keys', async () => {
    world.keys.set('ONE', other);
    expect(await one()).toMatchObject({ method: 'stream' });
    expect(world.seen.filter((line) => /^(PUT|POST) /.test(line))).toHaveLength(1);
    await stored();
  });

  test('is a stream between stores, and asks neither of them for a copy', async () => {
    expect(await one({ storageElement: 'FAR' })).toMatchObject({ method: 'stream' });
    expect(world.seen.filter((line) => /^(PUT|POST) /.test(line))).toHaveLength(1);
  });

  test('is not made of an object that carries no checksum: nobody would read what it is', async () => {
    await world.putRaw('ONE', lfn, { bytes });
    expect(await one()).toMatchObject({ method: 'stream' });
    await stored();
  });

  test('is not made where a local file is asked for', async () => {
    expect(await one({ localCache: world.folder })).toMatchObject({ method: 'local-file' });
    await stored();
  });

  test.each<[string, CheckName[]]>([
    ['heeds', []],
    ['forgets', ['copy-if-match']],
  ])('of an object that is replaced on the way is neither registered nor kept, where the store %s the condition', async (_, disabled) => {
    await world.close();
    world = await ReplicationWorld.open(way, { store: { credentials, disabledChecks: new Set(disabled) } });
    await world.add(lfn, bytes);
    const damaged = Buffer.from(bytes);
    damaged[0]! ^= 1;
    for (const more of [{}, inParts]) {
      world.openS3('TWO', way, {}, more);
      let replacing: Promise<void> | undefined;
      world.faults = (request) => {
        if (!isCopy(request)) return undefined;
        replacing ??= world.putRaw('ONE', lfn, { bytes: damaged, checksum: whole.checksum });
        return { kind: 'wait', until: replacing };
      };
      await expect(one()).rejects.toMatchObject({ code: 'checksum-mismatch', message: expect.stringMatching(/was replaced while it was/) });
      await replacing;
      world.faults = () => undefined;
      expect(await world.replicas(lfn)).toEqual(['ONE']);
      expect(await world.bytesAt('TWO', lfn)).toBeUndefined();
      expect(openUploads()).toEqual([]);
      await world.putRaw('ONE', lfn, { bytes, checksum: whole.checksum });
    }
  });

  test('that is cancelled leaves no parts', async () => {
    const controller = new AbortController();
    world.openS3('TWO', way, {}, inParts);
    world.faults = (request) => {
      if (isCopy(request)) controller.abort();
      return undefined;
    };
    await expect(one({ signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
    world.faults = () => undefined;
    expect(openUploads()).toEqual([]);
    expect(await world.replicas(lfn)).toEqual(['ONE']);
  });

  test('of many files asks for their URLs together; one failure does not stop the others', async () => {
    const names = Array.from({ length: 30 }, (_, n) => lfnOf(`many/${n}`));
    for (const [n, name] of names.entries()) await world.add(name, randomBytes(1000 + n));
    const lost = names[3]!;
    singleResult(await world.client('ONE').remove([lost]));
    world.asked.length = 0;
    const { successful, failed } = await replicate({}, names);
    expect([...successful.keys()]).toEqual(names.filter((name) => name !== lost));
    expect(new Set([...successful.values()].map(({ method }) => method))).toEqual(new Set(['server-side']));
    expect([...failed.keys()]).toEqual([lost]);
    expect(world.asked.filter((question) => question === 'copy_object TWO')).toHaveLength(1);
  });

  test('needs the right to read what is copied', async () => {
    const catalog = world.catalog.catalogFor(identityOf('bob'));
    await expect(world.manager({ catalog }).replicate([lfn], { storageElement: 'TWO' }).then(singleResult)).rejects.toMatchObject({
      code: 'permission-denied',
    });
    expect(world.seen).toEqual([]);
  });
});
