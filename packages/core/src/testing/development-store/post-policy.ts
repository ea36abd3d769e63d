import { checkScope, checkSessionToken, findCredential, startOf } from './authenticate.js';
import { parseCredential } from './claims.js';
import type { Checks } from './checks.js';
import type { StoreCredential } from './credentials.js';
import { S3Error } from './errors.js';
import { algorithm, sameText, sign, signingKey } from './sigv4.js';
import type { StoreContext } from './store-context.js';

/** How long the file may be. */
export interface LengthRange {
  readonly smallest: number;
  readonly largest: number;
}

/**
 * Verifies a form against the policy that is in it ("Browser-Based Uploads Using POST (AWS Signature Version 4)"): the signature, the
 * time, every condition, and that every field has one.
 */
export function verifyPostPolicy(
  fields: ReadonlyMap<string, string>,
  bucket: string,
  context: StoreContext,
): { credential: StoreCredential | undefined; range: LengthRange } {
  const { checks } = context;
  const encoded = fields.get('policy');
  checks.ensure('anonymous', encoded !== undefined, 'AccessDenied', 'The form has no policy.');
  if (encoded === undefined) return { credential: undefined, range: { smallest: 0, largest: Number.MAX_SAFE_INTEGER } };
  const credential = verifySignature(fields, encoded, context);
  const policy = parsePolicy(encoded);
  const now = context.clock.now().getTime();
  checks.ensure('post-expired', now <= policy.expiration, 'AccessDenied', 'Invalid according to Policy: Policy expired.');
  const range = verifyConditions(policy.conditions, new Map([...fields, ['bucket', bucket]]), checks);
  return { credential, range };
}

function verifySignature(fields: ReadonlyMap<string, string>, encoded: string, context: StoreContext): StoreCredential {
  const required = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new S3Error('InvalidArgument', `Bucket POST must contain a field named '${name}'.`);
    return value;
  };
  context.checks.ensure('algorithm', required('x-amz-algorithm') === algorithm, 'InvalidArgument', `X-Amz-Algorithm must be ${algorithm}.`);
  const { accessKeyId, scope } = parseCredential(required('x-amz-credential'), 'InvalidArgument');
  checkScope(scope, context, 'InvalidArgument');
  startOf({ timestamp: required('x-amz-date'), scope }, context, 'InvalidArgument');
  const credential = findCredential(accessKeyId, context);
  checkSessionToken(credential, fields.get('x-amz-security-token'), context);
  const matches = sameText(sign(signingKey(credential.secretAccessKey, scope), encoded), required('x-amz-signature'));
  context.checks.ensure('post-signature', matches, 'SignatureDoesNotMatch', 'The signature we calculated is not the one you provided.');
  return credential;
}

function parsePolicy(encoded: string): { expiration: number; conditions: unknown[] } {
  let policy: unknown;
  try {
    policy = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  } catch {
    throw invalidPolicy('it is no JSON');
  }
  if (typeof policy !== 'object' || policy === null) throw invalidPolicy('it is no JSON object');
  const { expiration, conditions } = policy as { expiration?: unknown; conditions?: unknown };
  const time = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(time)) throw invalidPolicy('expiration is no date');
  if (!Array.isArray(conditions)) throw invalidPolicy('conditions is no list');
  return { expiration: time, conditions };
}

const needNoCondition = /^(?:policy|x-amz-signature|file|x-ignore-.*)$/;

function verifyConditions(conditions: readonly unknown[], fields: ReadonlyMap<string, string>, checks: Checks): LengthRange {
  const covered = new Set<string>();
  let range: LengthRange = { smallest: 0, largest: Number.MAX_SAFE_INTEGER };
  for (const [operator, first, second] of conditions.flatMap(normalCondition)) {
    if (operator === 'content-length-range') {
      range = { smallest: Number(first), largest: Number(second) };
      if (!(range.smallest >= 0 && range.largest >= range.smallest)) throw invalidPolicy('content-length-range is no range');
      continue;
    }
    const name = first.toLowerCase();
    const value = fields.get(name);
    covered.add(name);
    const refusal = `Invalid according to Policy: Policy Condition failed: ["${operator}", "$${name}", "${second}"]`;
    if (operator === 'eq') checks.ensure('post-equal', value === second, 'AccessDenied', refusal);
    else checks.ensure('post-starts-with', value?.startsWith(second) === true, 'AccessDenied', refusal);
  }
  const extra = [...fields.keys()].filter((name) => !covered.has(name) && !needNoCondition.test(name));
  checks.ensure('post-covered', extra.length === 0, 'AccessDenied', `Invalid according to Policy: Extra input fields: ${extra.join(', ')}`);
  return range;
}

type Condition = readonly [operator: 'eq' | 'starts-with' | 'content-length-range', first: string, second: string];

/** `{"name": "value"}` is short for `["eq", "$name", "value"]`. */
function normalCondition(condition: unknown): Condition[] {
  if (Array.isArray(condition)) {
    const [operator, first, second] = condition as unknown[];
    if (condition.length !== 3 || typeof operator !== 'string') throw invalidPolicy('a condition has not three parts');
    const name = operator.toLowerCase();
    if (name === 'content-length-range') return [[name, String(first), String(second)]];
    const comparison = name === 'eq' || name === 'starts-with';
    if (!comparison || typeof first !== 'string' || typeof second !== 'string') throw invalidPolicy('a condition is unknown');
    if (!first.startsWith('$')) throw invalidPolicy('a condition names no field');
    return [[name, first.slice(1), second]];
  }
  if (typeof condition !== 'object' || condition === null) throw invalidPolicy('a condition is neither list nor object');
  return Object.entries(condition).map(([name, value]): Condition => {
    if (typeof value !== 'string') throw invalidPolicy('a condition compares with no text');
    return ['eq', name, value];
  });
}

function invalidPolicy(why: string): S3Error {
  return new S3Error('InvalidPolicyDocument', `Invalid Policy: ${why}.`);
}
