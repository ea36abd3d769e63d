import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, singleResult } from '../../src/domain/index.js';
import type { S3StorageElement } from '../../src/storage/index.js';
import type { FaultRequest } from '../../src/testing/development-store/index.js';
import { directMultipart } from './direct-multipart.js';
import { filesBelow, lfnOf, World } from './world.js';

const mebibyte = 1024 * 1024;
const bytes = randomBytes(17 * mebibyte + 12_345);
const lfn = lfnOf('large.bin');
const refused = 3;

let world: World;
let se: S3StorageElement;
let source: string;
beforeEach(async () => {
  world = await World.open('direct');
  se = world.storageElement({ multipart: directMultipart(world.urls), pieces: { partBytes: 5 * mebibyte, parallel: 1 } });
  source = join(world.local, 'source');
  writeFileSync(source, bytes);
});
afterEach(async () => {
  se.close();
  await world.close();
});

const put = () => se.put([{ lfn, source: { path: source } }]).then(singleResult);
const numberOf = ({ target }: FaultRequest): number => Number(/partNumber=(\d+)/.exec(target)?.[1]);

/** Parts that came to the store, in the order of their coming. */
function watchParts(fault: (part: FaultRequest) => ReturnType<World['faults']> = () => undefined): FaultRequest[] {
  const seen: FaultRequest[] = [];
  world.faults = (request) => {
    if (request.method !== 'PUT' || !request.target.includes('partNumber=')) return undefined;
    seen.push(request);
    return fault(request);
  };
  return seen;
}

/** An upload that stops at its third part, whose journal is then changed. */
async function stopped(change: (journal: string) => string): Promise<FaultRequest[]> {
  const sent = watchParts((part) => (numberOf(part) === refused ? { kind: 'answer', status: 403 } : undefined));
  await expect(put()).rejects.toMatchObject({ code: 'storage-refused' });
  const [name = ''] = filesBelow(world.local).filter((file) => file.endsWith('transfer'));
  const path = join(world.local, name);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
  return sent;
}

const withoutMd5 = (journal: string): string => journal.replaceAll(/"([0-9a-f]{8}):[0-9a-f]{32}"/g, '"$1"');
const withoutDone = (journal: string): string => journal.slice(0, journal.indexOf('\n') + 1);

async function goesOn(): Promise<readonly FaultRequest[]> {
  const sent = watchParts();
  expect(await put()).toMatchObject({ checksum: adler32(bytes) });
  world.faults = () => undefined;
  const copy = join(world.local, 'copy');
  await se.get([{ lfn, path: copy }]).then(singleResult);
  expect(readFileSync(copy).equals(bytes)).toBe(true);
  expect(sent.every(({ headers }) => headers['content-md5'] !== undefined)).toBe(true);
  return sent;
}

describe('an upload that goes on', () => {
  test.each([
    ['that knows what was sent, but no MD5', withoutMd5],
    ['that knows the MD5 of each part, but not what was sent', withoutDone],
    ['that knows neither', (journal: string) => withoutDone(withoutMd5(journal))],
  ])('with a journal %s sends only what is missing, each with its MD5', async (_, change) => {
    await stopped(change);
    expect((await goesOn()).map(numberOf)).toEqual([3, 4]);
  });

  test.each([
    ['with', withoutDone],
    ['without', (journal: string) => withoutDone(withoutMd5(journal))],
  ])('sends a part again that is another one at the store, %s the MD5 in its journal', async (_, change) => {
    const [first] = await stopped(change);
    const url = `http://127.0.0.1:${world.store.port}${first!.target}`;
    world.faults = () => undefined;
    expect((await fetch(url, { method: 'PUT', body: new Uint8Array(5 * mebibyte) })).status).toBe(200);
    expect((await goesOn()).map(numberOf)).toEqual([1, 3, 4]);
  });

  test('without an MD5 in its journal, of a file whose part is another one by now, stores nothing', async () => {
    await stopped((journal) => withoutMd5(journal).replace(/("parts":\[(?:"[^"]*",){3}")[0-9a-f]{8}/, '$100000001'));
    const sent = watchParts();
    await expect(put()).rejects.toMatchObject({ code: 'checksum-mismatch' });
    expect(sent.map(numberOf)).toEqual([3]);
    expect(singleResult(await se.exists([lfn]))).toBe(false);
    expect(filesBelow(world.local)).toEqual(['source']);
  });
});
