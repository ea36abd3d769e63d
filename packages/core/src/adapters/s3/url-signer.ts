import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { S3Credentials } from '../../domain/index.js';
import type { UnsignedRequest } from './signed-request.js';
import { encodeUri } from './uri-encoding.js';

export interface SigningTerms {
  readonly now: Date;
  /** 1 … 604 800. */
  readonly expiresInSeconds: number;
}

/** Signs requests of one region with one set of keys. */
export interface UrlSigner {
  signUrl(request: UnsignedRequest, terms: SigningTerms): string;
}

const algorithm = 'AWS4-HMAC-SHA256';

/**
 * SigV4 in the query ("Authenticating Requests: Using Query Parameters", Amazon S3 API Reference), to the same URL as the SDK's
 * `S3RequestPresigner`: every header of the request is signed as it stands, none is moved into the query, where not every store would
 * enforce it. Whatever is the same for all URLs of one second is made once: a URL costs one SHA-256 and one HMAC.
 */
export function createUrlSigner(region: string, credentials: S3Credentials): UrlSigner {
  let held: { readonly second: number; readonly expiresInSeconds: number; readonly parts: FixedParts } | undefined;
  const partsFor = ({ now, expiresInSeconds }: SigningTerms): FixedParts => {
    const second = Math.floor(now.getTime() / 1000);
    if (held?.second !== second || held.expiresInSeconds !== expiresInSeconds)
      held = { second, expiresInSeconds, parts: fixedParts({ now, expiresInSeconds }, { region, credentials }) };
    return held.parts;
  };
  return { signUrl: (request, terms) => signWith(partsFor(terms), request) };
}

/** What all URLs of one second and lifetime have in common. */
interface FixedParts {
  /** The parameters in the order of the URL, up to the signed headers. */
  readonly query: string;
  /** The same, sorted. The token comes between them and the signed headers. */
  readonly sortedQuery: string;
  /** The text to sign, up to the hash of the request. */
  readonly textToSign: string;
  readonly key: KeyObject;
}

interface Signer {
  readonly region: string;
  readonly credentials: S3Credentials;
}

function fixedParts({ now, expiresInSeconds }: SigningTerms, { region, credentials }: Signer): FixedParts {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const instant = `${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const scope = [instant.slice(0, 8), region, 's3', 'aws4_request'];
  const credential = encodeUri([accessKeyId, ...scope].join('/'));
  const common = `X-Amz-Algorithm=${algorithm}&X-Amz-Credential=${credential}&X-Amz-Date=${instant}&X-Amz-Expires=${expiresInSeconds}`;
  const token = sessionToken === undefined ? undefined : `X-Amz-Security-Token=${encodeUri(sessionToken.reveal())}`;
  return {
    query: token === undefined ? common : `${token}&${common}`,
    sortedQuery: token === undefined ? common : `${common}&${token}`,
    textToSign: `${algorithm}\n${instant}\n${scope.join('/')}\n`,
    key: signingKey(secretAccessKey.reveal(), scope),
  };
}

/** A key object: Node would make one of raw bytes for each signature. */
function signingKey(secret: string, scope: readonly string[]): KeyObject {
  const derived = scope.reduce((key, part) => createHmac('sha256', key).update(part).digest(), Buffer.from(`AWS4${secret}`));
  return createSecretKey(derived);
}

function signWith({ query, sortedQuery, textToSign, key }: FixedParts, request: UnsignedRequest): string {
  const { method, protocol, host, path } = request;
  const { names, lines } = canonicalHeaders(request);
  const signedHeaders = `X-Amz-SignedHeaders=${encodeUri(names)}`;
  const own = Object.entries(request.query).map(([name, value]): Pair => [encodeUri(name), encodeUri(value)]);
  const canonicalQuery = sorted(`${sortedQuery}&${signedHeaders}`, own);
  const canonical = `${method}\n${path}\n${canonicalQuery}\n${lines}\n${names}\nUNSIGNED-PAYLOAD`;
  const signature = createHmac('sha256', key)
    .update(textToSign + hash('sha256', canonical, 'hex'))
    .digest('hex');
  return `${protocol}//${host}${path}?${own.map(textOf).join('')}${query}&${signedHeaders}&X-Amz-Signature=${signature}`;
}

type Pair = readonly [name: string, value: string];

const textOf = ([name, value]: Pair): string => `${name}=${value}&`;

/** All parameters by name; `fixed` is sorted already and stands alone for most URLs. */
function sorted(fixed: string, own: readonly Pair[]): string {
  if (own.length === 0) return fixed;
  const pairs = [...own, ...fixed.split('&').map((pair) => pair.split('=') as unknown as Pair)];
  return pairs
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Names and lines of all headers, sorted, blanks folded as SigV4 says. */
function canonicalHeaders({ host, headers }: UnsignedRequest): { readonly names: string; readonly lines: string } {
  const all: Readonly<Record<string, string>> = { host, ...headers };
  const names = Object.keys(all).sort();
  return { names: names.join(';'), lines: names.map((name) => `${name}:${folded(all[name]!)}\n`).join('') };
}

function folded(value: string): string {
  return value.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '');
}
