import { randomBytes } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createObjectLister } from '../../../src/adapters/s3/index.js';
import { bulkMap, Secret, type ObjectKey, type StorageElement } from '../../../src/domain/index.js';
import type { ListedObject } from '../../../src/ports/index.js';
import { seededRandom } from '../../../src/testing/fault-proxy/random.js';
import { storageElementOf } from '../../../src/testing/index.js';
import { provider } from './targets.js';

export interface ListedStore {
  readonly origin: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Called for the development store in `npm test` and for Ceph RGW in `npm run test:real`: what must hold of listings at any store. */
export function objectListerSuite(storeName: string, open: () => Promise<ListedStore>): void {
  describe(`listings of what is stored on ${storeName}`, () => {
    // Nobody else's, whatever else is in the bucket.
    const home = `vo/listed-${randomBytes(6).toString('hex')}`;
    const key = (name: string): ObjectKey => `${home}/${name}` as ObjectKey;
    const stored = new Map<ObjectKey, ListedObject>();
    const closing: (() => void)[] = [];
    let store: ListedStore;
    let element: StorageElement;
    let put: (key: ObjectKey, bytes?: Buffer) => Promise<void>;

    beforeAll(async () => {
      store = await open();
      const { hostname, port } = new URL(store.origin);
      const endpoint = { secure: false, host: hostname, port: Number(port) };
      element = storageElementOf('SE', { endpoint, bucket: store.bucket, region: store.region });
      const { accessKeyId, secretAccessKey } = store.credentials;
      const s3 = new S3Client({
        endpoint: store.origin,
        region: store.region,
        forcePathStyle: true,
        credentials: { accessKeyId, secretAccessKey },
        requestChecksumCalculation: 'WHEN_REQUIRED',
      });
      closing.push(() => s3.destroy());
      put = async (name, bytes = randomBytes(stored.size % 7)) => {
        const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket: store.bucket, Key: name, Body: bytes }));
        stored.set(name, { sizeBytes: bytes.length, etag: ETag.replaceAll('"', '') });
      };
    });
    afterAll(() => closing.forEach((close) => close()));

    const putAll = async (names: readonly string[]): Promise<void> => {
      const { failed } = await bulkMap(names.map(key), put, { parallel: 8 });
      expect([...failed]).toEqual([]);
    };
    const list = (keys: readonly ObjectKey[], pageKeys?: number) => {
      const { accessKeyId, secretAccessKey } = store.credentials;
      const credentials = provider({ accessKeyId, secretAccessKey: new Secret(secretAccessKey) });
      const lister = createObjectLister({ credentials, clock: { now: () => new Date() }, ...(pageKeys !== undefined && { pageKeys }) });
      closing.push(() => lister.close());
      return lister.list({ storageElement: element, bucket: store.bucket }, keys);
    };
    /** Each name as the store has it, in the order asked. */
    const expectAll = async (keys: readonly ObjectKey[], pageKeys?: number): Promise<void> => {
      const { successful, failed } = await list(keys, pageKeys);
      expect([...failed]).toEqual([]);
      expect([...successful]).toEqual(keys.map((one) => [one, stored.get(one)]));
    };

    it('tell size and ETag of what is there, and that the rest is not', async () => {
      await putAll(['plain/a', 'plain/c', 'plain/e', 'plain/f']);
      await expectAll(['f', 'b', 'a', 'e', 'd', 'zz', 'c', '0'].map((name) => key(`plain/${name}`)));
      await expectAll(['a', 'b', 'c', 'd'].map((name) => key(`nowhere/${name}`)));
    });

    it('tell names of any characters, each by its own spelling', async () => {
      const names = [
        ...[
          'a b',
          'a+b',
          'a%20b',
          'a%2Bb',
          'a&b',
          'a&amp;b',
          'a"b',
          "a'b",
          'a<b>',
          'a]]>b',
          'a;b',
          'a=b',
          'a:b',
          'a,b',
          'a*b',
          'a~b',
          'a|b',
        ],
        ...[
          'ä',
          'a\u0308',
          '日本',
          'é',
          '\u{1f600}',
          '\uffe6',
          '\ue000',
          '\u{10000}',
          '\u{10fffd}',
          '\ud7ff',
          '\u00a0',
          'x \u{1f600}+%',
          '0',
          '.a',
          '-',
        ],
      ].map((name) => `any/${name}`);
      await putAll(names.filter((_, n) => n % 2 === 0));
      await expectAll(names.map(key));
      await putAll(names);
      for (const pageKeys of [1, 2, 5, 1000]) {
        // Whoever asks for a page at a time gets as far as the pages go, and every name is among those asked for.
        await expectAll(names.map(key), pageKeys);
      }
    });

    it('tell names in the order of their UTF-8 bytes, which is not that of JavaScript', async () => {
      const names = ['\uff21', '\u{1f600}', '\ue000', '\u{10000}x'].map((name) => `order/n${name}`);
      await putAll([...names, 'order/n']);
      for (const pageKeys of [1, 2, 3]) await expectAll([...names, 'order/nothing', 'order/n'].map(key), pageKeys);
    });

    it('pass sub-directories by, wherever pages end and whatever stands beside them', async () => {
      await putAll([
        'deep/a',
        'deep/a/1',
        'deep/a/2/3',
        'deep/a0',
        'deep/a.',
        'deep/a!',
        'deep/b/1',
        'deep/b0',
        'deep/b0/1',
        'deep/c/1',
        'deep/d',
      ]);
      const wanted = ['a', 'a!', 'a.', 'a-', 'a0', 'b', 'b.', 'b0', 'b1', 'c', 'c0', 'd'].map((name) => key(`deep/${name}`));
      for (const pageKeys of [1, 2, 3, 4, 1000]) await expectAll(wanted, pageKeys);
    });

    it('agree with what is stored, for any names, at any size of page', async () => {
      const random = seededRandom('names of a listing');
      const letters = ['/', '.', '0', '-', ' ', '+', '%', 'a', 'b', '~', '\u00e9', '\ue000', '\u{10000}'];
      const name = (): string =>
        Array.from({ length: 1 + Math.floor(random() * 4) }, () => letters[Math.floor(random() * letters.length)]).join('');
      const proper = (path: string): boolean => path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
      const all = [...new Set(Array.from({ length: 300 }, name).filter(proper))].map((path) => `random/${path}`);
      await putAll(all.filter(() => random() < 0.4));
      let told = 0;
      for (const pageKeys of [1, 2, 3, 7, 50, 1000]) {
        const { successful, failed } = await list(all.map(key), pageKeys);
        for (const [one, object] of successful) expect([one, object]).toEqual([one, stored.get(one)]);
        for (const { code } of failed.values()) expect(['unsupported-operation', 'too-many-items']).toContain(code);
        told += successful.size;
      }
      expect(told).toBeGreaterThan(all.length * 3);
    }, 120_000);

    it('find a few names among very many, without reading those before or after', async () => {
      const crowd = Array.from({ length: 1200 }, (_, n) => `crowd/f${String(n).padStart(5, '0')}`);
      await putAll(crowd);
      await expectAll([...crowd.slice(1100), 'crowd/f01105x', 'crowd/zzz'].map(key));
      await expectAll(crowd.map(key));
      await expectAll([...crowd.slice(600, 603), 'crowd/f00600.'].map(key), 3);
    }, 120_000);

    it('do not call absent what they did not reach', async () => {
      const wanted = ['a', 'f00300', 'f00600', 'f00900', 'f01199', 'z', 'zz'].map((name) => key(`crowd/${name}`));
      const { successful, failed } = await list(wanted, 2);
      // Four pages at two rows each begin at a wanted name, and go no further than the next row.
      expect(successful.size).toBeGreaterThanOrEqual(4);
      for (const [one, object] of successful) expect(object).toEqual(stored.get(one));
      for (const [one, { code, message }] of failed)
        expect([code, message]).toEqual(['too-many-items', `/${one}: too much is stored before it to list`]);
    });

    it('are not made for a few names of a directory, which fail', async () => {
      const few = ['plain/a', 'plain/b', 'plain/c', 'deep/a'].map(key);
      const { successful, failed } = await list(few);
      expect(successful.size).toBe(0);
      expect([...failed.values()].map(({ code }) => code)).toEqual(few.map(() => 'unsupported-operation'));
    });

    it('see what is replaced and removed since', async () => {
      const wanted = ['a', 'b', 'c', 'e'].map((name) => key(`plain/${name}`));
      await put(wanted[0]!, randomBytes(33));
      await put(wanted[1]!, randomBytes(5));
      await expectAll(wanted);
    });
  });
}
