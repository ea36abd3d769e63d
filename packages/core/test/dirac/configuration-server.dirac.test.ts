import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hostDn, userDn } from '../../../../scripts/dirac/configuration.mjs';
import { given, isAlive, placeFor } from '../../../../scripts/dirac/facts.mjs';
import { startSite } from '../../../../scripts/dirac/site.mjs';
import { parseCfg, resolveConfiguration, type CfgSection } from '../../src/config/index.js';
import { createDiracService, isDiracObject, type DiracService, type DiracValue } from '../../src/dirac-protocol/index.js';
import { parseProxyFile } from '../../src/x509/index.js';

/** Our client of DISET against the real Configuration server, as a user with a proxy and as a host. */
describe.each(['9.0.27', '9.1.22', '8.0.86'])('the Configuration server of DIRAC %s', (version) => {
  let site: Awaited<ReturnType<typeof startSite>>;
  const open: DiracService[] = [];

  beforeAll(async () => {
    site = await startSite({ ...(await placeFor(version)), gatewayUrls: ['https://localhost:8443'] });
    process.stdout.write(`DIRAC ${version}: Configuration/Server ${site.configurationUrl} pid ${site.pids()['Configuration/Server']}\n`);
  }, 60_000);
  afterAll(async () => {
    open.splice(0).forEach((service) => service.close());
    const pids = Object.values(site.pids());
    await site.close();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(site.directory)).toBe(false);
  }, 60_000);

  const read = (name: string): string => readFileSync(join(given().pki, name), 'utf8');
  const serviceWith = (pem: string, more: { asHost?: boolean; urls?: string[] } = {}): DiracService => {
    const { certificatesPem, keyPem } = parseProxyFile(pem);
    const { urls = [site.configurationUrl], asHost } = more;
    const certificate = { certChainPem: certificatesPem, keyPem };
    const caPem = [read('ca-bundle.pem')];
    const service = createDiracService({ service: 'Configuration/Server', urls, certificate, caPem, asHost, vo: 'demo', random: () => 0 });
    open.push(service);
    return service;
  };
  const asAlice = (urls?: string[]): DiracService => serviceWith(read('alice.proxy'), urls === undefined ? {} : { urls });
  const asHost = (): DiracService => serviceWith(read('host.crt') + read('host.key'), { asHost: true });
  const dataOf = (value: DiracValue): CfgSection => {
    expect(value).toBeInstanceOf(Uint8Array);
    const { tree, errors } = parseCfg(inflateSync(value as Uint8Array).toString('utf8'), { file: 'the server' });
    expect(errors).toEqual([]);
    return tree;
  };
  /** Answer to "is there something newer?"; `data` is undefined where there is not. */
  const newerThan = async (service: DiracService, old: string): Promise<{ version: string; data: Uint8Array | undefined }> => {
    const answer = await service.call('getCompressedDataIfNewer', [old], { repeatable: true });
    const { newestVersion, data } = isDiracObject(answer) ? answer : {};
    if (typeof newestVersion !== 'string' || !(data === undefined || data instanceof Uint8Array)) throw new Error('a strange answer');
    return { version: newestVersion, data };
  };
  const everything = async (): Promise<{ version: string; data: Uint8Array }> => {
    const { version: newest, data } = await newerThan(asAlice(), '0');
    if (data === undefined) throw new Error('the server sent nothing');
    return { version: newest, data };
  };

  it.each([
    ['a proxy', asAlice, userDn('alice'), 'demo_user'],
    ['a host certificate', asHost, hostDn, 'hosts'],
  ])('knows us by %s', async (_how, service, dn, group) => {
    expect(await service().call('whoami', [])).toMatchObject({ DN: dn, group });
  });

  it.each([
    ['a proxy', () => asAlice()],
    ['a host certificate', asHost],
  ])('hands its configuration to %s', async (_how, service) => {
    const tree = dataOf(await service().call('getCompressedData', []));
    const { config, errors } = resolveConfiguration(tree, { role: 'client' });
    expect(errors).toEqual([]);
    expect([...config.storageElements.keys()]).toEqual(expect.arrayContaining(['PLAIN-S3', 'DERIVED-S3', 'DEFAULT-PORT-S3']));
    expect(config.registry.groups.get('demo_user')?.users).toEqual(['alice', 'dave', 'bob']);
  });

  it('sends nothing when it has nothing newer', async () => {
    const { version: newest } = await everything();
    expect(await newerThan(asAlice(), newest)).toEqual({ version: newest, data: undefined });
  });

  it('sends what an administrator changed', async () => {
    const before = await everything();
    const text = inflateSync(before.data).toString('utf8');
    await asHost().call('commitNewData', [deflateSync(`${text}\nNewcomer\n{\n  Option = 42\n}\n`)]);
    const after = await newerThan(asAlice(), before.version);
    expect(after.version > before.version).toBe(true);
    expect(dataOf(after.data ?? null).option('Newcomer/Option')?.value).toBe('42');
  });

  it('lets users change nothing', async () => {
    const { data } = await everything();
    await expect(asAlice().call('commitNewData', [data])).rejects.toMatchObject({ errno: 1111 });
  });

  it('answers nobody the Registry does not know', async () => {
    await expect(serviceWith(read('mallory.proxy')).call('getCompressedData', [])).rejects.toMatchObject({ errno: 1111 });
  });

  it('says that it knows no such method', async () => {
    await expect(asAlice().call('noSuchMethod', [])).rejects.toThrow(/Unknown method noSuchMethod/);
  });

  it('is asked in the place of one that is down', async () => {
    const dead = 'dips://localhost:1/Configuration/Server';
    expect((await newerThan(asAlice([dead, site.configurationUrl]), '0')).data).toBeDefined();
  });

  it('is missed when it is killed, and found again', async () => {
    const service = asAlice();
    const { version: newest } = await newerThan(service, '0');
    await site.killConfiguration();
    await expect(newerThan(service, '0')).rejects.toMatchObject({ code: 'service-unavailable' });
    await site.restartConfiguration();
    expect((await newerThan(service, newest)).version).toBe(newest);
  });
});
