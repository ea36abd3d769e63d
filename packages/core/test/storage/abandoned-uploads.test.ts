import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseLfn, Secret, singleResult, type Lfn } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import {
  abortTransfer,
  cleanTransfers,
  createAbortTools,
  listTransfers,
  type AbortTools,
  type S3StorageElement,
} from '../../src/storage/index.js';
import { identityOf } from '../../src/testing/index.js';
import { gatewaySessions, type GatewaySessions } from './gateway-sessions.js';
import { alice, countedWaits, filesBelow, home, lfnOf, World } from './world.js';

const mebibyte = 1024 * 1024;
const bytes = randomBytes(12 * mebibyte);
const bob = identityOf('bob');
const bobHome = '/vo/user/b/bob';
const inAnHour = new Date(Date.now() + 3_600_000);

let world: World;
let gateway: GatewaySessions;
let se: S3StorageElement;
let tools: AbortTools[];
beforeEach(async () => {
  world = await World.open('via-gateway');
  await world.catalog.administration.createDirectories([{ path: bobHome, owner: 'bob', group: 'users', mode: 0o755 }]);
  gateway = gatewaySessions(world);
  se = world.storageElement({ ...gateway.of(alice), ...parts() });
  tools = [];
});
afterEach(async () => {
  for (const { http } of tools) http.close();
  se.close();
  gateway.close();
  await world.close();
});

const parts = () => ({ pieces: { partBytes: 5 * mebibyte, parallel: 1 }, stateDirectory: join(world.folder, 'state') });
const openUploads = (): string[] => readdirSync(join(world.folder, 'store', 'uploads')).filter((name) => !name.startsWith('.'));
const put = (name: string, options: Parameters<typeof se.put>[1] = {}, element = se) =>
  element.put([{ lfn: lfnOf(name), source: { path: join(world.local, name) } }], options).then(singleResult);
/** An upload that stopped after its first part. */
const stop = async (name: string, element = se, lfn = lfnOf(name)): Promise<void> => {
  writeFileSync(join(world.local, name), bytes);
  const controller = new AbortController();
  const onProgress = ({ phase, doneBytes }: { phase: string; doneBytes: number }): void => {
    if (phase === 'transfer' && doneBytes > 7 * mebibyte) controller.abort();
  };
  const outcome = element
    .put([{ lfn, source: { path: join(world.local, name) } }], { signal: controller.signal, onProgress })
    .then(singleResult);
  await expect(outcome).rejects.toMatchObject({ code: 'cancelled' });
};
const places = () => ({ directories: [world.local], stateDirectory: parts().stateDirectory });
const options = (identity = alice): { readonly toolsOf: () => AbortTools; readonly stateDirectory: string } => ({
  stateDirectory: parts().stateDirectory,
  toolsOf: () => {
    const opened = createAbortTools({ element: world.element, retry: countedWaits().retry, ...gateway.of(identity) });
    tools.push(opened);
    return opened;
  },
});
const abortOnly = async (): Promise<void> => {
  const [transfer, ...more] = await listTransfers(places());
  expect(more).toEqual([]);
  await abortTransfer(transfer!, options());
};
const nothingLeft = async (): Promise<void> => {
  expect(openUploads()).toEqual([]);
  expect(await listTransfers(places())).toEqual([]);
  expect(filesBelow(world.local).filter((name) => name.startsWith('.'))).toEqual([]);
};
const restartWithOtherKeys = (): void => void (gateway.keys = [new Secret('0123456789abcdefghijklmnopqrstuv')]);

describe('giving up an upload that stopped', () => {
  test('aborts it at the store and removes its journal', async () => {
    await stop('a.bin');
    expect(openUploads()).toHaveLength(1);
    await abortOnly();
    await nothingLeft();
  });

  test('is possible when the permission was withdrawn, while going on with it is not', async () => {
    await stop('a.bin');
    gateway.permits = () => false;
    await expect(put('a.bin')).rejects.toMatchObject({ code: 'permission-denied', message: expect.stringContaining('withdrawn') });
    expect(openUploads()).toHaveLength(1);
    await abortOnly();
    await nothingLeft();
  });

  test.each<[string, () => void]>([
    ['it was begun too long ago', () => void (gateway.limitSeconds = 0)],
    ['the gateway has other keys by now', restartWithOtherKeys],
  ])('looks for it at the store when %s', async (_, end) => {
    await stop('a.bin');
    end();
    await abortOnly();
    await nothingLeft();
  });

  test('ends well when the upload is gone already', async () => {
    await stop('a.bin');
    rmSync(join(world.folder, 'store', 'uploads', openUploads()[0]!), { recursive: true });
    restartWithOtherKeys();
    await abortOnly();
    await nothingLeft();
  });

  test('keeps the journal when the gateway cannot be asked, or the StorageElement has no uploads in parts', async () => {
    await stop('a.bin');
    const [transfer] = await listTransfers(places());
    const down = { presign: () => Promise.reject(new DiracS3Error('gateway-unavailable', 'down')) };
    const { toolsOf } = options();
    await expect(abortTransfer(transfer!, { toolsOf: () => ({ ...toolsOf(), urls: down }) })).rejects.toMatchObject({
      code: 'gateway-unavailable',
    });
    await expect(abortTransfer(transfer!, { toolsOf: () => ({ ...toolsOf(), multipart: undefined }) })).rejects.toMatchObject({
      code: 'unsupported-operation',
      message: 'SE is reached without uploads in parts, so none can be aborted',
    });
    expect(await listTransfers(places())).toHaveLength(1);
    expect(openUploads()).toHaveLength(1);
  });
});

describe('an upload that cannot be gone on with', () => {
  test('is begun anew, and what was sent of it is cleared away', async () => {
    await stop('a.bin');
    const [old] = openUploads();
    restartWithOtherKeys();
    expect(await put('a.bin')).toMatchObject({ sizeBytes: bytes.length });
    expect(world.seen.filter((line) => line === `DELETE /bucket${lfnOf('a.bin')}`)).toHaveLength(1);
    expect(old).toBeDefined();
    await nothingLeft();
  });

  test('is stored, when its end was reached by a process that never heard of it', async () => {
    writeFileSync(join(world.local, 'a.bin'), bytes);
    let ended = false;
    world.faults = ({ method, target }) => {
      if (method === 'POST' && target.includes('uploadId=')) ended = true;
      return method === 'HEAD' && ended ? { kind: 'answer', status: 503, code: 'SlowDown' } : undefined;
    };
    await expect(put('a.bin')).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect([ended, (await listTransfers(places())).length]).toEqual([true, 1]);
    world.faults = () => undefined;
    restartWithOtherKeys();
    world.seen.length = 0;
    expect(await put('a.bin')).toMatchObject({ sizeBytes: bytes.length });
    expect(world.seen.filter((line) => line.startsWith('PUT') || line.startsWith('POST'))).toEqual([]);
    await nothingLeft();
  });
});

describe('cleaning', () => {
  const orphansIn = (...lfns: string[]) => [{ storageElement: 'SE', lfns: lfns.map((lfn) => parseLfn(lfn)), begunBefore: inAnHour }];
  /** As when the disk with the journal is gone. */
  const forget = (name: string): void => {
    for (const file of filesBelow(world.local)) if (file.startsWith(`.${name}.`)) rmSync(join(world.local, file));
  };
  const orphan = async (name: string, element = se, lfn = lfnOf(name)): Promise<void> => {
    await stop(name, element, lfn);
    forget(name);
  };

  test('aborts what has a journal, and the orphans of the places named', async () => {
    await stop('journal.bin');
    await orphan('orphan-1.bin');
    await orphan('orphan-2.bin');
    expect(openUploads()).toHaveLength(3);
    const { aborted, failed, orphans } = await cleanTransfers(places(), { ...options(), orphans: orphansIn(home) });
    expect(aborted.map(({ lfn }) => lfn)).toEqual([lfnOf('journal.bin')]);
    expect([failed.size, orphans.length]).toEqual([0, 1]);
    expect(orphans[0]!.aborted.map(({ storageElement, lfn }) => [storageElement, lfn])).toEqual([
      ['SE', lfnOf('orphan-1.bin')],
      ['SE', lfnOf('orphan-2.bin')],
    ]);
    expect([orphans[0]!.failed.size, orphans[0]!.notLooked.size]).toEqual([0, 0]);
    await nothingLeft();
  });

  test('leaves orphans alone unless told where to look', async () => {
    await orphan('orphan.bin');
    expect(await cleanTransfers(places(), options())).toMatchObject({ aborted: [], orphans: [] });
    expect(openUploads()).toHaveLength(1);
  });

  test('leaves alone what is younger, and what can be gone on with', async () => {
    await stop('kept.bin');
    const before = new Date((await listTransfers(places()))[0]!.beganAt.getTime() - 60_000);
    await orphan('young.bin');
    const young = { ...orphansIn(home)[0]!, begunBefore: before };
    const first = await cleanTransfers(places(), { ...options(), before, orphans: [young, ...orphansIn(`${home}/none`)] });
    expect(first).toMatchObject({ aborted: [], orphans: [{ aborted: [] }, { aborted: [] }] });
    expect(openUploads()).toHaveLength(2);
    // Old enough now, but one has a journal.
    const second = await cleanTransfers(places(), { ...options(), before, orphans: orphansIn(home) });
    expect(second.orphans[0]!.aborted.map(({ lfn }) => lfn)).toEqual([lfnOf('young.bin')]);
    expect(await put('kept.bin')).toMatchObject({ sizeBytes: bytes.length });
    await nothingLeft();
  });

  test("does not see other people's uploads, and they do not see his", async () => {
    const his = world.storageElement({ ...gateway.of(bob), ...parts() });
    await orphan('his.bin', his, parseLfn(`${bobHome}/his.bin`));
    await orphan('mine.bin');
    const everywhere = orphansIn('/vo');
    expect((await cleanTransfers(places(), { ...options(alice), orphans: everywhere })).orphans[0]!.aborted).toMatchObject([
      { lfn: lfnOf('mine.bin') },
    ]);
    expect(openUploads()).toHaveLength(1);
    expect((await cleanTransfers(places(), { ...options(bob), orphans: everywhere })).orphans[0]!.aborted).toMatchObject([
      { lfn: `${bobHome}/his.bin` as Lfn },
    ]);
    his.close();
    await nothingLeft();
  });

  test('says what could not be aborted or looked for, and does the rest', async () => {
    await orphan('bad.bin');
    await orphan('good.bin');
    world.faults = ({ method, target }) =>
      method === 'DELETE' && target.includes('bad.bin') ? { kind: 'answer', status: 403, code: 'AccessDenied' } : undefined;
    const { orphans } = await cleanTransfers(places(), { ...options(), orphans: orphansIn(home) });
    expect(orphans[0]!.aborted.map(({ lfn }) => lfn)).toEqual([lfnOf('good.bin')]);
    expect([...orphans[0]!.failed].map(([{ lfn }, { code }]) => [lfn, code])).toEqual([[lfnOf('bad.bin'), 'storage-refused']]);
    await world.store.close();
    const none = await cleanTransfers(places(), { ...options(), orphans: orphansIn(home) });
    expect([...none.orphans[0]!.notLooked].map(([lfn, { code }]) => [lfn, code])).toEqual([[home, 'storage-unavailable']]);
  });

  test('does nothing at all where an orphan place is none', async () => {
    await stop('journal.bin');
    const toolsOf = () => ({ ...options().toolsOf(), multipart: undefined });
    const asked = cleanTransfers(places(), { ...options(), toolsOf, orphans: orphansIn(home) });
    await expect(asked).rejects.toMatchObject({ code: 'unsupported-operation' });
    expect(await listTransfers(places())).toHaveLength(1);
  });
});
