import { DiracS3Error, type ErrorCode } from '../errors/index.js';
import { shortAnswerBytes, type HttpAnswer } from '../http/index.js';

/** The error an S3 answer stands for. Reads or gives up the body. */
export async function errorOf(answer: HttpAnswer, what: string): Promise<StoreRefusal> {
  return storeError(what, answer.status, await s3CodeOf(answer));
}

export function storeError(what: string, status: number, code: string | undefined): StoreRefusal {
  return new StoreRefusal(what, status, code);
}

/** An answer of the store that is no success, with S3's own name of the error where it gave one. */
export class StoreRefusal extends DiracS3Error {
  readonly status: number;
  readonly s3Code: string | undefined;

  constructor(what: string, status: number, s3Code: string | undefined) {
    super(codeOf(status, s3Code), `${what}: the store answered ${status}${s3Code === undefined ? '' : ` ${s3Code}`}`);
    this.status = status;
    this.s3Code = s3Code;
  }
}

/** True for a refusal to which the store gave this name of S3's. */
export function isRefusal(thrown: unknown, s3Code: string): boolean {
  return thrown instanceof StoreRefusal && thrown.s3Code === s3Code;
}

/** True for what a store answers to a URL that has ended, among others. */
export function isForbidden(thrown: unknown): boolean {
  return thrown instanceof StoreRefusal && thrown.status === 403;
}

/** As {@link s3CodeIn}. Reads or gives up the body. */
export async function s3CodeOf(answer: HttpAnswer): Promise<string | undefined> {
  // The status is known already; a body that breaks off adds nothing to it.
  const text = await answer.start(shortAnswerBytes).catch(() => Buffer.alloc(0));
  return s3CodeIn(text.toString('utf8'));
}

/**
 * S3's own name of the error (`NoSuchKey`), when a body is an error document. Nothing else of it is taken (S3 API reference, "Error responses"):
 * messages of stores quote URLs and keys.
 */
export function s3CodeIn(text: string): string | undefined {
  return /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(text)?.[1];
}

function codeOf(status: number, code: string | undefined): ErrorCode {
  if (status === 404) return code === 'NoSuchBucket' ? 'storage-refused' : 'no-such-file';
  if (status === 412) return 'file-exists';
  // 409: another request for the same key is under way.
  return status === 409 || status === 429 || status >= 500 ? 'storage-unavailable' : 'storage-refused';
}
