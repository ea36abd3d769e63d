import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createS3Presigner } from '../../../src/adapters/s3/index.js';
import { lfnFault, s3MethodNames, s3Methods, type PresignedUrl, type PresignItem, type S3Method } from '../../../src/domain/index.js';
import type { TargetFacts } from '../../../src/ports/index.js';
import { keys, now, provider, storageElement, targetOf } from './targets.js';
import { verifies } from './verify-signature.js';

const main = keys('MAIN');
const secret = 'secret of MAIN';
const presigner = createS3Presigner({ credentials: provider(main) });
const sign = async (lfn: string, changes: Partial<TargetFacts> = {}): Promise<PresignedUrl> =>
  (await presigner.presign(targetOf(lfn, changes), now)) as PresignedUrl;
const parametersOf = (url: string): URLSearchParams => new URL(url).searchParams;
const signedHeadersOf = (url: string): string[] => parametersOf(url).get('X-Amz-SignedHeaders')!.split(';');

const anyLfn = fc
  .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 })
  .map((segments) => `/${segments.map((one) => one.replaceAll('/', '%2F')).join('/')}`)
  .filter((text) => lfnFault(text) === undefined);

const everything = {
  sizeBytes: 11,
  checksum: '0a1b2c3d',
  metadata: { 'run-number': '42 a', owner: 'alice' },
  contentType: 'text/plain',
  ifNoneMatch: true,
};

/** A sensible item for each method. */
const itemFor = (lfn: string, method: S3Method): PresignItem => {
  if (method === 'put_object') return { lfn, ...everything };
  if (method === 'create_multipart_upload') return { lfn, checksum: '0a1b2c3d', metadata: { owner: 'alice' } };
  if (method === 'upload_part') return { lfn, sizeBytes: 5, uploadId: '2~a/b+c=', partNumber: 7 };
  if (method === 'get_object') return { lfn, downloadName: 'a b.txt' };
  if (method === 'upload_part_copy')
    return { lfn, uploadId: '2~a/b+c=', partNumber: 7, sourceEtag: '"abc"', sourceRange: { from: 5, to: 9 } };
  return /multipart|parts/.test(method) ? { lfn, uploadId: '2~a/b+c=' } : { lfn };
};
const sourceFor = (method: S3Method): Pick<TargetFacts, 'source'> =>
  s3Methods[method].copies ? { source: { storageElement: storageElement(), bucket: 'source-bucket' } } : {};

describe('what is in a URL', () => {
  test('a store reads back the very key that was signed, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(anyLfn, fc.constantFrom('path' as const, 'virtual-host' as const), async (lfn, addressingStyle) => {
        const { url } = await sign(lfn, { storageElement: storageElement({ addressingStyle }) });
        const path = url.slice(url.indexOf('/', 'http://'.length), url.indexOf('?'));
        expect(decodeURIComponent(path)).toBe(addressingStyle === 'path' ? `/bucket${lfn}` : lfn);
        expect(path).toMatch(/^(?:\/(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})+)+$/);
      }),
    );
  });

  test('a URL parser on the way does not change the path', async () => {
    await fc.assert(
      fc.asyncProperty(anyLfn, async (lfn) => {
        const { url } = await sign(lfn);
        // "%2e" segments are dot segments to WHATWG parsers: they can only come from a literal one, which no LFN has.
        expect(new URL(url).pathname).toBe(url.slice('http://store.example.org:9000'.length, url.indexOf('?')));
      }),
    );
  });

  test.each([
    ['path' as const, 'http://store.example.org:9000/bucket/vo/a?'],
    ['virtual-host' as const, 'http://bucket.store.example.org:9000/vo/a?'],
  ])('names the bucket in %s style', async (addressingStyle, start) => {
    expect((await sign('/vo/a', { storageElement: storageElement({ addressingStyle }) })).url.startsWith(start)).toBe(true);
  });

  test.each([
    [{ secure: true, host: 's3.example.org', port: undefined }, 'https://s3.example.org/'],
    [{ secure: true, host: 's3.example.org', port: 443 }, 'https://s3.example.org/'],
    [{ secure: false, host: 's3.example.org', port: 80 }, 'http://s3.example.org/'],
    [{ secure: false, host: 's3.example.org', port: 443 }, 'http://s3.example.org:443/'],
    [{ secure: true, host: 's3.example.org', port: 8443 }, 'https://s3.example.org:8443/'],
  ])('%j becomes %s: a default port is in neither the URL nor the signed Host', async (endpoint, start) => {
    const { url } = await sign('/vo/a', { storageElement: storageElement({ endpoint }) });
    expect(url.startsWith(start)).toBe(true);
    expect(verifies({ method: 'GET', url, headers: {} }, secret)).toBe(true);
  });

  test('points to the public endpoint where there is one', async () => {
    const publicEndpoint = { secure: true, host: 'public.example.org', port: undefined };
    const { url } = await sign('/vo/a', { storageElement: storageElement({ publicEndpoint }) });
    expect(url.startsWith('https://public.example.org/bucket/vo/a?')).toBe(true);
  });

  test('carries the parameters of SigV4 and of the operation, and nothing an SDK likes to add', async () => {
    const standard = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-Signature', 'X-Amz-SignedHeaders'];
    const own: Partial<Record<S3Method, string[]>> = {
      get_object: ['response-content-disposition'],
      create_multipart_upload: ['uploads'],
      upload_part: ['partNumber', 'uploadId'],
      upload_part_copy: ['partNumber', 'uploadId'],
      list_parts: ['uploadId'],
      complete_multipart_upload: ['uploadId'],
      abort_multipart_upload: ['uploadId'],
    };
    for (const method of s3MethodNames) {
      const { url } = await sign('/vo/a', { method, item: itemFor('/vo/a', method), ...sourceFor(method) });
      expect([...parametersOf(url).keys()].sort()).toEqual([...standard, ...(own[method] ?? [])].sort());
    }
  });

  test('offers a download under its name, in plain and in full', async () => {
    const { url } = await sign('/vo/a', { item: { lfn: '/vo/a', downloadName: 'Müller "50%".pdf' } });
    expect(parametersOf(url).get('response-content-disposition')).toBe(
      'attachment; filename="M_ller _50__.pdf"; filename*=UTF-8\'\'M%C3%BCller%20%2250%25%22.pdf',
    );
  });
});

describe('what the signature binds', () => {
  test.each(s3MethodNames)('%s verifies by the published algorithm with exactly the headers returned', async (method) => {
    const signed = await sign('/vo/späce +/1', { method, item: itemFor('/vo/späce +/1', method), ...sourceFor(method) });
    const request = { method: signed.httpMethod, url: signed.url, headers: signed.headers };
    expect(verifies(request, secret)).toBe(true);
    expect(verifies(request, 'another secret')).toBe(false);
    expect(signedHeadersOf(signed.url)).toEqual([...Object.keys(signed.headers), 'host'].sort());
  });

  test('size, checksum, metadata, type and If-None-Match are headers, not parameters that a store may ignore', async () => {
    const { headers, url } = await sign('/vo/a', { method: 'put_object', item: { lfn: '/vo/a', ...everything } });
    expect(headers).toEqual({
      'content-length': '11',
      'content-type': 'text/plain',
      'if-none-match': '*',
      'x-amz-meta-checksum': '0a1b2c3d',
      'x-amz-meta-owner': 'alice',
      'x-amz-meta-run-number': '42 a',
    });
    expect([...parametersOf(url).keys()].join()).not.toMatch(/meta|content|checksum|match/i);
  });

  test('changing or leaving out any one header breaks the signature', async () => {
    const { url, headers } = await sign('/vo/a', { method: 'put_object', item: { lfn: '/vo/a', ...everything } });
    for (const name of Object.keys(headers)) {
      expect(verifies({ method: 'PUT', url, headers: { ...headers, [name]: `${headers[name]}1` } }, secret)).toBe(false);
      const others = Object.fromEntries(Object.entries(headers).filter(([other]) => other !== name));
      expect(verifies({ method: 'PUT', url, headers: others }, secret)).toBe(false);
    }
  });

  test('changing the method, the host, the path or any parameter breaks the signature', async () => {
    const { url } = await sign('/vo/a', { item: { lfn: '/vo/a', downloadName: 'x' } });
    const intact = (changed: string, method = 'GET'): boolean => verifies({ method, url: changed, headers: {} }, secret);
    expect(intact(url)).toBe(true);
    for (const method of ['HEAD', 'PUT', 'DELETE', 'POST']) expect(intact(url, method)).toBe(false);
    expect(intact(url.replace('/vo/a', '/vo/b'))).toBe(false);
    expect(intact(url.replace('/bucket/', '/other/'))).toBe(false);
    expect(intact(url.replace('store.example', 'evil.example'))).toBe(false);
    expect(intact(`${url}&versionId=1`)).toBe(false);
    for (const name of parametersOf(url).keys())
      expect(intact(url.replace(new RegExp(`(${name}=)([^&]*)`), (_, start: string, value: string) => `${start}${value}0`))).toBe(false);
  });

  test('two different targets never share a signature', async () => {
    const signatures = new Set<string>();
    for (const method of s3MethodNames)
      for (const lfn of ['/vo/a', '/vo/b', '/vo/a/b', '/vo/a%2Fb'])
        for (const bucket of ['bucket', 'other'])
          signatures.add(
            parametersOf((await sign(lfn, { method, bucket, item: itemFor(lfn, method), ...sourceFor(method) })).url).get(
              'X-Amz-Signature',
            )!,
          );
    expect(signatures.size).toBe(s3MethodNames.length * 4 * 2);
  });
});

describe('uploads at a store that honours unsigned headers', () => {
  const honouring = storageElement({ unsignedHeaders: 'honoured' });
  const both = createS3Presigner({ credentials: provider(main, keys('WRITE')) });

  test.each(['put_object', 'upload_part'] as const)('%s is signed with the write-only key and a fixed access list', async (method) => {
    const target = targetOf('/vo/a', { storageElement: honouring, method, signWith: 'write-only', item: itemFor('/vo/a', method) });
    const { url, headers } = (await both.presign(target, now)) as PresignedUrl;
    expect(parametersOf(url).get('X-Amz-Credential')).toMatch(/^WRITE\//);
    expect(headers['x-amz-acl']).toBe('private');
    expect(signedHeadersOf(url)).toContain('x-amz-acl');
    expect(verifies({ method: 'PUT', url, headers: { ...headers, 'x-amz-acl': 'public-read' } }, 'secret of WRITE')).toBe(false);
  });

  test('refuses with the reason when the StorageElement has no write-only key', async () => {
    const target = targetOf('/vo/a', { storageElement: honouring, method: 'put_object', signWith: 'write-only' });
    await expect(presigner.presign(target, now)).rejects.toMatchObject({
      code: 'upload-unsafe',
      message: expect.stringMatching(/TEST-S3 honours headers.*POST policy.*write-only/),
    });
  });

  test('a multipart upload is created with a fixed access list', async () => {
    const { headers } = await sign('/vo/a', { storageElement: honouring, method: 'create_multipart_upload' });
    expect(headers).toEqual({ 'x-amz-acl': 'private' });
  });

  test('a store that refuses unsigned headers gets no access list, which AWS buckets without ACLs would refuse', async () => {
    for (const method of ['put_object', 'create_multipart_upload'] as const) expect((await sign('/vo/a', { method })).headers).toEqual({});
  });
});

describe('credentials', () => {
  const presign = async (credentials = main, changes: Partial<TargetFacts> = {}, at = now): Promise<PresignedUrl> =>
    (await createS3Presigner({ credentials: provider(credentials) }).presign(targetOf('/vo/a', changes), at)) as PresignedUrl;

  test('permanent keys sign for as long as asked, counted from the whole second in the URL', async () => {
    const { url, expiresAt } = await presign();
    expect(parametersOf(url).get('X-Amz-Date')).toBe('20261124T123456Z');
    expect(parametersOf(url).get('X-Amz-Expires')).toBe('900');
    expect(expiresAt).toEqual(new Date('2026-11-24T12:49:56Z'));
  });

  test.each([
    [10_000, 900],
    [930, 900],
    [929, 899],
    [31, 1],
  ])('temporary keys with %i s left give a URL of %i s', async (left, seconds) => {
    const { url, expiresAt } = await presign(
      keys('TEMP', { token: 't', expiresAt: new Date(Date.UTC(2026, 10, 24, 12, 34, 56) + left * 1000) }),
    );
    expect(parametersOf(url).get('X-Amz-Expires')).toBe(String(seconds));
    expect(expiresAt).toEqual(new Date(Date.UTC(2026, 10, 24, 12, 34, 56) + seconds * 1000));
  });

  test.each([30, 0, -5])('temporary keys with %i s left are refused', async (left) => {
    const ending = keys('TEMP', { expiresAt: new Date(Date.UTC(2026, 10, 24, 12, 34, 56) + left * 1000) });
    for (const upload of ['put', 'post'] as const)
      await expect(presign(ending, { upload, method: 'put_object' })).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  test('the session token is signed', async () => {
    const { url } = await presign(keys('TEMP', { token: 'to/k+en=' }));
    expect(parametersOf(url).get('X-Amz-Security-Token')).toBe('to/k+en=');
    expect(verifies({ method: 'GET', url, headers: {} }, 'secret of TEMP')).toBe(true);
    expect(verifies({ method: 'GET', url: url.replace('to%2Fk', 'to%2Fx'), headers: {} }, 'secret of TEMP')).toBe(false);
  });

  test('rotated keys count at once, also under the same access key id, and old ones return', async () => {
    let current = keys('ONE');
    const rotating = createS3Presigner({ credentials: { credentialsOf: () => current } });
    const signedWith = async (name: string): Promise<boolean> =>
      verifies({ method: 'GET', url: ((await rotating.presign(targetOf('/vo/a'), now)) as PresignedUrl).url, headers: {} }, name);
    expect(await signedWith('secret of ONE')).toBe(true);
    for (const next of [keys('TWO'), keys('TWO', { secret: 'renewed' }), keys('ONE')]) {
      current = next;
      expect(await signedWith(next.secretAccessKey.reveal())).toBe(true);
    }
  });

  test('each StorageElement is signed for its own region, also side by side', async () => {
    const regions = ['eu-central-1', 'default', 'us-east-1'];
    const elements = regions.map((region) => storageElement({ name: region, region }));
    const urls = await Promise.all([...elements, ...elements].map((element) => sign('/vo/a', { storageElement: element })));
    urls.forEach(({ url }, index) => {
      expect(parametersOf(url).get('X-Amz-Credential')).toBe(`MAIN/20261124/${regions[index % 3]}/s3/aws4_request`);
      expect(verifies({ method: 'GET', url, headers: {} }, secret)).toBe(true);
    });
  });

  test('a StorageElement whose keys are gone is refused by name', async () => {
    const none = createS3Presigner({ credentials: provider(undefined) });
    await expect(none.presign(targetOf('/vo/a'), now)).rejects.toMatchObject({
      code: 'storage-unavailable',
      message: expect.stringContaining('TEST-S3'),
    });
  });

  test('no answer holds the secret key', async () => {
    for (const upload of ['put', 'post'] as const)
      expect(JSON.stringify(await presigner.presign(targetOf('/vo/a', { method: 'put_object', upload }), now))).not.toContain(secret);
  });
});
