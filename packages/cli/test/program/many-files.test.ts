import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld } from '../../../../scripts/world/world.mjs';
import { WireTap } from './wire-tap.js';

const remote = '/demo/user/a/alice/many';
const files = 500;
const bytesOfFile = 10_000;
const parallel = 4;

describe(`${files} files of ${bytesOfFile} bytes through the gateway`, () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  let store: WireTap;
  let gateway: WireTap;
  const contents = new Map(Array.from({ length: files }, (_, n) => [`${n % 7}/${n}.bin`, randomBytes(bytesOfFile)]));

  beforeAll(async () => {
    world = await startWorld({
      elements: async ({ origin }) => {
        store = await WireTap.start(origin);
        return { 'TAP-S3': { origin: store.origin } };
      },
    });
    gateway = await WireTap.start(world.gateways[0]!.url);
    await world.files.setGatewayUrls([gateway.origin]);
    for (let n = 0; n < 7; n += 1) await mkdir(join(world.homes.alice.home, 'many', String(n)), { recursive: true });
    for (const [path, bytes] of contents) await writeFile(join(world.homes.alice.home, 'many', path), bytes);
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await store.close();
    await world.close();
  });

  /** Runs a command over all of the files; gives what went over the wire for it. */
  const run = async (...words: string[]) => {
    const before = { gateway: gateway.seen.length, store: store.seen.length, connections: store.connections };
    const { code, stdout, stderr } = await world.cli('alice', [...words, '--parallel', String(parallel), '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { successful } = JSON.parse(stdout) as { successful: { action: string }[] };
    const requests = (seen: string, pattern: RegExp): number => [...seen.matchAll(pattern)].length;
    return {
      done: successful.filter(({ action }) => action !== 'make-directory').length,
      signing: requests(gateway.seen.slice(before.gateway), /POST \/api\/v1\/presign HTTP/g),
      asked: requests(gateway.seen.slice(before.gateway), /(?:GET|POST) \/api\/v1\/\S+ HTTP/g),
      stored: requests(store.seen.slice(before.store), /POST \/\S+ HTTP/g),
      fetched: requests(store.seen.slice(before.store), /GET \/\S+ HTTP/g),
      connections: store.connections - before.connections,
    };
  };

  it('are uploaded with one signing request for many files, over few connections', async () => {
    const sent = await run('put', '-r', remote, 'many', 'TAP-S3');
    expect(sent).toMatchObject({ done: files, stored: files });
    expect(sent.signing).toBeLessThanOrEqual(files / 5);
    expect(sent.asked).toBeLessThanOrEqual(files / 4);
    expect(sent.connections).toBeLessThanOrEqual(4 * parallel);
  }, 120_000);

  it('are downloaded so too, and are the same', async () => {
    const got = await run('get', '-r', remote, '--output-dir', 'back');
    expect(got).toMatchObject({ done: files, fetched: files });
    expect(got.signing).toBeLessThanOrEqual(files / 20);
    expect(got.asked).toBeLessThanOrEqual(files / 10);
    expect(got.connections).toBeLessThanOrEqual(4 * parallel);
    const names = await readdir(join(world.homes.alice.home, 'back/many'), { recursive: true, withFileTypes: true });
    expect(names.filter((entry) => entry.isFile())).toHaveLength(files);
    for (const [path, bytes] of contents)
      expect((await readFile(join(world.homes.alice.home, 'back/many', path))).equals(bytes)).toBe(true);
  }, 120_000);
});
