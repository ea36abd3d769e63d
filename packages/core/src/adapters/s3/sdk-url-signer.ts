import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import type { S3Credentials } from '../../domain/index.js';
import { NodeSha256 } from './node-sha256.js';
import type { UnsignedRequest } from './signed-request.js';
import { encodeUri } from './uri-encoding.js';
import type { SigningTerms } from './url-signer.js';

const payloadHash = 'x-amz-content-sha256';

/** Gives the URL that `createUrlSigner` gives, or has the bug that one of the two has. */
export type ReferenceSigner = (request: UnsignedRequest, terms: SigningTerms) => Promise<string>;

/** Signs by the SDK's presigner, five times as slowly: what our own signer is compared with (`--check`, and a test over any request). */
export function createSdkUrlSigner(region: string, credentials: S3Credentials): ReferenceSigner {
  const presigner = new S3RequestPresigner({
    region,
    sha256: NodeSha256,
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey.reveal(),
      ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken.reveal() }),
    },
  });
  // UNSIGNED-PAYLOAD is what a presigned URL means anyway; as a parameter only this SDK writes it.
  const unsignableHeaders = new Set([payloadHash]);
  // The presigner would leave the content type out.
  const signableHeaders = new Set(['content-type']);
  return async ({ method, protocol, host, path, query, headers }, { now, expiresInSeconds }) => {
    const signed = await presigner.presign(
      // The presigner makes the Host header of `hostname` alone when no port is given.
      { method, protocol, hostname: host, path, query: { ...query }, headers: { ...headers } },
      {
        signingDate: now,
        expiresIn: expiresInSeconds,
        // Hoisted into the query, metadata are not enforced by every store (or silently dropped).
        unhoistableHeaders: new Set([...Object.keys(headers), payloadHash]),
        unsignableHeaders,
        signableHeaders,
      },
    );
    return `${protocol}//${host}${path}?${queryText(signed.query ?? {})}`;
  };
}

function queryText(query: Readonly<Record<string, string | readonly string[] | null>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeUri(name)}=${encodeUri(String(value))}`)
    .join('&');
}
