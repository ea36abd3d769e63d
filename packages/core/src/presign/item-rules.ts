import { maxUploadBytes, type PresignItem, type S3Method } from '../domain/index.js';

/** User metadata of an object, names and values together ("Working with object metadata"): 2 KB. */
const maxMetadataBytes = 2048;

/** Name DIRAC stores the Adler-32 under; it is given as `checksum`, never as free metadata. */
const checksumMetadata = 'checksum';

/** How the bytes of an item travel; `put_object` has two ways with different fields. */
export type Operation = S3Method | 'put_object_by_post';

type Field = Exclude<keyof PresignItem, 'lfn'>;

/** Fields that mean something to an operation. Others are refused: what is asked for is bound by the signature, or not signed. */
const fieldsOf: Readonly<Record<Operation, readonly Field[]>> = {
  head_object: [],
  get_object: ['downloadName'],
  put_object: ['sizeBytes', 'checksum', 'metadata', 'contentType', 'ifNoneMatch'],
  // A POST policy has no condition for If-None-Match, but alone one for a range of sizes.
  put_object_by_post: ['sizeBytes', 'maxSizeBytes', 'checksum', 'metadata', 'contentType'],
  delete_object: [],
  copy_object: ['sourceStorageElement', 'sourceEtag'],
  create_multipart_upload: ['checksum', 'metadata', 'contentType'],
  upload_part: ['sizeBytes', 'uploadId', 'uploadToken', 'partNumber'],
  upload_part_copy: ['uploadId', 'uploadToken', 'partNumber', 'sourceStorageElement', 'sourceEtag', 'sourceRange'],
  list_parts: ['uploadId', 'uploadToken'],
  complete_multipart_upload: ['uploadId', 'uploadToken'],
  abort_multipart_upload: ['uploadId', 'uploadToken'],
};

const required: readonly Field[] = ['uploadId', 'partNumber', 'sourceStorageElement'];

/** The first fault of an item as a sentence that names the field, or undefined when it can be signed. */
export function itemFault(item: PresignItem, operation: Operation): string | undefined {
  const permitted: readonly string[] = fieldsOf[operation];
  for (const [field, value] of Object.entries(item)) {
    // `ifNoneMatch: false` asks for nothing.
    if (field === 'lfn' || value === undefined || value === false) continue;
    if (!permitted.includes(field)) return `${field} cannot be bound for ${operation.replaceAll('_', ' ')}`;
  }
  const missing = required.find((field) => permitted.includes(field) && item[field] === undefined);
  if (missing !== undefined) return `${missing} is missing`;
  for (const field of fieldsOf[operation]) {
    const fault = item[field] === undefined ? undefined : fieldFaults[field](item);
    if (fault !== undefined) return `${field}: ${fault}`;
  }
  return undefined;
}

const wholeNumber = (value: number | undefined, from: number, to: number): string | undefined =>
  Number.isInteger(value) && value! >= from && value! <= to ? undefined : `must be a whole number from ${from} to ${to}`;

const fieldFaults: Readonly<Record<Field, (item: PresignItem) => string | undefined>> = {
  sizeBytes: ({ sizeBytes }) => wholeNumber(sizeBytes, 0, maxUploadBytes),
  maxSizeBytes: ({ maxSizeBytes, sizeBytes }) =>
    sizeBytes === undefined ? wholeNumber(maxSizeBytes, 0, maxUploadBytes) : 'cannot stand beside sizeBytes, which is exact',
  partNumber: ({ partNumber }) => wholeNumber(partNumber, 1, 10_000),
  checksum: ({ checksum = '' }) => (/^[0-9a-f]{8}$/.test(checksum) ? undefined : 'must be eight lower-case hexadecimal digits (Adler-32)'),
  metadata: metadataFault,
  contentType: ({ contentType = '' }) =>
    contentType.length <= 255 && /^[\w.+-]+\/[\w.+-]+(?:; ?[\w.-]+=[\w.+-]+)*$/.test(contentType) ? undefined : 'must be a media type',
  ifNoneMatch: ({ ifNoneMatch }) => (ifNoneMatch === true ? undefined : 'must be true or false'),
  uploadToken: ({ uploadToken = '' }) =>
    /^[\x21-\x7e]{1,16384}$/.test(uploadToken) ? undefined : 'must be 1 to 16384 printable ASCII characters',
  uploadId: ({ uploadId = '' }) => (/^[\x21-\x7e]{1,1024}$/.test(uploadId) ? undefined : 'must be 1 to 1024 printable ASCII characters'),
  sourceStorageElement: ({ sourceStorageElement = '' }) =>
    sourceStorageElement === '' ? 'must be the name of a StorageElement' : undefined,
  sourceEtag: ({ sourceEtag = '' }) => (/^"?[0-9A-Za-z+/=_-]{1,128}"?$/.test(sourceEtag) ? undefined : 'must be an ETag of a store'),
  sourceRange: ({ sourceRange: { from, to } = { from: 0, to: -1 } }) =>
    Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && to >= from && to - from < maxUploadBytes
      ? undefined
      : 'must be from a byte to a later one, at most 5 GiB',
  downloadName: ({ downloadName = '' }) => downloadNameFault(downloadName),
};

function metadataFault({ metadata = {}, checksum }: PresignItem): string | undefined {
  let bytes = checksum === undefined ? 0 : checksumMetadata.length + checksum.length;
  for (const [name, value] of Object.entries(metadata)) {
    // Upper case would be lost, and "_" meets "-" in servers that keep headers as CGI variables.
    if (!/^[a-z0-9](?:[a-z0-9-]{0,126}[a-z0-9])?$/.test(name)) return 'names must be lower-case letters, digits and "-" between them';
    if (name === checksumMetadata) return `"${name}" is set by the field checksum`;
    // SigV4 folds blanks and stores trim them: such a value would not come back as it was given.
    if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(value))
      return `the value of "${name}" must be printable ASCII, not empty, without outer or double blanks`;
    bytes += name.length + value.length;
  }
  return bytes <= maxMetadataBytes ? undefined : `names and values must not exceed ${maxMetadataBytes} bytes together`;
}

function downloadNameFault(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..' || Buffer.byteLength(name) > 255) return 'must be a file name of 1 to 255 bytes';
  if (!name.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}/\\]/u.test(name)) return 'must not contain slashes, backslashes or control characters';
  return undefined;
}
