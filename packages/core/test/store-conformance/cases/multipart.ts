import { createHash } from 'node:crypto';
import { say } from '../http.js';
import type { CaseGroup } from '../conformance-case.js';
import { partQuery, type Talk } from '../talk.js';

const whole = Buffer.alloc(5 * 1024 * 1024, 'A');
const wholeMd5 = createHash('md5').update(whole).digest();

async function numbered(talk: Talk, number: number | string): Promise<string> {
  const key = talk.key();
  return say(await talk.presigned('PUT', key, { query: partQuery(await talk.beginUpload(key), number) }, { body: 'x' }));
}

export const multipartCases: CaseGroup = {
  title: 'Uploads in parts',
  cases: [
    {
      name: 'parts by presigned URL become one object with its type, metadata and an ETag ending in -2',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key, { 'content-type': 'video/mp4', 'x-amz-meta-z': '1' });
        const etags = [await talk.part(key, uploadId, 1, whole), await talk.part(key, uploadId, 2, 'tail')] as const;
        const completed = await talk.complete(key, uploadId, [
          [1, etags[0]],
          [2, etags[1]],
        ]);
        const { headers, body } = await talk.signed('GET', key);
        const digests = createHash('md5').update(wholeMd5).update(createHash('md5').update('tail').digest()).digest('hex');
        const right = body.equals(Buffer.concat([whole, Buffer.from('tail')])) && headers.etag === `"${digests}-2"`;
        return `${say(completed)} ${right} ${String(headers['content-type'])} ${String(headers['x-amz-meta-z'])}`;
      },
      expected: '200 true video/mp4 1',
    },
    {
      name: 'the ETag in the answer to CompleteMultipartUpload',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        const { body } = await talk.complete(key, uploadId, [[1, await talk.part(key, uploadId, 1, 'x')]]);
        return /<ETag>.*-1/.test(body.toString()) ? 'ends in -1' : 'is empty';
      },
      expected: { development: 'ends in -1', ceph: 'is empty' },
    },
    {
      name: 'a part that is too small',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        const etag = await talk.part(key, uploadId, 1, 'small');
        await talk.part(key, uploadId, 2, 'small');
        const answer = await talk.complete(key, uploadId, [
          [1, etag],
          [2, etag],
        ]);
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: '400 EntityTooSmall, 404 NoSuchKey',
      proves: ['part-size'],
    },
    {
      name: 'a part with another ETag',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        await talk.part(key, uploadId, 1, 'x');
        return say(await talk.complete(key, uploadId, [[1, '"00000000000000000000000000000000"']]));
      },
      expected: '400 InvalidPart',
      proves: ['part-known'],
    },
    {
      name: 'a part that was never sent',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        const etag = await talk.part(key, uploadId, 1, 'x');
        return say(await talk.complete(key, uploadId, [[2, etag]]));
      },
      expected: '400 InvalidPart',
      proves: ['part-known'],
    },
    {
      name: 'parts listed in descending order',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        const etags = [await talk.part(key, uploadId, 1, whole), await talk.part(key, uploadId, 2, whole)] as const;
        const answer = await talk.complete(key, uploadId, [
          [2, etags[1]],
          [1, etags[0]],
        ]);
        return answer.status === 200 ? '200' : say(answer);
      },
      expected: { development: '400 InvalidPartOrder', ceph: '200' },
      proves: ['part-order'],
    },
    {
      name: 'a part sent again replaces the first',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        await talk.part(key, uploadId, 1, 'first');
        const etag = await talk.part(key, uploadId, 1, 'second');
        return `${say(await talk.complete(key, uploadId, [[1, etag]]))} ${await talk.content(key)}`;
      },
      expected: '200 second',
    },
    {
      name: 'completing twice',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        const etag = await talk.part(key, uploadId, 1, 'x');
        const answers = [await talk.complete(key, uploadId, [[1, etag]]), await talk.complete(key, uploadId, [[1, etag]])];
        return answers.map(say).join(', ');
      },
      expected: '200, 200',
    },
    {
      name: 'completing with If-None-Match: * where something is',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        const etag = await talk.part(key, uploadId, 1, 'x');
        await talk.given(key);
        const answer = await talk.complete(key, uploadId, [[1, etag]], { 'if-none-match': '*' });
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: { development: '412 PreconditionFailed, hello', ceph: '200, x' },
      proves: ['if-none-match'],
    },
    {
      name: 'an upload that was aborted',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        await talk.part(key, uploadId, 1, 'x');
        const aborted = await talk.presigned('DELETE', key, { query: [['uploadId', uploadId]] });
        return `${say(aborted)}, then ${await talk.part(key, uploadId, 1, 'x')}`;
      },
      expected: '204, then 404 NoSuchUpload',
    },
    {
      name: 'the parts that are there',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        for (const number of [2, 1]) await talk.part(key, uploadId, number, 'x'.repeat(number));
        const xml = (await talk.signed('GET', key, { query: [['uploadId', uploadId]] })).body.toString();
        return [...xml.matchAll(/<Part>.*?<PartNumber>(\d+)<.*?<Size>(\d+)</gs)].map(([, number, size]) => `${number}:${size}`).join(' ');
      },
      expected: '1:1 2:2',
    },
    {
      name: 'the uploads that were begun',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key);
        const { body } = await talk.signed('GET', '', { query: [['uploads', '']] });
        return String(body.toString().includes(`<UploadId>${uploadId}</UploadId>`));
      },
      expected: 'true',
    },
    {
      name: 'the uploads that were begun, below a prefix and page by page',
      run: async (talk) => {
        const key = talk.key();
        const names = ['/a', '/b', '/b', '/c', '-beside'].map((end) => `${key}${end}`);
        const begun: string[] = [];
        for (const name of names) begun.push(await talk.beginUpload(name));
        const pages: string[][] = [];
        for (let marker: [string, string][] = []; pages.length < 9;) {
          const query: [string, string][] = [['max-uploads', '2'], ['prefix', `${key}/`], ['uploads', ''], ...marker];
          const xml = (await talk.signed('GET', '', { query: query.sort(([one], [other]) => (one < other ? -1 : 1)) })).body.toString();
          const text = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(xml)?.[1] ?? '';
          pages.push([...xml.matchAll(/<UploadId>([^<]+)</g)].map(([, id = '']) => id));
          if (text('IsTruncated') !== 'true') break;
          marker = [
            ['key-marker', text('NextKeyMarker')],
            ['upload-id-marker', text('NextUploadIdMarker')],
          ];
        }
        const found = pages.flat();
        const each = begun.slice(0, 4).every((id) => found.filter((other) => other === id).length === 1);
        return `${pages.map((page) => page.length).join('+')} ${each && !found.includes(begun[4]!)}`;
      },
      expected: '2+2 true',
    },
    { name: 'part number 10000', run: (talk) => numbered(talk, 10_000), expected: '200' },
    {
      name: 'part number 10001',
      run: (talk) => numbered(talk, 10_001),
      expected: { development: '400 InvalidArgument', ceph: '200' },
      proves: ['part-number'],
    },
    {
      name: 'part number 0',
      run: (talk) => numbered(talk, 0),
      expected: { development: '400 InvalidArgument', ceph: '200' },
      proves: ['part-number'],
    },
    {
      name: 'a part copied from a range of an object, signed by the owner',
      run: async (talk) => {
        const [key, source] = [talk.key(), await talk.given(talk.key('source'), 'abcdefgh')];
        const uploadId = await talk.beginUpload(key);
        const headers = { 'x-amz-copy-source': talk.path(source), 'x-amz-copy-source-range': 'bytes=2-4' };
        const answer = await talk.signed('PUT', key, { query: partQuery(uploadId, 1), headers });
        const etag = createHash('md5').update('cde').digest('hex');
        return `${say(answer)} ${say(await talk.complete(key, uploadId, [[1, etag]]))} ${await talk.content(key)}`;
      },
      expected: '200 200 cde',
    },
    {
      name: 'an upload that becomes public-read by a signed header',
      run: async (talk) => {
        const key = talk.key();
        const uploadId = await talk.beginUpload(key, { 'x-amz-acl': 'public-read' });
        await talk.complete(key, uploadId, [[1, await talk.part(key, uploadId, 1, 'x')]]);
        return say(await talk.anonymous('GET', key));
      },
      expected: '200',
    },
  ],
};
