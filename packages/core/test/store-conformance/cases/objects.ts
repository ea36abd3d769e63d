import { say } from '../http.js';
import type { CaseGroup, ConformanceCase } from '../conformance-case.js';
import type { Talk } from '../talk.js';

const alphabet = 'abcdefghijklmnopqrstuvwxyz';

function range(asked: string, expected: ConformanceCase['expected'], proves?: ConformanceCase['proves']): ConformanceCase {
  return {
    name: `range ${asked} of 26 bytes`,
    run: async (talk) => {
      const key = await talk.given(talk.key(), alphabet);
      const answer = await talk.presigned('GET', key, {}, { headers: { range: asked } });
      return answer.status < 300 ? `${say(answer)} ${answer.body.toString()} ${String(answer.headers['content-range'])}` : say(answer);
    },
    expected,
    ...(proves ? { proves } : {}),
  };
}

const later = (): string => new Date(Date.now() + 3_600_000).toUTCString();
const earlier = 'Thu, 01 Jan 2015 00:00:00 GMT';
const etag = '"5d41402abc4b2a76b9719d911017c592"';

function condition(
  name: string,
  headers: () => Record<string, string>,
  expected: string,
  proves?: ConformanceCase['proves'],
): ConformanceCase {
  return {
    name,
    run: async (talk) => String((await talk.presigned('GET', await talk.given(talk.key()), {}, { headers: headers() })).status),
    expected,
    ...(proves ? { proves } : {}),
  };
}

async function conditionalPut(talk: Talk, key: string, headers: Record<string, string>): Promise<string> {
  const answer = await talk.signed('PUT', key, { headers }, { body: 'new' });
  return `${say(answer)}, ${await talk.content(key)}`;
}

const names = [
  'späce und ümlaut/日本語 🎉.txt',
  'a+b c%2Bd%20e',
  'q?x=1&y=2#frag',
  "it's (1)!*~",
  'a//b',
  'a/../b',
  'a/./b',
  'x/..',
  'dir/',
  'semi;colon,comma',
  'back\\slash',
  'quote"<>&.xml',
  'tab\there',
  'new\nline',
  '%',
  '%41',
  'x'.repeat(300),
];

export const objectCases: CaseGroup = {
  title: 'Objects',
  cases: [
    range('bytes=0-3', '206 abcd bytes 0-3/26'),
    range('bytes=20-', '206 uvwxyz bytes 20-25/26'),
    range('bytes=-3', '206 xyz bytes 23-25/26'),
    range('bytes=-100', `206 ${alphabet} bytes 0-25/26`),
    range('bytes=24-100', '206 yz bytes 24-25/26'),
    range('bytes=26-', '416 InvalidRange', ['range-satisfiable']),
    range('bytes=5-2', { development: `200 ${alphabet} undefined`, ceph: '416 InvalidRange' }),
    range('bytes=0-1,4-5', { development: `200 ${alphabet} undefined`, ceph: '206 ab bytes 0-1/26' }),
    range('lines=1-2', { development: `200 ${alphabet} undefined`, ceph: `200 ${alphabet} bytes 0-25/26` }),
    condition('If-None-Match with the ETag', () => ({ 'if-none-match': etag }), '304'),
    condition('If-None-Match with another ETag', () => ({ 'if-none-match': '"0"' }), '200'),
    condition('If-Match with the ETag', () => ({ 'if-match': etag }), '200'),
    condition('If-Match with another ETag', () => ({ 'if-match': '"0"' }), '412', ['read-if-match']),
    condition('If-Modified-Since later', () => ({ 'if-modified-since': later() }), '304'),
    condition('If-Modified-Since earlier', () => ({ 'if-modified-since': earlier }), '200'),
    condition('If-Unmodified-Since earlier', () => ({ 'if-unmodified-since': earlier }), '412', ['read-if-match']),
    {
      name: 'PUT If-None-Match: * where nothing is',
      run: (talk) => conditionalPut(talk, talk.key(), { 'if-none-match': '*' }),
      expected: '200, new',
    },
    {
      name: 'PUT If-None-Match: * where something is',
      run: async (talk) => conditionalPut(talk, await talk.given(talk.key()), { 'if-none-match': '*' }),
      expected: '412 PreconditionFailed, hello',
      proves: ['if-none-match'],
    },
    {
      name: 'PUT If-Match with the ETag',
      run: async (talk) => conditionalPut(talk, await talk.given(talk.key()), { 'if-match': etag }),
      expected: { development: '200, new', ceph: '412 PreconditionFailed, hello' },
    },
    {
      name: 'PUT If-Match with another ETag',
      run: async (talk) => conditionalPut(talk, await talk.given(talk.key()), { 'if-match': '"0"' }),
      expected: '412 PreconditionFailed, hello',
      proves: ['if-match'],
    },
    {
      name: 'PUT If-Match where nothing is',
      run: (talk) => conditionalPut(talk, talk.key(), { 'if-match': etag }),
      expected: { development: '404 NoSuchKey, 404 NoSuchKey', ceph: '412 PreconditionFailed, 404 NoSuchKey' },
      proves: ['if-match'],
    },
    {
      name: 'headers and metadata come back',
      run: async (talk) => {
        const sent = {
          'content-type': 'image/png',
          'cache-control': 'max-age=60',
          'content-disposition': 'attachment; filename="a b.png"',
          'content-encoding': 'gzip',
          'x-amz-meta-foo': 'bar',
          'x-amz-meta-with-dash': 'x y z',
        };
        const { headers } = await talk.head(await talk.given(talk.key(), 'x', sent));
        return Object.keys(sent)
          .map((name) => String(headers[name]))
          .join(' | ');
      },
      expected: 'image/png | max-age=60 | attachment; filename="a b.png" | gzip | bar | x y z',
    },
    {
      name: 'the type of an object that was given none',
      run: async (talk) => String((await talk.head(await talk.given(talk.key()))).headers['content-type']),
      expected: 'binary/octet-stream',
    },
    ...names.map((name): ConformanceCase => ({
      name: `key ${JSON.stringify(name.length > 40 ? `${name.slice(0, 10)}… ${name.length}` : name)} is taken literally`,
      run: async (talk) => {
        const key = talk.key(name);
        const put = await talk.presigned('PUT', key, {}, { body: name.slice(0, 5) });
        const get = await talk.presigned('GET', key);
        const gone = await talk.presigned('DELETE', key);
        return `${say(put)} ${say(get)} ${get.body.toString() === name.slice(0, 5)} ${say(gone)} ${say(await talk.presigned('GET', key))}`;
      },
      expected: '200 200 true 204 404 NoSuchKey',
    })),
    {
      name: 'a//b, a/b, a/../b and b are four objects',
      run: async (talk) => {
        const [folder] = talk.key().split('/');
        const keys = ['a//b', 'a/b', 'a/../b', 'b'].map((name) => `${folder}/${name}`);
        for (const key of keys) await talk.given(key, key);
        return (await Promise.all(keys.map(async (key) => ((await talk.content(key)) === key ? 'own' : 'other')))).join(' ');
      },
      expected: 'own own own own',
    },
    {
      name: 'a key of 1024 bytes',
      run: async (talk) => say(await talk.presigned('PUT', talk.key().slice(0, 37) + 'k'.repeat(987), {}, { body: 'x' })),
      expected: '200',
    },
    {
      name: 'a key of 1025 bytes',
      run: async (talk) => say(await talk.presigned('PUT', talk.key().slice(0, 37) + 'k'.repeat(988), {}, { body: 'x' })),
      expected: { development: '400 KeyTooLongError', ceph: '400 InvalidObjectName' },
      proves: ['key-length'],
    },
    {
      name: 'a key that would lead out of a folder',
      run: async (talk) => {
        const path = `/${talk.store.bucket}/..%2f..%2f..%2f${talk.key().replace('/', '%2f')}`;
        const put = await talk.presigned('PUT', '', { path }, { body: 'outside' });
        const get = await talk.presigned('GET', '', { path });
        return `${say(put)} ${get.body.toString()}`;
      },
      expected: '200 outside',
    },
    {
      name: 'a path with a broken percent sign',
      run: async (talk) => {
        const answer = await talk.presigned('GET', talk.key(), {}, { target: (text) => text.replace('/object?', '/%zz?') });
        return String(answer.status);
      },
      expected: { development: '400', ceph: '403' },
    },
    {
      name: 'twenty PUTs at once leave one whole object',
      run: async (talk) => {
        const key = talk.key();
        const bodies = Array.from({ length: 20 }, (_, index) => String.fromCharCode(97 + index).repeat(50_000));
        await Promise.all(bodies.map((body) => talk.presigned('PUT', key, {}, { body })));
        return String(bodies.includes(await talk.content(key)));
      },
      expected: 'true',
    },
    {
      name: 'a missing object',
      run: async (talk) => `${say(await talk.presigned('GET', talk.key()))}, HEAD ${(await talk.presigned('HEAD', talk.key())).status}`,
      expected: '404 NoSuchKey, HEAD 404',
    },
    {
      name: 'a missing bucket',
      run: async (talk) => say(await talk.presigned('PUT', talk.key(), { bucket: 'no-such-bucket' }, { body: 'x' })),
      expected: '404 NoSuchBucket',
      proves: ['bucket-exists'],
    },
    {
      name: 'a copy signed by the owner, with and without its metadata',
      run: async (talk) => {
        const source = await talk.given(talk.key('source'), 'hello', { 'x-amz-meta-n': '1' });
        const [same, replaced] = [talk.key('same'), talk.key('replaced')];
        const headers = { 'x-amz-copy-source': talk.path(source) };
        const first = await talk.signed('PUT', same, { headers });
        await talk.signed('PUT', replaced, { headers: { ...headers, 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-n': '2' } });
        const metas = await Promise.all([same, replaced].map(async (key) => (await talk.head(key)).headers['x-amz-meta-n']));
        return `${say(first)} ${await talk.content(same)} ${metas.join(' ')}`;
      },
      expected: '200 hello 1 2',
    },
  ],
};
