import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { S3Credentials } from '../../domain/index.js';

export const algorithm = 'AWS4-HMAC-SHA256';

/** What all signatures of one second, region and set of keys have in common ("Signature Version 4": credential scope and signing key). */
export interface SigningScope {
  /** `20261124T120000Z`. */
  readonly instant: string;
  /** `20261124/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  /** The access key id and the scope. */
  readonly credential: string;
  readonly sessionToken: string | undefined;
  readonly key: KeyObject;
}

/** Gives the scope of an instant; the one of the last second is held. */
export function createSigningScopes(region: string, credentials: S3Credentials): (now: Date) => SigningScope {
  let held: { readonly second: number; readonly scope: SigningScope } | undefined;
  return (now) => {
    const second = Math.floor(now.getTime() / 1000);
    if (held?.second !== second) held = { second, scope: scopeOf(now, region, credentials) };
    return held.scope;
  };
}

function scopeOf(now: Date, region: string, { accessKeyId, secretAccessKey, sessionToken }: S3Credentials): SigningScope {
  const instant = `${now.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const parts = [instant.slice(0, 8), region, 's3', 'aws4_request'];
  const scope = parts.join('/');
  const key = signingKey(secretAccessKey.reveal(), parts);
  return { instant, scope, credential: `${accessKeyId}/${scope}`, sessionToken: sessionToken?.reveal(), key };
}

/** A key object: Node would make one of raw bytes for each signature. */
export function signingKey(secret: string, scope: readonly string[]): KeyObject {
  const derived = scope.reduce((key, part) => createHmac('sha256', key).update(part).digest(), Buffer.from(`AWS4${secret}`));
  return createSecretKey(derived);
}

export function signatureOf(text: string, key: KeyObject): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
