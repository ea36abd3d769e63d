import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { chunkedBody } from '../aws-chunked.js';
import { converse, say } from '../http.js';
import type { CaseGroup } from '../conformance-case.js';
import type { Talk } from '../talk.js';

const md5 = (text: string): string => createHash('md5').update(text).digest('base64');
const crc = (text: string): string => {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(text));
  return value.toString('base64');
};
const content = 'a'.repeat(70_000);

async function put(talk: Talk, headers: Record<string, string>, body = 'hello'): Promise<string> {
  const key = talk.key();
  const answer = await talk.presigned('PUT', key, { headers }, { body });
  return `${say(answer)}, ${await talk.content(key)}`;
}

/** A stream framed as aws-chunked; answered with what was stored, shortened. */
async function stream(talk: Talk, options: Parameters<typeof chunkedBody>[2]): Promise<string> {
  const key = talk.key();
  const { headers, body } = chunkedBody(talk, key, options);
  const answer = await talk.anonymous('PUT', key, { headers, body });
  const stored = await talk.content(key);
  return `${say(answer)}, ${stored === options.content ? 'stored right' : stored.slice(0, 30)}`;
}

/** The raw head of a presigned PUT. */
function putHead(talk: Talk, key: string, headers: readonly string[]): string {
  return [`PUT ${talk.presignedTarget('PUT', key)} HTTP/1.1`, `Host: ${talk.host}`, ...headers, '', ''].join('\r\n');
}

export const bodyCases: CaseGroup = {
  title: 'Bodies',
  cases: [
    { name: 'a right Content-MD5', run: (talk) => put(talk, { 'content-md5': md5('hello') }), expected: '200, hello' },
    {
      name: 'a wrong Content-MD5 stores nothing',
      run: (talk) => put(talk, { 'content-md5': md5('other') }),
      expected: '400 BadDigest, 404 NoSuchKey',
      proves: ['content-md5'],
    },
    { name: 'a right x-amz-checksum-crc32', run: (talk) => put(talk, { 'x-amz-checksum-crc32': crc('hello') }), expected: '200, hello' },
    {
      name: 'a wrong x-amz-checksum-crc32',
      run: (talk) => put(talk, { 'x-amz-checksum-crc32': crc('other') }),
      expected: { development: '400 BadDigest, 404 NoSuchKey', ceph: '200, hello' },
      proves: ['checksum-header'],
    },
    {
      name: 'the CRC-32 of nothing in a URL, as SDKs presign by default',
      run: async (talk) => {
        const key = talk.key();
        return say(await talk.presigned('PUT', key, { query: [['x-amz-checksum-crc32', 'AAAAAA==']] }, { body: 'hello' }));
      },
      expected: { development: '400 BadDigest', ceph: '200' },
      proves: ['checksum-header'],
    },
    {
      name: 'a wrong x-amz-content-sha256 stores nothing',
      run: async (talk) => {
        const key = talk.key();
        const payloadHash = createHash('sha256').update('other').digest('hex');
        const answer = await talk.signed('PUT', key, { payloadHash }, { body: 'hello' });
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: '400 XAmzContentSHA256Mismatch, 404 NoSuchKey',
      proves: ['content-sha256'],
    },
    {
      name: 'a signed header with UNSIGNED-PAYLOAD',
      run: async (talk) => say(await talk.signed('PUT', talk.key(), { payloadHash: 'UNSIGNED-PAYLOAD' }, { body: 'hello' })),
      expected: '200',
    },
    {
      name: 'an empty object',
      run: async (talk) => {
        const key = talk.key();
        const answer = await talk.presigned('PUT', key, {}, { body: '' });
        return `${say(answer)}, ${String((await talk.head(key)).headers['content-length'])}`;
      },
      expected: '200, 0',
    },
    {
      name: 'a body without a length',
      run: async (talk) => {
        const key = talk.key();
        const answer = await talk.presigned('PUT', key, {}, { body: 'hello', chunked: true });
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: '411 MissingContentLength, 404 NoSuchKey',
      proves: ['content-length'],
    },
    {
      name: 'a PUT that breaks off leaves nothing',
      run: async (talk) => {
        const key = talk.key();
        await converse(talk.store.origin, { first: `${putHead(talk, key, ['Content-Length: 100000'])}${content}`, cut: true });
        return talk.content(key);
      },
      expected: '404 NoSuchKey',
    },
    {
      name: 'a PUT that breaks off leaves what was there',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        await converse(talk.store.origin, { first: `${putHead(talk, key, ['Content-Length: 100000'])}${content}`, cut: true });
        return talk.content(key);
      },
      expected: 'hello',
    },
    {
      name: 'Expect: 100-continue is answered before the body',
      run: async (talk) => {
        const key = talk.key();
        const received = await converse(talk.store.origin, {
          first: putHead(talk, key, ['Content-Length: 5', 'Expect: 100-continue', 'Connection: close']),
          next: (text) => (text.startsWith('HTTP/1.1 100') ? 'hello' : undefined),
        });
        return `${received
          .split('\r\n')
          .filter((line) => line.startsWith('HTTP/'))
          .join(', ')
          .replace(/HTTP\/1.1 (\d+)[^,]*/g, '$1')}, ${await talk.content(key)}`;
      },
      expected: '100, 200, hello',
    },
    {
      name: 'Expect: 100-continue with a bad signature is refused before the body',
      run: async (talk) => {
        const head = putHead(talk, talk.key(), ['Content-Length: 5', 'Expect: 100-continue', 'Connection: close']);
        const received = await converse(talk.store.origin, { first: head.replace('X-Amz-Signature=', 'X-Amz-Signature=0') });
        return received.split(' ')[1] ?? 'nothing';
      },
      expected: '403',
    },
    {
      name: 'signed chunks',
      run: (talk) => stream(talk, { scheme: 'signed', content }),
      expected: '200, stored right',
    },
    {
      name: 'signed chunks, one altered',
      run: (talk) => stream(talk, { scheme: 'signed', content, alter: 'chunk' }),
      expected: '403 SignatureDoesNotMatch, 404 NoSuchKey',
      proves: ['chunk-signature'],
    },
    {
      name: 'signed chunks that end early',
      run: (talk) => stream(talk, { scheme: 'signed', content, alter: 'truncate' }),
      expected: { development: '400 IncompleteBody, 404 NoSuchKey', ceph: '400 InvalidArgument, 404 NoSuchKey' },
    },
    {
      name: 'signed chunks with another decoded length',
      run: (talk) => stream(talk, { scheme: 'signed', content, alter: 'length' }),
      expected: { development: '400 IncompleteBody, 404 NoSuchKey', ceph: '400 InvalidArgument, 404 NoSuchKey' },
      proves: ['decoded-length'],
    },
    {
      name: 'signed chunks and a signed trailer',
      run: (talk) => stream(talk, { scheme: 'signed-trailer', content }),
      expected: { development: '200, stored right', ceph: '400 XAmzContentSHA256Mismatch, 404 NoSuchKey' },
    },
    {
      name: 'signed chunks and a trailer with a wrong signature',
      run: (talk) => stream(talk, { scheme: 'signed-trailer', content, alter: 'trailer-signature' }),
      expected: { development: '403 SignatureDoesNotMatch, 404 NoSuchKey', ceph: '400 XAmzContentSHA256Mismatch, 404 NoSuchKey' },
      proves: ['trailer-signature'],
    },
    {
      name: 'unsigned chunks and a checksum in the trailer',
      run: (talk) => stream(talk, { scheme: 'unsigned-trailer', content }),
      expected: { development: '200, stored right', ceph: '400 XAmzContentSHA256Mismatch, 404 NoSuchKey' },
    },
    {
      name: 'unsigned chunks and a wrong checksum in the trailer',
      run: (talk) => stream(talk, { scheme: 'unsigned-trailer', content, alter: 'checksum' }),
      expected: { development: '400 BadDigest, 404 NoSuchKey', ceph: '400 XAmzContentSHA256Mismatch, 404 NoSuchKey' },
      proves: ['trailer-checksum'],
    },
    {
      name: 'chunks that are not declared are never stored with their frames',
      run: async (talk) => {
        const key = talk.key();
        const headers = { 'content-encoding': 'aws-chunked' };
        const answer = await talk.presigned('PUT', key, { headers }, { body: '5\r\nhello\r\n0\r\n\r\n' });
        return `${say(answer)}, ${(await talk.content(key)).replace(/\r\n/g, '|')}`;
      },
      expected: { development: '501 NotImplemented, 404 NoSuchKey', ceph: '200, 5|hello|0||' },
      proves: ['raw-chunks'],
    },
  ],
};
