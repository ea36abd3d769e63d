import { say } from '../http.js';
import type { CaseGroup } from '../conformance-case.js';
import type { Talk } from '../talk.js';

const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);

/** Presigned URLs: what is signed holds, and nothing else does. */
export const presignedCases: CaseGroup = {
  title: 'Presigned URLs',
  cases: [
    {
      name: 'a GET URL gives the object',
      run: async (talk) => {
        const { status, body } = await talk.presigned('GET', await talk.given(talk.key()));
        return `${status} ${body.toString()}`;
      },
      expected: '200 hello',
    },
    {
      name: 'a HEAD URL gives the length and no body',
      run: async (talk) => {
        const { status, headers, body } = await talk.presigned('HEAD', await talk.given(talk.key()));
        return `${status} ${String(headers['content-length'])} ${body.length}`;
      },
      expected: '200 5 0',
    },
    {
      name: 'a PUT URL stores the object',
      run: async (talk) => {
        const key = talk.key();
        const answer = await talk.presigned('PUT', key, {}, { body: 'hello' });
        return `${say(answer)} ${String(answer.headers.etag)} ${await talk.content(key)}`;
      },
      expected: '200 "5d41402abc4b2a76b9719d911017c592" hello',
    },
    {
      name: 'a DELETE URL removes the object',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        const answers = [await talk.presigned('DELETE', key), await talk.presigned('DELETE', key)];
        return `${answers.map(say).join(', ')}, ${await talk.content(key)}`;
      },
      expected: '204, 204, 404 NoSuchKey',
    },
    ...(
      [
        ['GET', 'HEAD'],
        ['GET', 'PUT'],
        ['GET', 'DELETE'],
        ['HEAD', 'GET'],
        ['PUT', 'GET'],
        ['PUT', 'DELETE'],
      ] as const
    ).map(([signed, used]) => ({
      name: `a ${signed} URL is no ${used} URL`,
      run: async (talk: Talk) => {
        const key = await talk.given(talk.key());
        const answer = await talk.presigned(signed, key, {}, { method: used });
        return `${answer.status}, ${await talk.content(key)}`;
      },
      expected: '403, hello',
      proves: ['signature'] as const,
    })),
    {
      name: 'a URL for one key is none for another',
      run: async (talk) => {
        const [key, other] = [await talk.given(talk.key()), await talk.given(talk.key('another'), 'secret')];
        return say(await talk.presigned('GET', key, {}, { target: (target) => target.replace(talk.path(key), talk.path(other)) }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'a URL for one bucket is none for another',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        const target = (text: string): string => text.replace(`/${talk.store.bucket}/`, `/${talk.store.anotherBucket}/`);
        return say(await talk.presigned('PUT', key, {}, { target, body: 'x' }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'an altered signature is refused',
      run: async (talk) => {
        const target = (text: string): string => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');
        return say(await talk.presigned('GET', await talk.given(talk.key()), {}, { target }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'an added query parameter is refused',
      run: async (talk) => {
        const target = (text: string): string => `${text}&response-content-type=text%2Fhtml`;
        return say(await talk.presigned('GET', await talk.given(talk.key()), {}, { target }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'the secret of another key is refused',
      run: async (talk) => {
        const keys = { ...talk.store.credentials, secretAccessKey: 'somebody-else-s-secret' };
        return say(await talk.presigned('GET', await talk.given(talk.key()), { keys }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'an unknown access key is refused',
      run: async (talk) => {
        const keys = { accessKeyId: 'NOBODY', secretAccessKey: talk.store.credentials.secretAccessKey };
        return say(await talk.presigned('GET', await talk.given(talk.key()), { keys }));
      },
      expected: '403 InvalidAccessKeyId',
      proves: ['known-key'],
    },
    {
      name: 'a URL used at another host name is refused',
      run: async (talk) => {
        const host = talk.host.replace('127.0.0.1', 'localhost');
        return say(await talk.presigned('GET', await talk.given(talk.key()), {}, { headers: { host } }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'a URL that does not sign the host',
      run: async (talk) =>
        say(await talk.presigned('GET', await talk.given(talk.key()), { signedHeaders: ['range'], headers: { range: 'bytes=0-9' } })),
      expected: { development: '403 SignatureDoesNotMatch', ceph: '206' },
      proves: ['host-signed'],
    },
    {
      name: 'an expired GET URL is refused',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { date: minutes(-2), expires: 60 })),
      expected: '403 AccessDenied',
      proves: ['expired'],
    },
    {
      name: 'an expired PUT URL stores nothing',
      run: async (talk) => {
        const key = talk.key();
        const answer = await talk.presigned('PUT', key, { date: minutes(-2), expires: 60 }, { body: 'late' });
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: '403 AccessDenied, 404 NoSuchKey',
      proves: ['expired'],
    },
    {
      name: 'a URL of an hour ago that lives for two is good',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { date: minutes(-60), expires: 7200 })),
      expected: '200',
    },
    ...(
      [
        ['604800', '200', '200'],
        ['604801', '400 AuthorizationQueryParametersError', '403 AccessDenied'],
        ['0', '400 AuthorizationQueryParametersError', '403 AccessDenied'],
        ['-5', '400 AuthorizationQueryParametersError', '403 AccessDenied'],
        ['soon', '400 AuthorizationQueryParametersError', '403 AccessDenied'],
      ] as const
    ).map(([expires, development, ceph]) => ({
      name: `a URL with X-Amz-Expires=${expires}`,
      run: async (talk: Talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { expires })),
      expected: { development, ceph },
      ...(development === '200' ? {} : { proves: ['expires-range'] as const }),
    })),
    {
      name: 'a URL dated 20 minutes ahead',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { date: minutes(20) })),
      expected: { development: '403 AccessDenied', ceph: '200' },
      proves: ['not-yet-valid'],
    },
    {
      name: 'a URL dated 5 minutes ahead is inside the skew',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { date: minutes(5) })),
      expected: '200',
    },
    {
      name: 'a scope with another region',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { region: 'eu-west-9' })),
      expected: { development: '400 AuthorizationQueryParametersError', ceph: '200' },
      proves: ['scope-region'],
    },
    {
      name: 'a scope with another service',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { service: 'sqs' })),
      expected: { development: '400 AuthorizationQueryParametersError', ceph: '200' },
      proves: ['scope-service'],
    },
    {
      name: 'a scope that ends otherwise',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { terminator: 'aws5_request' })),
      expected: { development: '400 AuthorizationQueryParametersError', ceph: '400 InvalidArgument' },
      proves: ['scope-terminator'],
    },
    {
      name: 'a scope with another date than the request',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { scopeDate: '20200101' })),
      expected: { development: '400 AuthorizationQueryParametersError', ceph: '200' },
      proves: ['scope-date'],
    },
    {
      name: 'another algorithm',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), { algorithm: 'AWS4-HMAC-SHA1' })),
      expected: { development: '400 AuthorizationQueryParametersError', ceph: '403 AccessDenied' },
      proves: ['algorithm'],
    },
    ...['Credential', 'Date', 'Expires', 'SignedHeaders'].map((name) => ({
      name: `a URL without X-Amz-${name} is refused`,
      run: async (talk: Talk) => String((await talk.presigned('GET', await talk.given(talk.key()), { omit: `X-Amz-${name}` })).status),
      expected: { development: '400', ceph: '403' },
    })),
    {
      name: 'a signed URL and a signed header at once',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        const { headers } = talk.signedHeaders('GET', key, {});
        return say(await talk.presigned('GET', key, { headers: { ...headers } }));
      },
      expected: { development: '400 InvalidArgument', ceph: '403 SignatureDoesNotMatch' },
      proves: ['one-mechanism'],
    },
    {
      name: 'a session token with a key that has none',
      run: async (talk) => {
        const keys = { ...talk.store.credentials, sessionToken: 'invented' };
        return say(await talk.presigned('GET', await talk.given(talk.key()), { keys }));
      },
      expected: { development: '400 InvalidToken', ceph: '200' },
      proves: ['session-token'],
    },
    {
      name: 'a temporary key with its session token',
      run: async (talk) => {
        const keys = talk.store.temporaryCredentials;
        return keys ? say(await talk.presigned('GET', await talk.given(talk.key()), { keys })) : 'has no temporary keys';
      },
      expected: { development: '200', ceph: 'has no temporary keys' },
    },
    {
      name: 'a temporary key without its session token',
      run: async (talk) => {
        const { temporaryCredentials: keys } = talk.store;
        if (!keys) return 'has no temporary keys';
        const { accessKeyId, secretAccessKey } = keys;
        return say(await talk.presigned('GET', await talk.given(talk.key()), { keys: { accessKeyId, secretAccessKey } }));
      },
      expected: { development: '400 InvalidToken', ceph: 'has no temporary keys' },
      proves: ['session-token'],
    },
    {
      name: 'signed metadata is stored',
      run: async (talk) => {
        const key = talk.key();
        const answer = await talk.presigned('PUT', key, { headers: { 'x-amz-meta-checksum': '0a1b2c3d' } }, { body: 'x' });
        return `${say(answer)} ${String((await talk.head(key)).headers['x-amz-meta-checksum'])}`;
      },
      expected: '200 0a1b2c3d',
    },
    {
      name: 'signed metadata left out is refused',
      run: async (talk) => {
        const key = talk.key();
        const signing = { headers: { 'x-amz-meta-checksum': '0a1b2c3d' } };
        return say(await talk.presigned('PUT', key, signing, { body: 'x', without: 'x-amz-meta-checksum' }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'signed metadata with another value is refused',
      run: async (talk) => {
        const key = talk.key();
        const signing = { headers: { 'x-amz-meta-checksum': '0a1b2c3d' } };
        return say(await talk.presigned('PUT', key, signing, { body: 'x', headers: { 'x-amz-meta-checksum': 'ffffffff' } }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'metadata moved into the query is stored',
      run: async (talk) => {
        const key = talk.key();
        const answer = await talk.presigned('PUT', key, { query: [['x-amz-meta-a', 'b']] }, { body: 'x' });
        return `${say(answer)} ${String((await talk.head(key)).headers['x-amz-meta-a'])}`;
      },
      expected: '200 b',
    },
    {
      name: 'a signed content-length binds the length',
      run: async (talk) => {
        const key = talk.key();
        const signing = { headers: { 'content-length': '5' } };
        const longer = await talk.presigned('PUT', key, signing, { body: 'hello!', headers: { 'content-length': '6' } });
        const exact = await talk.presigned('PUT', key, signing, { body: 'hello' });
        return `longer ${say(longer)}, exact ${say(exact)}`;
      },
      expected: 'longer 403 SignatureDoesNotMatch, exact 200',
      proves: ['signature'],
    },
    {
      name: 'a signed If-None-Match: * keeps what is there',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        const answer = await talk.presigned('PUT', key, { headers: { 'if-none-match': '*' } }, { body: 'other' });
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: '412 PreconditionFailed, hello',
      proves: ['if-none-match'],
    },
    {
      name: 'a signed If-None-Match cannot be left out',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        return say(await talk.presigned('PUT', key, { headers: { 'if-none-match': '*' } }, { body: 'other', without: 'if-none-match' }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'signed response headers are answered',
      run: async (talk) => {
        const query: [string, string][] = [
          ['response-content-disposition', 'attachment; filename="x.bin"'],
          ['response-content-type', 'text/x-y'],
        ];
        const { headers } = await talk.presigned('GET', await talk.given(talk.key()), { query });
        return `${String(headers['content-disposition'])} ${String(headers['content-type'])}`;
      },
      expected: 'attachment; filename="x.bin" text/x-y',
    },
    {
      name: 'a range is answered by the same URL',
      run: async (talk) => {
        const { status, body } = await talk.presigned('GET', await talk.given(talk.key()), {}, { headers: { range: 'bytes=1-2' } });
        return `${status} ${body.toString()}`;
      },
      expected: '206 el',
    },
    {
      name: 'the order of the parameters does not matter',
      run: async (talk) => {
        const target = (text: string): string => `${text.split('?')[0]}?${text.split('?')[1]?.split('&').reverse().join('&')}`;
        return say(await talk.presigned('GET', await talk.given(talk.key()), {}, { target }));
      },
      expected: '200',
    },
    {
      name: 'a path that a client normalised is another path',
      run: async (talk) => {
        const [folder] = talk.key().split('/');
        const key = await talk.given(`${folder}/a/../b`);
        const target = (text: string): string => text.replace('/a/../b', '/b');
        return `literal ${say(await talk.presigned('GET', key))}, normalised ${say(await talk.presigned('GET', key, {}, { target }))}`;
      },
      expected: 'literal 200, normalised 403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'a doubled slash before the bucket is another path',
      run: async (talk) => say(await talk.presigned('GET', await talk.given(talk.key()), {}, { target: (text) => `/${text}` })),
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    {
      name: 'a method asked for in a header has no effect',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        const answer = await talk.presigned('GET', key, {}, { headers: { 'x-http-method-override': 'DELETE' } });
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: '200, hello',
    },
  ],
};
