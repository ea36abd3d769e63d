import { hash } from 'node:crypto';
import type { S3Credentials } from '../../domain/index.js';
import type { UnsignedRequest } from './signed-request.js';
import { algorithm, createSigningScopes, signatureOf, type SigningScope } from './signing-scope.js';
import { encodeUri } from './uri-encoding.js';

export interface SigningTerms {
  readonly now: Date;
  /** 1 … 604 800. */
  readonly expiresInSeconds: number;
}

/** Signs requests of one region with one set of keys. */
export type UrlSigner = (request: UnsignedRequest, terms: SigningTerms) => string;

/**
 * SigV4 in the query ("Authenticating Requests: Using Query Parameters", Amazon S3 API Reference), to the same URL as the SDK's
 * `S3RequestPresigner`: every header of the request is signed as it stands, none is moved into the query, where not every store would
 * enforce it. Whatever is the same for all URLs of one second is made once: a URL costs one SHA-256 and one HMAC.
 */
export function createUrlSigner(region: string, credentials: S3Credentials): UrlSigner {
  const scopeAt = createSigningScopes(region, credentials);
  let held: FixedParts | undefined;
  return (request, { now, expiresInSeconds }) => {
    const scope = scopeAt(now);
    if (held?.scope !== scope || held.expiresInSeconds !== expiresInSeconds) held = fixedParts(scope, expiresInSeconds);
    return signWith(held, request);
  };
}

/** What all URLs of one second and lifetime have in common. */
interface FixedParts {
  readonly scope: SigningScope;
  readonly expiresInSeconds: number;
  /** The parameters in the order of the URL, up to the signed headers. */
  readonly query: string;
  /** The same, sorted: the token stands between them and the signed headers. */
  readonly sortedQuery: string;
  /** The text to sign, up to the hash of the request. */
  readonly textToSign: string;
}

function fixedParts(scope: SigningScope, expiresInSeconds: number): FixedParts {
  const { instant, credential, sessionToken } = scope;
  const who = `X-Amz-Algorithm=${algorithm}&X-Amz-Credential=${encodeUri(credential)}`;
  const common = `${who}&X-Amz-Date=${instant}&X-Amz-Expires=${expiresInSeconds}`;
  const token = sessionToken === undefined ? undefined : `X-Amz-Security-Token=${encodeUri(sessionToken)}`;
  return {
    scope,
    expiresInSeconds,
    query: token === undefined ? common : `${token}&${common}`,
    sortedQuery: token === undefined ? common : `${common}&${token}`,
    textToSign: `${algorithm}\n${instant}\n${scope.scope}\n`,
  };
}

function signWith({ scope, query, sortedQuery, textToSign }: FixedParts, request: UnsignedRequest): string {
  const { method, protocol, host, path } = request;
  const { names, lines } = canonicalHeaders(request);
  const signedHeaders = `X-Amz-SignedHeaders=${encodeUri(names)}`;
  const own = Object.entries(request.query).map(([name, value]): Pair => [encodeUri(name), encodeUri(value)]);
  const canonicalQuery = sorted(`${sortedQuery}&${signedHeaders}`, own);
  const canonical = `${method}\n${path}\n${canonicalQuery}\n${lines}\n${names}\nUNSIGNED-PAYLOAD`;
  const signature = signatureOf(textToSign + hash('sha256', canonical, 'hex'), scope.key);
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
