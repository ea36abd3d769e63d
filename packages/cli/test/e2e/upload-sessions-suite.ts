import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adler32, objectKeyOf, parseLfn, Secret } from '@dirac-s3/core';
import { createUploadFinder } from '@dirac-s3/core/adapters/s3';
import { restPaths, restPrefix } from '@dirac-s3/core/rest-api';
import { storageElementOf } from '@dirac-s3/core/testing';
import { stopProgram } from '../../../../scripts/world/processes.mjs';
import { built, startGateway, startWorld } from '../../../../scripts/world/world.mjs';

type World = Awaited<ReturnType<typeof startWorld>>;
type Person = 'alice' | 'bob' | 'carol';
interface Signed {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly httpMethod: string;
}
interface Upload {
  readonly lfn: string;
  readonly uploadId: string;
  readonly uploadToken: string;
  readonly begunAt?: string;
}
interface Answer<Entry> {
  readonly successful: Entry[];
  readonly failed: { readonly lfn: string; readonly code: string; readonly message: string }[];
}

const home = '/demo/user/a/alice';
const partBytes = 5 * 1024 * 1024;
const bytes = randomBytes(partBytes + 12_345);
const pieces = [bytes.subarray(0, partBytes), bytes.subarray(partBytes)];

/**
 * Uploads in parts by hand, as somebody would who wants more than he was permitted: the real gateways, catalog and store as processes.
 * Called for the development store in `npm test` and for Ceph RGW in `npm run test:real`.
 */
export function uploadSessionsSuite(storeName: string, givenStore: () => Promise<World['store'] | undefined>): void {
  describe(`uploads in parts on ${storeName}`, () => {
    let world: World;
    /** Gateways 1 and 2 share their keys; `hasty` has them too, and asks again after five seconds; `strange` has others. */
    const urls = { first: '', second: '', hasty: '', strange: '' };
    const tokens = new Map<Person, string>();
    const cleanUp: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      const elements = ({ origin }: World['store']) => Promise.resolve({ 'WRITER-S3': { origin, writeOnlyKey: true } });
      world = await startWorld({ store: await givenStore(), gateways: 2, elements });
      cleanUp.push(() => world.close());
      const more = async (option: string): Promise<string> => {
        const path = `/Systems/DataManagement/Services/S3Gateway/UploadSessions/${option}`;
        const gateway = await startGateway(['--cfg', world.files.gateway, '-o', path], world.directory);
        cleanUp.push(() => stopProgram(gateway.child));
        return gateway.url;
      };
      [urls.first, urls.second] = world.gateways.map(({ url }) => url) as [string, string];
      urls.hasty = await more('Lifetime=5');
      urls.strange = await more(`SecretKeys=${randomBytes(33).toString('base64')}`);
      for (const person of ['alice', 'bob', 'carol'] as const) tokens.set(person, await readFile(world.homes[person].tokenFile, 'utf8'));
    }, 120_000);

    afterAll(async () => {
      for (const step of cleanUp.reverse()) await step();
    }, 60_000);

    interface By {
      readonly by?: Person;
      readonly at?: keyof typeof urls;
    }
    const ask = async <Entry>(path: string, body: object, { by = 'alice', at = 'first' }: By = {}): Promise<Answer<Entry>> => {
      const response = await fetch(`${urls[at]}${restPrefix}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.get(by)!}` },
        body: JSON.stringify({ storageElement: 'WRITER-S3', ...body }),
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${response.status} ${text}`);
      return JSON.parse(text) as Answer<Entry>;
    };
    const begin = async (name: string, by: By = {}): Promise<Upload> => {
      const upload = { lfn: `${home}/${name}`, sizeBytes: bytes.length, partBytes, checksum: adler32(bytes) };
      const { successful, failed } = await ask<Upload>(restPaths.beginUploads, { uploads: [upload] }, by);
      expect(failed).toEqual([]);
      const { lfn, uploadId, uploadToken } = successful[0]!;
      return { lfn, uploadId, uploadToken };
    };
    const bound = ({ lfn, uploadId, uploadToken }: Upload): Upload => ({ lfn, uploadId, uploadToken });
    const renew = (upload: Upload, by: By = {}) => ask<Upload>(restPaths.renewUploads, { uploads: [bound(upload)] }, by);
    const presign = (method: string, upload: Upload, more: object = {}, by: By = {}) =>
      ask<Signed>(restPaths.presign, { method, items: [{ ...bound(upload), ...more }] }, by);
    const sign = async (...asked: Parameters<typeof presign>): Promise<Signed> => {
      const { successful, failed } = await presign(...asked);
      expect(failed).toEqual([]);
      return successful[0]!;
    };
    const refusal = async (...asked: Parameters<typeof presign>): Promise<string> => {
      const { successful, failed } = await presign(...asked);
      expect(successful).toEqual([]);
      return failed[0]!.code;
    };
    const part = (number: 1 | 2) => ({ partNumber: number, sizeBytes: pieces[number - 1]!.length });
    const statusOf = async ({ url, headers }: Pick<Signed, 'url' | 'headers'>, method: string, body?: Buffer | string): Promise<number> => {
      const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
      await response.arrayBuffer();
      return response.status;
    };
    const send = async (upload: Upload, number: 1 | 2, by: By = {}): Promise<string> => {
      const { url, headers } = await sign('upload_part', upload, part(number), by);
      const response = await fetch(url, { method: 'PUT', headers, body: pieces[number - 1]! });
      expect(response.status).toBe(200);
      return response.headers.get('etag')!;
    };
    const completion = (etags: readonly string[]): string => {
      const rows = etags.map((etag, n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
      return `<CompleteMultipartUpload>${rows.join('')}</CompleteMultipartUpload>`;
    };
    const sizesAtStore = async (upload: Upload): Promise<number[]> => {
      const { url, headers } = await sign('list_parts', upload);
      return [...(await (await fetch(url, { headers })).text()).matchAll(/<Size>(\d+)</g)].map(([, size]) => Number(size));
    };
    const abort = async (upload: Upload, by: By = {}): Promise<number> =>
      statusOf(await sign('abort_multipart_upload', upload, {}, by), 'DELETE');
    /** What the store itself has, asked with its own keys and without any gateway. */
    const unfinished = async (name: string): Promise<string[]> => {
      const { accessKeyId, secretAccessKey } = world.store.credentials;
      const keys = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
      const { hostname, port } = new URL(world.store.origin);
      const storageElement = storageElementOf('ANY', { endpoint: { secure: false, host: hostname, port: Number(port) } });
      const place = { storageElement, bucket: world.store.bucket, key: objectKeyOf(parseLfn(`${home}/${name}`)) };
      return (await createUploadFinder({ credentials: { credentialsOf: () => keys } }).find(place, 1000)).map(({ uploadId }) => uploadId);
    };
    /** Who may do what in a directory of the catalog, changed under the running gateways. */
    const chmod = (path: string, mode: number): void => {
      const Database = createRequire(built('core/package.json'))('libsql') as new (file: string) => {
        prepare(sql: string): { run(...values: unknown[]): unknown };
        close(): void;
      };
      const database = new Database(world.files.catalog);
      database.prepare('UPDATE directories SET mode = ? WHERE path = ?').run(mode, path);
      database.close();
    };

    it('are begun at one gateway, sent and completed through another', async () => {
      const upload = await begin('shared.bin');
      const etags = [await send(upload, 1, { at: 'second' }), await send(upload, 2)];
      expect(await sizesAtStore(upload)).toEqual(pieces.map(({ length }) => length));
      const { url, headers } = await sign('complete_multipart_upload', upload, {}, { at: 'second' });
      expect(await statusOf({ url, headers }, 'POST', completion(etags))).toBe(200);
      const read = await ask<Signed>(restPaths.presign, { method: 'get_object', items: [{ lfn: upload.lfn }] });
      const stored = await fetch(read.successful[0]!.url);
      expect(stored.headers.get('x-amz-meta-checksum')).toBe(adler32(bytes));
      expect(Buffer.from(await stored.arrayBuffer()).equals(bytes)).toBe(true);
      expect(await unfinished('shared.bin')).toEqual([]);
    });

    describe('whose holder wants more', () => {
      let upload: Upload;
      let other: Upload;
      beforeAll(async () => {
        [upload, other] = [await begin('mine.bin'), await begin('other.bin')];
      });
      afterAll(async () => {
        for (const one of [upload, other]) expect(await abort(one)).toBe(204);
      });

      it.each<[string, object]>([
        ['a byte more in a part', { partNumber: 1, sizeBytes: partBytes + 1 }],
        ['the whole in every part', { partNumber: 1, sizeBytes: bytes.length }],
        ['a full last part', { partNumber: 2, sizeBytes: partBytes }],
        ['a part after the last', { partNumber: 3, sizeBytes: 1 }],
        ['a part of any size', { partNumber: 1 }],
      ])('is not signed %s', async (_, item) => {
        expect(await refusal('upload_part', upload, item)).toBe('permission-denied');
      });

      it('is signed nothing for the upload of another object, or another upload of this one', async () => {
        const again = await begin('mine.bin');
        for (const mixed of [
          { ...upload, uploadId: other.uploadId },
          { ...upload, uploadId: again.uploadId },
          { ...upload, lfn: other.lfn },
          { ...other, lfn: upload.lfn },
        ]) {
          expect(await refusal('upload_part', mixed, part(1))).toBe('permission-denied');
          for (const method of ['list_parts', 'complete_multipart_upload', 'abort_multipart_upload'])
            expect(await refusal(method, mixed)).toBe('permission-denied');
          expect((await renew(mixed)).failed).toMatchObject([{ code: 'permission-denied' }]);
        }
        expect(await abort(again)).toBe(204);
      });

      it('is refused by the store: more bytes, fewer, or none that were counted', async () => {
        const signed = await sign('upload_part', upload, part(2));
        const { 'content-length': _, ...headers } = signed.headers;
        for (const body of [Buffer.concat([pieces[1]!, Buffer.from('x')]), pieces[1]!.subarray(1), bytes])
          expect(await statusOf({ url: signed.url, headers }, 'PUT', body)).toBe(403);
        expect(await putInChunks(signed.url, bytes)).toBeGreaterThanOrEqual(400);
        expect(await sizesAtStore(upload)).toEqual([]);
      });

      it('is refused by the store: another part, another upload, another key, another verb', async () => {
        const signed = await sign('upload_part', upload, part(2));
        const { url, headers } = signed;
        const altered = [
          url.replace('partNumber=2', 'partNumber=1'),
          url.replace(`uploadId=${encodeURIComponent(upload.uploadId)}`, `uploadId=${encodeURIComponent(other.uploadId)}`),
          url.replace('mine.bin', 'other.bin'),
          url.replace(/&?uploadId=[^&]*/, ''),
          url.replace(/&?partNumber=[^&]*/, ''),
        ];
        for (const other of altered) {
          expect(other).not.toBe(url);
          expect(await statusOf({ url: other, headers }, 'PUT', pieces[1])).toBe(403);
        }
        for (const method of ['GET', 'DELETE', 'POST']) expect(await statusOf({ url, headers: {} }, method)).toBe(403);
        for (const [method, verb] of [
          ['list_parts', 'DELETE'],
          ['complete_multipart_upload', 'DELETE'],
          ['abort_multipart_upload', 'GET'],
        ] as const)
          expect(await statusOf(await sign(method, upload), verb)).toBe(403);
        expect([await sizesAtStore(upload), await sizesAtStore(other)]).toEqual([[], []]);
        // What was signed is good all the same.
        expect(await statusOf(signed, 'PUT', pieces[1])).toBe(200);
        expect(await sizesAtStore(upload)).toEqual([pieces[1]!.length]);
      });

      it('does not end the upload of another object with the URL of his own', async () => {
        const etag = await send(other, 1);
        const { url, headers } = await sign('complete_multipart_upload', upload);
        const moved = url.replace('mine.bin', 'other.bin');
        const both = moved.replace(encodeURIComponent(upload.uploadId), encodeURIComponent(other.uploadId));
        for (const address of [moved, both]) expect(await statusOf({ url: address, headers }, 'POST', completion([etag]))).toBe(403);
        expect(await sizesAtStore(other)).toEqual([pieces[0]!.length]);
        expect(await unfinished('other.bin')).toEqual([other.uploadId]);
      });
    });

    it('are useless to everybody else, token and all', async () => {
      const upload = await begin('private.bin');
      for (const by of ['bob', 'carol'] as const) {
        expect(await refusal('upload_part', upload, part(1), { by })).toBe('permission-denied');
        for (const method of ['list_parts', 'complete_multipart_upload', 'abort_multipart_upload'])
          expect(await refusal(method, upload, {}, { by })).toBe('permission-denied');
        expect((await renew(upload, { by })).failed).toMatchObject([{ code: 'permission-denied' }]);
      }
      const found = await ask<{ uploads: Upload[] }>(restPaths.findUploads, { lfns: [upload.lfn, home, '/demo'] }, { by: 'bob' });
      expect(found).toMatchObject({ successful: [{ uploads: [] }, { uploads: [] }, { uploads: [] }], failed: [] });
      expect(await abort(upload)).toBe(204);
    });

    it('are not known to a gateway with other keys, nor with a token that was touched', async () => {
      const upload = await begin('keys.bin');
      expect(await refusal('upload_part', upload, part(1), { at: 'strange' })).toBe('upload-ended');
      expect((await renew(upload, { at: 'strange' })).failed).toMatchObject([{ code: 'upload-ended' }]);
      const [purpose, payload = '', seal] = upload.uploadToken.split('.');
      const fields = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown[];
      for (const at of fields.keys()) {
        const forged = fields.map((field, n) => (n === at ? (typeof field === 'number' ? field * 2 : `${String(field)}x`) : field));
        const uploadToken = [purpose, Buffer.from(JSON.stringify(forged)).toString('base64url'), seal].join('.');
        expect(await refusal('abort_multipart_upload', { ...upload, uploadToken })).toBe('upload-ended');
      }
      expect(await abort(upload)).toBe(204);
    });

    it('are asked for again when their time is over, and end where the permission was withdrawn', async () => {
      const upload = await begin('withdrawn.bin', { at: 'hasty' });
      const { url, headers } = await sign('upload_part', upload, part(2));
      await send(upload, 1);
      while ((await presign('upload_part', upload, part(2))).failed.length === 0) await new Promise((next) => setTimeout(next, 200));
      expect((await presign('upload_part', upload, part(2))).failed).toMatchObject([
        { code: 'permission-denied', message: expect.stringMatching(/expired; renew it/) },
      ]);
      // No URL outlives the token it was signed for.
      expect(await statusOf({ url, headers }, 'PUT', pieces[1])).toBe(403);
      const { successful } = await renew(upload);
      const renewed = { ...upload, uploadToken: successful[0]!.uploadToken };
      await send(renewed, 2);
      chmod(home, 0o500);
      try {
        expect((await renew(renewed)).failed).toMatchObject([{ lfn: upload.lfn, code: 'permission-denied' }]);
        expect(await abort(upload)).toBe(204);
      } finally {
        chmod(home, 0o700);
      }
      expect(await unfinished('withdrawn.bin')).toEqual([]);
    });

    it('that nobody finished are found by their user, and cleared away with tokens that do nothing else', async () => {
      const begun = [await begin('orphans/one.bin'), await begin('orphans/two.bin', { at: 'second' })];
      await send(begun[0]!, 1);
      const { successful } = await ask<{ lfn: string; uploads: Upload[] }>(restPaths.findUploads, { lfns: [`${home}/orphans`] });
      const found = successful[0]!.uploads;
      expect(found.map(({ lfn, uploadId }) => [lfn, uploadId])).toEqual(begun.map(({ lfn, uploadId }) => [lfn, uploadId]));
      for (const { begunAt = '' } of found) expect(Math.abs(Date.now() - Date.parse(begunAt))).toBeLessThan(120_000);
      expect(await refusal('upload_part', found[0]!, part(1))).toBe('permission-denied');
      expect(await refusal('complete_multipart_upload', found[0]!)).toBe('permission-denied');
      expect((await renew(found[0]!)).failed).toMatchObject([{ code: 'permission-denied' }]);
      expect(await refusal('abort_multipart_upload', found[0]!, {}, { by: 'bob' })).toBe('permission-denied');
      expect(await sizesAtStore(found[0]!)).toEqual([partBytes]);
      for (const one of found) expect(await abort(one, { at: 'second' })).toBe(204);
      expect(await unfinished('orphans')).toEqual([]);
    });

    it('leave their tokens, keys and signatures out of every log', () => {
      for (const { log } of world.gateways) {
        expect(log()).toContain('create_multipart_upload');
        expect(log()).not.toMatch(/upload1\.[A-Za-z0-9_-]{8}/);
        expect(log()).not.toMatch(/X-Amz-Signature=[0-9a-f]/);
        expect(log()).not.toContain(world.store.credentials.secretAccessKey);
      }
    });
  });
}

/** A body whose size nobody says beforehand. */
function putInChunks(url: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(body);
  });
}
