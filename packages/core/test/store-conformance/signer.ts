import { createHash, createHmac } from 'node:crypto';

/** SigV4 by hand, every part of it open to be done wrongly: neither the product's presigner nor the development store's verifier. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SigningDraft {
  readonly keys: Keys;
  readonly method: string;
  /** As it goes over the wire. */
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  /** Lower-case names; all are signed unless `signedHeaders` says otherwise. Must contain host. */
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string;
  readonly date?: Date;
  readonly scopeDate?: string;
  readonly service?: string;
  readonly terminator?: string;
  readonly algorithm?: string;
  readonly signedHeaders?: readonly string[];
  readonly payloadHash?: string;
  /** Default: what SigV4 says of `path`. */
  readonly canonicalPath?: string;
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function encodePath(text: string): string {
  return text.split('/').map(encode).join('/');
}

export function timestampOf(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** A presigned request target: path and query. */
export function presign(given: SigningDraft & { expires?: number | string; omit?: string }): string {
  // One moment for the whole signature: a second may end in the middle of it.
  const draft = { ...given, date: given.date ?? new Date() };
  const { expires = 3600, omit, keys } = draft;
  const { credential, timestamp, signedHeaders } = parts(draft);
  const query: (readonly [string, string])[] = [
    ...(draft.query ?? []),
    ['X-Amz-Algorithm', draft.algorithm ?? 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', credential],
    ['X-Amz-Date', timestamp],
    ['X-Amz-Expires', String(expires)],
    ['X-Amz-SignedHeaders', signedHeaders.join(';')],
    ...(keys.sessionToken === undefined ? [] : [['X-Amz-Security-Token', keys.sessionToken] as const]),
  ];
  const kept = query.filter(([name]) => name !== omit);
  const signature = signatureOf({ ...draft, query: kept, payloadHash: draft.payloadHash ?? 'UNSIGNED-PAYLOAD' });
  return `${draft.path}?${[...kept, ['X-Amz-Signature', signature] as const].map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** All headers of a request signed in its header; `seed` begins a chain of chunk signatures. */
export function signHeaders(given: SigningDraft & { payloadHash: string }): { headers: Record<string, string>; seed: string } {
  // One moment for the whole signature: a second may end in the middle of it.
  const draft = { ...given, date: given.date ?? new Date() };
  const headers: Record<string, string> = {
    'x-amz-content-sha256': draft.payloadHash,
    'x-amz-date': timestampOf(draft.date),
    ...(draft.keys.sessionToken === undefined ? {} : { 'x-amz-security-token': draft.keys.sessionToken }),
    ...draft.headers,
  };
  const complete = { ...draft, headers };
  const { credential, signedHeaders } = parts(complete);
  const seed = signatureOf(complete);
  const fields = [`Credential=${credential}`, `SignedHeaders=${signedHeaders.join(';')}`, `Signature=${seed}`].join(', ');
  return { headers: { ...headers, authorization: `${draft.algorithm ?? 'AWS4-HMAC-SHA256'} ${fields}` }, seed };
}

/** The key that signs requests, chunks and policies of one day. */
export function signingKey(draft: Pick<SigningDraft, 'keys' | 'region' | 'date' | 'scopeDate' | 'service' | 'terminator'>): Buffer {
  return scopeOf(draft)
    .split('/')
    .reduce<Buffer>(hmac, Buffer.from(`AWS4${draft.keys.secretAccessKey}`));
}

export function scopeOf({
  region,
  date = new Date(),
  scopeDate = timestampOf(date).slice(0, 8),
  service = 's3',
  terminator = 'aws4_request',
}: Pick<SigningDraft, 'region' | 'date' | 'scopeDate' | 'service' | 'terminator'>): string {
  return [scopeDate, region, service, terminator].join('/');
}

export function signText(key: Buffer, text: string): string {
  return hmac(key, text).toString('hex');
}

function parts(draft: SigningDraft): { credential: string; timestamp: string; signedHeaders: readonly string[] } {
  return {
    credential: `${draft.keys.accessKeyId}/${scopeOf(draft)}`,
    timestamp: timestampOf(draft.date ?? new Date()),
    signedHeaders: draft.signedHeaders ?? Object.keys(draft.headers).sort(),
  };
}

function signatureOf(draft: SigningDraft): string {
  const { timestamp, signedHeaders } = parts(draft);
  const query = (draft.query ?? [])
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonicalHeaders = signedHeaders.map((name) => `${name}:${(draft.headers[name] ?? '').trim()}\n`).join('');
  const canonical = [
    draft.method,
    draft.canonicalPath ?? encodePath(decodeURIComponent(draft.path)),
    query,
    canonicalHeaders,
    signedHeaders.join(';'),
    draft.payloadHash ?? '',
  ].join('\n');
  return signText(signingKey(draft), [draft.algorithm ?? 'AWS4-HMAC-SHA256', timestamp, scopeOf(draft), sha256(canonical)].join('\n'));
}
