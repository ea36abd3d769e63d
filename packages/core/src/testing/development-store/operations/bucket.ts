import { S3Error } from '../errors.js';
import { isBucketName } from '../object-files.js';
import { type BucketOperation, type Reply, requireRights, xmlReply } from '../operation.js';
import { receiveText } from '../receive-body.js';
import { parameterOf } from '../store-request.js';
import { elementsOf, elementText, type XmlElement } from '../xml.js';

/** CreateBucket; again is no error for its owner. */
export function createBucket({ caller, context, bucket }: BucketOperation): Reply {
  requireRights(caller, 'administer', context);
  context.checks.ensure('bucket-name', isBucketName(bucket), 'InvalidBucketName', 'The specified bucket is not valid.');
  context.objects.createBucket(bucket);
  return { status: 200, headers: { location: `/${bucket}` } };
}

export function headBucket({ caller, context }: BucketOperation): Reply {
  requireRights(caller, 'read', context);
  return { status: 200 };
}

export function locateBucket({ caller, context }: BucketOperation): Reply {
  requireRights(caller, 'read', context);
  return xmlReply(['LocationConstraint', context.region === 'us-east-1' ? '' : context.region]);
}

export function deleteBucket({ caller, context, bucket }: BucketOperation): Reply {
  requireRights(caller, 'administer', context);
  const empty = context.objects.list(bucket).length === 0;
  context.checks.ensure('bucket-empty', empty, 'BucketNotEmpty', 'The bucket you tried to delete is not empty.');
  context.objects.removeBucket(bucket);
  return { status: 204 };
}

export function listBuckets({ caller, context }: Pick<BucketOperation, 'caller' | 'context'>): Reply {
  requireRights(caller, 'read', context);
  const buckets = context.objects.buckets().map((name): XmlElement => ['Bucket', [['Name', name]]]);
  return xmlReply(['ListAllMyBucketsResult', [['Buckets', buckets]]]);
}

/** ListMultipartUploads, a thousand at most in one answer. */
export function listUploads(operation: BucketOperation): Reply {
  const { request, caller, context, bucket } = operation;
  requireRights(caller, 'read', context);
  const parameter = (name: string): string => parameterOf(request, name) ?? '';
  const [prefix, key, id] = [parameter('prefix'), parameter('key-marker'), parameter('upload-id-marker')];
  const most = Math.min(1000, integerParameter(operation, 'max-uploads', 1000));
  const all = context.uploads.list(bucket).filter((upload) => upload.key.startsWith(prefix));
  const marked = all.findIndex((upload) => upload.key === key && upload.id === id);
  const later = marked < 0 ? all.filter((upload) => Buffer.compare(Buffer.from(upload.key), Buffer.from(key)) > 0) : all.slice(marked + 1);
  const page = later.slice(0, most);
  const last = later.length > page.length ? page.at(-1) : undefined;
  return xmlReply([
    'ListMultipartUploadsResult',
    [
      ['Bucket', bucket],
      ['Prefix', prefix],
      ['MaxUploads', most],
      ['IsTruncated', last !== undefined],
      last && ['NextKeyMarker', last.key],
      last && ['NextUploadIdMarker', last.id],
      ...page.map((upload): XmlElement => [
        'Upload',
        [
          ['Key', upload.key],
          ['UploadId', upload.id],
          ['Initiated', upload.initiated],
        ],
      ]),
    ],
  ]);
}

/** DeleteObjects: up to a thousand keys, each answered. */
export async function deleteObjects(operation: BucketOperation): Promise<Reply> {
  const { caller, context, bucket } = operation;
  requireRights(caller, 'write', context);
  const xml = await receiveText(operation);
  const keys = elementsOf(xml, 'Object').map((object) => elementText(object, 'Key') ?? '');
  if (keys.length === 0 || keys.length > 1000 || keys.includes('')) throw new S3Error('MalformedXML', 'The XML must list 1 to 1000 keys.');
  for (const key of keys) context.objects.remove(bucket, key);
  const quiet = elementText(xml, 'Quiet') === 'true';
  return xmlReply(['DeleteResult', quiet ? [] : keys.map((key): XmlElement => ['Deleted', [['Key', key]]])]);
}

export function integerParameter(operation: BucketOperation, name: string, otherwise: number): number {
  const text = parameterOf(operation.request, name);
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new S3Error('InvalidArgument', `${name} must be a whole number.`);
  return Number(text);
}
