import { say } from '../http.js';
import type { Keys } from '../signer.js';
import type { CaseGroup, ConformanceCase } from '../conformance-case.js';
import type { StoreUnderTest } from '../store-under-test.js';
import { type FormDraft, partQuery, postForm, type Talk } from '../talk.js';

const grantRead = { 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' };
const publicRead = { 'x-amz-acl': 'public-read' };

/** A PUT URL for one key whose holder adds headers. What came back, what his object holds, and whether everybody can read it. */
async function put(
  talk: Talk,
  keys: Keys,
  { sign = {}, add }: { sign?: Record<string, string>; add: (secret: string) => Record<string, string> },
): Promise<string> {
  const [key, secret] = [talk.key('mine'), await talk.given(talk.key('secret'), 'secret')];
  const answer = await talk.presigned('PUT', key, { keys, headers: sign }, { body: 'mine', headers: add(talk.path(secret)) });
  return outcome(talk, answer, key);
}

async function outcome(talk: Talk, answer: Awaited<ReturnType<Talk['head']>>, key: string): Promise<string> {
  const [content, anonymous] = [await talk.content(key), await talk.anonymous('GET', key)];
  return `${say(answer)}; holds ${content}; anonymous ${anonymous.status === 200 ? '200' : 'refused'}`;
}

/** A URL for one part of an upload whose holder adds headers; the owner completes what came of it. */
async function part(
  talk: Talk,
  keys: Keys,
  { add, body = '' }: { add: (secret: string) => Record<string, string>; body?: string },
): Promise<string> {
  const [key, secret] = [talk.key('mine'), await talk.given(talk.key('secret'), 'secret')];
  const uploadId = await talk.beginUpload(key);
  const answer = await talk.presigned('PUT', key, { keys, query: partQuery(uploadId, 1) }, { body, headers: add(talk.path(secret)) });
  const etag = /ETag>(?:&quot;|&#34;|")?([0-9a-f]{32})/.exec(answer.body.toString())?.[1] ?? answer.headers.etag;
  if (typeof etag === 'string') await talk.complete(key, uploadId, [[1, etag]]);
  return outcome(talk, answer, key);
}

/** A URL that begins an upload in parts, whose holder adds headers; the owner sends the part and completes it. */
async function create(
  talk: Talk,
  keys: Keys,
  { sign = {}, add }: { sign?: Record<string, string>; add: Record<string, string> },
): Promise<string> {
  const key = talk.key('mine');
  const answer = await talk.presigned('POST', key, { keys, query: [['uploads', '']], headers: sign }, { headers: add });
  const uploadId = /<UploadId>([^<]+)</.exec(answer.body.toString())?.[1];
  if (uploadId !== undefined) await talk.complete(key, uploadId, [[1, await talk.part(key, uploadId, 1, 'mine')]]);
  return outcome(talk, answer, key);
}

async function post(talk: Talk, keys: Keys, draft: (secret: string) => FormDraft): Promise<string> {
  const [key, secret] = [talk.key('mine'), await talk.given(talk.key('secret'), 'secret')];
  return outcome(talk, await postForm(talk, key, 'mine', { keys, ...draft(talk.path(secret)) }), key);
}

const refused = '403 AccessDenied; holds 404 NoSuchKey; anonymous refused';
const isPrivate = { 'x-amz-acl': 'private' };
const copySource = (source: string): Record<string, string> => ({ 'x-amz-copy-source': source });

/** The same attempts with the key of the owner and with a key that may only write. */
function attempts(who: string, keysOf: (store: StoreUnderTest) => Keys, succeedOnCeph: boolean): ConformanceCase[] {
  const ceph = (success: string, otherwise = refused): string => (succeedOnCeph ? success : otherwise);
  const proves = ['amz-headers-signed'] as const;
  // A write-only key is refused a copy for a second reason, so these cases prove neither alone.
  const provesCopy = succeedOnCeph ? { proves } : {};
  return [
    {
      name: `PUT, ${who}: an unsigned x-amz-copy-source`,
      run: (talk) => put(talk, keysOf(talk.store), { add: copySource }),
      expected: { development: refused, ceph: ceph('200; holds secret; anonymous refused') },
      ...provesCopy,
    },
    {
      name: `PUT, ${who}: an unsigned x-amz-copy-source beside a signed x-amz-acl`,
      run: (talk) => put(talk, keysOf(talk.store), { sign: isPrivate, add: copySource }),
      expected: { development: refused, ceph: ceph('200; holds secret; anonymous refused') },
      ...provesCopy,
    },
    {
      name: `PUT, ${who}: an unsigned x-amz-acl: public-read`,
      run: (talk) => put(talk, keysOf(talk.store), { add: () => publicRead }),
      expected: { development: refused, ceph: '200; holds mine; anonymous 200' },
      proves,
    },
    {
      name: `PUT, ${who}: a signed x-amz-acl: private changed to public-read`,
      run: (talk) => put(talk, keysOf(talk.store), { sign: isPrivate, add: () => publicRead }),
      expected: '403 SignatureDoesNotMatch; holds 404 NoSuchKey; anonymous refused',
      proves: ['signature'],
    },
    {
      name: `PUT, ${who}: an unsigned x-amz-grant-read for everybody`,
      run: (talk) => put(talk, keysOf(talk.store), { add: () => grantRead }),
      expected: { development: refused, ceph: '200; holds mine; anonymous 200' },
    },
    {
      name: `PUT, ${who}: an unsigned x-amz-grant-read beside a signed x-amz-acl`,
      run: (talk) => put(talk, keysOf(talk.store), { sign: isPrivate, add: () => grantRead }),
      expected: { development: refused, ceph: '400 InvalidRequest; holds 404 NoSuchKey; anonymous refused' },
    },
    {
      name: `UploadPart, ${who}: an unsigned x-amz-copy-source`,
      run: (talk) => part(talk, keysOf(talk.store), { add: copySource }),
      expected: { development: refused, ceph: ceph('200; holds secret; anonymous refused') },
      ...provesCopy,
    },
    {
      name: `UploadPart, ${who}: an unsigned x-amz-acl: public-read`,
      run: (talk) => part(talk, keysOf(talk.store), { add: () => publicRead, body: 'mine' }),
      expected: { development: refused, ceph: '200; holds mine; anonymous refused' },
      proves,
    },
    {
      name: `UploadPart, ${who}: an unsigned x-amz-grant-read for everybody`,
      run: (talk) => part(talk, keysOf(talk.store), { add: () => grantRead, body: 'mine' }),
      expected: { development: refused, ceph: '200; holds mine; anonymous refused' },
      proves,
    },
    {
      name: `CreateMultipartUpload, ${who}: an unsigned x-amz-acl: public-read`,
      run: (talk) => create(talk, keysOf(talk.store), { add: publicRead }),
      expected: { development: refused, ceph: '200; holds mine; anonymous 200' },
      proves,
    },
    {
      name: `CreateMultipartUpload, ${who}: a signed x-amz-acl: private changed to public-read`,
      run: (talk) => create(talk, keysOf(talk.store), { sign: isPrivate, add: publicRead }),
      expected: '403 SignatureDoesNotMatch; holds 404 NoSuchKey; anonymous refused',
      proves: ['signature'],
    },
    {
      name: `CreateMultipartUpload, ${who}: an unsigned x-amz-grant-read beside a signed x-amz-acl`,
      run: (talk) => create(talk, keysOf(talk.store), { sign: isPrivate, add: grantRead }),
      expected: { development: refused, ceph: '400 InvalidRequest; holds 404 NoSuchKey; anonymous refused' },
      proves,
    },
    {
      name: `POST, ${who}: headers x-amz-copy-source and x-amz-acl have no effect`,
      run: (talk) => post(talk, keysOf(talk.store), (secret) => ({ headers: { ...copySource(secret), ...publicRead } })),
      expected: '204; holds mine; anonymous refused',
    },
    {
      name: `POST, ${who}: a field x-amz-copy-source the policy does not have`,
      run: (talk) => post(talk, keysOf(talk.store), (secret) => ({ fields: copySource(secret), uncovered: ['x-amz-copy-source'] })),
      expected: refused,
      proves: ['post-covered'],
    },
    {
      name: `POST, ${who}: a field acl the policy does not have`,
      run: (talk) => post(talk, keysOf(talk.store), () => ({ fields: { acl: 'public-read' }, uncovered: ['acl'] })),
      expected: refused,
      proves: ['post-covered'],
    },
    {
      name: `POST, ${who}: a field acl that differs from the policy`,
      run: (talk) =>
        post(talk, keysOf(talk.store), () => ({ fields: { acl: 'private' }, change: (form) => ({ ...form, acl: 'public-read' }) })),
      expected: refused,
      proves: ['post-equal'],
    },
  ];
}

/** "A URL for one key must never read or publish another." */
export const attackCases: CaseGroup = {
  title: 'Attacks with a URL one was given',
  cases: [
    ...attempts("the owner's key", ({ credentials }) => credentials, true),
    ...attempts('a write-only key', ({ writeOnlyCredentials }) => writeOnlyCredentials, false),
    {
      name: 'a URL signed with the key of another user',
      run: async (talk) => {
        const { strangerCredentials: keys } = talk.store;
        if (!keys) return 'has one user';
        const key = await talk.given(talk.key());
        const answers = [await talk.presigned('GET', key, { keys }), await talk.presigned('PUT', key, { keys }, { body: 'mine' })];
        return `${answers.map(say).join(', ')}, ${await talk.content(key)}`;
      },
      expected: { development: 'has one user', ceph: '403 AccessDenied, 403 AccessDenied, hello' },
    },
    {
      name: 'PUT: an unsigned x-amz-tagging',
      run: (talk) => put(talk, talk.store.credentials, { add: () => ({ 'x-amz-tagging': 'a=b' }) }),
      expected: { development: refused, ceph: '200; holds mine; anonymous refused' },
    },
    {
      name: 'PUT: x-amz-copy-source added to the query',
      run: async (talk) => {
        const [key, secret] = [talk.key('mine'), await talk.given(talk.key('secret'), 'secret')];
        const target = (text: string): string => `${text}&x-amz-copy-source=${encodeURIComponent(talk.path(secret))}`;
        return outcome(talk, await talk.presigned('PUT', key, {}, { body: 'mine', target }), key);
      },
      expected: '403 SignatureDoesNotMatch; holds 404 NoSuchKey; anonymous refused',
      proves: ['signature'],
    },
    {
      name: 'PUT: an empty signed x-amz-copy-source, sent',
      run: async (talk) => say(await talk.presigned('PUT', talk.key(), { headers: { 'x-amz-copy-source': '' } }, { body: 'x' })),
      expected: '400 InvalidArgument',
    },
    {
      name: 'PUT: an empty signed x-amz-copy-source, left out',
      run: async (talk) =>
        say(await talk.presigned('PUT', talk.key(), { headers: { 'x-amz-copy-source': '' } }, { body: 'x', without: 'x-amz-copy-source' })),
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'a signed copy with a key that may only write',
      run: async (talk) => {
        const secret = await talk.given(talk.key('secret'), 'secret');
        const headers = { 'x-amz-copy-source': talk.path(secret) };
        return say(await talk.signed('PUT', talk.key('mine'), { keys: talk.store.writeOnlyCredentials, headers }));
      },
      expected: '403 AccessDenied',
      proves: ['rights'],
    },
    ...(['GET', 'HEAD'] as const).map((method): ConformanceCase => ({
      name: `${method} with a key that may only write`,
      run: async (talk) =>
        String((await talk.presigned(method, await talk.given(talk.key()), { keys: talk.store.writeOnlyCredentials })).status),
      expected: '403',
      proves: ['rights'],
    })),
    {
      name: 'a listing with a key that may only write',
      run: async (talk) => say(await talk.signed('GET', '', { keys: talk.store.writeOnlyCredentials, query: [['list-type', '2']] })),
      expected: '403 AccessDenied',
      proves: ['rights'],
    },
    {
      name: 'PUT with a key that may only write',
      run: async (talk) => {
        const key = talk.key();
        const answer = await talk.presigned('PUT', key, { keys: talk.store.writeOnlyCredentials, headers: isPrivate }, { body: 'mine' });
        return outcome(talk, answer, key);
      },
      expected: '200; holds mine; anonymous refused',
    },
    {
      name: 'a whole upload in parts with a key that may only write',
      run: async (talk) => {
        const key = talk.key();
        const keys = talk.store.writeOnlyCredentials;
        const created = await talk.presigned('POST', key, { keys, query: [['uploads', '']], headers: isPrivate });
        const uploadId = /<UploadId>([^<]+)</.exec(created.body.toString())?.[1] ?? '';
        const sent = await talk.presigned('PUT', key, { keys, query: partQuery(uploadId, 1) }, { body: 'mine' });
        const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${String(sent.headers.etag)}</ETag></Part></CompleteMultipartUpload>`;
        const completed = await talk.presigned('POST', key, { keys, query: [['uploadId', uploadId]] }, { body });
        return `${[created, sent, completed].map(say).join(', ')}, ${await talk.content(key)}`;
      },
      expected: '200, 200, 200, mine',
    },
    {
      name: "UploadPart: a URL for one upload used for another's key",
      run: async (talk) => {
        const [key, other] = [talk.key('mine'), talk.key('other')];
        const target = (text: string): string => text.replace(talk.path(key), talk.path(other));
        return say(await talk.presigned('PUT', key, { query: partQuery(await talk.beginUpload(other), 1) }, { body: 'x', target }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: "UploadPart: the id of another key's upload",
      run: async (talk) => {
        const uploadId = await talk.beginUpload(talk.key('other'));
        return say(await talk.presigned('PUT', talk.key('mine'), { query: partQuery(uploadId, 1) }, { body: 'x' }));
      },
      expected: '404 NoSuchUpload',
      proves: ['upload-exists'],
    },
  ],
};
