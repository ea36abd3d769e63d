import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Talk } from '../store-conformance/talk.js';

const program = fileURLToPath(new URL('../../dist/testing/development-store/main.js', import.meta.url));

describe('the development store as a program', () => {
  let directory: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'development-store-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  async function start(): Promise<Record<string, string>> {
    child = spawn(process.execPath, [program, '--directory', directory, '--port', '0', '--bucket', 'demo-data', '-b', 'another'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    return JSON.parse(line) as Record<string, string>;
  }

  it('prints where it is and its keys, and serves', async () => {
    const { origin = '', region = '', accessKeyId = '', secretAccessKey = '', ...rest } = await start();
    const { writeOnlyAccessKeyId = '', writeOnlySecretAccessKey = '' } = rest;
    const writeOnlyCredentials = { accessKeyId: writeOnlyAccessKeyId, secretAccessKey: writeOnlySecretAccessKey };
    const credentials = { accessKeyId, secretAccessKey };
    const talk = new Talk({
      name: 'development',
      origin,
      region,
      bucket: 'demo-data',
      anotherBucket: 'another',
      credentials,
      writeOnlyCredentials,
    });
    expect(await talk.content(await talk.given('key'))).toBe('hello');
    expect((await talk.presigned('GET', 'key', { keys: writeOnlyCredentials })).status).toBe(403);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with %s', async (signal) => {
    await start();
    child?.kill(signal);
    expect(await once(child!, 'exit')).toEqual([0, null]);
  });

  it('ends when whoever started it is gone', async () => {
    await start();
    child?.stdin?.end();
    expect(await once(child!, 'exit')).toEqual([0, null]);
  });

  it('says what is missing', () => {
    const { status, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('--directory is missing');
  });

  it('is not in the published package', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as Record<string, unknown>;
    expect(manifest.files).toContain('!dist/testing/development-store');
    expect(Object.values(manifest.exports as Record<string, string>).filter((path) => path.includes('development-store'))).toEqual([]);
    const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    });
    const [{ files } = { files: [] }] = JSON.parse(packed.stdout) as { files: { path: string }[] }[];
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter(({ path }) => path.includes('development-store'))).toEqual([]);
  });
});
