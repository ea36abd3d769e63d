import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDevelopmentIssuer, type DevelopmentIssuer } from '../src/testing/development-issuer.js';

/** The built program as a process of its own, with configuration files as an operator writes them. */
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let folder: string;
let issuer: DevelopmentIssuer;
let file: string;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts it; `url` resolves when it listens, `ended` when it is gone. */
function start(args: readonly string[]) {
  const env = { PATH: process.env.PATH, HOME: folder, DIRAC_ROOT_PATH: folder };
  const child = spawn(process.execPath, [program, ...args], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Outcome>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  const url = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      stdout += `${line}\n`;
      const entry = line.startsWith('{') ? (JSON.parse(line) as { msg?: string; url?: string }) : {};
      if (entry.msg === 'listening' && entry.url !== undefined) resolve(entry.url);
    });
  });
  return { child, url, ended, output: () => stdout };
}

const run = (...args: string[]): Promise<Outcome> => start(args).ended;

const sections = (path: string, ...lines: string[]): string =>
  path
    .split('/')
    .filter((name) => name !== '')
    .reduceRight((inner, name) => `${name}\n{\n${inner}\n}`, lines.join('\n'));

const parts = {
  user: sections('/Registry/Users/alice', 'DN = /CN=alice'),
  group: sections('/Registry/Groups/vo_user', 'Users = alice', 'Properties = NormalUser', 'VO = vo'),
  catalog: () => sections('/Resources/FileCatalogs/FileCatalog', 'CatalogType = Sqlite', `Path = ${join(folder, 'catalog.db')}`),
  element: sections(
    '/Resources/StorageElements/CERN-S3',
    'BackendType = S3',
    'S3',
    '{',
    'PluginName = S3',
    'Protocol = s3',
    'Access = remote',
    'Host = s3.example.org',
    'Path = data',
    'Aws_access_key_id = AKIAEXAMPLE',
    'Aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY',
    '}',
  ),
  issuer: () =>
    sections(
      '/Systems/DataManagement/Services/S3Gateway/Issuers/Development',
      `Issuer = ${issuer.issuer}`,
      `Audience = ${issuer.audience}`,
      'Algorithms = ES256',
      `JwksFile = ${join(folder, 'jwks.json')}`,
    ),
};

/** Sections of one name merge only across files, so each part gets a file of its own. */
async function configure(...texts: string[]): Promise<string[]> {
  const files = texts.map((_text, index) => join(folder, `part-${index}.cfg`));
  await Promise.all(files.map((name, index) => writeFile(name, `${texts[index]!}\n`, { mode: 0o600 })));
  return files.flatMap((name) => ['--cfg', name]);
}

const everything = () => configure(parts.user, parts.group, parts.catalog(), parts.element, parts.issuer());
const onFreePort = [
  '-o',
  '/Systems/DataManagement/Services/S3Gateway/Host=127.0.0.1',
  '-o',
  '/Systems/DataManagement/Services/S3Gateway/Port=0',
];

const probeKey = 'kY3n8Qw1ZrT5uVb7Xc9MdF2gHj4LpSa6';
const probeOptions = ['PublicUrl=http://probe.example.org/links', 'Port=0', `SecretKeys=${probeKey}`].flatMap((option) => [
  '-o',
  `/Systems/DataManagement/Services/S3Gateway/Probe/${option}`,
]);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'main-test-'));
  issuer = await createDevelopmentIssuer({ jwksFile: join(folder, 'jwks.json') });
  file = join(folder, 'gateway.cfg');
});
afterEach(() => rm(folder, { recursive: true }));

describe('dirac-s3-gateway', () => {
  it('serves until it is asked to stop, and ends with 0', async () => {
    const gateway = start([...(await everything()), ...onFreePort]);
    const url = await Promise.race([gateway.url, gateway.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const token = await issuer.mint({ username: 'alice', group: 'vo_user' });
    const response = await fetch(`${url}/api/v1/whoami`, { headers: { authorization: `Bearer ${token}` } });
    expect(await response.json()).toEqual({ username: 'alice', group: 'vo_user', vo: 'vo', properties: ['NormalUser'], source: 'token' });
    expect((await fetch(`${url}/api/v1/health/ready`)).status).toBe(200);
    gateway.child.kill('SIGTERM');
    const { code, stdout, stderr } = await gateway.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('"storageElement":"CERN-S3"');
    expect(stdout).toContain('"msg":"stopped"');
    expect(stdout).not.toMatch(/wJalr|eyJ/);
  });

  it('listens for probe links beside it, from before it serves until it stops', async () => {
    const section = '/Systems/DataManagement/Services/S3Gateway';
    const gateway = start([...(await everything()), ...onFreePort, ...probeOptions]);
    await Promise.race([gateway.url, gateway.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
    const [, probe] = /"url":"([^"]*)","msg":"probe listener"/.exec(gateway.output()) ?? [];
    expect((await fetch(`${probe!}/links/x`)).status).toBe(403);
    gateway.child.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
    expect(gateway.output()).not.toContain(probeKey);

    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as AddressInfo;
    const { code, stderr } = await run(...(await everything()), ...onFreePort, ...probeOptions, '-o', `${section}/Port=${port}`);
    expect([code, stderr]).toEqual([2, expect.stringContaining('EADDRINUSE')]);
    busy.close();
  });

  it('serves metrics on a listener of their own where that is configured, and nowhere else', async () => {
    const gateway = start([...(await everything()), ...onFreePort, '-o', '/Systems/DataManagement/Services/S3Gateway/MetricsPort=0']);
    const url = await Promise.race([gateway.url, gateway.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
    try {
      const [, metrics] = /"url":"([^"]*)","msg":"metrics"/.exec(gateway.output()) ?? [];
      expect(metrics).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
      // The readiness check asks the catalog.
      await fetch(`${url}/api/v1/health/ready`);
      const asked = 'dirac_s3_catalog_questions_total{catalog="sqlite",question="lookUpReplicas",outcome="ok"} 1';
      expect((await (await fetch(metrics!)).text()).split('\n')).toContain(asked);
      for (const path of ['/metrics', '/api/v1/metrics']) expect((await fetch(`${url}${path}`)).status).not.toBe(200);
    } finally {
      gateway.child.kill('SIGTERM');
    }
    expect((await gateway.ended).code).toBe(0);
  });

  it('follows its configuration without a restart, and refuses one it cannot use', async () => {
    const gateway = start([...(await everything()), ...onFreePort, '-o', '/DIRAC/Configuration/RefreshTime=1']);
    const url = await Promise.race([gateway.url, gateway.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
    const token = await issuer.mint({ username: 'alice', group: 'vo_user' });
    const elements = async (): Promise<string[]> => {
      const response = await fetch(`${url}/api/v1/storage-elements`, { headers: { authorization: `Bearer ${token}` } });
      return ((await response.json()) as { storageElements: { name: string }[] }).storageElements.map(({ name }) => name);
    };
    const until = async (names: string[]): Promise<void> => {
      for (let tries = 0; tries < 100 && String(await elements()) !== String(names); tries += 1)
        await new Promise((next) => setTimeout(next, 100));
      expect(await elements()).toEqual(names);
    };
    const elementFile = join(folder, 'part-3.cfg');
    await writeFile(elementFile, parts.element.replace('CERN-S3', 'NEW-S3'));
    await until(['NEW-S3']);

    await writeFile(elementFile, 'StorageElements {');
    const refused = createInterface({ input: gateway.child.stdout });
    await new Promise<void>((resolve) => refused.on('line', (line) => line.includes('"outcome":"refused"') && resolve()));
    expect(await elements()).toEqual(['NEW-S3']);

    gateway.child.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
  });

  it('--check asks the stores, says which bucket cannot be used, and ends without serving', async () => {
    const section = '/Resources/StorageElements/CERN-S3/S3';
    const nobody = ['-o', `${section}/Host=127.0.0.1`, '-o', `${section}/Port=1`, '-o', `${section}/SecureConnection=no`];
    const { code, stdout, stderr } = await run(...(await everything()), ...nobody, '--check');
    expect(code).toBe(1);
    expect(stderr).toContain('not every StorageElement can be used');
    expect(stdout).toContain('"storageElement":"CERN-S3","reason":"the store cannot be reached (ECONNREFUSED)"');
    expect(stdout).not.toContain('"msg":"listening"');
  });

  it('--check counts every warning it printed', async () => {
    // All it is asked for is its bucket.
    const store = createHttpServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await once(store, 'listening');
    const section = '/Resources/StorageElements/CERN-S3/S3';
    const there = ['Host=127.0.0.1', `Port=${(store.address() as AddressInfo).port}`, 'SecureConnection=no'];
    const { code, stdout } = await run(...(await everything()), ...there.flatMap((option) => ['-o', `${section}/${option}`]), '--check');
    store.close();
    expect(code).toBe(0);
    const warned = stdout.split('\n').filter((line) => line.includes('"level":"warn"'));
    expect(warned.join()).toContain('no probe listener is configured');
    expect(stdout).toContain(`"warnings":${warned.length},"msg":"configuration is usable"`);
  });

  it('--help shows examples and the meaning of the exit codes, --version the version', async () => {
    const help = await run('--help');
    expect(help.code).toBe(0);
    for (const word of ['--cfg', '--option', '--check', 'Examples:', 'gateway.cfg', 'Ends with 0']) expect(help.stdout).toContain(word);
    expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  it.each([
    ['an unknown option', ['--prot', '80'], /prot/],
    ['a stray word', ['serve'], /serve/],
    ['--cfg without a file', ['--cfg'], /cfg/],
    ['an -o that is no path=value', ['-o', 'nonsense'], /-o \(option 1\).*path/],
  ])('ends with 2 for %s', async (_title, args, message) => {
    const { code, stderr, stdout } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^dirac-s3-gateway: /);
    expect(stderr).toMatch(message);
  });

  it('names a configuration file that cannot be read', async () => {
    const { code, stderr } = await run('--cfg', join(folder, 'absent.cfg'));
    expect(code).toBe(2);
    expect(stderr).toContain('absent.cfg');
  });

  it('names every option that is missing, not only the first', async () => {
    const { code, stderr } = await run(...(await configure(parts.user)));
    expect(code).toBe(2);
    for (const path of ['/Resources/FileCatalogs', '/Systems/DataManagement/Services/S3Gateway/Issuers', '/Resources/StorageElements']) {
      expect(stderr).toContain(`${path}: `);
    }
  });

  it('names a wrong option with its path, its file and the line', async () => {
    await writeFile(file, sections('/Systems/DataManagement/Services/S3Gateway', 'Port = eighty'), { mode: 0o600 });
    const { code, stderr } = await run(...(await everything()), '--cfg', file);
    expect(code).toBe(2);
    expect(stderr).toContain('/Systems/DataManagement/Services/S3Gateway/Port');
    expect(stderr).toMatch(/gateway\.cfg:\d+/);
  });

  it('ends with 2 when the port is taken, and says which', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await run(
      ...(await everything()),
      ...onFreePort.slice(0, 2),
      '-o',
      `/Systems/DataManagement/Services/S3Gateway/Port=${port}`,
    );
    other.close();
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`cannot listen on 127\\.0\\.0\\.1 port ${port}: .*EADDRINUSE`));
  });
});
