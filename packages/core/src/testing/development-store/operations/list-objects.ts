import { S3Error } from '../errors.js';
import type { ObjectRecord } from '../object-files.js';
import { type BucketOperation, type Reply, requireRights, xmlReply } from '../operation.js';
import { parameterOf } from '../store-request.js';
import { encodeUri } from '../uri.js';
import type { XmlElement } from '../xml.js';
import { integerParameter } from './bucket.js';

/** An entry of a listing: an object, or all objects whose keys go on after the delimiter. */
interface Entry {
  readonly key: string;
  readonly object?: ObjectRecord;
}

/** ListObjectsV2. */
export function listObjects(operation: BucketOperation): Reply {
  const { request, caller, context, bucket } = operation;
  requireRights(caller, 'read', context);
  const parameter = (name: string): string => parameterOf(request, name) ?? '';
  const [prefix, delimiter] = [parameter('prefix'), parameter('delimiter')];
  const maxKeys = Math.min(1000, integerParameter(operation, 'max-keys', 1000));
  const token = parameter('continuation-token');
  const after = token === '' ? parameter('start-after') : Buffer.from(token, 'base64url').toString('utf8');
  const url = parameter('encoding-type') === 'url';
  if (!url && parameter('encoding-type') !== '') throw new S3Error('InvalidArgument', 'encoding-type must be url.');
  const text = (key: string): string => (url ? encodeUri(key, { keepSlash: true }) : key);

  const later = entriesOf(context.objects.list(bucket), prefix, delimiter).filter(({ key }) => isAfter(key, after, delimiter));
  const page = later.slice(0, maxKeys);
  const truncated = later.length > page.length && page.length > 0;
  const next = truncated ? Buffer.from(page.at(-1)!.key).toString('base64url') : undefined;
  return xmlReply([
    'ListBucketResult',
    [
      ['Name', bucket],
      ['Prefix', text(prefix)],
      ['MaxKeys', maxKeys],
      ['KeyCount', page.length],
      ['IsTruncated', truncated],
      delimiter === '' ? undefined : ['Delimiter', text(delimiter)],
      parameter('start-after') === '' ? undefined : ['StartAfter', text(parameter('start-after'))],
      url ? ['EncodingType', 'url'] : undefined,
      next === undefined ? undefined : ['NextContinuationToken', next],
      ...page.map(({ key, object }) => (object ? objectElement(object, text(key)) : prefixElement(text(key)))),
    ],
  ]);
}

function entriesOf(records: readonly ObjectRecord[], prefix: string, delimiter: string): Entry[] {
  const entries: Entry[] = [];
  for (const record of records) {
    if (!record.key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : record.key.indexOf(delimiter, prefix.length);
    const key = end < 0 ? record.key : record.key.slice(0, end + delimiter.length);
    if (end < 0) entries.push({ key, object: record });
    else if (entries.at(-1)?.key !== key) entries.push({ key });
  }
  return entries;
}

function isAfter(key: string, after: string, delimiter: string): boolean {
  const isPrefixOfAfter = delimiter !== '' && key.endsWith(delimiter) && after.startsWith(key);
  return !isPrefixOfAfter && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
}

function objectElement({ lastModified, etag, size }: ObjectRecord, key: string): XmlElement {
  return [
    'Contents',
    [
      ['Key', key],
      ['LastModified', lastModified],
      ['ETag', `"${etag}"`],
      ['Size', size],
      ['StorageClass', 'STANDARD'],
    ],
  ];
}

function prefixElement(prefix: string): XmlElement {
  return ['CommonPrefixes', [['Prefix', prefix]]];
}
