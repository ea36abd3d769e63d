import { bucketFor, type S3Credentials, type StorageElement } from '../../domain/index.js';
import type { ReferenceSigner } from './sdk-url-signer.js';
import { bucketPlaceOf, type UnsignedRequest } from './signed-request.js';
import { encodeKey } from './uri-encoding.js';
import { createUrlSigner } from './url-signer.js';

/** Makes the signer of one region and set of keys that ours is compared with. */
export type ReferenceSource = (region: string, keys: S3Credentials) => Promise<ReferenceSigner>;

/** The SDK's presigner. It is loaded when it is needed: signing itself does without. */
export const loadSdkSigner: ReferenceSource = async (region, keys) =>
  (await import('./sdk-url-signer.js')).createSdkUrlSigner(region, keys);

/** True when requests to this StorageElement are signed by us to the same URLs as by the reference, with these keys. */
export async function signsAsReference(
  element: StorageElement,
  keys: S3Credentials,
  { now, reference }: { readonly now: Date; readonly reference: ReferenceSource },
): Promise<boolean> {
  const [ours, theirs] = [createUrlSigner(element.region, keys), await reference(element.region, keys)];
  const terms = { now, expiresInSeconds: 60 };
  for (const request of samplesFor(element)) if (ours(request, terms) !== (await theirs(request, terms))) return false;
  return true;
}

/** A download, and an upload of a part with all that a request can have. Nobody gets their URLs. */
function samplesFor(element: StorageElement): UnsignedRequest[] {
  const place = bucketPlaceOf({ storageElement: element, bucket: bucketFor(element, undefined) });
  const path = `${place.path}/${encodeKey("dirac-s3/check (of) signatures/\u00fc+&=%2F'!*~")}`;
  const query = { partNumber: '7', uploadId: '2~a/b+c=', 'response-content-disposition': 'attachment; filename="a b"' };
  const headers = { 'content-length': '5', 'content-type': 'text/plain', 'x-amz-acl': 'private', 'x-amz-meta-note': 'a b' };
  return [
    { ...place, path, method: 'GET', query: {}, headers: {} },
    { ...place, path, method: 'PUT', query, headers },
  ];
}
