import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { adler32 } from '@dirac-s3/core';
import { restPaths, restPrefix } from '@dirac-s3/core/rest-api';
import { runProgram } from '../../../../scripts/world/processes.mjs';
import { gatewayProgram, startWorld } from '../../../../scripts/world/world.mjs';
import { FaultProxy } from './fault-proxy.js';

type World = Awaited<ReturnType<typeof startWorld>>;
type Store = World['store'];
interface Answer {
  successful: Record<string, unknown>[];
  failed: { lfn: string; code: string; message: string }[];
}

const home = '/demo/user/a/alice';

/**
 * The product from end to end: the real command line, gateway and catalog as processes, against the store it is given.
 * Called for the development store in `npm test` and for Ceph RGW in `npm run test:real`.
 */
export function endToEndSuite(storeName: string, givenStore: () => Promise<Store | undefined>): void {
  describe(`files in and out of ${storeName}`, () => {
    let world: World;
    let faults: FaultProxy;
    const cleanUp: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      const store = await givenStore();
      const elements = async ({ origin }: Store): Promise<Record<string, { origin: string; writeOnlyKey?: boolean }>> => {
        faults = await FaultProxy.start(Number(new URL(origin).port));
        cleanUp.push(() => faults.close());
        return { 'FAULTY-S3': { origin: `http://127.0.0.1:${faults.port}` }, 'WRITER-S3': { origin, writeOnlyKey: true } };
      };
      world = await startWorld({ store, gateways: 2, elements });
      cleanUp.push(() => world.close());
    }, 120_000);

    afterAll(async () => {
      for (const step of cleanUp.reverse()) await step();
    }, 60_000);

    afterEach(() => {
      faults.fault = { kind: 'none' };
    });

    const makeFile = async (name: string, bytes = randomBytes(300_000)): Promise<Buffer> => {
      await writeFile(join(world.homes.alice.home, name), bytes);
      return bytes;
    };
    const token = async (person: 'alice' | 'bob' = 'alice'): Promise<string> => readFile(world.homes[person].tokenFile, 'utf8');
    const rest = async (path: string, body: unknown, bearer?: string): Promise<Response> =>
      fetch(`${world.gateways[0]!.url}${restPrefix}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer ?? (await token())}` },
        body: JSON.stringify(body),
      });
    const presign = async (request: Record<string, unknown>, bearer?: string): Promise<Answer> => {
      const response = await rest(restPaths.presign, { storageElement: 'DEMO-S3', ...request }, bearer);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${response.status} ${text}`);
      return JSON.parse(text) as Answer;
    };
    const urlOf = async (method: string, lfn: string, more: Record<string, unknown> = {}): Promise<string> => {
      const answer = await presign({ method, items: [{ lfn }], ...more });
      expect(answer.failed).toEqual([]);
      return String(answer.successful[0]!.url);
    };
    const objectExists = async (lfn: string): Promise<boolean> => {
      const response = await fetch(await urlOf('head_object', lfn), { method: 'HEAD' });
      expect([200, 404]).toContain(response.status);
      return response.status === 200;
    };
    const registered = async (lfn: string): Promise<boolean> => {
      const response = await rest(restPaths.exists, { lfns: [lfn] });
      return ((await response.json()) as Answer).successful[0]!.value === true;
    };
    /** Nothing may be left half done: no entry without its object, no temporary file. */
    const expectNothingLeft = async (lfn: string): Promise<void> => {
      expect(await registered(lfn)).toBe(false);
      expect((await readdir(world.homes.alice.home)).filter((name) => /tmp|part/i.test(name))).toEqual([]);
    };

    describe('the main job', () => {
      const lfn = `${home}/main/data.bin`;
      let bytes: Buffer;

      it('adds a file without any credential of the store', async () => {
        bytes = await makeFile('data.bin', randomBytes(3_000_000));
        const result = await world.cli('alice', ['put', lfn, 'data.bin', 'DEMO-S3', '--json']);
        expect(result).toMatchObject({ code: 0 });
        const [stored] = (JSON.parse(result.stdout) as { successful: Record<string, unknown>[] }).successful;
        expect(stored).toMatchObject({ lfn, sizeBytes: bytes.length, checksum: adler32(bytes), storageElement: 'DEMO-S3' });
      });

      it('stores the Adler-32 where DIRAC reads it', async () => {
        const response = await fetch(await urlOf('head_object', lfn), { method: 'HEAD' });
        expect(response.headers.get('x-amz-meta-checksum')).toBe(adler32(bytes));
        expect(response.headers.get('content-length')).toBe(String(bytes.length));
      });

      it('lists replicas and metadata', async () => {
        const replicas = await world.cli('alice', ['replicas', lfn]);
        expect(replicas.stdout).toContain(`s3://${new URL(world.store.origin).host}/${world.store.bucket}${lfn}`);
        const metadata = await world.cli('alice', ['meta', lfn]);
        expect(metadata.stdout).toContain(adler32(bytes));
        expect(metadata.stdout).toContain('alice');
      });

      it('gets the same bytes back', async () => {
        await mkdir(join(world.homes.alice.home, 'down'));
        const result = await world.cli('alice', ['get', lfn, '--output-dir', 'down']);
        expect(result).toMatchObject({ code: 0 });
        expect((await readFile(join(world.homes.alice.home, 'down', 'data.bin'))).equals(bytes)).toBe(true);
        expect(await readdir(join(world.homes.alice.home, 'down'))).toEqual(['data.bin']);
      });

      it('does not overwrite a local file unless told to', async () => {
        const result = await world.cli('alice', ['get', lfn, '--output-dir', 'down']);
        expect(result.code).toBe(1);
        expect(result.stderr).toContain('data.bin');
        expect((await world.cli('alice', ['get', lfn, '--output-dir', 'down', '--force'])).code).toBe(0);
      });

      it('gives an access URL that plain HTTP can use', async () => {
        const { stdout, code } = await world.cli('alice', ['url', lfn, 'DEMO-S3']);
        expect(code).toBe(0);
        const url = new URL(stdout.trim());
        expect(url.searchParams.get('X-Amz-Expires')).toBe('86400');
        const response = await fetch(url);
        expect(
          createHash('sha256')
            .update(Buffer.from(await response.arrayBuffer()))
            .digest('hex'),
        ).toBe(createHash('sha256').update(bytes).digest('hex'));
      });

      it('refuses a second file of that name before a byte moves', async () => {
        const result = await world.cli('alice', ['put', lfn, 'data.bin', 'DEMO-S3']);
        expect(result.code).toBe(1);
        expect(result.stderr).toMatch(/exists/i);
      });

      it('meets the same object by direct access with the keys', async () => {
        await mkdir(join(world.homes.alice.home, 'direct'));
        const result = await world.cli('alice', ['get', lfn, '--output-dir', 'direct'], { direct: true });
        expect(result).toMatchObject({ code: 0 });
        expect((await readFile(join(world.homes.alice.home, 'direct', 'data.bin'))).equals(bytes)).toBe(true);
      });

      it('reads through the gateway what was written with the keys', async () => {
        const name = `${home}/main/direct.bin`;
        const content = await makeFile('direct.bin');
        expect(await world.cli('alice', ['put', name, 'direct.bin', 'DEMO-S3'], { direct: true })).toMatchObject({ code: 0 });
        expect(await world.cli('alice', ['get', name, '--output-dir', 'down'])).toMatchObject({ code: 0 });
        expect((await readFile(join(world.homes.alice.home, 'down', 'direct.bin'))).equals(content)).toBe(true);
      });

      it('removes object and entry, and says "no such file" afterwards', async () => {
        expect(await world.cli('alice', ['rm', lfn])).toMatchObject({ code: 0 });
        expect(await objectExists(lfn)).toBe(false);
        const again = await world.cli('alice', ['get', lfn, '--output-dir', 'down']);
        expect(again.code).toBe(1);
        expect(again.stderr).toMatch(/no such file/i);
      });
    });

    describe('what is stored under many names', () => {
      const files = ['one', 'two', 'three'].map((name) => `${home}/listed/${name}.bin`);
      const free = `${home}/listed/free.bin`;
      const list = async (lfns: readonly string[], bearer?: string): Promise<Answer> =>
        (await (await rest(restPaths.listObjects, { storageElement: 'DEMO-S3', lfns }, bearer)).json()) as Answer;

      it('is listed by the gateway for whom it permits, and nothing else of the bucket', async () => {
        const stored = new Map<string, unknown>();
        for (const lfn of files) {
          const bytes = await makeFile('listed.bin', randomBytes(100 + lfn.length));
          expect(await world.cli('alice', ['put', lfn, 'listed.bin', 'DEMO-S3'])).toMatchObject({ code: 0 });
          stored.set(lfn, { sizeBytes: bytes.length, etag: createHash('md5').update(bytes).digest('hex') });
        }
        const entries = [...files.slice(1), free].map((lfn) => ({ lfn, object: stored.get(lfn) ?? null }));
        const asked = [...files.slice(1), free, `${home}/listed//bad`];
        expect(await list([...asked, files[0]!])).toMatchObject({
          successful: [...entries, { lfn: files[0]!, object: stored.get(files[0]!) }],
          failed: [{ lfn: `${home}/listed//bad`, code: 'invalid-lfn' }],
        });
        const bobs = await list([...files, free], await token('bob'));
        expect(bobs.successful).toEqual([]);
        expect(bobs.failed.map(({ lfn, code }) => [lfn, code])).toEqual([...files, free].map((lfn) => [lfn, 'permission-denied']));
      });

      it('is not listed for a few names of a directory: they are to be asked for alone', async () => {
        expect((await list(files)).failed.map(({ lfn, code }) => [lfn, code])).toEqual(files.map((lfn) => [lfn, 'unsupported-operation']));
      });
    });

    describe('hostile input', () => {
      const lfn = `${home}/hostile/target.bin`;
      const bytes = randomBytes(200_000);

      beforeAll(async () => {
        await makeFile('target.bin', bytes);
        expect(await world.cli('alice', ['put', lfn, 'target.bin', 'DEMO-S3'])).toMatchObject({ code: 0 });
      });

      it('refuses another user', async () => {
        for (const command of [
          ['get', lfn],
          ['rm', lfn],
          ['url', lfn, 'DEMO-S3'],
          ['put', `${home}/hostile/by-bob.bin`, '/etc/hostname', 'DEMO-S3'],
        ]) {
          const result = await world.cli('bob', command);
          expect(result.code).toBe(1);
          expect(result.stderr).toMatch(/permission denied/i);
        }
        expect(await objectExists(lfn)).toBe(true);
        const answer = await presign({ method: 'get_object', items: [{ lfn }] }, await token('bob'));
        expect(answer).toMatchObject({ successful: [], failed: [{ lfn, code: 'permission-denied' }] });
      });

      it('gives URLs that the store refuses for another method, another key, an added parameter or an altered signature', async () => {
        const url = await urlOf('get_object', lfn);
        expect((await fetch(url)).status).toBe(200);
        expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
        expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
        expect((await fetch(url.replace('target.bin', 'other.bin'))).status).toBe(403);
        expect((await fetch(`${url}&response-content-type=text/html`)).status).toBe(403);
        expect((await fetch(url.slice(0, -1) + (url.endsWith('0') ? '1' : '0'))).status).toBe(403);
      });

      it('gives URLs that end', async () => {
        const answer = await presign({ method: 'get_object', items: [{ lfn }], expirationSeconds: 3 });
        const url = String(answer.successful[0]!.url);
        expect((await fetch(url)).status).toBe(200);
        const end = Date.parse(String(answer.successful[0]!.expiresAt));
        while (Date.now() <= end + 1000) await new Promise((resolve) => setTimeout(resolve, 100));
        expect((await fetch(url)).status).toBe(403);
      });

      it('refuses a lifetime beyond the cap instead of clamping it', async () => {
        await expect(presign({ method: 'get_object', items: [{ lfn }], expirationSeconds: 604_800 })).rejects.toThrow(
          /400.*expiration-refused/,
        );
      });

      it.each([`${home}/../b/bob/x`, `${home}//x`, `${home}/./x`, `${home}/a\u0000b`, `${home}/x?y`, 'relative', ''])(
        'refuses the name %j alone and answers for the others',
        async (bad) => {
          const answer = await presign({ method: 'get_object', items: [{ lfn: bad }, { lfn }] });
          expect(answer.failed).toMatchObject([{ lfn: bad, code: 'invalid-lfn' }]);
          expect(answer.successful).toMatchObject([{ lfn }]);
        },
      );

      it('refuses an unknown StorageElement', async () => {
        await expect(presign({ storageElement: 'NO-SUCH-SE', method: 'get_object', items: [{ lfn }] })).rejects.toThrow(
          /404.*unknown-storage-element/,
        );
        const result = await world.cli('alice', ['url', lfn, 'NO-SUCH-SE']);
        expect(result.code).not.toBe(0);
        expect(result.stderr).toContain('NO-SUCH-SE');
      });

      it('refuses tokens of another issuer, another audience, expired, unsigned or altered', async () => {
        const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
        const now = Math.floor(Date.now() / 1000);
        const claims = {
          iss: world.issuer.issuer,
          aud: world.issuer.audience,
          sub: 'alice',
          preferred_username: 'alice',
          dirac_group: 'demo_user',
          iat: now,
          exp: now + 600,
        };
        const { createDevelopmentIssuer } = (await import('../../../gateway/dist/testing/development-issuer.js')) as {
          createDevelopmentIssuer: (options: {
            jwksFile: string;
          }) => Promise<{ mint: (user: { username: string; group: string }) => Promise<string> }>;
        };
        const stranger = await createDevelopmentIssuer({ jwksFile: join(world.directory, 'stranger.json') });
        const good = await token();
        const tokens = {
          'signed by a stranger': await stranger.mint({ username: 'alice', group: 'demo_user' }),
          'other issuer': await world.issuer.sign({ ...claims, iss: 'https://elsewhere.invalid' }),
          'other audience': await world.issuer.sign({ ...claims, aud: 'elsewhere' }),
          expired: await world.issuer.sign({ ...claims, iat: now - 7200, exp: now - 3600 }),
          'no expiry': await world.issuer.sign({ ...claims, exp: undefined }),
          'alg none': `${base64({ alg: 'none' })}.${base64(claims)}.`,
          altered: `${good.split('.')[0]}.${base64({ ...claims, preferred_username: 'carol', dirac_group: 'demo_admin' })}.${good.split('.')[2]}`,
          'group he is not in': await world.issuer.sign({ ...claims, dirac_group: 'demo_admin' }),
          'unknown user': await world.issuer.sign({ ...claims, preferred_username: 'mallory' }),
        };
        for (const [what, bad] of Object.entries(tokens)) {
          const response = await rest(restPaths.presign, { storageElement: 'DEMO-S3', method: 'get_object', items: [{ lfn }] }, bad);
          expect({ what, status: response.status }).toEqual({ what, status: 401 });
        }
      });

      it.each([
        ['the store answers 500', { kind: 'status', status: 500 }, /storage-unavailable/],
        ['the store breaks off in the middle', { kind: 'cut', direction: 'down', afterBytes: 60_000 }, /storage-unavailable|size-mismatch/],
        ['a bit is flipped on the way', { kind: 'corrupt', atByte: 100_000 }, /checksum-mismatch/],
      ] as const)('leaves no file when %s during a download', async (_, fault, message) => {
        const name = `${home}/hostile/faulty-down.bin`;
        if (!(await registered(name))) {
          await makeFile('faulty-down.bin');
          expect(await world.cli('alice', ['put', name, 'faulty-down.bin', 'FAULTY-S3'])).toMatchObject({ code: 0 });
          await rename(join(world.homes.alice.home, 'faulty-down.bin'), join(world.homes.alice.home, 'original.bin'));
        }
        faults.fault = fault;
        const result = await world.cli('alice', ['get', name]);
        expect(result.code).toBe(1);
        expect(result.stderr).toMatch(message);
        expect(existsSync(join(world.homes.alice.home, 'faulty-down.bin'))).toBe(false);
        expect((await readdir(world.homes.alice.home)).filter((entry) => entry.includes('faulty'))).toEqual([]);
      });

      it.each([
        ['answers 500', { kind: 'status', status: 500 }],
        ['breaks off in the middle', { kind: 'cut', direction: 'up', afterBytes: 60_000 }],
      ] as const)('registers nothing when the store %s during an upload', async (_, fault) => {
        const name = `${home}/hostile/faulty-up.bin`;
        await makeFile('faulty-up.bin');
        faults.fault = fault;
        const result = await world.cli('alice', ['put', name, 'faulty-up.bin', 'FAULTY-S3']);
        expect(result.code).toBe(1);
        expect(result.stderr).toMatch(/storage-unavailable/);
        faults.fault = { kind: 'none' };
        expect(await objectExists(name)).toBe(false);
        await expectNothingLeft(name);
      });

      it.each([
        ['answers 500', 'through the gateway', false, { kind: 'status', status: 500 }],
        ['breaks off in the middle', 'through the gateway', false, { kind: 'cut', direction: 'up', afterBytes: 60_000 }],
        ['answers 500', 'with the keys', true, { kind: 'status', status: 500 }],
        ['breaks off in the middle', 'with the keys', true, { kind: 'cut', direction: 'up', afterBytes: 60_000 }],
      ] as const)('keeps the file that put --force was to replace when the store %s, %s', async (what, how, direct, fault) => {
        const file = `kept-${what.length}-${String(direct)}.bin`;
        const name = `${home}/hostile/${file}`;
        const old = await makeFile(file);
        expect(await world.cli('alice', ['put', name, file, 'FAULTY-S3'], { direct })).toMatchObject({ code: 0 });
        await makeFile(file);
        faults.fault = fault;
        const result = await world.cli('alice', ['put', '--force', name, file, 'FAULTY-S3'], { direct });
        expect(result.code).toBe(1);
        expect(result.stderr).toMatch(/storage-unavailable/);
        expect(result.stderr).toMatch(
          direct ? /the entry is as it was|the old file is kept/ : /the old file is kept; its entry was put back/,
        );
        faults.fault = { kind: 'none' };
        const directory = join(world.homes.alice.home, `kept-${how.length}-${what.length}`);
        await mkdir(directory);
        expect(await world.cli('alice', ['get', name, '--output-dir', directory], { direct })).toMatchObject({ code: 0 });
        expect((await readFile(join(directory, file))).equals(old)).toBe(true);
      });

      it('lets the store refuse bytes other than those that were announced', async () => {
        const name = `${home}/hostile/size.bin`;
        const answer = await presign({
          method: 'put_object',
          items: [{ lfn: name, sizeBytes: 5, checksum: adler32(Buffer.from('hello')) }],
        });
        const post = answer.successful[0] as unknown as { url: string; fields: Record<string, string> };
        const send = async (body: string, change: Record<string, string> = {}): Promise<number> => {
          const form = new FormData();
          for (const [field, value] of Object.entries({ ...post.fields, ...change })) form.append(field, value);
          form.append('file', new Blob([body]));
          return (await fetch(post.url, { method: 'POST', body: form })).status;
        };
        expect(await send('hello, world')).toBe(400);
        expect(await send('hell')).toBe(400);
        expect(await send('hello', { key: 'demo/user/b/bob/x' })).toBe(403);
        expect(await send('hello', { 'x-amz-meta-checksum': '00000000' })).toBe(403);
        expect(await send('hello', { acl: 'public-read' })).toBe(403);
        expect(await objectExists(name)).toBe(false);
        expect(await send('hello')).toBeLessThan(300);
        expect(await objectExists(name)).toBe(true);
      });

      it('downloads nothing when the stored checksum is not that of the bytes', async () => {
        const name = `${home}/hostile/lying.bin`;
        const answer = await presign({ method: 'put_object', items: [{ lfn: name, sizeBytes: 5, checksum: '00000001' }] });
        const post = answer.successful[0] as unknown as { url: string; fields: Record<string, string> };
        const form = new FormData();
        for (const [field, value] of Object.entries(post.fields)) form.append(field, value);
        form.append('file', new Blob(['hello']));
        expect((await fetch(post.url, { method: 'POST', body: form })).status).toBeLessThan(300);
        const pfn = `s3://${new URL(world.store.origin).host}/${world.store.bucket}${name}`;
        const guid = 'AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE';
        const added = await rest(restPaths.addFiles, {
          files: [{ lfn: name, sizeBytes: 5, checksum: '00000001', guid, storageElement: 'DEMO-S3', pfn }],
        });
        expect(((await added.json()) as Answer).failed).toEqual([]);
        const result = await world.cli('alice', ['get', name]);
        expect(result.code).toBe(1);
        expect(result.stderr).toMatch(/checksum-mismatch/);
        expect(existsSync(join(world.homes.alice.home, 'lying.bin'))).toBe(false);
      });

      it('signs nothing while the catalog fails', async () => {
        const broken = await startBrokenGateway(world);
        try {
          const response = await fetch(`${broken.url}${restPrefix}${restPaths.presign}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
            body: JSON.stringify({ storageElement: 'DEMO-S3', method: 'get_object', items: [{ lfn }] }),
          });
          const text = await response.text();
          expect(text).toContain('catalog-unavailable');
          expect(text).not.toContain('X-Amz-Signature');
        } finally {
          await broken.stop();
        }
      });

      it('never writes a secret, a token or a signature to the log of the gateway', async () => {
        const bearer = await token();
        for (const gateway of world.gateways) {
          const log = gateway.log();
          expect(log).toContain('get_object');
          for (const secret of [world.store.credentials.secretAccessKey, bearer, bearer.split('.')[2]!]) expect(log).not.toContain(secret);
          expect(log).not.toMatch(/X-Amz-Signature=[0-9a-f]/);
        }
      });
    });

    describe('the holder of an upload URL who wants more', () => {
      const victim = `${home}/attack/victim.bin`;
      const secret = Buffer.from('bytes of somebody else');

      beforeAll(async () => {
        await makeFile('victim.bin', secret);
        expect(await world.cli('alice', ['put', victim, 'victim.bin', 'DEMO-S3'])).toMatchObject({ code: 0 });
      });

      const attacks = [
        ['copy another object with x-amz-copy-source', () => ({ 'x-amz-copy-source': `/${world.store.bucket}${victim}` })],
        ['publish the object with x-amz-acl', () => ({ 'x-amz-acl': 'public-read' })],
        [
          'publish the object with x-amz-grant-read',
          () => ({ 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' }),
        ],
      ] as const;
      const own = Buffer.from('my own bytes');
      const item = (lfn: string): Record<string, unknown> => ({ lfn, sizeBytes: own.length, checksum: adler32(own) });
      /** The object is absent or holds its owner's bytes, and nobody reads it without a URL. */
      const expectNothingGained = async (lfn: string): Promise<void> => {
        const there = await fetch(await urlOf('get_object', lfn));
        if (there.status === 200) expect(Buffer.from(await there.arrayBuffer()).equals(own)).toBe(true);
        else expect(there.status).toBe(404);
        expect((await fetch(`${world.store.origin}/${world.store.bucket}${encodeURI(lfn)}`)).status).toBe(403);
      };

      it.each(attacks)('cannot %s beside a POST policy', async (what, headers) => {
        const lfn = `${home}/attack/post-${what.length}.bin`;
        const post = (await presign({ method: 'put_object', items: [item(lfn)] })).successful[0] as unknown as {
          url: string;
          fields: Record<string, string>;
        };
        const form = new FormData();
        for (const [field, value] of Object.entries(post.fields)) form.append(field, value);
        form.append('file', new Blob([own]));
        await fetch(post.url, { method: 'POST', body: form, headers: headers() });
        await expectNothingGained(lfn);
      });

      it.each(attacks)('cannot %s beside a PUT, which the write-only key signs', async (what, headers) => {
        const lfn = `${home}/attack/put-${what.length}.bin`;
        const put = (await presign({ storageElement: 'WRITER-S3', method: 'put_object', upload: 'put', items: [item(lfn)] }))
          .successful[0] as unknown as {
          url: string;
          headers: Record<string, string>;
        };
        const answer = await fetch(put.url, { method: 'PUT', body: own, headers: { ...put.headers, ...headers() } });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        await expectNothingGained(lfn);
        expect((await fetch(put.url, { method: 'PUT', body: own, headers: put.headers })).status).toBe(200);
        await expectNothingGained(lfn);
      });

      interface Signed {
        readonly url: string;
        readonly headers: Record<string, string>;
      }
      const askWriter = async (method: string, lfn: string, more: Record<string, unknown> = {}): Promise<Signed> =>
        (await presign({ storageElement: 'WRITER-S3', method, items: [{ lfn, ...more }] })).successful[0] as unknown as Signed;
      interface Upload {
        readonly uploadId: string;
        readonly uploadToken: string;
      }
      const begin = async (storageElement: string, lfn: string): Promise<Answer> => {
        const uploads = [{ lfn, sizeBytes: own.length, partBytes: 5 * 1024 * 1024, checksum: adler32(own) }];
        const response = await rest(restPaths.beginUploads, { storageElement, uploads });
        expect(response.status).toBe(200);
        return (await response.json()) as Answer;
      };
      const beginUpload = async (lfn: string): Promise<Upload> => {
        const { uploadId, uploadToken } = (await begin('WRITER-S3', lfn)).successful[0] as unknown as Upload;
        return { uploadId, uploadToken };
      };
      const askPart = (lfn: string, upload: Upload): Promise<Signed> =>
        askWriter('upload_part', lfn, { ...upload, partNumber: 1, sizeBytes: own.length });
      const complete = async (lfn: string, upload: Upload, etag: string): Promise<Response> => {
        const { url, headers } = await askWriter('complete_multipart_upload', lfn, { ...upload });
        const part = `<Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part>`;
        return fetch(url, { method: 'POST', headers, body: `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>` });
      };

      it.each(attacks)('cannot %s beside an UploadPart', async (what, headers) => {
        const lfn = `${home}/attack/part-${what.length}.bin`;
        const upload = await beginUpload(lfn);
        const part = await askPart(lfn, upload);
        const copying = 'x-amz-copy-source' in headers();
        const answer = await fetch(part.url, { method: 'PUT', headers: { ...part.headers, ...headers() }, body: own });
        if (copying) expect(answer.status).toBeGreaterThanOrEqual(400);
        // A store may take the part and ignore the header; then the object must be what its owner made of it.
        if (answer.ok) expect((await complete(lfn, upload, answer.headers.get('etag')!)).status).toBe(200);
        else {
          const list = await askWriter('list_parts', lfn, { ...upload });
          expect(await (await fetch(list.url, { headers: list.headers })).text()).not.toContain('<PartNumber>');
          const abort = await askWriter('abort_multipart_upload', lfn, { ...upload });
          expect((await fetch(abort.url, { method: 'DELETE', headers: abort.headers })).status).toBe(204);
        }
        await expectNothingGained(lfn);
      });

      it('cannot go on with an upload of somebody else, nor with another one of his own', async () => {
        const lfn = `${home}/attack/bound.bin`;
        const [upload, other] = [await beginUpload(lfn), await beginUpload(`${home}/attack/other.bin`)];
        const fields = { partNumber: 1, sizeBytes: own.length };
        for (const [bearer, item] of [
          [await token('bob'), { lfn, ...upload, ...fields }],
          [undefined, { lfn, uploadId: other.uploadId, uploadToken: upload.uploadToken, ...fields }],
          [undefined, { lfn: `${home}/attack/other.bin`, ...upload, ...fields }],
        ] as const) {
          const { failed } = await presign({ storageElement: 'WRITER-S3', method: 'upload_part', items: [item] }, bearer);
          expect(failed).toMatchObject([{ code: 'permission-denied', message: expect.stringMatching(/not of this upload/) }]);
        }
        for (const [name, one] of [
          [lfn, upload],
          [`${home}/attack/other.bin`, other],
        ] as const) {
          const abort = await askWriter('abort_multipart_upload', name, { ...one });
          expect((await fetch(abort.url, { method: 'DELETE', headers: abort.headers })).status).toBe(204);
        }
      });

      it('is never given the URL that begins an upload in parts', async () => {
        const items = [{ lfn: `${home}/attack/begin.bin` }];
        await expect(presign({ storageElement: 'WRITER-S3', method: 'create_multipart_upload', items })).rejects.toThrow(
          /400 .*unsupported-operation/,
        );
      });

      it('gets no PUT and no upload in parts where the store might honour such headers', async () => {
        const lfn = `${home}/attack/none.bin`;
        expect((await presign({ method: 'put_object', upload: 'put', items: [item(lfn)] })).failed).toMatchObject([
          { code: 'upload-unsafe' },
        ]);
        expect((await begin('DEMO-S3', lfn)).failed).toMatchObject([{ code: 'upload-unsafe' }]);
      });
    });

    describe('the keeper of the catalog', () => {
      it('gives a user a directory, where he then works through the gateway', async () => {
        const shared = '/demo/shared/of-bob';
        expect(await world.cli('bob', ['mkdir', `${shared}/x`])).toMatchObject({ code: 1 });
        const made = await world.cli('alice', ['mkdir', shared, '--owner', 'bob:demo_user', '--mode', '0700'], { direct: true });
        expect(made).toMatchObject({ code: 0, stdout: `${shared} is there\n` });
        await writeFile(join(world.homes.bob.home, 'of-bob.bin'), randomBytes(1000));
        expect(await world.cli('bob', ['mkdir', `${shared}/x`])).toMatchObject({ code: 0 });
        expect(await world.cli('bob', ['put', `${shared}/x/of-bob.bin`, 'of-bob.bin', 'DEMO-S3'])).toMatchObject({ code: 0 });
        expect((await world.cli('alice', ['get', `${shared}/x/of-bob.bin`])).stderr).toMatch(/permission denied/i);
      });

      it('cannot be played through the gateway', async () => {
        const result = await world.cli('alice', ['mkdir', '/demo/mine', '--owner', 'alice:demo_user', '--mode', '0777']);
        expect(result.code).toBe(2);
        expect(result.stderr).toMatch(/SQLite catalog/);
      });
    });

    describe('two gateways', () => {
      it('serve the same users; killing one in the middle of its requests fails no command', async () => {
        const [first, second] = world.gateways;
        const proxy = await FaultProxy.start(Number(new URL(first!.url).port));
        cleanUp.push(() => proxy.close());
        await world.files.setGatewayUrls([`http://127.0.0.1:${proxy.port}`, second!.url]);
        const [workers, rounds] = [6, 3];
        const contents = await Promise.all(Array.from({ length: workers }, (_, n) => makeFile(`load-${n}.bin`, randomBytes(50_000))));
        const results: Awaited<ReturnType<World['cli']>>[] = [];
        let underWay = 0;
        let atKill = { commands: 0, requests: 0 };
        // A third of the work is done; this request has just reached the gateway, and its answer cannot have left.
        proxy.afterRequest = () => {
          if (results.length < workers * 2 || first!.child.killed) return;
          atKill = { commands: underWay, requests: proxy.waiting.size };
          first!.child.kill('SIGKILL');
        };
        const run = async (...words: string[]): Promise<void> => {
          underWay += 1;
          results.push(await world.cli('alice', words));
          underWay -= 1;
        };
        const work = async (content: Buffer, n: number): Promise<void> => {
          for (let round = 0; round < rounds; round += 1) {
            const directory = join(world.homes.alice.home, `loaded-${round}`);
            await mkdir(directory, { recursive: true });
            const lfn = `${home}/load/${round}/load-${n}.bin`;
            await run('put', lfn, `load-${n}.bin`, 'DEMO-S3', 'new');
            await run('get', lfn, '--output-dir', directory);
            expect((await readFile(join(directory, `load-${n}.bin`))).equals(content)).toBe(true);
          }
        };
        await Promise.all(contents.map(work));
        expect(results.filter(({ code }) => code !== 0)).toEqual([]);
        expect(results).toHaveLength(workers * rounds * 2);
        expect(first!.child.signalCode).toBe('SIGKILL');
        expect(atKill.commands).toBeGreaterThanOrEqual(2);
        expect(atKill.requests).toBeGreaterThanOrEqual(1);
        expect(proxy.abandoned).toBeGreaterThanOrEqual(1);
      }, 180_000);
    });

    it('finds configuration and store in order with the gateway program', async () => {
      const check = await runProgram(process.execPath, [gatewayProgram, '--cfg', world.files.gateway, '--check'], { cwd: world.directory });
      expect(check).toMatchObject({ code: 0 });
      expect(check.stdout).toContain('"storageElement":"DEMO-S3","msg":"the bucket is there for these credentials"');
    });

    it('protects its files: the configuration with keys is readable by its owner only', async () => {
      await chmod(world.files.direct, 0o644);
      const result = await world.cli('alice', ['se', 'list', '--verbose'], { direct: true });
      await chmod(world.files.direct, 0o600);
      expect(result.stderr).toMatch(/direct\.cfg.*(readable|chmod)/s);
      expect(result.stdout + result.stderr).not.toContain(world.store.credentials.secretAccessKey);
    });
  });
}

/** A gateway whose catalog is damaged while it runs: every question to it is an error. */
async function startBrokenGateway(world: World): Promise<{ url: string; stop: () => Promise<void> }> {
  const { startGateway, damagedCatalogConfiguration } = await import('../../../../scripts/world/world.mjs');
  const { stopProgram } = await import('../../../../scripts/world/processes.mjs');
  const { config, damage } = await damagedCatalogConfiguration(world);
  const gateway = await startGateway(['--cfg', world.files.gateway, '--cfg', config], world.directory);
  await damage();
  return { url: gateway.url, stop: () => stopProgram(gateway.child) };
}
