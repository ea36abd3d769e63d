import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createObjectLister } from '../../../src/adapters/s3/index.js';
import type { ObjectKey, S3Credentials, StorageElement } from '../../../src/domain/index.js';
import { fixedClock, storageElementOf } from '../../../src/testing/index.js';
import { keys as keysOf, now, provider } from './targets.js';

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
}
type Answer = { readonly status?: number; readonly body: string } | 'breaks off';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

const names = (directory: string, count: number): ObjectKey[] => Array.from({ length: count }, (_, n) => `${directory}/f${n}` as ObjectKey);
const listingOf = (keys: readonly string[], truncated = false): { body: string } => ({
  body:
    `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${truncated}</IsTruncated>` +
    keys.map((key) => `<Contents><Key>${key}</Key><ETag>"e"</ETag><Size>1</Size></Contents>`).join('') +
    '</ListBucketResult>',
});
/** Of a directory that has these, in their order. */
const pagesOf =
  (keys: readonly string[]) =>
  ({ query }: Asked) => {
    const later = keys.filter((key) => key > query.get('start-after')!);
    const most = Number(query.get('max-keys'));
    return listingOf(later.slice(0, most), later.length > most);
  };
const refusal = (status: number, code: string) => ({
  status,
  body: `<Error><Code>${code}</Code><Resource>/secret-bucket</Resource></Error>`,
});

/** A store that answers as it is told; real ones are met in the suite of listings. */
async function open(
  answer: (asked: Asked) => Answer,
  change: Partial<StorageElement> = {},
  keys: { readonly main: S3Credentials | undefined } = { main: keysOf('MAIN') },
) {
  const asked: Asked[] = [];
  const server = createServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://store');
    asked.push({ path: pathname, query: searchParams });
    const told = answer(asked.at(-1)!);
    if (told !== 'breaks off') return void response.writeHead(told.status ?? 200).end(told.body);
    response.writeHead(200, { 'content-length': '1000' }).write('<ListBucketResult>');
    setImmediate(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = { secure: false, host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const lister = createObjectLister({ credentials: provider(keys.main), clock: fixedClock(now) });
  closing.push(
    () => lister.close(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const storageElement = storageElementOf('SE', { endpoint, ...change });
  return { asked, list: (wanted: readonly ObjectKey[]) => lister.list({ storageElement, bucket: 'bucket' }, wanted) };
}

describe('a listing', () => {
  it('asks for one directory, from the first wanted name on, signed with the main keys', async () => {
    const { asked, list } = await open(() => listingOf(['vo/d/f1']));
    const { successful, failed } = await list(names('vo/d', 4));
    expect([...successful.values()]).toEqual([undefined, { sizeBytes: 1, etag: 'e' }, undefined, undefined]);
    expect([failed.size, asked.length]).toEqual([0, 1]);
    const [{ path, query }] = asked as [Asked];
    expect(path).toBe('/bucket');
    expect(Object.fromEntries(query)).toEqual({
      'list-type': '2',
      'encoding-type': 'url',
      delimiter: '/',
      prefix: 'vo/d/',
      'max-keys': '4',
      'start-after': 'vo/d/f.\u{10fffd}',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'MAIN/20261124/us-east-1/s3/aws4_request',
      'X-Amz-Date': '20261124T123456Z',
      'X-Amz-Expires': '60',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('goes to where the store is configured, not where others are sent', async () => {
    const { asked, list } = await open(() => listingOf([]), { publicEndpoint: { secure: true, host: 'public.invalid', port: undefined } });
    expect((await list(names('vo/d', 4))).failed.size).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it('of names without a directory is one of the bucket', async () => {
    const { asked, list } = await open(() => listingOf(['c']));
    const { successful } = await list(['a', 'b', 'c', 'd'] as ObjectKey[]);
    expect([...successful.keys()].filter((key) => successful.get(key) !== undefined)).toEqual(['c']);
    expect(asked[0]?.query.get('prefix')).toBe('');
  });

  it('is as long as what is still open is worth', async () => {
    const wanted = names('d', 1500).sort();
    const { asked, list } = await open(pagesOf(wanted));
    const { successful, failed } = await list(wanted.slice(0, 1010));
    expect([successful.size, failed.size]).toEqual([1010, 0]);
    expect(asked.map(({ query }) => query.get('max-keys'))).toEqual(['1000', '100']);
  });

  it('ends with the last wanted name where nothing else stands between, and grows where something does', async () => {
    const wanted = names('d', 20).sort();
    const others = wanted.slice(0, 10).map((key) => `${key}-other` as ObjectKey);
    const { asked, list } = await open(pagesOf([...wanted, ...others].sort()));
    expect((await list(wanted.slice(10))).successful.size).toBe(10);
    expect((await list(wanted.slice(0, 10))).successful.size).toBe(10);
    expect(asked.map(({ query }) => query.get('max-keys'))).toEqual(['10', '10', '50']);
  });

  it('leaps to the next wanted name, and ends with the last', async () => {
    const wanted = ['a', 'b', 'm', 'y'].map((name) => `d/${name}` as ObjectKey);
    const { asked, list } = await open(({ query }) =>
      query.get('start-after')! < 'd/b' ? listingOf(['d/a', 'd/c'], true) : listingOf(['d/m', 'd/z'], true),
    );
    const { successful } = await list(wanted);
    expect([...successful].map(([key, object]) => [key, object !== undefined])).toEqual([
      ['d/a', true],
      ['d/b', false],
      ['d/m', true],
      ['d/y', false],
    ]);
    expect(asked.map(({ query }) => query.get('start-after'))).toEqual(['d/`\u{10fffd}', 'd/l\u{10fffd}']);
  });

  it('is made of each directory of which enough is asked for, the fullest of many', async () => {
    const { asked, list } = await open(() => listingOf([]));
    const few = Array.from({ length: 70 }, (_, n) => names(`few${n}`, 4)).flat();
    const { failed, successful } = await list([...few, ...names('full', 9), ...names('three', 3)]);
    expect(asked).toHaveLength(16);
    expect(asked.map(({ query }) => query.get('prefix'))).toContain('full/');
    expect(successful.size).toBe(15 * 4 + 9);
    const codes = [...failed.values()].map(({ code }) => code);
    expect([
      codes.filter((code) => code === 'too-many-items').length,
      codes.filter((code) => code === 'unsupported-operation').length,
    ]).toEqual([220, 3]);
  });

  it('leaves names open that it does not spell unmistakably', async () => {
    const { list } = await open(() => listingOf(['d/a+b', 'd/c']));
    const { successful, failed } = await list(['d/a b', 'd/a+b', 'd/c', 'd/d'] as ObjectKey[]);
    expect([...successful.keys()]).toEqual(['d/c', 'd/d']);
    expect([...failed.values()].map(({ code }) => code)).toEqual(['unsupported-operation', 'unsupported-operation']);
  });

  it('is given up when it takes too many pages, and what was passed is told', async () => {
    const wanted = names('d', 9);
    // One entry at a time, although a thousand were asked for.
    const { asked, list } = await open(({ query }) => listingOf([wanted.find((key) => key > query.get('start-after')!)!], true));
    const { successful, failed } = await list(wanted);
    expect([asked.length, successful.size]).toEqual([5, 5]);
    expect([...failed.values()].map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'too-many-items'));
  });
});

describe('a store that does not list', () => {
  it.each<[string, Answer, string, string]>([
    ['refuses', refusal(403, 'AccessDenied'), 'storage-refused', 'SE was not listed: it answered 403 AccessDenied'],
    ['has no such bucket', refusal(404, 'NoSuchBucket'), 'storage-refused', 'SE was not listed: it answered 404 NoSuchBucket'],
    ['is busy', refusal(503, 'SlowDown'), 'storage-unavailable', 'SE was not listed: it answered 503 SlowDown'],
    ['answers with something else', { body: '<html/>' }, 'storage-unavailable', 'the listing is no whole ListBucketResult'],
    ['redirects', { status: 301, body: '' }, 'storage-refused', 'SE was not listed: it answered 301'],
    ['breaks off', 'breaks off', 'storage-unavailable', 'the connection to 127.0.0.1 was lost (ECONNRESET)'],
  ])('%s: every name fails, and few requests are made', async (_, answer, code, message) => {
    const { asked, list } = await open(() => answer);
    const wanted = Array.from({ length: 16 }, (_unused, n) => names(`d${n}`, 5)).flat();
    const { successful, failed } = await list(wanted);
    expect(successful.size).toBe(0);
    expect([...failed.keys()]).toEqual(wanted);
    for (const fault of failed.values()) expect(fault).toEqual({ code, message });
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  it('cannot be asked without keys', async () => {
    const { asked, list } = await open(() => listingOf([]), {}, { main: undefined });
    const { failed } = await list(names('d', 4));
    expect([...failed.values()][0]).toEqual({ code: 'storage-unavailable', message: 'this process has no credentials of SE' });
    expect(asked).toEqual([]);
  });

  it('still has told what came before', async () => {
    let pages = 0;
    const { list } = await open(() => ((pages += 1) === 1 ? listingOf(['d/f0', 'd/f1'], true) : refusal(500, 'InternalError')));
    const { successful, failed } = await list(names('d', 4));
    expect([[...successful.keys()], [...failed.values()].map(({ code }) => code)]).toEqual([
      ['d/f0', 'd/f1'],
      ['storage-unavailable', 'storage-unavailable'],
    ]);
  });
});
