import type { IncomingMessage } from 'node:http';
import { normalAdler32 } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { ObjectMetadata } from './types.js';

/** What the headers of a HEAD or GET answer say about the object. */
export function metadataOf(response: IncomingMessage): ObjectMetadata {
  const { headers } = response;
  const sizeBytes = Number(headers['content-length']);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw new DiracS3Error('storage-unavailable', 'the store did not say how large the object is');
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-amz-meta-') && typeof value === 'string') metadata[name.slice('x-amz-meta-'.length)] = value;
  }
  const modified = new Date(headers['last-modified'] ?? Number.NaN);
  const { checksum, ...others } = metadata;
  return {
    sizeBytes,
    checksum: checksum === undefined ? undefined : normalAdler32(checksum),
    etag: headers.etag,
    modifiedAt: Number.isNaN(modified.getTime()) ? undefined : modified,
    metadata: others,
  };
}
