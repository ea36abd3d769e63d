import { DiracS3Error } from '../errors/index.js';
import type { HttpAnswer } from '../http/index.js';
import { errorOf, storeError } from './s3-error.js';

/** Ceph tells in its answer to a copy how far it is, once in a megabyte. */
const maxAnswerBytes = 2 * 1024 * 1024;

/**
 * The document of an answer. To CompleteMultipartUpload, CopyObject and UploadPartCopy a store may begin its answer 200 before it knows, and put
 * an error into the body (S3 API reference): only the whole element that was waited for is a success.
 */
export async function documentOf(answer: HttpAnswer, what: string, element: string): Promise<string> {
  if (answer.status !== 200) throw await errorOf(answer, what);
  const text = (await answer.start(maxAnswerBytes)).toString('utf8');
  const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(text)?.[1];
  if (code !== undefined) throw storeError(what, 500, code);
  if (new RegExp(`<${element}[\\s>].*</${element}>\\s*$`, 's').test(text)) return text;
  throw new DiracS3Error('storage-unavailable', `${what}: the answer of the store broke off`);
}

/** Text of the first element of that name; empty when there is none. */
export function elementText(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

/** Stores write the quotes of an ETag as they are, as an entity, or as a reference to a character. */
export function unquoted(etag: string): string {
  return etag.replace(/&quot;|&#34;|&#x22;|"/g, '');
}
