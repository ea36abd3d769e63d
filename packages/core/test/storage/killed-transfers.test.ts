import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, singleResult } from '../../src/domain/index.js';
import type { FaultRequest } from '../../src/testing/development-store/index.js';
import { directMultipart, type DirectMultipart } from './direct-multipart.js';
import { filesBelow, lfnOf, World } from './world.js';

const mebibyte = 1024 * 1024;
const bytes = randomBytes(33 * mebibyte);
const lfn = lfnOf('killed.bin');
const here = fileURLToPath(new URL('.', import.meta.url));

describe('a process that is killed in the middle', () => {
  let world: World;
  let multipart: DirectMultipart;
  let signer: Server;
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
    signer = createServer((request, response) => {
      void text(request).then(async (question) => {
        const { call, body } = JSON.parse(question) as { call: 'presign' | 'begin' | 'renew'; body: never };
        const { storageElement, uploads } = body as { storageElement: string; uploads: never };
        const { successful, failed } = await (call === 'presign' ? world.urls.presign(body) : multipart[call](storageElement, uploads));
        response.end(JSON.stringify({ successful: [...successful], failed: [...failed] }));
      });
    });
    await new Promise<void>((resolve) => signer.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    signer.closeAllConnections();
    signer.close();
    await world.close();
  });

  const start = (action: 'put' | 'get'): ChildProcess => {
    const url = `http://127.0.0.1:${(signer.address() as AddressInfo).port}/`;
    const path = action === 'put' ? source : copy;
    const argv = [join(here, 'transfer-child.mjs'), join(here, '../../dist'), action, url, path, lfn, JSON.stringify(world.element)];
    return spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const end = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('close', (code) => resolve(code)));
  /** Kills once so many bytes were reported. */
  const killAt = async (action: 'put' | 'get', doneBytes: number): Promise<void> => {
    const child = start(action);
    child.stdout!.on('data', (chunk: Buffer) => {
      const last = /transfer (\d+)\n$/.exec(chunk.toString())?.[1];
      if (Number(last) >= doneBytes) child.kill('SIGKILL');
    });
    expect(await end(child)).toBeNull();
  };
  const partsSent = (): number[] =>
    seen.flatMap(({ method, target }) => (method === 'PUT' ? [Number(/partNumber=(\d+)/.exec(target)?.[1])] : []));

  test('has its upload go on: only parts that were in flight are sent again', async () => {
    for (const doneBytes of [12 * mebibyte, 23 * mebibyte]) {
      await killAt('put', doneBytes);
    }
    expect(filesBelow(world.local)).toHaveLength(3);
    expect(await end(start('put'))).toBe(0);
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
      await killAt('get', doneBytes);
    }
    expect(existsSync(copy)).toBe(false);
    expect(await end(start('get'))).toBe(0);
    const ranges = seen.flatMap(({ headers }) => headers.range ?? []);
    expect(new Set(ranges).size).toBe(33);
    expect(ranges.length).toBeLessThanOrEqual(33 + 4);
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    expect(filesBelow(world.local)).toEqual(['copy', 'source']);
  });
});
