import { randomUUID } from 'node:crypto';
import { say } from '../http.js';
import type { CaseGroup } from '../conformance-case.js';
import type { Talk } from '../talk.js';

const origin = 'http://app.example';

async function list(talk: Talk, query: [string, string][]): Promise<string> {
  const xml = (await talk.signed('GET', '', { query: [['list-type', '2'], ...query] })).body.toString();
  const all = (name: string): string[] => [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => text!);
  const token = all('NextContinuationToken')[0];
  const keys = [...all('Key'), ...[...xml.matchAll(/<CommonPrefixes><Prefix>([^<]*)</g)].map(([, prefix]) => prefix!)];
  const page = keys.map((key) => decodeURIComponent(key).split('/').slice(1).join('/')).join(',');
  return token === undefined
    ? page
    : `${page} + ${await list(talk, [...query.filter(([name]) => name !== 'continuation-token'), ['continuation-token', token]])}`;
}

async function folderOf(talk: Talk, names: readonly string[]): Promise<string> {
  const folder = talk.key().split('/')[0]!;
  for (const name of names) await talk.given(`${folder}/${name}`, 'x');
  return `${folder}/`;
}

/** Makes the origin allowed where that is a setting of the bucket; elsewhere it is one of the store. */
async function allowOrigin(talk: Talk): Promise<void> {
  const body = `<CORSConfiguration><CORSRule><AllowedOrigin>${origin}</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>`;
  await talk.signed('PUT', '', { query: [['cors', '']] }, { body });
}

export const bucketCases: CaseGroup = {
  title: 'Buckets and origins',
  cases: [
    {
      name: 'a bucket is made, made again, and removed',
      run: async (talk) => {
        const bucket = `made-${randomUUID()}`;
        const answers = [
          await talk.signed('PUT', '', { bucket }),
          await talk.signed('PUT', '', { bucket }),
          await talk.signed('HEAD', '', { bucket }),
          await talk.signed('DELETE', '', { bucket }),
          await talk.signed('HEAD', '', { bucket }),
        ];
        return answers.map(({ status }) => status).join(' ');
      },
      expected: '200 200 200 204 404',
      proves: ['bucket-exists'],
    },
    {
      name: 'a bucket that is not empty stays',
      run: async (talk) => {
        const bucket = `kept-${randomUUID()}`;
        await talk.signed('PUT', '', { bucket });
        await talk.signed('PUT', 'object', { bucket }, { body: 'x' });
        return say(await talk.signed('DELETE', '', { bucket }));
      },
      expected: '409 BucketNotEmpty',
      proves: ['bucket-empty'],
    },
    ...['Ab-Upper', 'a..b', 'ab'].map((bucket) => ({
      name: `bucket name ${bucket} is none`,
      run: async (talk: Talk) => say(await talk.signed('PUT', '', { bucket })),
      expected: '400 InvalidBucketName',
      proves: ['bucket-name'] as const,
    })),
    {
      name: 'a listing by prefix and delimiter',
      run: async (talk) =>
        list(talk, [
          ['prefix', await folderOf(talk, ['2', '1', 'd/3', 'd/4', 'e/5', 'z'])],
          ['delimiter', '/'],
        ]),
      expected: '1,2,z,d/,e/',
    },
    {
      name: 'a listing page by page',
      run: async (talk) =>
        list(talk, [
          ['prefix', await folderOf(talk, ['a', 'b', 'c', 'd/1', 'd/2'])],
          ['delimiter', '/'],
          ['max-keys', '2'],
        ]),
      expected: 'a,b + c,d/',
    },
    {
      name: 'a listing that starts after a key, with encoded names',
      run: async (talk) => {
        const folder = await folderOf(talk, ['a b', 'c&d', 'e']);
        return list(talk, [
          ['prefix', folder],
          ['start-after', `${folder}a b`],
          ['encoding-type', 'url'],
        ]);
      },
      expected: 'c&d,e',
    },
    {
      name: 'many objects removed at once',
      run: async (talk) => {
        const folder = await folderOf(talk, ['a&b', 'c']);
        const body = `<Delete><Object><Key>${folder}a&amp;b</Key></Object><Object><Key>${folder}c</Key></Object><Object><Key>${folder}none</Key></Object></Delete>`;
        const { createHash } = await import('node:crypto');
        const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
        const answer = await talk.signed('POST', '', { query: [['delete', '']], headers }, { body });
        return `${say(answer)} ${answer.body.toString().split('<Deleted>').length - 1}, then '${await list(talk, [['prefix', folder]])}'`;
      },
      expected: "200 3, then ''",
    },
    {
      name: 'many objects removed at once, with a wrong Content-MD5',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        const body = `<Delete><Object><Key>${key}</Key></Object></Delete>`;
        const answer = await talk.signed(
          'POST',
          '',
          { query: [['delete', '']], headers: { 'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==' } },
          { body },
        );
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: { development: '400 BadDigest, hello', ceph: '200, 404 NoSuchKey' },
      proves: ['content-md5'],
    },
    {
      name: 'a configuration the store does not know',
      run: async (talk) => String((await talk.signed('GET', '', { query: [['lifecycle', '']] })).status),
      expected: { development: '501', ceph: '404' },
    },
    {
      name: 'a page of an allowed origin asks first and reads the answer',
      run: async (talk) => {
        await allowOrigin(talk);
        const key = await talk.given(talk.key());
        const asked = await talk.anonymous('OPTIONS', key, { headers: { origin, 'access-control-request-method': 'GET' } });
        const got = await talk.presigned('GET', key, {}, { headers: { origin } });
        return `${asked.status} ${String(asked.headers['access-control-allow-origin'])}, ${got.status} ${String(got.headers['access-control-allow-origin'])}`;
      },
      expected: `200 ${origin}, 200 ${origin}`,
    },
    {
      name: 'a page of another origin does not',
      run: async (talk) => {
        await allowOrigin(talk);
        const key = await talk.given(talk.key());
        const headers = { origin: 'http://evil.example', 'access-control-request-method': 'GET' };
        const asked = await talk.anonymous('OPTIONS', key, { headers });
        const got = await talk.presigned('GET', key, {}, { headers: { origin: headers.origin } });
        return `${asked.status}, ${got.status} ${String(got.headers['access-control-allow-origin'])}`;
      },
      expected: '403, 200 undefined',
      proves: ['cors'],
    },
    {
      name: 'the bucket in the host name',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        const host = `${talk.store.bucket}.localhost:${new URL(talk.store.origin).port}`;
        return say(await talk.presigned('GET', key, { path: `/${key}`, headers: { host } }));
      },
      expected: '200',
    },
  ],
};
