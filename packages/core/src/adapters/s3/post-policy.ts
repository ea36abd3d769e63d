import { maxUploadBytes, type S3Credentials } from '../../domain/index.js';
import type { TargetFacts } from '../../ports/index.js';
import { bucketPlaceOf, metadataHeadersOf } from './signed-request.js';
import { algorithm, createSigningScopes, signatureOf, type SigningScope } from './signing-scope.js';

interface PolicyTerms {
  readonly now: Date;
  readonly expiresAt: Date;
}

interface PostForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Signs forms for one region with one set of keys. */
export type FormSigner = (target: TargetFacts, terms: PolicyTerms) => PostForm;

/**
 * Forms that upload exactly one object ("Browser-based uploads using POST", SigV4): exact key, exact or bounded size
 * and fixed fields. Every field stands in the policy, so none can be changed, and none that is not in it (`acl`,
 * `success_action_redirect` …) can be added.
 */
export function createFormSigner(region: string, credentials: S3Credentials): FormSigner {
  const scopeAt = createSigningScopes(region, credentials);
  return (target, { now, expiresAt }) => {
    const { protocol, host, path } = bucketPlaceOf(target);
    const { sizeBytes, maxSizeBytes = maxUploadBytes } = target.item;
    const scope = scopeAt(now);
    const fields = fieldsOf(target, scope);
    const policy = encodePolicy({
      expiration: expiresAt.toISOString(),
      conditions: [
        { bucket: target.bucket },
        ...Object.entries(fields).map(([name, value]) => ({ [name]: value })),
        ['content-length-range', sizeBytes ?? 0, sizeBytes ?? maxSizeBytes],
      ],
    });
    // The text that SigV4 signs is the policy as the form carries it.
    Object.assign(fields, { policy, 'x-amz-signature': signatureOf(policy, scope.key) });
    return { url: `${protocol}//${host}${path === '' ? '/' : path}`, fields };
  };
}

function fieldsOf(target: TargetFacts, { credential, instant, sessionToken }: SigningScope): Record<string, string> {
  const fields: Record<string, string> = { key: target.key };
  if (target.item.contentType !== undefined) fields['Content-Type'] = target.item.contentType;
  const signer = { 'x-amz-algorithm': algorithm, 'x-amz-credential': credential, 'x-amz-date': instant };
  Object.assign(fields, metadataHeadersOf(target), { success_action_status: '204' }, signer);
  if (sessionToken !== undefined) fields['x-amz-security-token'] = sessionToken;
  return fields;
}

function encodePolicy(policy: { readonly expiration: string; readonly conditions: readonly unknown[] }): string {
  return Buffer.from(JSON.stringify(policy)).toString('base64');
}
