import { createHash } from 'node:crypto';
import type { HttpAnswer } from '../http/index.js';
import type { SourceFile } from './source-file.js';

/**
 * The MD5 of an object's bytes as the store summed them itself, hexadecimal: its ETag after a single PUT or POST (S3 API, "ETag"). The stored
 * Adler-32 is only what the client announced. Undefined where an ETag is something else: an upload by parts (`…-N`), encryption with KMS or
 * the customer's key, another store's own text.
 */
export function storedMd5({ headers }: Pick<HttpAnswer, 'headers'>): string | undefined {
  if (String(headers['x-amz-server-side-encryption'] ?? '').startsWith('aws:kms')) return undefined;
  if (headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined) return undefined;
  return /^"?([0-9a-f]{32})"?$/.exec(headers.etag ?? '')?.[1];
}

/** The source, whose MD5 is told when its last byte was given out. */
export function withMd5(source: SourceFile, tell: (md5: string) => void): SourceFile {
  return {
    ...source,
    async *chunks() {
      const hash = createHash('md5');
      for await (const chunk of source.chunks()) {
        hash.update(chunk);
        yield chunk;
      }
      tell(hash.digest('hex'));
    },
  };
}
