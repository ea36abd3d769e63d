import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, singleResult } from '../../src/domain/index.js';
import type { MultipartUploads } from '../../src/ports/index.js';
import { withHostileStore } from './hostile-store.js';
import { lfnOf } from './world.js';

const mebibyte = 1024 * 1024;
const bytes = randomBytes(12 * mebibyte + 345);
const pieces = { partBytes: 5 * mebibyte, parallel: 3 };
const parts = 3;
const lfn = lfnOf('large.bin');
const multipart: MultipartUploads = {
  begin: (_, [upload]) =>
    Promise.resolve({
      successful: new Map([[upload!.lfn, { lfn, uploadId: 'upload', token: undefined, expiresAt: new Date(Date.now() + 3_600_000) }]]),
      failed: new Map(),
    }),
  renew: () => Promise.reject(new Error('not needed in these tests')),
  find: () => Promise.reject(new Error('not needed in these tests')),
};

interface SentPart {
  /** The MD5 that went before the bytes, and their own. */
  readonly announced: string | undefined;
  readonly md5: string;
}

let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dirac-s3-parts-'));
  source = join(folder, 'source');
  writeFileSync(source, bytes);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A store that takes everything, and answers parts as it is told. */
function storeWith(answerPart: (part: SentPart, response: ServerResponse) => void): {
  sent: SentPart[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
} {
  const sent: SentPart[] = [];
  let ended = false;
  return {
    sent,
    answer: (request, response) => {
      if (request.method === 'HEAD') {
        const headers = { 'content-length': bytes.length, 'x-amz-meta-checksum': adler32(bytes) };
        response.writeHead(ended ? 200 : 404, ended ? headers : {}).end();
        return;
      }
      if (request.method === 'DELETE') {
        response.writeHead(204).end();
        return;
      }
      const md5 = createHash('md5');
      request.on('data', (chunk: Buffer) => md5.update(chunk));
      request.once('end', () => {
        if (request.method === 'POST') {
          ended = true;
          response.end('<CompleteMultipartUploadResult><ETag>&quot;whole-3&quot;</ETag></CompleteMultipartUploadResult>');
          return;
        }
        const header = request.headers['content-md5'];
        const announced = typeof header === 'string' ? Buffer.from(header, 'base64').toString('hex') : undefined;
        const part = { announced, md5: md5.digest('hex') };
        sent.push(part);
        answerPart(part, response);
      });
    },
  };
}

async function sendTo({ answer }: ReturnType<typeof storeWith>): Promise<void> {
  await withHostileStore(
    answer,
    async ({ se }) => {
      const stored = await se.put([{ lfn, source: { path: source } }]).then(singleResult);
      expect(stored).toMatchObject({ sizeBytes: bytes.length, checksum: adler32(bytes) });
    },
    { multipart, pieces },
  );
}

const ofAnother = '"0123456789abcdef0123456789abcdef"';
const etagsThatTellNothing = [
  { etag: ofAnother, 'x-amz-server-side-encryption': 'aws:kms' },
  { etag: ofAnother, 'x-amz-server-side-encryption-customer-algorithm': 'AES256' },
  { etag: '"a text of its own"' },
];

describe('a part', () => {
  test.each([undefined, { 'x-amz-server-side-encryption': 'AES256' }, ...etagsThatTellNothing])(
    'is sent once, with its MD5 before it for the store to verify, whatever its ETag is (%j)',
    async (headers) => {
      const store = storeWith(({ md5 }, response) => response.writeHead(200, { etag: `"${md5}"`, ...headers }).end());
      await sendTo(store);
      expect(store.sent).toHaveLength(parts);
      expect(store.sent.every(({ announced, md5 }) => announced === md5)).toBe(true);
      expect(new Set(store.sent.map(({ md5 }) => md5)).size).toBe(parts);
    },
  );

  test.each([
    ['says to have other bytes', (response: ServerResponse) => response.writeHead(200, { etag: ofAnother }).end()],
    ['says to have got other bytes', (response: ServerResponse) => response.writeHead(400).end('<Error><Code>BadDigest</Code></Error>')],
  ])('of which the store %s is sent again, when the file is what it was', async (_, answerFirst) => {
    let damaged = 0;
    const store = storeWith(({ md5 }, response) => {
      if (damaged++ === 0) answerFirst(response);
      else response.writeHead(200, { etag: `"${md5}"` }).end();
    });
    await sendTo(store);
    expect(store.sent).toHaveLength(parts + 1);
  });

  /** Neither store verifies what is announced. */
  test.each([
    ['the MD5 of what it got', ({ md5 }: SentPart) => `"${md5}"`],
    ['an ETag that tells nothing', () => '"a text of its own"'],
  ])(
    'of a file that changed after it was summed is refused by its name, and not sent again, where the store gives %s',
    async (_, etagOf) => {
      const store = storeWith((part, response) => response.writeHead(200, { etag: etagOf(part) }).end());
      let changed = false;
      const onProgress = ({ phase, doneBytes }: { phase: string; doneBytes: number }): void => {
        if (changed || phase !== 'checksum' || doneBytes < bytes.length) return;
        changed = true;
        writeFileSync(source, Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 1])]));
      };
      await withHostileStore(
        store.answer,
        async ({ se, seen }) => {
          const outcome = se.put([{ lfn, source: { path: source } }], { onProgress }).then(singleResult);
          await expect(outcome).rejects.toMatchObject({ code: 'checksum-mismatch', message: `${source} changed while it was sent` });
          expect(seen.filter((request) => request.startsWith('POST'))).toEqual([]);
          expect(seen.filter((request) => request.startsWith('DELETE'))).toHaveLength(1);
        },
        { multipart, pieces },
      );
      expect(store.sent.length).toBeLessThanOrEqual(parts);
      expect(readdirSync(folder)).toEqual(['source']);
    },
  );
});
