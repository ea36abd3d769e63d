import { afterEach, describe, expect, test } from '@jest/globals';
import { deflateSync } from 'node:zlib';
import { createConfigurationService, type ConfigurationServiceOptions } from '../../../src/adapters/configuration-service/index.js';
import { parseCfg, resolveConfiguration, watchConfiguration, type CentralSource } from '../../../src/config/index.js';
import { decodeJson, sError, sOk, type DiracResult, type DiracValue } from '../../../src/dirac-protocol/index.js';
import { clientCertificateOf } from '../../dirac-protocol/pki.js';
import { converse, makePki, startDisetStub, startHttpsStub, type Asked } from '../../dirac-protocol/stubs.js';

const pki = makePki();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A Configuration server's tree at a version, as DIRAC serialises it. */
function central(version: string, bucket = 'data'): string {
  return `DIRAC\n{\n  Configuration\n  {\n    Version = ${version}\n  }\n}\nResources\n{\n  StorageElements\n  {\n    A\n    {\n      S3\n      {\n        Protocol = s3\n        Access = remote\n        Host = s3.example.org\n        Path = ${bucket}\n      }\n    }\n  }\n}\n`;
}

/** `export_getCompressedDataIfNewer` of both handlers: bytes over DISET, base64 over HTTPS. */
function serve(text: () => string, encode: (bytes: Buffer) => DiracValue, pack = (plain: string) => deflateSync(plain, { level: 9 })) {
  return ({ method, args }: Asked): DiracResult => {
    const version = /Version = (.*)/.exec(text())![1]!;
    if (method !== 'getCompressedDataIfNewer') return sError(0, `Unknown method ${method}`);
    const newer = (args[0] as string) < version;
    return sOk({ newestVersion: version, ...(newer && { data: encode(pack(text())) }) });
  };
}

async function start(
  scheme: 'https' | 'dips',
  answer: (asked: Asked) => DiracResult,
): Promise<{ url: string; asked: Asked[]; close: () => Promise<void> }> {
  const asked: Asked[] = [];
  const stub =
    scheme === 'https'
      ? await startHttpsStub({
          pki,
          answer: (question) => {
            asked.push(question);
            return answer(question);
          },
        })
      : await startDisetStub({ pki, serve: converse(asked, answer) });
  closing.push(() => stub.close());
  return { url: `${scheme}://localhost:${stub.port}/Configuration/Server`, asked, close: () => stub.close() };
}

const asHttps = (bytes: Buffer): DiracValue => bytes.toString('base64');
const asDiset = (bytes: Buffer): DiracValue => new Uint8Array(bytes);
const encodings = { https: asHttps, dips: asDiset };

function source(more: Partial<ConfigurationServiceOptions> = {}): CentralSource {
  const made = createConfigurationService({
    certificate: clientCertificateOf(pki.host),
    asHost: true,
    caPem: pki.caPem,
    random: () => 0,
    timeoutSeconds: 5,
    ...more,
  });
  closing.push(() => made.close());
  return made;
}

describe.each(['https', 'dips'] as const)('the central configuration over %s', (scheme) => {
  test('is fetched, and again only when it is newer', async () => {
    let text = central('2026-11-23 10:00:00.000001');
    const server = await start(
      scheme,
      serve(() => text, encodings[scheme]),
    );
    const servers = source();
    const first = await servers.fetch([server.url], undefined);
    expect(first).toMatchObject({ version: '2026-11-23 10:00:00.000001', server: server.url, warnings: [] });
    expect(first!.tree.option('/Resources/StorageElements/A/S3/Path')?.value).toBe('data');
    expect(first!.tree.option('/Resources/StorageElements/A/S3/Path')?.source).toBe(`${server.url}:19:9`);
    expect(await servers.fetch([server.url], first)).toBeUndefined();
    text = central('2026-11-23 10:00:00.000002', 'other');
    const second = await servers.fetch([server.url], first);
    expect(second!.tree.option('/Resources/StorageElements/A/S3/Path')?.value).toBe('other');
    expect(server.asked.map(({ service, args, extraCredentials }) => [service, args, extraCredentials])).toEqual([
      ['Configuration/Server', ['0'], 'hosts'],
      ['Configuration/Server', ['2026-11-23 10:00:00.000001'], 'hosts'],
      ['Configuration/Server', ['2026-11-23 10:00:00.000001'], 'hosts'],
    ]);
  });

  test.each<readonly [string, (asked: Asked) => DiracResult]>([
    ['refuses us', () => sError(1111, 'Unauthorized query')],
    ['answers with no version', () => sOk(decodeJson('{}'))],
    ['answers with no dictionary', () => sOk(['2026'])],
    ['has no data', () => sOk({ newestVersion: '2026' })],
    ['has data of a wrong kind', () => sOk({ newestVersion: '2026', data: 5 })],
    ['has data that cannot be inflated', () => sOk({ newestVersion: '2026', data: encodings[scheme](Buffer.from('no zlib')) })],
    [
      'has data that grows without measure',
      () => sOk({ newestVersion: '2026', data: encodings[scheme](deflateSync(Buffer.alloc(65 * 1024 * 1024))) }),
    ],
    ['has data that is no text', () => sOk({ newestVersion: '2026', data: encodings[scheme](deflateSync(Buffer.from([0xff, 0xfe]))) })],
    ['has text that is no configuration', serve(() => 'Version = 2026\n}', encodings[scheme])],
  ])('a server that %s is passed over', async (_, answer) => {
    const bad = await start(scheme, answer);
    const good = await start(
      scheme,
      serve(() => central('2026'), encodings[scheme]),
    );
    expect(await source().fetch([bad.url, good.url], undefined)).toMatchObject({ server: good.url });
    await expect(source().fetch([bad.url], undefined)).rejects.toMatchObject({
      code: 'service-unavailable',
      message: expect.stringContaining(bad.url),
    });
  });

  test('a server that lags behind another takes nobody back', async () => {
    const server = await start(scheme, () => sOk({ newestVersion: '2025', data: encodings[scheme](deflateSync(central('2025'))) }));
    const known = { version: '2026', server: 'x', warnings: [], tree: parseCfg('', { file: 'x' }).tree };
    expect(await source().fetch([server.url], known)).toBeUndefined();
  });

  test('the first of the servers is chance', async () => {
    const [one, two] = [
      await start(
        scheme,
        serve(() => central('1'), encodings[scheme]),
      ),
      await start(
        scheme,
        serve(() => central('2'), encodings[scheme]),
      ),
    ];
    expect(await source({ random: () => 0.9 }).fetch([one.url, two.url], undefined)).toMatchObject({ version: '2' });
    expect(await source({ random: () => 0.1 }).fetch([one.url, two.url], undefined)).toMatchObject({ version: '1' });
  });

  test('with all servers down the last good configuration goes on, and the next answer is taken', async () => {
    let text = central('2026-01-01');
    const server = await start(
      scheme,
      serve(() => text, encodings[scheme]),
    );
    const local = parseCfg(`DIRAC\n{\nConfiguration\n{\nServers = ${server.url}\n}\n}\n`, { file: 'local.cfg' });
    const watch = await watchConfiguration({
      loadLocal: async () => local,
      openCentral: async () => source({ timeoutSeconds: 1 }),
      resolve: (tree) => resolveConfiguration(tree),
      isUsable: () => false,
      clock: { now: () => new Date() },
    });
    closing.push(() => watch.close());
    const bucket = () => watch.current().configuration.storageElements.get('A')?.bucket;
    expect(bucket()).toBe('data');
    text = central('2026-01-02', 'new');
    expect(await watch.refresh()).toBe('changed');
    expect(bucket()).toBe('new');
    await server.close();
    expect(await watch.refresh()).toBe('unreachable');
    expect(bucket()).toBe('new');
    expect(watch.state()).toMatchObject({
      central: 'stale',
      version: '2026-01-02',
      lastFailure: { reason: expect.stringContaining('no Configuration server can be used') },
    });
  });
});

test('servers of both protocols stand side by side, and one that cannot be a URL is named without its text', async () => {
  const server = await start(
    'dips',
    serve(() => central('1'), asDiset),
  );
  const servers = source();
  expect(await servers.fetch(['https://localhost:1/Configuration/Server', 'https://user:secret@h/x', server.url], undefined)).toMatchObject(
    { version: '1' },
  );
  const fault: unknown = await servers.fetch(['https://user:secret@h/x'], undefined).catch((thrown: unknown) => thrown);
  expect(String(fault)).toMatch(/the URL of Configuration\/Server is not of the form/);
  expect(String(fault)).not.toMatch(/secret/);
  await expect(servers.fetch([], undefined)).rejects.toThrow(/there is none/);
});
