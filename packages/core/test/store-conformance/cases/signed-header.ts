import { say } from '../http.js';
import type { CaseGroup } from '../conformance-case.js';
import type { Talk } from '../talk.js';

const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);

/** Requests signed in the Authorization header, and requests that are not signed at all. */
export const signedHeaderCases: CaseGroup = {
  title: 'Signed headers, and none',
  cases: [
    {
      name: 'a signed GET gives the object',
      run: async (talk) => talk.content(await talk.given(talk.key())),
      expected: 'hello',
    },
    {
      name: 'an altered signature is refused',
      run: async (talk) => {
        const key = await talk.given(talk.key());
        const { headers, seed } = talk.signedHeaders('GET', key, {});
        const authorization = headers.authorization!.replace(seed, seed.replace(/^./, seed.startsWith('0') ? '1' : '0'));
        return say(await talk.anonymous('GET', key, { headers: { ...headers, authorization } }));
      },
      expected: '403 SignatureDoesNotMatch',
      proves: ['signature'],
    },
    ...([-20, 20] as const).map((count) => ({
      name: `a clock ${Math.abs(count)} minutes ${count < 0 ? 'behind' : 'ahead'} is refused`,
      run: async (talk: Talk) => say(await talk.signed('GET', await talk.given(talk.key()), { date: minutes(count) })),
      expected: '403 RequestTimeTooSkewed',
      proves: ['clock-skew'] as const,
    })),
    {
      name: 'a clock 10 minutes behind is inside the skew',
      run: async (talk) => say(await talk.signed('GET', await talk.given(talk.key()), { date: minutes(-10) })),
      expected: '200',
    },
    {
      name: 'a request that says nothing of its payload',
      run: async (talk) => {
        const signedHeaders = ['host', 'x-amz-date'];
        return say(
          await talk.signed(
            'GET',
            await talk.given(talk.key()),
            { signedHeaders, payloadHash: 'UNSIGNED-PAYLOAD' },
            { without: 'x-amz-content-sha256' },
          ),
        );
      },
      expected: { development: '400 InvalidRequest', ceph: '200' },
      proves: ['payload-declared'],
    },
    {
      name: 'an unsigned x-amz-meta-* header',
      run: async (talk) => {
        const key = talk.key();
        const answer = await talk.signed('PUT', key, {}, { body: 'x', headers: { 'x-amz-meta-evil': '1' } });
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: { development: '403 AccessDenied, 404 NoSuchKey', ceph: '200, x' },
      proves: ['amz-headers-signed'],
    },
    {
      name: 'a scope with another region',
      run: async (talk) => say(await talk.signed('GET', await talk.given(talk.key()), { region: 'eu-west-9' })),
      expected: { development: '400 AuthorizationHeaderMalformed', ceph: '200' },
      proves: ['scope-region'],
    },
    {
      name: 'another algorithm',
      run: async (talk) => String((await talk.signed('GET', await talk.given(talk.key()), { algorithm: 'AWS4-HMAC-SHA1' })).status),
      expected: '400',
      proves: ['algorithm'],
    },
    {
      name: 'a temporary key with a signed session token',
      run: async (talk) => {
        const keys = talk.store.temporaryCredentials;
        return keys ? say(await talk.signed('GET', await talk.given(talk.key()), { keys })) : 'has no temporary keys';
      },
      expected: { development: '200', ceph: 'has no temporary keys' },
    },
    ...(['GET', 'HEAD', 'PUT', 'DELETE'] as const).map((method) => ({
      name: `an anonymous ${method} is refused`,
      run: async (talk: Talk) => {
        const key = await talk.given(talk.key());
        const answer = await talk.anonymous(method, key, method === 'PUT' ? { body: 'x' } : {});
        return `${answer.status}, ${await talk.content(key)}`;
      },
      expected: '403, hello',
      proves: ['anonymous'] as const,
    })),
    {
      name: 'an anonymous listing is refused',
      run: async (talk) => say(await talk.anonymous('GET', '')),
      expected: '403 AccessDenied',
      proves: ['anonymous'],
    },
    {
      name: 'a missing object is not told to the anonymous',
      run: async (talk) => say(await talk.anonymous('GET', talk.key())),
      expected: '403 AccessDenied',
    },
    {
      name: 'a signature of version 2 is refused',
      run: async (talk) =>
        say(await talk.anonymous('GET', await talk.given(talk.key()), { headers: { authorization: 'AWS nobody:c2lnbmF0dXJl' } })),
      expected: { development: '400 InvalidRequest', ceph: '403 AccessDenied' },
    },
    {
      name: 'a public-read object is there for the anonymous, to read only',
      run: async (talk) => {
        const key = await talk.given(talk.key(), 'hello', { 'x-amz-acl': 'public-read' });
        const [get, put] = [await talk.anonymous('GET', key), await talk.anonymous('PUT', key, { body: 'x' })];
        return `${say(get)}, ${say(put)}`;
      },
      expected: '200, 403 AccessDenied',
      proves: ['anonymous'],
    },
    {
      name: 'an access control list that is unknown',
      run: async (talk) => {
        const key = talk.key();
        const answer = await talk.signed('PUT', key, { headers: { 'x-amz-acl': 'public-maybe' } }, { body: 'x' });
        return `${say(answer)}, ${await talk.content(key)}`;
      },
      expected: { development: '501 NotImplemented, 404 NoSuchKey', ceph: '400 InvalidArgument, 404 NoSuchKey' },
      proves: ['known-acl'],
    },
  ],
};
