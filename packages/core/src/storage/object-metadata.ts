import { normalAdler32 } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { HttpAnswer } from '../http/index.js';
import type { ObjectMetadata } from './types.js';

const metadataPrefix = 'x-amz-meta-';

/** What the headers of a HEAD or GET answer say about the object. */
export function metadataOf({ headers }: Pick<HttpAnswer, 'headers'>): ObjectMetadata {
  const length = headers['content-length'] ?? '';
  if (!/^\d{1,15}$/.test(length)) throw new DiracS3Error('storage-unavailable', 'the store did not say how large the object is');
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(metadataPrefix) && typeof value === 'string') metadata[name.slice(metadataPrefix.length)] = value;
  }
  const modifiedAt = new Date(headers['last-modified'] ?? Number.NaN);
  const { checksum, ...others } = metadata;
  return {
    sizeBytes: Number(length),
    checksum: checksum === undefined ? undefined : normalAdler32(checksum),
    etag: headers.etag,
    modifiedAt: Number.isNaN(modifiedAt.getTime()) ? undefined : modifiedAt,
    metadata: others,
  };
}
