import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSdkUrlSigner } from '../../../src/adapters/s3/sdk-url-signer.js';
import { encodeKey } from '../../../src/adapters/s3/uri-encoding.js';
import { createUrlSigner } from '../../../src/adapters/s3/url-signer.js';
import { Secret } from '../../../src/domain/index.js';
import { keys } from './targets.js';
import { verifies } from './verify-signature.js';

/** Letters, everything that is reserved somewhere, blanks and characters of two, three and four bytes. */
const unit = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
  fc.constantFrom(...`!'()*~-._+&=?#%;:@$,/" üñ€日😀`),
);
const text = (minLength: number, maxLength: number): fc.Arbitrary<string> => fc.string({ unit, minLength, maxLength });
const blanks = fc.constantFrom('', ' ', '  ', '\t', ' \t  ');

const host = fc
  .tuple(fc.domain(), fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }))
  .map(([name, port]) => (port === undefined ? name : `${name}:${port}`));
const path = fc.tuple(fc.constantFrom('', '/bucket', '/a.b-c'), text(1, 40)).map(([bucket, key]) => `${bucket}/${encodeKey(key)}`);
const query = fc.dictionary(
  fc.oneof(
    fc.constantFrom('uploads', 'partNumber', 'uploadId', 'response-content-disposition', 'a', 'a-b', 'X-Amz', 'Z'),
    text(1, 8).filter((name) => !/^x-amz-/i.test(name)),
  ),
  text(0, 30),
  { maxKeys: 5, noNullPrototype: true },
);
/** What a caller can have signed, and names of any metadata beside it. */
const headerName = fc.oneof(
  fc.constantFrom(
    'content-length',
    'content-type',
    'if-none-match',
    'content-md5',
    'x-amz-acl',
    'x-amz-copy-source',
    'x-amz-checksum-crc32',
  ),
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/).map((name) => `x-amz-meta-${name}`),
);
const headerValue = fc
  .tuple(blanks, fc.array(fc.tuple(fc.string({ unit: 'grapheme-ascii', maxLength: 8 }), blanks), { maxLength: 5 }))
  .map(([before, words]) => before + words.flat().join(''));
const headers = fc.dictionary(headerName, headerValue, { maxKeys: 6, noNullPrototype: true });

const request = fc.record({
  method: fc.constantFrom('HEAD' as const, 'GET' as const, 'PUT' as const, 'POST' as const, 'DELETE' as const),
  protocol: fc.constantFrom('https:', 'http:'),
  ...{ host, path, query, headers },
});
const terms = fc.record({
  now: fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-12-31T23:59:59Z'), noInvalidDate: true }),
  expiresInSeconds: fc.integer({ min: 1, max: 604_800 }),
});
const credentials = fc
  .record({
    accessKeyId: fc.oneof(fc.stringMatching(/^[A-Z0-9]{16,20}$/), text(1, 20)),
    secret: text(1, 40),
    token: fc.option(text(1, 60), { nil: undefined }),
  })
  .map(({ accessKeyId, secret, token }) => keys(accessKeyId, { secret, ...(token === undefined ? {} : { token }) }));
const region = fc.constantFrom('us-east-1', 'eu-central-1', 'default', 'a b/ü');

describe('our signer', () => {
  test("gives the very URL of the SDK's presigner, byte for byte, whatever is signed", async () => {
    await fc.assert(
      fc.asyncProperty(request, terms, credentials, region, async (asked, when, own, place) => {
        expect(createUrlSigner(place, own)(asked, when)).toBe(await createSdkUrlSigner(place, own)(asked, when));
      }),
      { numRuns: 1000 },
    );
  });

  test('does so in whatever order requests, instants and lifetimes come: nothing held is used where it does not belong', async () => {
    const own = keys('MAIN', { token: 'a token' });
    const [ours, theirs] = [createUrlSigner('us-east-1', own), createSdkUrlSigner('us-east-1', own)];
    const near = fc.record({
      now: fc.integer({ min: -2500, max: 2500 }).map((offset) => new Date(Date.UTC(2026, 10, 25) + offset)),
      expiresInSeconds: fc.integer({ min: 899, max: 901 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(request, near), { minLength: 2, maxLength: 8 }), async (asked) => {
        for (const [one, when] of asked) expect(ours(one, when)).toBe(await theirs(one, when));
      }),
    );
  });

  test('gives what a store verifies', () => {
    fc.assert(
      fc.property(request, terms, (asked, when) => {
        const url = createUrlSigner('us-east-1', keys('MAIN'))(asked, when);
        // The store trims and folds blanks; tabs are no blanks to every one of them.
        fc.pre(Object.values(asked.headers).every((value) => !value.includes('\t')));
        expect(verifies({ ...asked, url }, 'secret of MAIN')).toBe(true);
        expect(verifies({ ...asked, url }, 'another secret')).toBe(false);
      }),
    );
  });

  test("is AWS's own example (Amazon S3 API Reference, \u201cExample: a presigned URL\u201d)", () => {
    const own = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY') };
    const url = createUrlSigner('us-east-1', own)(
      { method: 'GET', protocol: 'https:', host: 'examplebucket.s3.amazonaws.com', path: '/test.txt', query: {}, headers: {} },
      { now: new Date('2013-05-24T00:00:00Z'), expiresInSeconds: 86_400 },
    );
    expect(url).toBe(
      'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
        '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400' +
        '&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });
});
