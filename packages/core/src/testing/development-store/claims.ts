import { S3Error, type S3ErrorCode } from './errors.js';
import { algorithm, type Claim, type Scope } from './sigv4.js';
import type { StoreContext } from './store-context.js';
import { parameterOf, type StoreRequest } from './store-request.js';

const malformedQuery = 'AuthorizationQueryParametersError';
const malformedHeader = 'AuthorizationHeaderMalformed';

/** "Authenticating Requests: Using Query Parameters". */
export function queryClaim(request: StoreRequest, { checks }: StoreContext): { claim: Claim; expires: number } {
  const required = (name: string): string => {
    const value = parameterOf(request, `X-Amz-${name}`);
    if (value === undefined || value === '') throw new S3Error(malformedQuery, `Query-string authentication needs X-Amz-${name}.`);
    return value;
  };
  checks.ensure('algorithm', required('Algorithm') === algorithm, malformedQuery, `X-Amz-Algorithm only supports ${algorithm}.`);
  const expires = required('Expires');
  return {
    claim: {
      ...parseCredential(required('Credential'), malformedQuery),
      timestamp: required('Date'),
      signedHeaders: required('SignedHeaders').split(';'),
      payloadHash: parameterOf(request, 'X-Amz-Content-Sha256') ?? request.headers.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD',
      signature: required('Signature'),
    },
    expires: /^-?\d+$/.test(expires) ? Number(expires) : Number.NaN,
  };
}

/** "Authenticating Requests: Using the Authorization Header". */
export function headerClaim(request: StoreRequest, authorization: string, { checks }: StoreContext): Claim {
  const [scheme, rest = ''] = authorization.split(/ (.*)/s);
  checks.ensure('algorithm', scheme === algorithm, 'InvalidRequest', `Please use ${algorithm}.`);
  const fields = new Map(
    rest.split(',').map((field): [string, string] => [field.split('=', 1)[0]!.trim(), field.slice(field.indexOf('=') + 1)]),
  );
  const required = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined || value === '') throw new S3Error(malformedHeader, `The authorization header needs ${name}.`);
    return value;
  };
  const payloadHash = request.headers.get('x-amz-content-sha256');
  checks.ensure(
    'payload-declared',
    payloadHash !== undefined,
    'InvalidRequest',
    'Missing required header for this request: x-amz-content-sha256',
  );
  return {
    ...parseCredential(required('Credential'), malformedHeader),
    timestamp: request.headers.get('x-amz-date') ?? '',
    signedHeaders: required('SignedHeaders').split(';'),
    payloadHash: payloadHash ?? 'UNSIGNED-PAYLOAD',
    signature: required('Signature'),
  };
}

/** `KEY/20130524/us-east-1/s3/aws4_request` */
export function parseCredential(text: string, code: S3ErrorCode): { accessKeyId: string; scope: Scope } {
  const parts = text.split('/');
  if (parts.length !== 5) throw new S3Error(code, 'The credential must be KEY/DATE/REGION/SERVICE/aws4_request.');
  const [accessKeyId, date, region, service, terminator] = parts as [string, string, string, string, string];
  return { accessKeyId, scope: { date, region, service, terminator } };
}
