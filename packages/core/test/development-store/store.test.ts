import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type DevelopmentStoreOptions, startDevelopmentStore } from '../../src/testing/development-store/index.js';
import { say, send } from '../store-conformance/http.js';
import { startStoreUnderTest } from '../store-conformance/development-store.js';
import { Talk } from '../store-conformance/talk.js';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function talkTo(options: Partial<DevelopmentStoreOptions> = {}): Promise<Talk & { directory: string }> {
  const { store, directory, close } = await startStoreUnderTest(options);
  undo.push(close);
  return Object.assign(new Talk(store), { directory });
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('the development store on the disk', () => {
  it('leaves no file behind when an upload is refused, broken off or removed', async () => {
    const talk = await talkTo();
    const key = talk.key();
    await talk.presigned('PUT', key, { headers: { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' } }, { body: 'refused' });
    await talk.given(key, 'first');
    await talk.given(key, 'second');
    await talk.presigned('DELETE', key);
    const uploadId = await talk.beginUpload(key);
    await talk.part(key, uploadId, 1, 'first');
    await talk.part(key, uploadId, 1, 'second');
    await talk.presigned('DELETE', key, { query: [['uploadId', uploadId]] });
    expect(await filesBelow(talk.directory)).toEqual([]);
  });

  it('lets one of many conditional uploads at once win, and keeps no other bytes', async () => {
    const talk = await talkTo();
    const put = (body: string): Promise<string> => talk.presigned('PUT', 'key', { headers: { 'if-none-match': '*' } }, { body }).then(say);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => put(String(index).repeat(100_000))));
    expect(answers.sort()).toEqual(['200', ...Array.from({ length: 7 }, () => '412 PreconditionFailed')]);
    expect(await filesBelow(talk.directory)).toHaveLength(2);
  });

  it('never makes a key a path', async () => {
    const talk = await talkTo();
    for (const key of ['../../../../escaped', '/absolute', '..', 'x'.repeat(1024), 'nul\u0000byte', '.']) await talk.given(key);
    const names = (await filesBelow(talk.directory)).map((file) => file.slice(talk.directory.length + 1));
    expect(names.every((name) => /^buckets\/conformance\/(?:objects\/[0-9a-f]{64}\.json|data\/[0-9a-f-]{36})$/.test(name))).toBe(true);
    expect(existsSync(join(talk.directory, '..', 'escaped'))).toBe(false);
  });

  it.each(['..', '../../tmp', '.', '%2e%2e', '..%2f..'])('takes no bucket named %s', async (bucket) => {
    const talk = await talkTo();
    const answer = await talk.signed('PUT', '', { path: `/${bucket}/objects`, canonicalPath: `/${bucket}/objects` });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(readdirSync(talk.directory).sort()).toEqual(['buckets', 'temporary', 'uploads']);
  });

  it('has its objects again after a restart, and nothing half written', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'development-store-'));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const first = await startStoreUnderTest({ directory });
    const key = await new Talk(first.store).given('a/key', 'kept');
    await first.close();
    const second = await startStoreUnderTest({ directory });
    undo.push(second.close);
    expect(await new Talk(second.store).content(key)).toBe('kept');
    expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
  });

  it('keeps no secret in its files', async () => {
    const talk = await talkTo();
    await talk.given(talk.key(), 'x', { 'x-amz-meta-a': 'b' });
    for (const file of await filesBelow(talk.directory)) expect(readFileSync(file, 'utf8')).not.toMatch(/secret|Signature/i);
  });
});

describe('the development store as a server', () => {
  it('listens on the loopback address only and makes up its keys', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'development-store-'));
    const options = { directory, buckets: ['some-bucket'] };
    const [one, two] = [await startDevelopmentStore(options), await startDevelopmentStore(options)];
    undo.push(one.close, two.close, () => rm(directory, { recursive: true, force: true }));
    expect(one.origin).toBe(`http://127.0.0.1:${one.port}`);
    expect(one.credentials.map(({ rights }) => rights)).toEqual(['all', 'write-only']);
    expect(new Set([...one.credentials, ...two.credentials].flatMap((key) => [key.accessKeyId, key.secretAccessKey])).size).toBe(8);
  });

  it('refuses to start with a bucket that is none', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'development-store-'));
    undo.push(() => rm(directory, { recursive: true, force: true }));
    await expect(startDevelopmentStore({ directory, buckets: ['../up'] })).rejects.toThrow("'../up' is no bucket name");
  });

  it('goes by the clock it is given', async () => {
    let now = new Date('2031-05-06T07:08:09Z');
    const talk = await talkTo({ clock: { now: () => now } });
    const target = talk.presignedTarget('PUT', 'key', { date: now, expires: 60 });
    const put = (): Promise<string> => talk.send({ method: 'PUT', target, headers: { host: talk.host }, body: 'x' }).then(say);
    expect(await put()).toBe('200');
    now = new Date('2031-05-06T07:09:09Z');
    expect(await put()).toBe('200');
    now = new Date('2031-05-06T07:09:10Z');
    expect(await put()).toBe('403 AccessDenied');
  });

  it('answers in another region only to that region', async () => {
    const talk = await talkTo({ region: 'eu-central-1' });
    expect(await talk.content(await talk.given(talk.key()))).toBe('hello');
    expect(say(await talk.presigned('GET', talk.key(), { region: 'us-east-1' }))).toBe('400 AuthorizationQueryParametersError');
  });

  it('says why in every refusal, and no secret', async () => {
    const talk = await talkTo();
    const refused = await talk.presigned('GET', talk.key(), { keys: { ...talk.store.credentials, secretAccessKey: 'wrong' } });
    expect(refused.body.toString()).toContain('<Message>The signature we calculated is not the one you provided.</Message>');
    expect(refused.body.toString()).not.toContain(talk.store.credentials.secretAccessKey);
    expect(refused.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
  });

  it.each([
    ['no path', '*', '400'],
    ['an absolute target', 'http://127.0.0.1/conformance/key', '400 InvalidURI'],
    ['no UTF-8', '/conformance/%ff', '400 InvalidURI'],
  ])('survives a request target with %s', async (_, target, expected) => {
    const talk = await talkTo();
    expect(say(await send({ origin: talk.store.origin, method: 'GET', target }))).toContain(expected);
    expect(await talk.content(await talk.given(talk.key()))).toBe('hello');
  });

  it.each([
    '',
    'no form',
    '--x\r\n\r\n',
    '--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--',
    '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nv\r\n--x--',
    `--x\r\n${'a'.repeat(30_000)}`,
  ])('survives the malformed form %#', async (body) => {
    const talk = await talkTo();
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    expect(say(await talk.anonymous('POST', '', { headers, body }))).toBe('400 MalformedPOSTRequest');
  });
});
