import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { adler32, singleResult } from '../../src/domain/index.js';
import { openSource } from '../../src/storage/source-file.js';
import { storedMd5, withMd5 } from '../../src/storage/stored-md5.js';
import { withHostileStore } from './hostile-store.js';
import { lfnOf } from './world.js';

const md5OfHello = '5d41402abc4b2a76b9719d911017c592';

describe('the MD5 of what is stored', () => {
  test.each([
    [{ etag: `"${md5OfHello}"` }, md5OfHello],
    [{ etag: md5OfHello, 'x-amz-server-side-encryption': 'AES256' }, md5OfHello],
    [{ etag: `"${md5OfHello}-3"` }, undefined],
    [{ etag: '"something"' }, undefined],
    [{ etag: `"${md5OfHello}"`, 'x-amz-server-side-encryption': 'aws:kms' }, undefined],
    [{ etag: `"${md5OfHello}"`, 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }, undefined],
    [{}, undefined],
  ])('of %j is %p', (headers, md5) => expect(storedMd5({ headers })).toBe(md5));

  test('is compared with what left this process, told after the last byte and not before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dirac-s3-md5-'));
    const path = join(folder, 'file');
    writeFileSync(path, 'hello');
    const told: string[] = [];
    const source = withMd5(await openSource({ path }), (md5) => told.push(md5));
    for await (const chunk of source.chunks()) expect([chunk.toString(), told]).toEqual(['hello', []]);
    await source.close();
    expect(told).toEqual([md5OfHello]);
    rmSync(folder, { recursive: true });
  });

  test.each([
    [`"${'0'.repeat(32)}"`, 'checksum-mismatch'],
    [`"${'0'.repeat(32)}-2"`, undefined],
  ])('that is another refuses an upload whose announced checksum is right (ETag %s)', async (etag, code) => {
    const folder = mkdtempSync(join(tmpdir(), 'dirac-s3-md5-'));
    const path = join(folder, 'file');
    const bytes = randomBytes(1000);
    writeFileSync(path, bytes);
    let taken = false;
    await withHostileStore(
      (request, response) => {
        if (request.method === 'PUT') request.resume().on('end', () => response.end(void (taken = true)));
        else if (!taken) response.writeHead(404).end();
        else response.writeHead(200, { 'content-length': 1000, 'x-amz-meta-checksum': adler32(bytes), etag }).end();
      },
      async ({ se }) => {
        const outcome = se.put([{ lfn: lfnOf('x'), source: { path } }]).then(singleResult);
        if (code === undefined) expect(await outcome).toMatchObject({ sizeBytes: 1000 });
        else await expect(outcome).rejects.toMatchObject({ code, message: expect.stringContaining('changed on their way') });
      },
    );
    rmSync(folder, { recursive: true });
  });
});
