import { DiracS3Error } from '../errors/index.js';

export interface UrlParts {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
}

/**
 * Cut by hand: `new URL` would rewrite the path.
 *
 * @throws invalid-storage-url
 */
export function cutUrl(url: string): UrlParts {
  const match = /^(https?):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([^/:@?#[\]]+))(?::(\d{1,5}))?(\/[\x21-\x7e]*)$/.exec(url);
  if (!match) throw new DiracS3Error('invalid-storage-url', 'the URL to ask is not an http(s) URL with a path');
  const [, scheme, address, name, port, path = '/'] = match;
  const secure = scheme === 'https';
  return { secure, hostname: address ?? name ?? '', port: port === undefined ? (secure ? 443 : 80) : Number(port), path };
}
