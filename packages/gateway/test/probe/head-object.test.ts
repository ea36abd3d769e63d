import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DiracConfiguration } from '@dirac-s3/core/config';
import { startRpcWorld, type RpcWorld, type RpcWorldOptions } from '../rpc/support.js';
import { startDevelopmentStore, type RunningStore } from '../support/development-store.js';

/** What DIRAC clients do after `head_object`: GET (`exists` of 9.0) and HEAD, with a real store and real signatures behind the link. */
const publicUrl = 'http://probe.example.org/links';
const [oldKey, newKey] = ['oldoldold-3nQwErTyUiOpAsDfGhJkLz', 'newnewnew-7zXcVbNmQwErTyUiOpAsDf'];
const probeSection = (keys = oldKey, more = ''): string => `
        Probe
        {
          PublicUrl = ${publicUrl}/
          Host = 127.0.0.1
          Port = 0
          SecretKeys = ${keys}
          ${more}
        }`;

let folder: string;
let store: RunningStore;
const worlds: RpcWorld[] = [];
let time = new Date();

async function start(options: RpcWorldOptions = {}): Promise<RpcWorld> {
  const world = await startRpcWorld({ settings: probeSection(), store, now: () => time, ...options });
  worlds.push(world);
  return world;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'probe-test-'));
  store = await startDevelopmentStore(folder, 'bucket1', 'base-bucket', 'second-bucket', 'banned');
  const world = await start();
  const url = placed(`${home}/here`);
  const answer = await world.presign(
    'S3-INDIRECT',
    'put_object',
    { [url]: { 'x-amz-meta-checksum': '062c0215', 'x-amz-meta-run': '42' } },
    3600,
  );
  const { url: target, fields } = answer.Value.Successful[url] as { url: string; fields: Record<string, string> };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob(['hello']), 'here');
  expect((await fetch(target, { method: 'POST', body: form })).status).toBe(204);
});
afterEach(async () => {
  time = new Date();
  for (const world of worlds.splice(0)) await world.close();
});
afterAll(async () => {
  await store.stop();
  await rm(folder, { recursive: true });
});

const home = 's3://127.0.0.1:PORT/bucket1/dirac/user/c/ciuser';
const placed = (url: string): string => url.replace('PORT', store.port);

/** The link as a client gets it. */
async function linkOf(world: RpcWorld, url: string, expiration = 3600): Promise<string> {
  const { Value } = await world.presign('S3-INDIRECT', 'head_object', { [placed(url)]: false }, expiration);
  return Value.Successful[placed(url)] as string;
}

/** Asks a gateway's listener for a link, as the proxy in front of it would. */
const ask = (world: RpcWorld, link: string, method = 'HEAD'): Promise<Response> =>
  fetch(link.replace('http://probe.example.org', world.probe!.url), { method, redirect: 'manual' });

describe('head_object', () => {
  it('is answered with a link below the public URL, which works for GET and for HEAD', async () => {
    const world = await start();
    const link = await linkOf(world, `${home}/here`);
    expect(link).toMatch(/^http:\/\/probe\.example\.org\/links\/probe1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
    const got = await ask(world, link, 'GET');
    expect([got.status, await got.text()]).toEqual([200, '']);
    const { status, headers } = await ask(world, link);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-length': '5',
      'x-amz-meta-checksum': '062c0215',
      'x-amz-meta-run': '42',
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      'last-modified': expect.stringContaining('GMT'),
    });
  });

  it('tells by 404 that there is no such object', async () => {
    const world = await start();
    const link = await linkOf(world, `${home}/absent`);
    for (const method of ['GET', 'HEAD']) expect((await ask(world, link, method)).status).toBe(404);
  });

  it('gives no link for what the catalog forbids', async () => {
    const world = await start();
    const url = placed('s3://127.0.0.1:PORT/bucket1/dirac/user/o/other/secret');
    expect((await world.presign('S3-INDIRECT', 'head_object', [url], 60)).Value).toEqual({
      Successful: {},
      Failed: { [url]: 'Permission denied' },
    });
  });

  it('alone is answered with links: other methods get URLs of the store', async () => {
    const world = await start();
    const url = placed(`${home}/here`);
    for (const method of ['get_object', 'delete_object']) {
      expect((await world.presign('S3-INDIRECT', method, [url], 60)).Value.Successful[url]).toContain(`http://127.0.0.1:${store.port}/`);
    }
  });

  it('as-dirac is answered with a URL of the store, signed for HEAD alone, and nothing listens', async () => {
    const world = await start({ settings: 'Probe\n{\nHeadObject = as-dirac\n}' });
    const link = await linkOf(world, `${home}/here`);
    expect(world.probe).toBeUndefined();
    expect((await fetch(link, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(link)).status).toBe(403);
    expect(world.log()).not.toContain('no probe listener is configured');
  });

  it('without a word in the configuration is answered as in DIRAC, and the log says at the start what that means', async () => {
    const world = await start({ settings: '' });
    expect(await linkOf(world, `${home}/here`)).toContain('X-Amz-Signature=');
    expect(world.log()).toContain('no probe listener is configured, so that exists and isFile of DIRAC 9.0 clients will fail');
  });
});

describe('a link', () => {
  it('lives as long as configured, or as long as the client asked for when that is less', async () => {
    const world = await start({ settings: probeSection(oldKey, 'Lifetime = 100') });
    const [long, short] = [await linkOf(world, `${home}/here`), await linkOf(world, `${home}/here`, 10)];
    const [began] = [time];
    const after = (seconds: number) => (time = new Date(began.getTime() + seconds * 1000));
    after(9);
    expect([(await ask(world, long)).status, (await ask(world, short)).status]).toEqual([200, 200]);
    after(11);
    expect([(await ask(world, long)).status, (await ask(world, short)).status]).toEqual([200, 403]);
    after(101);
    expect((await ask(world, long)).status).toBe(403);
  });

  it('is answered by any gateway with the key, and by no other', async () => {
    const [first, second, stranger] = [await start(), await start(), await start({ settings: probeSection(newKey) })];
    const link = await linkOf(first, `${home}/here`);
    expect((await ask(second, link)).headers.get('content-length')).toBe('5');
    expect((await ask(stranger, link)).status).toBe(403);
  });

  it('survives a change of keys, gateway by gateway', async () => {
    const [old, both] = [await start(), await start({ settings: probeSection(`${newKey}, ${oldKey}`) })];
    const renewed = await start({ settings: probeSection(`${oldKey}, ${newKey}`) });
    expect((await ask(both, await linkOf(old, `${home}/here`))).status).toBe(200);
    expect((await ask(renewed, await linkOf(both, `${home}/here`))).status).toBe(200);
    expect((await ask(old, await linkOf(both, `${home}/here`))).status).toBe(403);
  });

  it('says nothing of another StorageElement or name: it is one text under one signature', async () => {
    const world = await start();
    const parts = async (url: string) => (await linkOf(world, url)).split('.');
    const [here, absent] = [await parts(`${home}/here`), await parts(`${home}/absent`)];
    const mixed = [...here.slice(0, -2), absent.at(-2), here.at(-1)].join('.');
    expect((await ask(world, mixed)).status).toBe(403);
  });

  it.each<[string, (configuration: DiracConfiguration) => DiracConfiguration, number]>([
    [
      'gone',
      (same) => ({
        ...same,
        storageElements: new Map([...same.storageElements].filter(([name]) => !/^S3-(?:INDIRECT|ALIAS)$/.test(name))),
      }),
      403,
    ],
    [
      'another bucket',
      (same) => ({
        ...same,
        storageElements: new Map([...same.storageElements].map(([name, element]) => [name, { ...element, bucket: 'second-bucket' }])),
      }),
      403,
    ],
    [
      'closed',
      (same) => ({
        ...same,
        storageElements: new Map(
          [...same.storageElements].map(([name, element]) => [
            name,
            { ...element, status: { ...element.status, Read: 'Banned', Check: 'Banned' } },
          ]),
        ),
      }),
      403,
    ],
  ])('is refused, not answered "absent", where its StorageElement is %s by now', async (_title, edit, status) => {
    const [first, changed] = [await start(), await start({ edit })];
    const link = await linkOf(first, `${home}/here`);
    for (const method of ['GET', 'HEAD']) expect((await ask(changed, link, method)).status).toBe(status);
  });

  it.each(['GET', 'HEAD'])('is a failure for %s when the store does not accept our keys', async (method) => {
    const world = await start({ store: { ...store, secretAccessKey: 'anotherSecret' } });
    expect((await ask(world, await linkOf(world, `${home}/here`), method)).status).toBe(502);
  });

  it.each(['GET', 'HEAD'])('is a failure for %s when the store cannot be reached', async (method) => {
    const world = await start({ store: { ...store, port: '1' } });
    const { Value } = await world.presign('S3-INDIRECT', 'head_object', ['s3://127.0.0.1:1/bucket1/dirac/user/c/ciuser/here'], 60);
    const [link] = Object.values(Value.Successful) as [string];
    expect((await ask(world, link, method)).status).toBe(502);
  });

  it('asks the store at its internal endpoint, whatever address users are given', async () => {
    const edit = (same: DiracConfiguration): DiracConfiguration => ({
      ...same,
      storageElements: new Map(
        [...same.storageElements].map(([name, element]) => [
          name,
          { ...element, publicEndpoint: { secure: true, host: 's3.public.invalid', port: undefined } },
        ]),
      ),
    });
    const world = await start({ edit });
    const url = placed(`${home}/here`);
    expect((await world.presign('S3-INDIRECT', 'get_object', [url], 60)).Value.Successful[url]).toContain('https://s3.public.invalid/');
    expect((await ask(world, await linkOf(world, `${home}/here`))).headers.get('content-length')).toBe('5');
  });

  it('stands in no log, of whatever level', async () => {
    const world = await start();
    const link = await linkOf(world, `${home}/here`);
    await ask(world, link);
    await ask(world, `${link}x`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(world.log()).toContain('"msg":"probe"');
    expect(world.log()).not.toContain('probe1.');
    expect(world.log()).not.toContain(oldKey);
  });
});

describe('another configuration', () => {
  it('counts for links at once: keys, and whether there are any', async () => {
    const world = await start();
    const { configuration, gateway } = world;
    const link = await linkOf(world, `${home}/here`);
    await gateway.reconfigure({ ...configuration, gateway: { ...configuration.gateway, probe: 'as-dirac' } });
    expect(await linkOf(world, `${home}/here`)).toContain('X-Amz-Signature');
    expect((await ask(world, link)).status).toBe(403);
    await gateway.reconfigure(configuration);
    expect((await ask(world, link)).status).toBe(200);
  });

  it('opens no listener: a gateway that started without one hands out no links, and says that it takes a restart', async () => {
    const world = await start({ settings: '' });
    const donor = await start();
    const { probe } = donor.configuration.gateway;
    await world.gateway.reconfigure({ ...world.configuration, gateway: { ...world.configuration.gateway, probe } });
    expect(await linkOf(world, `${home}/here`)).toContain('X-Amz-Signature');
    expect(world.log()).toContain('they count after a restart');
  });
});
