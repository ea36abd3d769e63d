import { converse, say } from '../http.js';
import type { CaseGroup } from '../conformance-case.js';
import { encodeForm, type FormDraft, postForm, type Talk } from '../talk.js';

/** Posts `hello` and says what came back and what is there then. */
async function post(talk: Talk, draft: FormDraft = {}, file: Buffer | string = 'hello'): Promise<string> {
  const key = talk.key();
  const answer = await postForm(talk, key, file, draft);
  return `${say(answer)}, ${await talk.content(key)}`;
}

const anotherRegion = { development: '400 InvalidArgument, 404 NoSuchKey', ceph: '204, hello' };

/** Browser-based uploads with a POST policy. */
export const postCases: CaseGroup = {
  title: 'POST policy',
  cases: [
    { name: 'a form that meets its policy', run: (talk) => post(talk), expected: '204, hello' },
    {
      name: 'metadata and type are stored, 201 answers with XML',
      run: async (talk) => {
        const key = talk.key();
        const fields = { 'x-amz-meta-checksum': '0a1b2c3d', 'Content-Type': 'text/plain', success_action_status: '201' };
        const answer = await postForm(talk, key, 'hello', { fields });
        const { headers } = await talk.head(key);
        const told = /<Key>(.*)<\/Key>/.exec(answer.body.toString())?.[1] === key;
        return `${say(answer)} ${told} ${String(headers['x-amz-meta-checksum'])} ${String(headers['content-type'])}`;
      },
      expected: '201 true 0a1b2c3d text/plain',
    },
    {
      name: 'a key with other letters and a binary file',
      run: async (talk) => {
        const key = talk.key('späce und 日本語.txt');
        const file = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
        const answer = await postForm(talk, key, file);
        const stored = (await talk.signed('GET', key)).body;
        return `${say(answer)}, ${stored.equals(file) ? 'stored right' : 'differs'}`;
      },
      expected: '204, stored right',
    },
    {
      name: 'a file that holds something like the boundary',
      run: (talk) => post(talk, {}, 'a\r\n--boundary\r\n--'),
      expected: '204, a\r\n--boundary\r\n--',
    },
    {
      name: 'an altered signature',
      run: (talk) => post(talk, { change: (form) => ({ ...form, 'x-amz-signature': '0'.repeat(64) }) }),
      expected: { development: '403 SignatureDoesNotMatch, 404 NoSuchKey', ceph: '403 AccessDenied, 404 NoSuchKey' },
      proves: ['post-signature'],
    },
    {
      name: 'a policy changed after signing',
      run: (talk) =>
        post(talk, {
          change: (form) => ({ ...form, policy: Buffer.from(`${Buffer.from(form.policy!, 'base64').toString()} `).toString('base64') }),
        }),
      expected: { development: '403 SignatureDoesNotMatch, 404 NoSuchKey', ceph: '403 AccessDenied, 404 NoSuchKey' },
      proves: ['post-signature'],
    },
    {
      name: 'no policy at all',
      run: (talk) => post(talk, { change: ({ key }) => ({ key: key! }) }),
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['anonymous'],
    },
    {
      name: 'an unknown access key',
      run: (talk) => post(talk, { keys: { accessKeyId: 'NOBODY', secretAccessKey: 'nothing' } }),
      expected: { development: '403 InvalidAccessKeyId, 404 NoSuchKey', ceph: '403 AccessDenied, 404 NoSuchKey' },
      proves: ['known-key'],
    },
    {
      name: 'an expired policy',
      run: (talk) => post(talk, { expiration: new Date(Date.now() - 60_000) }),
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['post-expired'],
    },
    {
      name: 'a field without a condition',
      run: (talk) => post(talk, { fields: { 'x-amz-meta-a': 'b' }, uncovered: ['x-amz-meta-a'] }),
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['post-covered'],
    },
    {
      name: 'a key without a condition',
      run: (talk) => post(talk, { uncovered: ['key'] }),
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['post-covered'],
    },
    {
      name: 'a field changed after signing',
      run: (talk) => post(talk, { fields: { 'x-amz-meta-a': 'b' }, change: (form) => ({ ...form, 'x-amz-meta-a': 'c' }) }),
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['post-equal'],
    },
    {
      name: 'a field left out',
      run: (talk) =>
        post(talk, {
          fields: { 'x-amz-meta-a': 'b' },
          change: (form) => Object.fromEntries(Object.entries(form).filter(([name]) => name !== 'x-amz-meta-a')),
        }),
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['post-equal'],
    },
    {
      name: 'another key than the policy has',
      run: async (talk) => {
        const key = talk.key('another');
        const answer = await postForm(talk, talk.key(), 'hello', { change: (form) => ({ ...form, key }) });
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['post-equal'],
    },
    {
      name: 'another bucket than the policy has',
      run: async (talk) => {
        const key = talk.key();
        const answer = await postForm(talk, key, 'hello', { sentTo: talk.store.anotherBucket });
        return `${say(answer)}, ${await talk.content(key, talk.store.anotherBucket)}`;
      },
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['post-equal'],
    },
    {
      name: 'starts-with that is met',
      run: (talk) =>
        post(talk, {
          fields: { 'Content-Type': 'image/png' },
          uncovered: ['Content-Type'],
          conditions: [['starts-with', '$Content-Type', 'image/']],
        }),
      expected: '204, hello',
    },
    {
      name: 'starts-with that is not met',
      run: (talk) =>
        post(talk, {
          fields: { 'Content-Type': 'text/html' },
          uncovered: ['Content-Type'],
          conditions: [['starts-with', '$Content-Type', 'image/']],
        }),
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['post-starts-with'],
    },
    {
      name: 'a length inside the range',
      run: (talk) => post(talk, { conditions: [['content-length-range', 5, 5]] }),
      expected: '204, hello',
    },
    {
      name: 'a file that is too long',
      run: (talk) => post(talk, { conditions: [['content-length-range', 1, 4]] }),
      expected: '400 EntityTooLarge, 404 NoSuchKey',
      proves: ['post-too-large'],
    },
    {
      name: 'a file that is much too long',
      run: (talk) => post(talk, { conditions: [['content-length-range', 1, 1_000_000]] }, Buffer.alloc(3_000_000)),
      expected: '400 EntityTooLarge, 404 NoSuchKey',
      proves: ['post-too-large'],
    },
    {
      name: 'a file that is too short',
      run: (talk) => post(talk, { conditions: [['content-length-range', 6, 10]] }),
      expected: '400 EntityTooSmall, 404 NoSuchKey',
      proves: ['post-too-small'],
    },
    {
      name: 'fields after the file are ignored',
      run: async (talk) => {
        const key = talk.key();
        const answer = await postForm(talk, key, 'hello', { after: { 'x-amz-meta-a': 'b', acl: 'public-read' } });
        const [meta, anonymous] = [(await talk.head(key)).headers['x-amz-meta-a'], await talk.anonymous('GET', key)];
        return `${say(answer)}, ${String(meta)}, anonymous ${say(anonymous)}`;
      },
      expected: '204, undefined, anonymous 403 AccessDenied',
    },
    {
      name: '${filename} in the key',
      run: async (talk) => {
        const [folder] = talk.key().split('/');
        return say(await postForm(talk, `${folder}/\${filename}`, 'hello'));
      },
      expected: { development: '501 NotImplemented', ceph: '403 AccessDenied' },
    },
    {
      name: 'a scope with another region',
      run: (talk) => post(talk, { scope: { region: 'eu-west-9' } }),
      expected: anotherRegion,
      proves: ['scope-region'],
    },
    {
      name: 'a scope with another service',
      run: (talk) => post(talk, { scope: { service: 'sqs' } }),
      expected: anotherRegion,
      proves: ['scope-service'],
    },
    {
      name: 'another algorithm',
      run: (talk) => post(talk, { algorithm: 'AWS4-HMAC-SHA1' }),
      expected: { development: '400 InvalidArgument, 404 NoSuchKey', ceph: '400 InvalidArgument, 404 NoSuchKey' },
      proves: ['algorithm'],
    },
    {
      name: 'a temporary key without its session token',
      run: (talk) => {
        const { temporaryCredentials: keys } = talk.store;
        if (!keys) return Promise.resolve('has no temporary keys');
        return post(talk, { keys: { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey } });
      },
      expected: { development: '400 InvalidToken, 404 NoSuchKey', ceph: 'has no temporary keys' },
      proves: ['session-token'],
    },
    {
      name: 'a policy that is no JSON',
      run: (talk) => post(talk, { policy: 'expiration: never' }),
      expected: { development: '400 InvalidPolicyDocument, 404 NoSuchKey', ceph: '400 InvalidArgument, 404 NoSuchKey' },
    },
    {
      name: 'a bucket that does not exist',
      run: async (talk) => say(await postForm(talk, talk.key(), 'hello', { bucket: 'no-such-bucket' })),
      expected: '404 NoSuchBucket',
      proves: ['bucket-exists'],
    },
    {
      name: 'a form that breaks off leaves nothing',
      run: async (talk) => {
        const key = talk.key();
        const { body, contentType } = encodeForm({ key }, 'x'.repeat(100_000));
        const head = [
          `POST /${talk.store.bucket} HTTP/1.1`,
          `Host: ${talk.host}`,
          `Content-Type: ${contentType}`,
          `Content-Length: ${body.length}`,
          '',
          '',
        ];
        await converse(talk.store.origin, { first: Buffer.concat([Buffer.from(head.join('\r\n')), body.subarray(0, 50_000)]), cut: true });
        return talk.content(key);
      },
      expected: '404 NoSuchKey',
    },
    {
      name: 'a form signed with a write-only key',
      run: (talk) => post(talk, { keys: talk.store.writeOnlyCredentials }),
      expected: '204, hello',
    },
  ],
};
