import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

describe('a part', () => {
  test.each([{}, { 'x-amz-server-side-encryption': 'AES256' }])('is sent once where the ETag is its MD5 (%j)', async (headers) => {
    const store = storeWith(({ md5 }, response) => response.writeHead(200, { etag: `"${md5}"`, ...headers }).end());
    await sendTo(store);
    expect(store.sent).toHaveLength(parts);
    expect(store.sent.every(({ announced }) => announced === undefined)).toBe(true);
  });

  test('of which the store received other bytes is sent again', async () => {
    let damaged = 0;
    const store = storeWith(({ md5 }, response) => {
      response.writeHead(200, { etag: damaged++ === 0 ? '"0123456789abcdef0123456789abcdef"' : `"${md5}"` }).end();
    });
    await sendTo(store);
    expect(store.sent).toHaveLength(parts + 1);
  });

  test.each([
    { etag: '"0123456789abcdef0123456789abcdef"', 'x-amz-server-side-encryption': 'aws:kms' },
    { etag: '"0123456789abcdef0123456789abcdef"', 'x-amz-server-side-encryption-customer-algorithm': 'AES256' },
    { etag: '"a text of its own"' },
  ])('goes with its MD5 before it, for the store to verify, where the ETag tells nothing (%j)', async (headers) => {
    const store = storeWith((_, response) => response.writeHead(200, headers).end());
    await sendTo(store);
    const verified = store.sent.filter(({ announced, md5 }) => announced === md5);
    expect(new Set(verified.map(({ md5 }) => md5)).size).toBe(parts);
    expect(verified).toHaveLength(parts);
    // Those that were under way when this was found out went without.
    expect(store.sent.length).toBeLessThanOrEqual(2 * parts);
  });
});
