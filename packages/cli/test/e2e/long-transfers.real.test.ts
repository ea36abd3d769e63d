import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseLfn, Secret, type Lfn, type PresignedUrl } from '@dirac-s3/core';
import { createGatewayClient, type GatewayClient } from '@dirac-s3/core/adapters/gateway';
import { seedSqliteFileCatalog } from '@dirac-s3/core/adapters/catalog/sqlite';
import { createDataManager, type DataManager } from '@dirac-s3/core/data-management';
import type { UrlSource } from '@dirac-s3/core/ports';
import { createS3StorageElement, type S3StorageElement, type TransferOptions } from '@dirac-s3/core/storage';
import { storageElementOf } from '@dirac-s3/core/testing';
import { stopProgram } from '../../../../scripts/world/processes.mjs';
import { startGateway, startWorld } from '../../../../scripts/world/world.mjs';
import { realStore } from './real-store.js';

const mebibyte = 1024 * 1024;
const name = 'WRITER-S3';
const home = '/demo/user/a/alice';
const lifeSeconds = 5;
const bytes = randomBytes(30 * mebibyte);
/** 15 seconds: three lives of a URL, three of a session. */
const slowly = { limitRateBytesPerSecond: 2 * mebibyte };

/** URLs and sessions that live for seconds, given by a real gateway for Ceph; transfers that take longer. */
describe('transfers through a gateway that outlive their URLs', () => {
  const asked: { method: string; lifeSeconds: number }[] = [];
  const cleanUp: (() => unknown)[] = [];
  let world: Awaited<ReturnType<typeof startWorld>>;
  let client: GatewayClient;
  let element: S3StorageElement;
  let manager: DataManager;
  let folder: string;
  let renewals = 0;

  beforeAll(async () => {
    world = await startWorld({
      store: realStore(),
      elements: ({ origin }) => Promise.resolve({ [name]: { origin, writeOnlyKey: true } }),
    });
    cleanUp.push(() => world.close());
    const short = join(world.directory, 'short-lives.cfg');
    await writeFile(short, shortLives);
    const gateway = await startGateway(['--cfg', world.files.gateway, '--cfg', short], world.directory);
    cleanUp.push(() => stopProgram(gateway.child));
    folder = join(world.homes.alice.home, 'long');
    await mkdir(folder);
    await writeFile(join(folder, 'source'), bytes);
    const token = new Secret(await readFile(world.homes.alice.tokenFile, 'utf8'));
    client = createGatewayClient({ urls: [`${gateway.url}/DataManagement/S3Gateway`], credential: { token: () => token } });
    cleanUp.push(() => client.close());
    element = openElement();
    cleanUp.push(() => element.close());
    manager = createDataManager({ catalog: client.catalog, storageElement: () => element });
  }, 60_000);

  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
  }, 60_000);

  const openElement = (): S3StorageElement => {
    const { origin, bucket, region } = world.store;
    const { hostname: host, port } = new URL(origin);
    const urls: UrlSource = {
      presign: async (request) => {
        const answer = await client.urls.presign(request);
        for (const { expiresAt } of answer.successful.values() as Iterable<PresignedUrl>)
          asked.push({ method: request.method, lifeSeconds: (expiresAt.getTime() - Date.now()) / 1000 });
        return answer;
      },
    };
    const { uploads } = client;
    return createS3StorageElement({
      element: storageElementOf(name, {
        endpoint: { secure: false, host, port: Number(port) },
        access: 'via-gateway',
        bucket,
        region,
      }),
      urls,
      multipart: {
        ...uploads,
        renew: (...question) => {
          renewals += 1;
          return uploads.renew(...question);
        },
      },
      pieces: { partBytes: 5 * mebibyte, rangeBytes: mebibyte, parallel: 2 },
    });
  };
  const put = (lfn: Lfn, options = {}) =>
    manager.putAndRegister([{ lfn, source: { path: join(folder, 'source') }, storageElement: name, guid: 'new' }], options);
  const get = (lfn: Lfn, copy: string, options = {}) => manager.get([{ lfn, path: join(folder, copy) }], options);
  /** Makes directories of alice's, or gives them other modes, as the keeper of the catalog may. */
  const setModes = (modes: Readonly<Record<string, number>>): Promise<void> =>
    seedSqliteFileCatalog(
      world.files.catalog,
      Object.entries(modes).map(([directory, mode]) => ({ path: `${home}/${directory}`, owner: 'alice', group: 'demo_user', mode })),
    );
  const newLfn = async (directory: string): Promise<Lfn> => {
    await setModes({ [directory]: 0o700 });
    return parseLfn(`${home}/${directory}/${randomBytes(6).toString('hex')}`);
  };
  const methodsAsked = (method: string): number => asked.filter((one) => one.method === method).length;

  it('arrive, both directions', async () => {
    const [up, down] = [await newLfn('long'), await newLfn('long')];
    expect((await put(down)).failed).toEqual(new Map());
    [asked.length, renewals] = [0, 0];
    const began = Date.now();
    const [sent, fetched] = await Promise.all([put(up, slowly), get(down, 'down', slowly)]);
    expect(Date.now() - began).toBeGreaterThan(2.5 * lifeSeconds * 1000);
    expect([sent.failed, fetched.failed]).toEqual([new Map(), new Map()]);
    expect((await readFile(join(folder, 'down'))).equals(bytes)).toBe(true);
    expect((await get(up, 'up')).failed).toEqual(new Map());
    expect((await readFile(join(folder, 'up'))).equals(bytes)).toBe(true);
    expect(asked.filter((one) => one.lifeSeconds > lifeSeconds)).toEqual([]);
    expect(methodsAsked('upload_part')).toBe(6);
    expect(methodsAsked('get_object')).toBeGreaterThanOrEqual(4);
    expect(renewals).toBeGreaterThanOrEqual(2);
  }, 60_000);

  it('end at the next renewal when the permission is withdrawn, both directions, and go on when it is given back', async () => {
    const [up, down] = [await newLfn('withdrawn'), await newLfn('unreadable')];
    expect((await put(down)).failed).toEqual(new Map());
    const began = Date.now();
    const [upload, download] = [watched(), watched()];
    const running = Promise.all([put(up, upload.options), get(down, 'withdrawn', download.options)]);
    await Promise.all([upload.isMoving, download.isMoving]);
    await setModes({ withdrawn: 0o500, unreadable: 0o300 });
    const [sent, fetched] = await running;
    expect(Date.now() - began).toBeLessThan(2.5 * lifeSeconds * 1000);
    for (const [lfn, { successful, failed }] of [[up, sent] as const, [down, fetched] as const]) {
      expect(successful.size).toBe(0);
      expect(failed.get(lfn)).toMatchObject({ code: 'permission-denied' });
    }
    expect(await readdir(folder)).not.toContain('withdrawn');

    await setModes({ withdrawn: 0o700, unreadable: 0o700 });
    // Nothing was registered, and no object made.
    expect((await client.catalog.exists([up])).successful.get(up)).toBe(false);
    expect((await element.exists([up])).successful.get(up)).toBe(false);
    asked.length = 0;
    expect((await put(up)).failed).toEqual(new Map());
    expect(methodsAsked('upload_part')).toBeLessThan(6);
    expect((await get(down, 'withdrawn')).failed).toEqual(new Map());
    expect((await readFile(join(folder, 'withdrawn'))).equals(bytes)).toBe(true);
  }, 60_000);
});

/** A slow transfer of which is told when its first part or ranges are under way. */
function watched(): { readonly options: TransferOptions; readonly isMoving: Promise<void> } {
  let moving = (): void => undefined;
  const isMoving = new Promise<void>((resolve) => (moving = resolve));
  const onProgress: TransferOptions['onProgress'] = ({ phase, doneBytes }) => {
    if (phase === 'transfer' && doneBytes > 4 * mebibyte) moving();
  };
  return { options: { ...slowly, onProgress }, isMoving };
}

const shortLives = `Systems
{
  DataManagement
  {
    Services
    {
      S3Gateway
      {
        UploadSessions
        {
          Lifetime = ${lifeSeconds}
        }
      }
    }
  }
}
Resources
{
  StorageElements
  {
    ${name}
    {
      S3
      {
        TransferExpiration = ${lifeSeconds}
      }
    }
  }
}
`;
