import type { Presigned, S3Credentials } from '../../domain/index.js';
import { DiracS3Error } from '../../errors/index.js';
import type { CredentialsProvider, Presigner, TargetFacts } from '../../ports/index.js';
import { createFormSigner, type FormSigner } from './post-policy.js';
import { unsignedRequestOf } from './signed-request.js';
import { createUrlSigner, type UrlSigner } from './url-signer.js';

export interface S3PresignerOptions {
  /** Asked for every signature, so that rotated and renewed keys count at once. */
  readonly credentials: CredentialsProvider;
}

interface Signers {
  readonly signUrl: UrlSigner;
  readonly signForm: FormSigner;
}

/** Temporary credentials are taken to end this much earlier: clocks differ, and a request takes a moment to arrive. */
const credentialsMarginSeconds = 30;

/**
 * SigV4 for any S3 store, without a request to it. Refuses with `upload-unsafe` what would need write-only keys the
 * StorageElement does not have, and with `storage-unavailable` when its temporary credentials are at their end.
 */
export function createS3Presigner({ credentials }: S3PresignerOptions): Presigner {
  // Keys that are rotated or renewed are another object, and take their signers with them.
  const signers = new WeakMap<S3Credentials, Map<string, Signers>>();
  const signersFor = (region: string, keys: S3Credentials): Signers => {
    const known = signers.get(keys)?.get(region);
    if (known !== undefined) return known;
    const made = { signUrl: createUrlSigner(region, keys), signForm: createFormSigner(region, keys) };
    signers.set(keys, new Map(signers.get(keys)).set(region, made));
    return made;
  };
  const sign = (target: TargetFacts, now: Date): Presigned => {
    const keys = keysOf(target, credentials);
    // X-Amz-Date has whole seconds, and the store counts from it.
    const signedAt = new Date(Math.floor(now.getTime() / 1000) * 1000);
    const expiresInSeconds = lifetimeOf(target, keys, signedAt);
    const expiresAt = new Date(signedAt.getTime() + expiresInSeconds * 1000);
    const { signUrl, signForm } = signersFor(target.storageElement.region, keys);
    if (target.upload === 'post') {
      const { url, fields } = signForm(target, { now: signedAt, expiresAt });
      return { kind: 'post', url, fields, expiresAt };
    }
    const request = unsignedRequestOf(target);
    const url = signUrl(request, { now: signedAt, expiresInSeconds });
    return { kind: 'url', httpMethod: request.method, url, headers: request.headers, expiresAt };
  };
  return { presign: async (target, now) => Promise.resolve(sign(target, now)) };
}

function keysOf({ storageElement: { name }, signWith, source }: TargetFacts, credentials: CredentialsProvider): S3Credentials {
  const keys = credentials.credentialsOf(name, signWith);
  if (keys !== undefined) {
    if (source !== undefined && credentials.credentialsOf(source.storageElement.name, 'main')?.accessKeyId !== keys.accessKeyId)
      throw new DiracS3Error(
        'unsupported-operation',
        `${source.storageElement.name} and ${name} have different keys, and a copy is signed with one`,
      );
    return keys;
  }
  if (signWith === 'main') throw new DiracS3Error('storage-unavailable', `this process has no credentials of ${name}`);
  throw uploadUnsafe(name);
}

/** Uploads by PUT and in parts, where the store honours headers nobody signed and no keys are there that cannot read. */
export function uploadUnsafe(name: string): DiracS3Error {
  return new DiracS3Error(
    'upload-unsafe',
    `${name} honours headers that are not signed, so the holder of this URL could copy other objects into his own; ` +
      'upload by POST policy, or configure write-only keys for this StorageElement',
  );
}

function lifetimeOf(target: TargetFacts, { expiresAt }: S3Credentials, signedAt: Date): number {
  const { name } = target.storageElement;
  const expirationSeconds = withinPermission(target, signedAt);
  if (expiresAt === undefined) return expirationSeconds;
  const left = Math.floor((expiresAt.getTime() - signedAt.getTime()) / 1000) - credentialsMarginSeconds;
  if (left < 1)
    throw new DiracS3Error(
      'storage-unavailable',
      `the temporary credentials of ${name} have expired; nothing can be signed until they are renewed`,
    );
  return Math.min(expirationSeconds, left);
}

/** @throws permission-denied when what permits the URL ended since it was looked at */
function withinPermission({ expirationSeconds, notAfter }: TargetFacts, signedAt: Date): number {
  if (notAfter === undefined) return expirationSeconds;
  const left = Math.floor((notAfter.getTime() - signedAt.getTime()) / 1000);
  if (left < 1) throw new DiracS3Error('permission-denied', 'what permits this ends within a second; renew it');
  return Math.min(expirationSeconds, left);
}
