import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { given, isAlive, placeFor } from '../../../../scripts/dirac/facts.mjs';
import { startSite } from '../../../../scripts/dirac/site.mjs';
import { openConfigurationService } from '../../src/adapters/configuration-service/index.js';
import { loadConfiguration, resolveConfiguration, watchConfiguration, type ConfigurationWatch } from '../../src/config/index.js';

const clock = { now: () => new Date() };

/** The central configuration as gateway and command line follow it, from the real server. */
describe.each(['9.0.27', '9.1.22', '8.0.86'])('a configuration followed from the Configuration server of DIRAC %s', (version) => {
  let site: Awaited<ReturnType<typeof startSite>>;
  let watch: ConfigurationWatch;

  beforeAll(async () => {
    site = await startSite({ ...(await placeFor(version)), gatewayUrls: ['https://localhost:8443'] });
    process.stdout.write(`DIRAC ${version}: Configuration/Server ${site.configurationUrl} pid ${site.pids()['Configuration/Server']}\n`);
    watch = await watchWith({ UseServerCertificate: 'yes' });
  }, 60_000);
  afterAll(async () => {
    watch.close();
    const pids = Object.values(site.pids());
    await site.close();
    expect(pids.filter(isAlive)).toEqual([]);
  }, 60_000);

  /** Refreshed by hand only. The local file says where the server is, and holds the keys of one StorageElement. */
  const watchWith = async (security: Record<string, string>, env: Record<string, string> = {}): Promise<ConfigurationWatch> => {
    const more = Object.entries(security).map(([name, value]) => `    ${name} = ${value}\n`);
    const keys = 'PLAIN-S3 { S3 { Aws_access_key_id = LOCALKEY\n Aws_secret_access_key = secret } }';
    const file = join(site.directory, `${Object.keys(security).join('') || 'proxy'}.cfg`);
    const text = await readFile(site.files.client, 'utf8');
    const local = text.replace('  Security\n  {\n', `  Security\n  {\n${more.join('')}`);
    await writeFile(file, `${local}Resources\n{\n StorageElements\n {\n${keys.replaceAll(/ ([{}]) ?/g, '\n$1\n')} }\n}\n`, { mode: 0o600 });
    return watchConfiguration({
      loadLocal: () => loadConfiguration({ cfgFiles: [file] }),
      openCentral: (tree) =>
        openConfigurationService({
          local: tree,
          env,
          userId: process.getuid?.(),
          clock,
          token: () => {
            throw new Error('no token is asked for');
          },
        }),
      resolve: (tree) => resolveConfiguration(tree, { role: 'gateway' }),
      isUsable: () => false,
      clock,
      schedule: () => () => undefined,
    });
  };
  const usersOf = (): readonly string[] => [...watch.current().configuration.registry.users.keys()];

  it('is fetched with the certificate of the host', () => {
    expect(watch.state()).toMatchObject({ central: 'current', server: site.configurationUrl, lastFailure: undefined });
    expect(usersOf()).toEqual(expect.arrayContaining(['alice', 'dave', 'carol']));
  });

  it('is fetched with the proxy of a user', async () => {
    const other = await watchWith({}, { X509_USER_PROXY: join(given().pki, 'alice.proxy') });
    expect(other.state()).toMatchObject({ central: 'current', version: watch.state().version });
    other.close();
  });

  it('is not to be had with the proxy of a stranger', async () => {
    await expect(watchWith({}, { X509_USER_PROXY: join(given().pki, 'mallory.proxy') })).rejects.toThrow(/Unauthorized query/);
  });

  it('has the keys of the local file on top', () => {
    const elements = watch.current().configuration.storageElements;
    expect(elements.get('PLAIN-S3')?.access).toBe('direct');
    expect(elements.get('DEFAULT-PORT-S3')?.access).toBe('via-gateway');
  });

  it('is unchanged while the server has the same version', async () => {
    expect(await watch.refresh()).toBe('unchanged');
  });

  it('follows a change on the server', async () => {
    const before = watch.state().version ?? '';
    await site.changeConfiguration((text) =>
      text.replace(/Users\s*\{/, (start) => `${start}\n    newcomer\n    {\n      DN = /CN=newcomer\n    }\n`),
    );
    expect(await watch.refresh()).toBe('changed');
    expect((watch.state().version ?? '') > before).toBe(true);
    expect(usersOf()).toContain('newcomer');
    expect(watch.current().configuration.storageElements.get('PLAIN-S3')?.access).toBe('direct');
  });

  it('refuses a change that cannot be used, and keeps the last good configuration', async () => {
    const { configuration } = watch.current();
    await site.changeConfiguration((text) =>
      text.replace(/FileCatalog\s*\{\s*SecurityManager/, (found) => `S3Gateway\n{\nPort = nonsense\n}\n${found}`),
    );
    expect(await watch.refresh()).toBe('refused');
    expect(watch.state().lastFailure?.reason).toMatch(/S3Gateway.Port/);
    expect(watch.current().configuration).toBe(configuration);
    await site.changeConfiguration((text) => text.replace('Port = nonsense', 'Port = 8443'));
    expect(await watch.refresh()).not.toBe('refused');
    expect(watch.state()).toMatchObject({ central: 'current', lastFailure: undefined });
  });

  it('goes on without a StorageElement that was broken', async () => {
    await site.changeConfiguration((text) => text.replace(/(PLAIN-S3\s*\{[^}]*?Port = )\d+/, '$1nonsense'));
    expect(await watch.refresh()).toBe('changed');
    const { configuration } = watch.current();
    expect(configuration.storageElements.has('PLAIN-S3')).toBe(false);
    expect(configuration.storageElements.has('DEFAULT-PORT-S3')).toBe(true);
  });

  it('keeps the last good configuration while no server answers', async () => {
    const { configuration } = watch.current();
    await site.killConfiguration();
    expect(await watch.refresh()).toBe('unreachable');
    expect(watch.state()).toMatchObject({ central: 'stale', lastFailure: { reason: expect.stringContaining(site.configurationUrl) } });
    expect(watch.current().configuration).toEqual(configuration);
    await site.restartConfiguration();
    expect(await watch.refresh()).toBe('unchanged');
    expect(watch.state()).toMatchObject({ central: 'current', lastFailure: undefined });
  });
});
