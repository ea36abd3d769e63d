import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StoreUnderTest } from './store-under-test.js';
import { Talk } from './talk.js';

const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7) % 256));

/** Refusals are expected here; the SDK would warn of them on the console. */
const quiet = (): void => undefined;
const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** The AWS SDK as a client, with its default checksums and without. */
export function sdkClientSuite(storeName: string, store: () => StoreUnderTest): void {
  describe(`the AWS SDK with ${storeName}`, () => {
    let byDefault: S3Client;
    let whenRequired: S3Client;
    const Bucket = (): string => store().bucket;
    const newKey = (): string => new Talk(store()).key();

    beforeAll(() => {
      const { origin, region, credentials } = store();
      const common = { endpoint: origin, region, credentials, forcePathStyle: true, maxAttempts: 1, logger: silent };
      byDefault = new S3Client(common);
      whenRequired = new S3Client({ ...common, requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' });
    });
    afterAll(() => {
      byDefault.destroy();
      whenRequired.destroy();
    });

    const content = async (client: S3Client, Key: string): Promise<Buffer> => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: Bucket(), Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    };

    it('puts and gets a buffer with its default checksum', async () => {
      const Key = newKey();
      await byDefault.send(new PutObjectCommand({ Bucket: Bucket(), Key, Body: bytes, Metadata: { checksum: '0a1b2c3d' } }));
      const { Metadata, ContentLength } = await byDefault.send(new HeadObjectCommand({ Bucket: Bucket(), Key }));
      expect({ Metadata, ContentLength }).toEqual({ Metadata: { checksum: '0a1b2c3d' }, ContentLength: bytes.length });
      expect(await content(byDefault, Key)).toEqual(bytes);
    });

    it('puts a stream with its default checksum: stored right, or refused and nothing stored', async () => {
      const Key = newKey();
      const put = byDefault.send(
        new PutObjectCommand({ Bucket: Bucket(), Key, Body: Readable.from([bytes]), ContentLength: bytes.length }),
      );
      if (store().name === 'ceph') {
        await expect(put).rejects.toMatchObject({ name: 'MissingContentLength' });
        await expect(content(byDefault, Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
      } else {
        await put;
        expect(await content(byDefault, Key)).toEqual(bytes);
        const { ContentEncoding } = await byDefault.send(new HeadObjectCommand({ Bucket: Bucket(), Key }));
        expect(ContentEncoding ?? '').not.toContain('aws-chunked');
      }
    });

    it.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)('puts a buffer with a %s', async (ChecksumAlgorithm) => {
      const Key = newKey();
      await byDefault.send(new PutObjectCommand({ Bucket: Bucket(), Key, Body: bytes, ChecksumAlgorithm }));
      expect(await content(byDefault, Key)).toEqual(bytes);
    });

    it('puts and gets a stream without checksums', async () => {
      const Key = newKey();
      await whenRequired.send(new PutObjectCommand({ Bucket: Bucket(), Key, Body: Readable.from([bytes]), ContentLength: bytes.length }));
      expect(await content(whenRequired, Key)).toEqual(bytes);
    });

    it('uploads in parts, lists and removes', async () => {
      const Key = newKey();
      const target = { Bucket: Bucket(), Key };
      const { UploadId } = await byDefault.send(new CreateMultipartUploadCommand(target));
      const { ETag } = await byDefault.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: bytes }));
      await byDefault.send(
        new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
      );
      expect(await content(byDefault, Key)).toEqual(bytes);
      const listed = await byDefault.send(new ListObjectsV2Command({ Bucket: Bucket(), Prefix: Key }));
      expect(listed.Contents?.map(({ Key: key, Size }) => [key, Size])).toEqual([[Key, bytes.length]]);
      const deleted = await byDefault.send(new DeleteObjectsCommand({ Bucket: Bucket(), Delete: { Objects: [{ Key }] } }));
      expect(deleted.Deleted?.map(({ Key: key }) => key)).toEqual([Key]);
      await expect(content(byDefault, Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
    });

    it('aborts an upload in parts', async () => {
      const target = { Bucket: Bucket(), Key: newKey() };
      const { UploadId } = await whenRequired.send(new CreateMultipartUploadCommand(target));
      await whenRequired.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
      const part = whenRequired.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: 'x' }));
      await expect(part).rejects.toMatchObject({ name: 'NoSuchUpload' });
    });

    it('keeps apart keys that differ by slashes and dots', async () => {
      const folder = newKey();
      const keys = ['a//b', 'a/b', 'a/../b', 'a/./b'].map((name) => `${folder}/${name}`);
      for (const Key of keys) await whenRequired.send(new PutObjectCommand({ Bucket: Bucket(), Key, Body: Key }));
      expect((await Promise.all(keys.map((Key) => content(whenRequired, Key)))).map(String)).toEqual(keys);
    });

    it('is told of a refusal in words it understands', async () => {
      const get = whenRequired.send(new GetObjectCommand({ Bucket: Bucket(), Key: newKey() }));
      await expect(get).rejects.toBeInstanceOf(S3ServiceException);
      await expect(get).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
    });
  });
}
