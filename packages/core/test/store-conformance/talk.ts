import { randomUUID } from 'node:crypto';
import { type Answer, type Outgoing, say, send } from './http.js';
import {
  encode,
  encodePath,
  type Keys,
  presign,
  scopeOf,
  sha256,
  signHeaders,
  type SigningDraft,
  signingKey,
  signText,
  timestampOf,
} from './signer.js';
import type { StoreUnderTest } from './store-under-test.js';

type Signing = Partial<SigningDraft> & { readonly expires?: number | string; readonly omit?: string; readonly bucket?: string };

/** What is sent differs from what was signed only where a case says so. */
export interface Deviation {
  readonly method?: string;
  readonly target?: (target: string) => string;
  /** Beside the signed headers, or instead of one of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly without?: string;
  readonly body?: Buffer | string;
  readonly chunked?: boolean;
}

/** The requests of one case: signed by hand, sent raw, each with keys of objects nobody else uses. */
export class Talk {
  readonly store: StoreUnderTest;

  constructor(store: StoreUnderTest) {
    this.store = store;
  }

  get host(): string {
    return new URL(this.store.origin).host;
  }

  key(name = 'object'): string {
    return `${randomUUID()}/${name}`;
  }

  path(key: string, bucket = this.store.bucket): string {
    return key === '' ? `/${bucket}` : `/${bucket}/${encodePath(key)}`;
  }

  send(outgoing: Omit<Outgoing, 'origin'>): Promise<Answer> {
    return send({ origin: this.store.origin, ...outgoing });
  }

  /** A request by presigned URL. */
  presigned(method: string, key: string, signing: Signing = {}, sent: Deviation = {}): Promise<Answer> {
    const draft = this.#draft(method, key, signing);
    return this.#deviate(draft.method, presign({ ...draft, ...signing, headers: draft.headers }), draft.headers, sent);
  }

  /** The target of a presigned URL alone. */
  presignedTarget(method: string, key: string, signing: Signing = {}): string {
    const draft = this.#draft(method, key, signing);
    return presign({ ...draft, ...signing, headers: draft.headers });
  }

  /** A request signed in its header. */
  signed(method: string, key: string, signing: Signing = {}, sent: Deviation = {}): Promise<Answer> {
    const { draft, headers } = this.signedHeaders(method, key, { payloadHash: sha256(sent.body ?? ''), ...signing });
    const query = (draft.query ?? []).map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
    return this.#deviate(draft.method, query === '' ? draft.path : `${draft.path}?${query}`, headers, sent);
  }

  signedHeaders(method: string, key: string, signing: Signing): { draft: SigningDraft; headers: Record<string, string>; seed: string } {
    const draft = this.#draft(method, key, signing);
    return { draft, ...signHeaders({ ...draft, payloadHash: signing.payloadHash ?? sha256('') }) };
  }

  /** Puts an object with the owner's key, as the ground a case stands on. */
  async given(key: string, body: Buffer | string = 'hello', headers: Record<string, string> = {}): Promise<string> {
    const answer = await this.signed('PUT', key, { headers }, { body });
    if (answer.status !== 200) throw new Error(`the ground of a case is missing: ${say(answer)} ${answer.body.toString()}`);
    return key;
  }

  /** The owner's view: the content, or the refusal. */
  async content(key: string, bucket?: string): Promise<string> {
    const answer = await this.signed('GET', key, bucket === undefined ? {} : { bucket });
    return answer.status === 200 ? answer.body.toString('latin1') : say(answer);
  }

  head(key: string): Promise<Answer> {
    return this.signed('HEAD', key);
  }

  anonymous(method: string, key: string, sent: Deviation = {}): Promise<Answer> {
    return this.#deviate(method, this.path(key), {}, sent);
  }

  async beginUpload(key: string, headers: Record<string, string> = {}): Promise<string> {
    const answer = await this.signed('POST', key, { query: [['uploads', '']], headers });
    const id = /<UploadId>([^<]+)</.exec(answer.body.toString())?.[1];
    if (id === undefined) throw new Error(`no upload: ${say(answer)}`);
    return id;
  }

  /** Uploads a part by presigned URL and gives its ETag. */
  async part(key: string, uploadId: string, number: number | string, body: Buffer | string): Promise<string> {
    const answer = await this.presigned('PUT', key, { query: partQuery(uploadId, number) }, { body });
    const { etag } = answer.headers;
    return typeof etag === 'string' ? etag : say(answer);
  }

  complete(
    key: string,
    uploadId: string,
    parts: readonly (readonly [number, string])[],
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const listed = parts.map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`).join('');
    const body = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`;
    return this.signed('POST', key, { query: [['uploadId', uploadId]], headers }, { body });
  }

  #draft(method: string, key: string, { bucket, headers, ...signing }: Signing): SigningDraft {
    return {
      keys: this.store.credentials,
      region: this.store.region,
      method,
      path: this.path(key, bucket),
      ...signing,
      headers: { host: this.host, ...headers },
    };
  }

  #deviate(method: string, target: string, headers: Readonly<Record<string, string>>, sent: Deviation): Promise<Answer> {
    const all = { ...headers, ...sent.headers };
    return this.send({
      method: sent.method ?? method,
      target: sent.target?.(target) ?? target,
      headers: Object.fromEntries(Object.entries(all).filter(([name]) => name !== sent.without)),
      ...(sent.body === undefined ? {} : { body: sent.body }),
      chunked: sent.chunked ?? false,
    });
  }
}

export function partQuery(uploadId: string, number: number | string): [string, string][] {
  return [
    ['partNumber', String(number)],
    ['uploadId', uploadId],
  ];
}

export interface FormDraft {
  readonly keys?: Keys;
  readonly bucket?: string;
  /** The bucket the form is sent to, when it is not the one of the policy. */
  readonly sentTo?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Beside an exact condition for every field and the bucket. */
  readonly conditions?: readonly unknown[];
  /** Fields without a condition of their own. */
  readonly uncovered?: readonly string[];
  /** Changes the signed form before it goes out. */
  readonly change?: (fields: Record<string, string>) => Record<string, string>;
  readonly expiration?: Date;
  readonly policy?: string;
  readonly scope?: Partial<SigningDraft>;
  readonly date?: Date;
  readonly after?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly algorithm?: string;
}

/** A browser-based upload with a signed policy. */
export function postForm(talk: Talk, key: string, file: Buffer | string, draft: FormDraft = {}): Promise<Answer> {
  const form = signForm(talk, key, draft);
  const { body, contentType } = encodeForm(draft.change?.(form) ?? form, file, draft.after);
  const target = talk.path('', draft.sentTo ?? draft.bucket ?? talk.store.bucket);
  return talk.send({ method: 'POST', target, headers: { host: talk.host, 'content-type': contentType, ...draft.headers }, body });
}

/** The fields of such an upload, without its file. */
export function signForm(talk: Talk, key: string, draft: FormDraft = {}): Record<string, string> {
  const { keys = talk.store.credentials, bucket = talk.store.bucket, uncovered = [], date = new Date() } = draft;
  const signing = { keys, region: talk.store.region, date, ...draft.scope };
  const fields: Record<string, string> = {
    key,
    ...draft.fields,
    'x-amz-algorithm': draft.algorithm ?? 'AWS4-HMAC-SHA256',
    'x-amz-credential': `${keys.accessKeyId}/${scopeOf(signing)}`,
    'x-amz-date': timestampOf(date),
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  };
  const covered = Object.entries(fields).filter(([name]) => !uncovered.includes(name));
  const policy = Buffer.from(
    draft.policy ??
      JSON.stringify({
        expiration: (draft.expiration ?? new Date(Date.now() + 3600_000)).toISOString(),
        conditions: [{ bucket }, ...covered.map(([name, value]) => ({ [name]: value })), ...(draft.conditions ?? [])],
      }),
  ).toString('base64');
  return { ...fields, policy, 'x-amz-signature': signText(signingKey(signing), policy) };
}

export function encodeForm(
  fields: Readonly<Record<string, string>>,
  file: Buffer | string,
  after: Readonly<Record<string, string>> = {},
): { body: Buffer; contentType: string } {
  const boundary = `boundary-${randomUUID()}`;
  const field = ([name, value]: [string, string]): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="name.txt"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(Object.entries(fields).map(field).join('') + head),
    Buffer.from(file),
    Buffer.from(`\r\n${Object.entries(after).map(field).join('')}--${boundary}--\r\n`),
  ]);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}
