import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, singleResult } from '../../src/domain/index.js';
import type { FaultRequest } from '../../src/testing/development-store/index.js';
import { directMultipart, type DirectMultipart } from './direct-multipart.js';
import { KillableTransfers } from './killable-transfers.js';
import { filesBelow, lfnOf, World } from './world.js';

const mebibyte = 1024 * 1024;
const bytes = randomBytes(33 * mebibyte);
const lfn = lfnOf('killed.bin');

describe('a process that is killed in the middle', () => {
  let world: World;
  let multipart: DirectMultipart;
  let transfers: KillableTransfers;
  let source: string;
  let copy: string;
  let seen: FaultRequest[];
  beforeEach(async () => {
    world = await World.open('direct');
    multipart = directMultipart(world.urls);
    [source, copy] = [join(world.local, 'source'), join(world.local, 'copy')];
    writeFileSync(source, bytes);
    seen = [];
    world.faults = (request) => {
      seen.push(request);
      const slow = request.target.includes('partNumber=') || request.headers.range !== undefined;
      return slow ? { kind: 'delay', milliseconds: 60 } : undefined;
    };
    transfers = await KillableTransfers.open({
      urls: world.urls,
      multipart,
      element: world.element,
      lfn,
      paths: { put: source, get: copy },
    });
  });
  afterEach(async () => {
    transfers.close();
    await world.close();
  });

  const partsSent = (): number[] =>
    seen.flatMap(({ method, target }) => (method === 'PUT' ? [Number(/partNumber=(\d+)/.exec(target)?.[1])] : []));

  test('has its upload go on: only parts that were in flight are sent again', async () => {
    for (const doneBytes of [12 * mebibyte, 23 * mebibyte]) {
      await transfers.killAt('put', doneBytes);
    }
    expect(filesBelow(world.local)).toHaveLength(3);
    expect(await transfers.finish('put')).toBe(0);
    expect(multipart.begun).toHaveLength(1);
    const sent = partsSent();
    expect(new Set(sent).size).toBe(7);
    // Two parts at a time, killed twice.
    expect(sent.length).toBeLessThanOrEqual(7 + 4);
    expect(singleResult(await world.se.getMetadata([lfn]))).toMatchObject({ sizeBytes: bytes.length, checksum: adler32(bytes) });
    await world.se.get([{ lfn, path: copy }]).then(singleResult);
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    expect(filesBelow(world.local)).toEqual(['copy', 'source']);
  });

  test('has its download go on: only ranges that were in flight are fetched again', async () => {
    await world.se.put([{ lfn, source: { path: source } }]).then(singleResult);
    for (const doneBytes of [8 * mebibyte, 20 * mebibyte]) {
      await transfers.killAt('get', doneBytes);
    }
    expect(existsSync(copy)).toBe(false);
    expect(await transfers.finish('get')).toBe(0);
    const ranges = seen.flatMap(({ headers }) => headers.range ?? []);
    expect(new Set(ranges).size).toBe(33);
    expect(ranges.length).toBeLessThanOrEqual(33 + 4);
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    expect(filesBelow(world.local)).toEqual(['copy', 'source']);
  });
});
