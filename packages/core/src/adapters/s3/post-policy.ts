import { createHmac } from 'node:crypto';
import { maxUploadBytes, type S3Credentials } from '../../domain/index.js';
import type { TargetFacts } from '../../ports/index.js';
import { bucketPlaceOf, metadataHeadersOf } from './signed-request.js';

export interface PolicySigning {
  readonly credentials: S3Credentials;
  readonly now: Date;
  readonly expiresAt: Date;
}

export interface PostForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * A form that uploads exactly one object ("Browser-based uploads using POST", SigV4): exact key, exact or bounded size
 * and fixed fields. Every field stands in the policy, so none can be changed, and none that is not in it (`acl`,
 * `success_action_redirect` …) can be added.
 */
export function signPostForm(target: TargetFacts, { credentials, now, expiresAt }: PolicySigning): PostForm {
  const { protocol, host, path } = bucketPlaceOf(target);
  const { sizeBytes, maxSizeBytes = maxUploadBytes } = target.item;
  const date = basicIso(now);
  const scope = `${date.slice(0, 8)}/${target.storageElement.region}/s3/aws4_request`;
  const fixed: Record<string, string> = {
    key: target.key,
    ...(target.item.contentType === undefined ? {} : { 'Content-Type': target.item.contentType }),
    ...metadataHeadersOf(target),
    success_action_status: '204',
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': `${credentials.accessKeyId}/${scope}`,
    'x-amz-date': date,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken.reveal() }),
  };
  const policy = encodePolicy({
    expiration: expiresAt.toISOString(),
    conditions: [
      { bucket: target.bucket },
      ...Object.entries(fixed).map(([name, value]) => ({ [name]: value })),
      ['content-length-range', sizeBytes ?? 0, sizeBytes ?? maxSizeBytes],
    ],
  });
  const signature = signPolicy(policy, { secret: credentials.secretAccessKey.reveal(), scope });
  return { url: `${protocol}//${host}${path === '' ? '/' : path}`, fields: { ...fixed, policy, 'x-amz-signature': signature } };
}

/** SigV4 of a policy: the text to sign is its base64 form. */
export function signPolicy(policy: string, { secret, scope }: { readonly secret: string; readonly scope: string }): string {
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const key = scope.split('/').reduce<string | Buffer>((derived, part) => hmac(derived, part), `AWS4${secret}`);
  return hmac(key, policy).toString('hex');
}

function encodePolicy(policy: { readonly expiration: string; readonly conditions: readonly unknown[] }): string {
  return Buffer.from(JSON.stringify(policy)).toString('base64');
}

/** `20261124T120000Z`. */
function basicIso(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}
