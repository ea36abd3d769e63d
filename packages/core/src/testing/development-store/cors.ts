import type { Reply } from './operation.js';
import { S3Error } from './errors.js';
import type { StoreContext } from './store-context.js';
import type { StoreRequest } from './store-request.js';

/** The headers that let a page of this origin read the answer; none for an origin that is not configured. */
export function corsHeaders({ headers }: StoreRequest, { allowedOrigins, checks }: StoreContext): Record<string, string> {
  const origin = headers.get('origin');
  if (origin === undefined || (checks.enabled('cors') && !allowedOrigins.includes(origin))) return {};
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'ETag, Content-Range', vary: 'Origin' };
}

/** The answer to what a browser asks before it sends such a request. */
export function preflight(request: StoreRequest, context: StoreContext): Reply {
  const allowed = corsHeaders(request, context);
  if (!('access-control-allow-origin' in allowed)) throw new S3Error('AccessDenied', 'CORSResponse: This CORS request is not allowed.');
  return {
    status: 200,
    headers: {
      'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
      'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '',
      'access-control-max-age': '600',
    },
  };
}
