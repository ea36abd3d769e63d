import type { StoreCredential } from './credentials.js';
import { S3Error, type S3ErrorCode } from './errors.js';
import { headerClaim, queryClaim } from './claims.js';
import { type Claim, parseTimestamp, requestSignature, sameText, type Scope, signingKey } from './sigv4.js';
import type { StoreContext } from './store-context.js';
import { parameterOf, type StoreRequest } from './store-request.js';

/** Who asks, and what the signature says about the body. */
export interface Caller {
  /** Undefined: nobody, an anonymous request. */
  readonly credential: StoreCredential | undefined;
  /** Hexadecimal SHA-256, `UNSIGNED-PAYLOAD` or a `STREAMING-…` scheme. */
  readonly payloadHash: string;
  /** Present for a request signed in its header: what the chunks of its body are signed with. */
  readonly chunks: { readonly key: Buffer; readonly claim: Claim } | undefined;
}

const fifteenMinutes = 15 * 60 * 1000;
const oneWeek = 7 * 24 * 60 * 60;

/** @throws S3Error when the request is signed, but not as it must be. */
export function authenticate(request: StoreRequest, context: StoreContext): Caller {
  const authorization = request.headers.get('authorization');
  const inQuery = request.query.some(([name]) => ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature'].includes(name));
  context.checks.ensure('one-mechanism', !(inQuery && authorization !== undefined), 'InvalidArgument', 'Only one auth mechanism allowed.');
  if (inQuery) return authenticateQuery(request, context);
  if (authorization !== undefined) return authenticateHeader(request, authorization, context);
  return { credential: undefined, payloadHash: 'UNSIGNED-PAYLOAD', chunks: undefined };
}

function authenticateQuery(request: StoreRequest, context: StoreContext): Caller {
  const { checks } = context;
  const { claim, expires } = queryClaim(request, context);
  const malformed = 'AuthorizationQueryParametersError';
  checkScope(claim.scope, context, malformed);
  const age = context.clock.now().getTime() - startOf(claim, context, malformed);
  const inRange = Number.isInteger(expires) && expires >= 1 && expires <= oneWeek;
  checks.ensure('expires-range', inRange, malformed, 'X-Amz-Expires must be between 1 and 604800 seconds.');
  checks.ensure('not-yet-valid', age >= -fifteenMinutes, 'AccessDenied', 'Request is not valid yet.');
  checks.ensure('expired', age <= expires * 1000 || !inRange, 'AccessDenied', 'Request has expired.');
  const { credential } = verify(request, claim, context);
  return { credential, payloadHash: claim.payloadHash, chunks: undefined };
}

function authenticateHeader(request: StoreRequest, authorization: string, context: StoreContext): Caller {
  const claim = headerClaim(request, authorization, context);
  checkScope(claim.scope, context, 'AuthorizationHeaderMalformed');
  const age = context.clock.now().getTime() - startOf(claim, context, 'AuthorizationHeaderMalformed');
  context.checks.ensure('clock-skew', Math.abs(age) <= fifteenMinutes, 'RequestTimeTooSkewed', 'The request time is too far from ours.');
  const { credential, key } = verify(request, claim, context);
  return { credential, payloadHash: claim.payloadHash, chunks: { key, claim } };
}

/** Used for POST policies too, which have the same scope. */
export function checkScope(scope: Scope, { checks, region }: StoreContext, code: S3ErrorCode): void {
  checks.ensure('scope-region', scope.region === region, code, `The credential scope names another region; this is '${region}'.`);
  checks.ensure('scope-service', scope.service === 's3', code, 'The credential scope must name the service s3.');
  checks.ensure('scope-terminator', scope.terminator === 'aws4_request', code, 'The credential scope must end with aws4_request.');
}

export function startOf({ timestamp, scope }: Pick<Claim, 'timestamp' | 'scope'>, { checks }: StoreContext, code: S3ErrorCode): number {
  const time = parseTimestamp(timestamp);
  if (time === undefined) throw new S3Error(code, 'The date must be YYYYMMDD"T"HHMMSS"Z".');
  checks.ensure('scope-date', timestamp.startsWith(scope.date), code, 'The credential scope has another date than the request.');
  return time;
}

function verify(request: StoreRequest, claim: Claim, context: StoreContext): { credential: StoreCredential; key: Buffer } {
  const { checks } = context;
  const credential = findCredential(claim.accessKeyId, context);
  checkSessionToken(credential, parameterOf(request, 'X-Amz-Security-Token') ?? request.headers.get('x-amz-security-token'), context);
  checks.ensure('host-signed', claim.signedHeaders.includes('host'), 'SignatureDoesNotMatch', 'The host header must be signed.');
  for (const name of request.headers.keys()) {
    const signed = !name.startsWith('x-amz-') || claim.signedHeaders.includes(name);
    checks.ensure('amz-headers-signed', signed, 'AccessDenied', `There were headers present in the request which were not signed: ${name}`);
  }
  const key = signingKey(credential.secretAccessKey, claim.scope);
  const complete = claim.signedHeaders.every((name) => request.headers.has(name));
  const matches = complete && sameText(requestSignature(request, claim, key), claim.signature);
  checks.ensure('signature', matches, 'SignatureDoesNotMatch', 'The signature we calculated is not the one you provided.');
  return { credential, key };
}

export function findCredential(accessKeyId: string, { credentials, checks }: StoreContext): StoreCredential {
  const credential = credentials.find((candidate) => candidate.accessKeyId === accessKeyId);
  checks.ensure('known-key', credential !== undefined, 'InvalidAccessKeyId', 'The access key does not exist.');
  return credential ?? credentials[0]!;
}

export function checkSessionToken({ sessionToken }: StoreCredential, sent: string | undefined, { checks }: StoreContext): void {
  const right = sessionToken === undefined || sent === undefined ? sessionToken === sent : sameText(sent, sessionToken);
  checks.ensure('session-token', right, 'InvalidToken', 'The session token is not the one of this key.');
}
