import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStoreUnderTest } from './development-store.js';
import { realStore } from './real-store.js';
import type { StoreUnderTest } from './store-under-test.js';
import { signForm, Talk } from './talk.js';

const real = realStore();
const python = process.env.DIRAC_S3_PYTHON;
if (python === undefined) throw new Error('DIRAC_S3_PYTHON is not set; run these tests with: npm run test:real');
const content = Buffer.alloc(2 * 1024 * 1024, Buffer.from(Array.from({ length: 256 }, (_, index) => index)));

function run(command: string, args: string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, errors] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child
      .on('error', reject)
      .on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${command} ended with ${code}: ${errors}`))));
    child.stdin.end(input);
  });
}

// Both, so that what unmodified clients do is known of the store every other test uses too.
describe.each(['ceph', 'development'] as const)('clients that know nothing of us, with the %s store', (name) => {
  let running: Awaited<ReturnType<typeof startStoreUnderTest>> | undefined;
  let store: StoreUnderTest;
  let directory: string;
  let talk: Talk;

  beforeAll(async () => {
    if (name === 'development') running = await startStoreUnderTest();
    store = running?.store ?? real;
    talk = new Talk(store);
    directory = await mkdtemp(join(tmpdir(), 'store-clients-'));
  });
  afterAll(async () => {
    await running?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const url = (method: string, key: string, headers: Record<string, string> = {}): string =>
    store.origin + talk.presignedTarget(method, key, { headers });

  it('curl uploads and downloads by presigned URL, and posts a form', async () => {
    const [key, formKey] = [talk.key('put by curl'), talk.key('posted by curl')];
    const [sent, got] = [join(directory, 'sent'), join(directory, 'got')];
    await writeFile(sent, content);
    // Above a megabyte curl expects 100 Continue.
    await run('curl', ['-sSf', '-T', sent, '-H', 'x-amz-meta-a: b', url('PUT', key, { 'x-amz-meta-a': 'b' })]);
    await run('curl', ['-sSf', '-o', got, url('GET', key)]);
    expect((await readFile(got)).equals(content)).toBe(true);
    expect((await talk.head(key)).headers['x-amz-meta-a']).toBe('b');
    const fields = Object.entries(signForm(talk, formKey)).flatMap(([field, value]) => ['--form-string', `${field}=${value}`]);
    await run('curl', ['-sSf', ...fields, '-F', `file=@${sent}`, `${store.origin}/${store.bucket}`]);
    await run('curl', ['-sSf', '-o', got, '-r', '1-3', url('GET', formKey)]);
    expect([...(await readFile(got))]).toEqual([1, 2, 3]);
    await expect(run('curl', ['-sSf', '-T', sent, url('GET', key)])).rejects.toThrow('403');
  });

  it('Python requests and boto3 see the same bytes and metadata', async () => {
    const [key, formKey] = [talk.key('put by requests'), talk.key('posted by requests')];
    const file = join(directory, 'store.json');
    await writeFile(file, JSON.stringify(store));
    const urls = {
      key,
      formKey,
      prefix: `${talk.key('boto3')}/`,
      put: url('PUT', key, { 'x-amz-meta-checksum': '0a1b2c3d' }),
      putHeaders: { 'x-amz-meta-checksum': '0a1b2c3d' },
      get: url('GET', key),
      post: `${store.origin}/${store.bucket}`,
      form: signForm(talk, formKey),
    };
    const program = fileURLToPath(new URL('python-clients.py', import.meta.url));
    const seen = JSON.parse(await run(python, [program, file], JSON.stringify(urls))) as Record<string, unknown>;
    const parts = createHash('sha256')
      .update(Buffer.alloc(5 * 1024 * 1024, 'A'))
      .update('tail')
      .digest('hex');
    const byBoto3 = {
      object: [true, true, { checksum: '0a1b2c3d' }],
      parts,
      listed: ['a b/ü.txt', 'parts'],
      form: [204, 400],
      url: 'hello',
      missing: '404 NoSuchKey',
    };
    expect(seen).toEqual({
      requests: [200, 200, true, 204],
      'requests range': '010203',
      'boto3 default': byBoto3,
      'boto3 when required': byBoto3,
      'write-only': ['ok', '403 AccessDenied', '403 AccessDenied'],
    });
  });
});
