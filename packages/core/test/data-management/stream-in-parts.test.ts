import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ReplicateOptions, ReplicateOutcome } from '../../src/data-management/index.js';
import { adler32, singleResult } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import type { FaultHook, FaultRequest } from '../../src/testing/development-store/index.js';
import { lfnOf, ways } from '../storage/world.js';
import { ReplicationWorld } from './replication-world.js';

const mebibyte = 1024 * 1024;
const lfn = lfnOf('data.bin');
const bytes = randomBytes(17 * mebibyte + 5);
const whole = { sizeBytes: bytes.length, checksum: adler32(bytes) };
const inParts = { pieces: { partBytes: 5 * mebibyte, parallel: 3 } };

describe.each(ways)('a stream in parts, %s', (way) => {
  let world: ReplicationWorld;
  beforeEach(async () => {
    world = await ReplicationWorld.open(way);
    await world.add(lfn, bytes);
    world.openS3('FAR', way, {}, inParts);
  });
  afterEach(() => world.close());

  const one = (options: Partial<ReplicateOptions> = {}): Promise<ReplicateOutcome> =>
    world
      .manager()
      .replicate([lfn], { storageElement: 'FAR', ...options })
      .then(singleResult);
  const isPart = ({ method, target }: FaultRequest): boolean => method === 'PUT' && target.includes('partNumber=');
  const isRange = ({ method, headers }: FaultRequest): boolean => method === 'GET' && headers.range !== undefined;
  const openUploads = (): string[] => readdirSync(join(world.folder, 'far', 'uploads')).filter((name) => !name.startsWith('.'));
  const once = (kind: (request: FaultRequest) => boolean, fault: ReturnType<FaultHook>): void => {
    let left = 1;
    world.faults = (request) => (kind(request) && left-- > 0 ? fault : undefined);
  };
  const stored = async (): Promise<void> => {
    world.faults = () => undefined;
    expect(await world.bytesAt('FAR', lfn)).toEqual(whole);
    expect(singleResult(await world.client('FAR').getMetadata([lfn]))).toMatchObject(whole);
    expect(openUploads()).toEqual([]);
  };

  test('reads each range once, sends each part once, and needs no room on the disk', async () => {
    world.openS3('FAR', way, {}, { ...inParts, temporaryDirectory: join(world.folder, 'missing') });
    const doneBytes: number[] = [];
    expect(await one({ onProgress: (progress) => doneBytes.push(progress.doneBytes) })).toMatchObject({ method: 'stream' });
    expect(world.seen.filter((line) => line.startsWith('GET one'))).toHaveLength(4);
    expect(world.seen.filter((line) => line.startsWith('PUT far'))).toHaveLength(4);
    expect(doneBytes.at(-1)).toBe(bytes.length);
    await stored();
  });

  test.each<[string, (request: FaultRequest) => boolean, ReturnType<FaultHook>]>([
    ['a part is answered 503', isPart, { kind: 'answer', status: 503, code: 'SlowDown' }],
    ['a part is cut', isPart, { kind: 'break-upload', afterBytes: 1_000_000 }],
    ['a range is answered 500', isRange, { kind: 'answer' }],
    ['a range is cut', isRange, { kind: 'break-download', afterBytes: 1_000_000 }],
  ])('goes on when %s', async (_, kind, fault) => {
    once(kind, fault);
    expect(await one()).toMatchObject({ method: 'stream' });
    await stored();
  });

  test('comes from a directory too', async () => {
    await one({ storageElement: 'DISK' });
    expect(await one({ source: 'DISK' })).toMatchObject({ method: 'stream', source: 'DISK' });
    await stored();
  });

  test('whose bytes are not those of the catalog becomes no object, and leaves no parts', async () => {
    await one({ storageElement: 'DISK' });
    writeFileSync(world.client('DISK').storageUrl(lfn), randomBytes(bytes.length));
    const disk = world.client('DISK');
    // What is on the disk is summed before it is copied: let it pass, as if it changed afterwards.
    world.clients.set('DISK', {
      ...disk,
      getMetadata: (lfns) =>
        disk.getMetadata(lfns).then(({ successful, failed }) => ({
          failed,
          successful: new Map([...successful].map(([name, found]) => [name, { ...found, checksum: undefined }])),
        })),
    });
    await expect(one({ source: 'DISK' })).rejects.toMatchObject({
      code: 'checksum-mismatch',
      message: expect.stringMatching(/of what came/),
    });
    expect(await world.bytesAt('FAR', lfn)).toBeUndefined();
    expect(openUploads()).toEqual([]);
    expect(world.seen.filter((line) => line.startsWith('PUT far'))).toHaveLength(4);
  });

  test('whose source is replaced on the way becomes no object', async () => {
    let replacing: Promise<void> | undefined;
    world.faults = (request) => {
      if (!isRange(request) || request.headers.range?.includes('=0-') === true) return undefined;
      replacing ??= world.putRaw('ONE', lfn, { bytes: randomBytes(bytes.length), checksum: whole.checksum });
      return { kind: 'wait', until: replacing };
    };
    await expect(one()).rejects.toMatchObject({
      code: 'checksum-mismatch',
      message: expect.stringMatching(/was replaced while it was read/),
    });
    await replacing;
    expect(await world.bytesAt('FAR', lfn)).toBeUndefined();
    expect(openUploads()).toEqual([]);
  });

  test('that is cancelled leaves no parts', async () => {
    const controller = new AbortController();
    world.faults = (request) => {
      if (isPart(request)) controller.abort();
      return undefined;
    };
    await expect(one({ signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
    world.faults = () => undefined;
    expect(openUploads()).toEqual([]);
    expect(await world.replicas(lfn)).toEqual(['ONE']);
  });

  test('is one request where no parts are permitted', async () => {
    world.openS3('FAR', way, {}, { ...inParts, multipart: { begin: refuseParts, renew: refuseParts, find: refuseParts } });
    expect(await one()).toMatchObject({ method: 'stream' });
    expect(world.seen.filter((line) => /^(PUT|POST) far/.test(line))).toHaveLength(1);
    await stored();
  });
});

describe('a stream that breaks off', () => {
  test('is followed by a local file, and where that has no room the fault of the stream is told', async () => {
    const world = await ReplicationWorld.open('direct');
    await world.add(lfn, bytes);
    let whole = 0;
    world.faults = ({ method, target }) =>
      method === 'GET' && target.startsWith('/one') && (whole += 1) === 1 ? { kind: 'break-download', afterBytes: 1_000_000 } : undefined;
    const outcome = singleResult(await world.manager().replicate([lfn], { storageElement: 'FAR' }));
    expect(outcome).toMatchObject({ method: 'local-file' });
    expect(await world.bytesAt('FAR', lfn)).toMatchObject({ checksum: adler32(bytes) });
    singleResult(await world.manager().removeReplicas([lfn], 'FAR'));
    world.clients.set('ONE', { ...world.client('ONE'), get: () => Promise.reject(new DiracS3Error('local-file', 'no room')) });
    whole = 0;
    await expect(world.manager().replicate([lfn], { storageElement: 'FAR' }).then(singleResult)).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
    await world.close();
  });
});

function refuseParts(): Promise<never> {
  return Promise.reject(new DiracS3Error('upload-unsafe', 'no parts here'));
}
