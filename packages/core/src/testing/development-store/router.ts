import { authenticate } from './authenticate.js';
import { S3Error } from './errors.js';
import { type BucketOperation, type ObjectOperation, refuseUnknownHeaders, type Reply, requireBucket, requireRights } from './operation.js';
import { createBucket, deleteBucket, deleteObjects, headBucket, listBuckets, listUploads, locateBucket } from './operations/bucket.js';
import { listObjects } from './operations/list-objects.js';
import { abortUpload, completeUpload, createUpload, listParts, uploadPart } from './operations/multipart.js';
import { postObject } from './operations/post-object.js';
import { readObject } from './operations/read-object.js';
import { copyObject, deleteObject, putObject } from './operations/write-object.js';
import type { StoreContext } from './store-context.js';
import type { StoreRequest } from './store-request.js';

type BucketHandler = (operation: BucketOperation) => Reply | Promise<Reply>;
type ObjectHandler = (operation: ObjectOperation) => Reply | Promise<Reply>;

/** Operations by method and the one parameter that selects among them. */
const bucketOperations: Readonly<Record<string, BucketHandler>> = {
  PUT: createBucket,
  HEAD: headBucket,
  DELETE: deleteBucket,
  'GET ?list-type': listObjects,
  'GET ?uploads': listUploads,
  'GET ?location': locateBucket,
  'POST ?delete': deleteObjects,
};
const objectOperations: Readonly<Record<string, ObjectHandler>> = {
  GET: readObject,
  HEAD: readObject,
  PUT: (operation) => (operation.headers.has('x-amz-copy-source') ? copyObject(operation) : putObject(operation)),
  DELETE: deleteObject,
  'POST ?uploads': createUpload,
  'PUT ?uploadId': uploadPart,
  'GET ?uploadId': listParts,
  'POST ?uploadId': completeUpload,
  'DELETE ?uploadId': abortUpload,
};
const selectors = ['list-type', 'uploads', 'location', 'delete', 'uploadId'];

/** Parameters that ask for something this store has not; ignoring one would do something else instead. */
const unknownSelectors =
  /^(?:accelerate|acl|analytics|attributes|cors|encryption|inventory|legal-hold|lifecycle|logging|metrics|notification|object-lock|ownershipControls|policy|policyStatus|publicAccessBlock|replication|requestPayment|restore|retention|select|tagging|torrent|versionId|versioning|versions|website)$/;

export async function route(request: StoreRequest, context: StoreContext): Promise<Reply> {
  const { method, bucket, key } = request;
  const form = (request.headers.get('content-type') ?? '').toLowerCase().startsWith('multipart/form-data');
  if (method === 'POST' && bucket !== undefined && key === undefined && form) return postObject(request, bucket, context);

  const caller = authenticate(request, context);
  if (bucket === undefined) return listBuckets({ caller, context });
  const names = request.query.map(([name]) => name);
  const unknown = names.find((name) => unknownSelectors.test(name) || (name === 'partNumber' && !names.includes('uploadId')));
  if (unknown !== undefined) throw new S3Error('NotImplemented', `This store does not know ?${unknown}.`);
  const selector = selectors.find((name) => names.includes(name));
  const operation: BucketOperation = { request, caller, context, bucket, headers: effectiveHeaders(request) };
  refuseUnknownHeaders(operation.headers);
  const name = selector === undefined ? method : `${method} ?${selector}`;
  const handle = key === undefined ? bucketOperations[name] : objectOperations[name];
  if (!handle) {
    requireRights(caller, 'read', context);
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  }
  if (handle !== createBucket) requireBucketOf(operation);
  return handle({ ...operation, key: key ?? '' });
}

/** Whether a bucket exists is told to callers with a key only. */
function requireBucketOf({ caller, context, bucket }: BucketOperation): void {
  if (caller.credential === undefined && !context.objects.hasBucket(bucket)) requireRights(caller, 'read', context);
  requireBucket(bucket, context);
}

const ofTheSignature = /^x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256)$/;

/** A presigner may move x-amz-* headers into the query, where they mean the same. */
function effectiveHeaders({ headers, query }: StoreRequest): ReadonlyMap<string, string> {
  const hoisted = query
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith('x-amz-') && !ofTheSignature.test(name));
  return new Map([...headers, ...hoisted]);
}
