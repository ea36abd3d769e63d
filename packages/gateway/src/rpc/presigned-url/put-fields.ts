import { DiracS3Error, normalAdler32, type PresignItem } from '@dirac-s3/core';
import { isDiracObject, type DiracObject, type DiracValue } from '@dirac-s3/core/dirac-protocol';
import { excerpt } from '../../excerpt.js';

const metadataPrefix = 'x-amz-meta-';

/**
 * The form fields a client wants in its upload, as what the POST policy will bind: `x-amz-meta-checksum` (the Adler-32), other `x-amz-meta-*`, and
 * `Content-Type`. Anything else is refused: a field that is not in the policy would make the store refuse the form later. A value that is no
 * dict means none: DIRAC's StorageElement sends `false`.
 *
 * @throws invalid-argument naming the field
 */
export function readPutFields(value: DiracValue): Omit<PresignItem, 'lfn'> {
  if (typeof value === 'object' && value !== null && !isDiracObject(value))
    throw new DiracS3Error('invalid-argument', 'the fields must be a dict');
  const fields = typeof value === 'object' && value !== null ? textFields(value) : new Map<string, string>();
  const checksum = fields.get(`${metadataPrefix}checksum`);
  const contentType = fields.get('content-type');
  const metadata = [...fields].filter(([name]) => name.startsWith(metadataPrefix) && name !== `${metadataPrefix}checksum`);
  return {
    ...(checksum !== undefined && { checksum: eightDigits(checksum) }),
    ...(contentType !== undefined && { contentType }),
    ...(metadata.length > 0 && { metadata: Object.fromEntries(metadata.map(([name, text]) => [name.slice(metadataPrefix.length), text])) }),
  };
}

/** Names in lower case: S3 does not tell the cases apart. */
function textFields(object: DiracObject): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [written, text] of Object.entries(object)) {
    const name = written.toLowerCase();
    const shown = JSON.stringify(excerpt(written, 100));
    const refuse = (fault: string): never => {
      throw new DiracS3Error('invalid-argument', `field ${shown}: ${fault}`);
    };
    if (name !== 'content-type' && !name.startsWith(metadataPrefix)) refuse('only Content-Type and x-amz-meta-* can be set');
    if (fields.has(name)) refuse('is there twice');
    fields.set(name, typeof text === 'string' ? text : refuse('must be text'));
  }
  return fields;
}

/** DIRAC writes the checksum of an empty file as `000001`. */
function eightDigits(checksum: string): string {
  const digits = normalAdler32(checksum);
  if (digits === undefined)
    throw new DiracS3Error('invalid-argument', `field "${metadataPrefix}checksum": must be an Adler-32 in hexadecimal digits`);
  return digits;
}
