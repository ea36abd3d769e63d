import { createHash } from 'node:crypto';
import { say } from '../http.js';
import type { CaseGroup, ConformanceCase } from '../conformance-case.js';
import { partQuery, type Deviation, type Talk } from '../talk.js';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** A copy of `hello` by presigned URL, with some headers signed beside its source, and something else sent; and what is there then. */
async function copied(
  talk: Talk,
  signed: Readonly<Record<string, string>> = {},
  sent: (other: string) => Deviation = () => ({}),
): Promise<string> {
  const [key, source] = [talk.key('copy'), await talk.given(talk.key('source'))];
  const other = await talk.given(talk.key('other'), 'secret');
  const headers = { 'x-amz-copy-source': talk.path(source), ...signed };
  const answer = await talk.presigned('PUT', key, { headers }, sent(talk.path(other)));
  return `${say(answer)}; holds ${await talk.content(key)}`;
}

/** A part copied from `abcdefgh`; gives the answer, and the content after the end of the upload. */
async function partCopied(talk: Talk, signed: Readonly<Record<string, string>>, expected: string): Promise<string> {
  const [key, source] = [talk.key('copy'), await talk.given(talk.key('source'), 'abcdefgh')];
  const uploadId = await talk.beginUpload(key);
  const headers = { 'x-amz-copy-source': talk.path(source), ...signed };
  const answer = await talk.presigned('PUT', key, { query: partQuery(uploadId, 1), headers });
  if (answer.status !== 200) return say(answer);
  const etag = /<ETag>(?:&quot;|&#34;|")?([0-9a-f]+)/.exec(answer.body.toString())?.[1] ?? '';
  await talk.complete(key, uploadId, [[1, etag]]);
  return `${say(answer)}; ${etag === md5(expected) ? 'the MD5 of the range' : `ETag ${etag}`}; holds ${await talk.content(key)}`;
}

const ofHello = `"${md5('hello')}"`;
const ofAlphabet = `"${md5('abcdefgh')}"`;
const another = `"${md5('another')}"`;
const unchanged = '403 SignatureDoesNotMatch; holds 404 NoSuchKey';

function changed(name: string, sent: (other: string) => Deviation): ConformanceCase {
  return { name, run: (talk) => copied(talk, {}, sent), expected: unchanged, proves: ['signature'] };
}

export const copyCases: CaseGroup = {
  title: 'Copies by presigned URL',
  cases: [
    { name: 'an object', run: (talk) => copied(talk), expected: '200; holds hello' },
    {
      name: 'an object of another bucket, with its metadata and the ETag of its bytes',
      run: async (talk) => {
        const source = await talk.given(talk.key('source'), 'hello', { 'x-amz-meta-checksum': '062c0215' });
        const [key, bucket] = [talk.key('copy'), talk.store.anotherBucket];
        const headers = { 'x-amz-copy-source': talk.path(source), 'x-amz-metadata-directive': 'COPY', 'x-amz-acl': 'private' };
        const answer = await talk.presigned('PUT', key, { bucket, headers });
        const { headers: stored } = await talk.signed('HEAD', key, { bucket });
        const whole = /<CopyObjectResult[\s>].*<\/CopyObjectResult>\s*$/s.test(answer.body.toString());
        return `${say(answer)}, ${whole ? 'whole' : 'no whole'} answer; ${stored.etag === ofHello ? 'same ETag' : String(stored.etag)}, ${String(stored['x-amz-meta-checksum'])}`;
      },
      expected: '200, whole answer; same ETag, 062c0215',
    },
    {
      name: 'what is not there',
      run: async (talk) => say(await talk.presigned('PUT', talk.key(), { headers: { 'x-amz-copy-source': talk.path(talk.key('no')) } })),
      expected: '404 NoSuchKey',
    },
    {
      name: 'an object that still has the ETag of x-amz-copy-source-if-match',
      run: (talk) => copied(talk, { 'x-amz-copy-source-if-match': ofHello }),
      expected: '200; holds hello',
    },
    {
      name: 'an object that has another ETag than x-amz-copy-source-if-match says',
      run: (talk) => copied(talk, { 'x-amz-copy-source-if-match': another }),
      expected: { development: '412 PreconditionFailed; holds 404 NoSuchKey', ceph: '200; holds hello' },
      proves: ['copy-if-match'],
    },
    {
      name: 'a part from a range',
      run: (talk) => partCopied(talk, { 'x-amz-copy-source-range': 'bytes=2-4', 'x-amz-copy-source-if-match': ofAlphabet }, 'cde'),
      expected: '200; the MD5 of the range; holds cde',
    },
    {
      name: 'a part of an object that has another ETag than x-amz-copy-source-if-match says',
      run: (talk) => partCopied(talk, { 'x-amz-copy-source-range': 'bytes=2-4', 'x-amz-copy-source-if-match': another }, 'cde'),
      expected: { development: '412 PreconditionFailed', ceph: '200; the MD5 of the range; holds cde' },
      proves: ['copy-if-match'],
    },
    {
      name: 'a part from a range that ends after the object',
      run: (talk) => partCopied(talk, { 'x-amz-copy-source-range': 'bytes=2-9' }, 'cdefgh'),
      expected: '416 InvalidRange',
    },
    changed('another source than was signed, sent', (other) => ({ headers: { 'x-amz-copy-source': other } })),
    changed('another source than was signed, beside the signed one', (other) => ({ headers: { 'X-Amz-Copy-Source': other } })),
    changed('another source than was signed, in the query', (other) => ({
      target: (text) => `${text}&x-amz-copy-source=${encodeURIComponent(other)}`,
    })),
    changed('no source, and a body instead', () => ({ without: 'x-amz-copy-source', body: 'mine' })),
    {
      name: 'a condition that was signed, left out',
      run: (talk) => copied(talk, { 'x-amz-copy-source-if-match': another }, () => ({ without: 'x-amz-copy-source-if-match' })),
      expected: unchanged,
      proves: ['signature'],
    },
    {
      name: 'a signed x-amz-metadata-directive, changed',
      run: (talk) => copied(talk, { 'x-amz-metadata-directive': 'COPY' }, () => ({ headers: { 'x-amz-metadata-directive': 'REPLACE' } })),
      expected: unchanged,
      proves: ['signature'],
    },
    {
      name: 'a body beside the source',
      run: (talk) => copied(talk, {}, () => ({ body: 'mine' })),
      expected: '200; holds hello',
    },
    {
      name: 'an unsigned x-amz-acl beside a signed one',
      run: (talk) => copied(talk, { 'x-amz-acl': 'private' }, () => ({ headers: { 'X-Amz-Acl': 'public-read' } })),
      expected: unchanged,
    },
  ],
};
