import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createS3Presigner } from '../../src/adapters/s3/index.js';
import { adler32, Secret, singleResult, type Lfn } from '../../src/domain/index.js';
import { createDirectUrlSource } from '../../src/presign/index.js';
import { presignedUrlOf } from '../../src/storage/signed-urls.js';
import { createS3StorageElement, type S3StorageElement } from '../../src/storage/index.js';
import { seededRandom } from '../../src/testing/fault-proxy/random.js';
import { startFaultProxy, type FaultPlan, type FaultProxy, type ProxyEvent } from '../../src/testing/index.js';
import { realStore } from '../store-conformance/real-store.js';
import { directMultipart, type DirectMultipart } from './direct-multipart.js';
import { KillableTransfers } from './killable-transfers.js';
import { elementAt, filesBelow, lfnOf } from './world.js';

const mebibyte = 1024 * 1024;
const bytes = randomBytes(41 * mebibyte);
const [parts, ranges] = [9, 41];
const kills = 4;
/** The processes send two parts, or fetch two ranges, at a time. */
const inFlight = 2;
const pieces = { partBytes: 5 * mebibyte, rangeBytes: mebibyte, parallel: inFlight };

/** Between client and Ceph there is a proxy that counts, and slows down so that there is a middle to be killed in. */
describe('large transfers on Ceph', () => {
  const store = realStore();
  const s3 = new S3Client({
    endpoint: store.origin,
    region: store.region,
    forcePathStyle: true,
    credentials: store.credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  let events: ProxyEvent[];
  let plan: FaultPlan;
  let folder: string;
  let proxy: FaultProxy;
  let lfn: Lfn;
  let source: string;
  let copy: string;
  let multipart: DirectMultipart;
  let se: S3StorageElement;
  let transfers: KillableTransfers;
  let urls: ReturnType<typeof createDirectUrlSource>;

  beforeEach(async () => {
    [events, plan] = [[], () => undefined];
    folder = mkdtempSync(join(tmpdir(), 'dirac-s3-real-transfers-'));
    [source, copy] = [join(folder, 'source'), join(folder, 'copy')];
    writeFileSync(source, bytes);
    lfn = lfnOf(`large-${randomBytes(6).toString('hex')}`);
    proxy = await startFaultProxy({
      store: store.origin,
      plan: (request) => plan(request),
      bytesPerSecond: 30 * mebibyte,
      onEvent: (event) => events.push(event),
    });
    const element = elementAt(proxy.port, { bucket: store.bucket, region: store.region });
    const keys = { accessKeyId: store.credentials.accessKeyId, secretAccessKey: new Secret(store.credentials.secretAccessKey) };
    urls = createDirectUrlSource({
      registry: { find: () => element, all: () => [element] },
      presigner: createS3Presigner({ credentials: { credentialsOf: () => keys } }),
      clock: { now: () => new Date() },
      vo: 'vo',
    });
    multipart = directMultipart(urls);
    se = createS3StorageElement({ element, urls, multipart, pieces });
    transfers = await KillableTransfers.open({ urls, multipart, element, lfn, paths: { put: source, get: copy } });
  });
  afterEach(async () => {
    await se.remove([lfn]);
    se.close();
    transfers.close();
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const place = () => ({ Bucket: store.bucket, Key: lfn.slice(1) });
  const openUploads = async (): Promise<number> => {
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: store.bucket, Prefix: lfn.slice(1) }));
    return Uploads.length;
  };
  const partsSent = (): number[] => events.flatMap(({ method, partNumber }) => (method === 'PUT' ? (partNumber ?? []) : []));
  /** Runs a process, which must send no part that ListParts shows before it begins. */
  const withoutRepeating = async (run: () => Promise<void>): Promise<void> => {
    const [UploadId] = multipart.begun;
    const { Parts = [] } = UploadId === undefined ? {} : await s3.send(new ListPartsCommand({ ...place(), UploadId }));
    const shown = new Set(Parts.map(({ PartNumber }) => PartNumber));
    const before = partsSent().length;
    await run();
    // What was in flight is cut off by now, and counted.
    await sleep(200);
    expect(
      partsSent()
        .slice(before)
        .filter((number) => shown.has(number)),
    ).toEqual([]);
  };
  /** Moments as random as the seed, which is printed. */
  const moments = (): number[] => {
    const seed = process.env.DIRAC_S3_FAULT_SEED ?? randomBytes(6).toString('hex');
    process.stdout.write(`killed ${kills} times, seed ${seed}\n`);
    const random = seededRandom(seed);
    return Array.from({ length: kills }, () => Math.floor(random() * bytes.length * 0.95)).sort((one, other) => one - other);
  };

  test('killed at random moments, an upload goes on: no part that ListParts shows is sent again', async () => {
    for (const doneBytes of moments()) await withoutRepeating(() => transfers.killAt('put', doneBytes));
    await withoutRepeating(async () => expect(await transfers.finish('put')).toBe(0));
    expect(multipart.begun).toHaveLength(1);
    expect(new Set(partsSent()).size).toBe(parts);
    expect(partsSent().length).toBeLessThanOrEqual(parts + kills * inFlight);
    expect(singleResult(await se.getMetadata([lfn]))).toMatchObject({ sizeBytes: bytes.length, checksum: adler32(bytes) });
    expect(await openUploads()).toBe(0);
    expect(filesBelow(folder)).toEqual(['source']);
  }, 120_000);

  test('killed at random moments, a download goes on: at most the ranges in flight are fetched again', async () => {
    singleResult(await se.put([{ lfn, source: { path: source } }]));
    for (const doneBytes of moments()) {
      await transfers.killAt('get', doneBytes);
      expect(existsSync(copy)).toBe(false);
    }
    expect(await transfers.finish('get')).toBe(0);
    const fetched = events.flatMap(({ range }) => range ?? []);
    expect(new Set(fetched).size).toBe(ranges);
    expect(fetched.length).toBeLessThanOrEqual(ranges + kills * inFlight);
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    expect(filesBelow(folder)).toEqual(['copy', 'source']);
  }, 120_000);

  test.each([false, true])('an end that is answered with 200 and an error is none until it is one (reached: %s)', async (done) => {
    let ends = 0;
    plan = ({ method, target }) =>
      method === 'POST' && target.includes('uploadId=') && (ends += 1) === 1 ? { kind: 'failed-complete', done } : undefined;
    expect(singleResult(await se.put([{ lfn, source: { path: source } }]))).toMatchObject({ checksum: adler32(bytes) });
    expect(ends).toBe(2);
    expect(await openUploads()).toBe(0);
    expect(singleResult(await se.get([{ lfn, path: copy }]))).toMatchObject({ verified: true, checksum: adler32(bytes) });
  });

  test('Ceph answers the end of an upload with an empty ETag, which is no fault', async () => {
    const { UploadId = '' } = await s3.send(new CreateMultipartUploadCommand(place()));
    const { ETag } = await s3.send(new UploadPartCommand({ ...place(), UploadId, PartNumber: 1, Body: 'a part' }));
    const item = { lfn, uploadId: UploadId };
    const signed = await urls.presign({ storageElement: 'SE', method: 'complete_multipart_upload', items: [item] });
    const { url, headers } = presignedUrlOf(signed, lfn);
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${ETag ?? ''}</ETag></Part></CompleteMultipartUpload>`;
    const answer = await fetch(url, { method: 'POST', headers, body });
    expect([answer.status, /<ETag>.*?<\/ETag>|<ETag\/>/.exec(await answer.text())?.[0]]).toEqual([200, '<ETag></ETag>']);
    // What the engine itself ends is stored: it reads back what the store has.
    expect(singleResult(await se.put([{ lfn, source: { path: source }, overwrite: true }]))).toMatchObject({ sizeBytes: bytes.length });
  });
});
