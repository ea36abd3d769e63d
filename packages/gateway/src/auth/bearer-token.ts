import type { RequestFacts } from './authenticator.js';
import { refusal } from './authenticator.js';

/** The token of the one header `Authorization: Bearer <token>` (RFC 6750 section 2.1); anything else is refused. */
export function bearerToken({ authorization }: RequestFacts): string {
  const [header, ...more] = authorization;
  if (header === undefined) throw refusal('no token came with the request', 'no Authorization header');
  if (more.length > 0) throw refusal('more than one Authorization header', `${authorization.length} Authorization headers`);
  const match = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(header);
  if (!match?.[1]) throw refusal('the Authorization header must be "Bearer <token>"', 'the Authorization header has another form');
  return match[1];
}
