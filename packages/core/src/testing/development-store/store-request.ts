import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.js';
import { decodeUri } from './uri.js';

/** A request as it came: the path is neither normalised nor decoded twice, headers keep every value. */
export interface StoreRequest {
  readonly method: string;
  /** The path as sent, before `?`. */
  readonly rawPath: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Lower-case name to the values joined with a comma, blanks collapsed, as SigV4 wants them. */
  readonly headers: ReadonlyMap<string, string>;
  readonly bucket: string | undefined;
  /** Undefined when the request is for the bucket itself. */
  readonly key: string | undefined;
  /** The body; reading it sends `100 Continue` first when the client waits for it. */
  readonly body: AsyncIterable<Buffer>;
}

export function readStoreRequest(incoming: IncomingMessage, body: AsyncIterable<Buffer>): StoreRequest {
  const target = incoming.url ?? '';
  if (!target.startsWith('/')) throw new S3Error('InvalidURI', 'The request target must be a path.');
  const question = target.indexOf('?');
  const rawPath = question < 0 ? target : target.slice(0, question);
  const headers = joinHeaders(incoming.rawHeaders);
  return {
    method: incoming.method ?? '',
    rawPath,
    query: question < 0 ? [] : parseQuery(target.slice(question + 1)),
    headers,
    ...bucketAndKey(rawPath, headers.get('host') ?? ''),
    body,
  };
}

export function parameterOf(request: StoreRequest, name: string): string | undefined {
  return request.query.find(([candidate]) => candidate === name)?.[1];
}

/** Path style, or virtual-host style for `BUCKET.localhost`. */
function bucketAndKey(rawPath: string, host: string): { bucket: string | undefined; key: string | undefined } {
  const path = decodeUri(rawPath).slice(1);
  const virtual = /^(.+)\.localhost(?::\d+)?$/i.exec(host)?.[1];
  if (virtual !== undefined) return { bucket: virtual, key: path === '' ? undefined : path };
  const slash = path.indexOf('/');
  if (slash < 0) return { bucket: path === '' ? undefined : path, key: undefined };
  const key = path.slice(slash + 1);
  return { bucket: path.slice(0, slash), key: key === '' ? undefined : key };
}

function parseQuery(raw: string): [string, string][] {
  return raw
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [decodeUri(pair), ''] : [decodeUri(pair.slice(0, equals)), decodeUri(pair.slice(equals + 1))];
    });
}

function joinHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = (raw[index + 1] ?? '').trim().replace(/ +/g, ' ');
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return headers;
}
