import { chmod, copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfiguration, parseCfg, resolveConfiguration, serializeCfg } from '../../src/config/index.js';

const fixtures = join(import.meta.dirname, 'fixtures');
let home: string;

/** The sample installation, its private file as private as it should be. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'dirac-s3-sample-'));
  await copyFile(join(fixtures, 'central.cfg'), join(home, 'central.cfg'));
  await copyFile(join(fixtures, 'dirac.cfg'), join(home, '.dirac.cfg'));
  await chmod(join(home, '.dirac.cfg'), 0o600);
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('the sample installation', () => {
  test('is read without a remark from its central and its local file', async () => {
    const { tree, warnings, errors } = await loadConfiguration({ home });
    expect([...warnings, ...errors]).toEqual([]);
    const outcome = resolveConfiguration(tree);
    expect([...outcome.warnings, ...outcome.errors]).toEqual([]);
    const { storageElements, credentials, gateway, catalog, registry } = outcome.config;
    expect([...storageElements].map(([name, element]) => [name, element.name, element.bucket, element.access])).toEqual([
      ['CERN-S3', 'CERN-S3', 'dirac-data', 'direct'],
      ['ARCHIVE-S3', 'ARCHIVE-S3', 'dirac-archive', 'via-gateway'],
      ['DEFAULT-S3', 'CERN-S3', 'dirac-data', 'direct'],
    ]);
    expect([...credentials.keys()]).toEqual(['CERN-S3', 'DEFAULT-S3']);
    expect(gateway).toMatchObject({ host: '0.0.0.0', port: 9169, issuers: [{ name: 'Example' }] });
    expect(catalog).toEqual({ type: 'sqlite', path: '/opt/dirac/data/catalog.sqlite' });
    expect(registry.groups.get('lhcb_user')).toMatchObject({ users: ['alice', 'bob'], vo: 'lhcb' });
  });

  test('without the local file has the same StorageElements, all through the gateway', async () => {
    const { tree } = await loadConfiguration({ centralFile: join(home, 'central.cfg') });
    const { config } = resolveConfiguration(tree, { role: 'client' });
    expect([...config.storageElements.values()].map(({ access }) => access)).toEqual(['via-gateway', 'via-gateway', 'via-gateway']);
    expect(config.gatewayUrls).toEqual(['https://s3gw.example.org:9169/DataManagement/S3Gateway']);
    expect(config.credentials.size).toBe(0);
  });

  test.each(['central.cfg', 'dirac.cfg'])('%s survives being written and read again', async (name) => {
    const { tree } = parseCfg(await readFile(join(fixtures, name), 'utf8'), { file: name });
    const written = serializeCfg(tree);
    expect(serializeCfg(parseCfg(written, { file: name }).tree)).toBe(written);
  });
});
