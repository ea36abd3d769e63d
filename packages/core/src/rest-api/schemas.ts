import { z } from 'zod';
import { s3MethodNames } from '../domain/index.js';
import { bulkAnswer, checksumSchema, instant, lfnSchema, sizeBytes, storageElementName, text } from './common-schemas.js';

/**
 * The bodies of the gateway's REST API, in one place for its server, its client and its OpenAPI description.
 * Bulk answers are lists, not objects keyed by name: order is kept, and a name like `__proto__` is only text.
 */

export const presignItemSchema = z
  .strictObject({
    lfn: lfnSchema,
    sizeBytes: sizeBytes.optional(),
    maxSizeBytes: z.int().min(0).optional().meta({ description: 'At most so many bytes (uploads by POST policy, instead of sizeBytes)' }),
    checksum: checksumSchema.optional(),
    metadata: z.record(z.string().max(128), z.string().max(2048)).optional().meta({ description: 'User metadata, stored as x-amz-meta-*' }),
    contentType: z.string().max(255).optional(),
    ifNoneMatch: z.boolean().optional().meta({ description: 'Refuse to replace an existing object (uploads by PUT)' }),
    uploadId: text(1024).optional(),
    uploadToken: text(16_384).optional().meta({ description: 'Requests of an upload in parts: the token it was begun or renewed with' }),
    partNumber: z.int().min(1).max(10_000).optional(),
    sourceStorageElement: storageElementName
      .optional()
      .meta({ description: 'Copies: where the replica of the same LFN is that is copied' }),
    sourceEtag: text(130).optional().meta({ description: 'Copies: only while the source has this ETag' }),
    sourceRange: z
      .strictObject({ from: z.int().min(0), to: z.int().min(0) })
      .optional()
      .meta({ description: 'Copies of parts: first and last byte' }),
    downloadName: text(255).optional().meta({ description: 'Save under this name instead of displaying' }),
  })
  .meta({ id: 'PresignItem' });

export const presignRequestSchema = z
  .strictObject({
    storageElement: storageElementName,
    method: z.enum(s3MethodNames as [string, ...string[]]).meta({ description: 'S3 method to sign' }),
    items: z.array(presignItemSchema).min(1),
    upload: z.enum(['post', 'put']).optional().meta({ description: 'put_object: by POST policy (default) or PUT' }),
    purpose: z
      .enum(['transfer', 'external'])
      .optional()
      .meta({ description: 'transfer: short-lived; external: handed to another application' }),
    expirationSeconds: z.int().min(1).max(604_800).optional(),
  })
  .meta({ id: 'PresignRequest' });

const presignedUrlSchema = z
  .strictObject({
    lfn: lfnSchema,
    kind: z.literal('url'),
    httpMethod: z.enum(['HEAD', 'GET', 'PUT', 'DELETE', 'POST']),
    url: z.string(),
    headers: z.record(z.string(), z.string()).meta({ description: 'Headers the client must send exactly so' }),
    expiresAt: instant,
  })
  .meta({ id: 'PresignedUrl' });

const presignedPostSchema = z
  .strictObject({
    lfn: lfnSchema,
    kind: z.literal('post'),
    url: z.string(),
    fields: z.record(z.string(), z.string()).meta({ description: 'Form fields to send before the file' }),
    expiresAt: instant,
  })
  .meta({ id: 'PresignedPost' });

export const beginUploadsRequestSchema = z
  .strictObject({
    storageElement: storageElementName,
    uploads: z
      .array(
        z.strictObject({
          lfn: lfnSchema,
          sizeBytes: z.int().min(1).meta({ description: 'Of the whole object' }),
          partBytes: z.int().min(1).meta({ description: 'Of each part but the last: 5 MiB to 5 GiB, at most 10 000 parts' }),
          checksum: checksumSchema,
          copied: z.boolean().optional().meta({ description: 'All parts will be copied inside the store (`upload_part_copy`)' }),
        }),
      )
      .min(1),
  })
  .meta({ id: 'BeginUploadsRequest' });

const uploadId = text(1024).meta({ description: 'As the store gave it' });
const uploadToken = text(16_384).meta({ description: 'Shows what was permitted, to whom; of no use to anybody else' });

export const findUploadsRequestSchema = z
  .strictObject({
    storageElement: storageElementName,
    lfns: z.array(lfnSchema).min(1).meta({ description: 'Names of uploads, or of directories above them' }),
  })
  .meta({ id: 'FindUploadsRequest' });

export const renewUploadsRequestSchema = z
  .strictObject({
    storageElement: storageElementName,
    uploads: z.array(z.strictObject({ lfn: lfnSchema, uploadId, uploadToken })).min(1),
  })
  .meta({ id: 'RenewUploadsRequest' });

export const uploadsAnswerSchema = bulkAnswer(
  z
    .strictObject({
      lfn: lfnSchema,
      uploadId,
      uploadToken,
      expiresAt: instant.meta({ description: 'Renew it before: from then on nothing is signed for it' }),
    })
    .meta({ id: 'Upload' }),
  'UploadsAnswer',
);

export const foundUploadsAnswerSchema = bulkAnswer(
  z
    .strictObject({
      lfn: lfnSchema,
      uploads: z.array(
        z.strictObject({
          lfn: lfnSchema,
          uploadId,
          uploadToken: uploadToken.meta({ description: 'Good for `list_parts` and `abort_multipart_upload` only' }),
          begunAt: instant.meta({ description: 'As the store says' }),
          expiresAt: instant.meta({ description: 'From then on the token is good for nothing' }),
        }),
      ),
    })
    .meta({ id: 'FoundUploads' }),
  'FoundUploadsAnswer',
);

export const listObjectsRequestSchema = z
  .strictObject({ storageElement: storageElementName, lfns: z.array(lfnSchema).min(1) })
  .meta({ id: 'ListObjectsRequest' });

export const listedObjectsAnswerSchema = bulkAnswer(
  z
    .strictObject({
      lfn: lfnSchema,
      object: z
        .strictObject({ sizeBytes, etag: text(256).meta({ description: 'As the store gives it, without quotes' }) })
        .nullable()
        .meta({ description: 'null: nothing is stored under this name' }),
    })
    .meta({ id: 'ListedObject' }),
  'ListedObjectsAnswer',
);

export const presignAnswerSchema = bulkAnswer(z.discriminatedUnion('kind', [presignedUrlSchema, presignedPostSchema]), 'PresignAnswer');

export const whoamiAnswerSchema = z
  .strictObject({
    username: z.string(),
    group: z.string(),
    vo: z.string(),
    properties: z.array(z.string()),
    dn: z.string().optional(),
    source: z.string(),
  })
  .meta({ id: 'Whoami' });

export const storageElementsAnswerSchema = z
  .strictObject({
    storageElements: z.array(
      z
        .strictObject({
          name: z.string(),
          bucket: z.string(),
          /** Where URLs of it will point: `https://host[:port]`. */
          endpoint: z.string(),
          vos: z.array(z.string()),
          status: z.strictObject({ Read: z.string(), Write: z.string(), Remove: z.string(), Check: z.string() }),
          /** Ways to send a body that this SE permits through the gateway. */
          uploads: z.array(z.enum(['post', 'put'])),
        })
        .meta({ id: 'StorageElement' }),
    ),
  })
  .meta({ id: 'StorageElementsAnswer' });

/** RFC 9457 problem details, with our stable code, DIRAC's errno and the request id. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errno: z.int(),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });

/** Paths of the operations below `/api/v1`, shared by server and client. */
export const restPaths = {
  presign: '/presign',
  beginUploads: '/uploads',
  renewUploads: '/uploads/renew',
  findUploads: '/uploads/find',
  listObjects: '/objects/list',
  storageElements: '/storage-elements',
  whoami: '/whoami',
  addFiles: '/catalog/files',
  removeFiles: '/catalog/files/remove',
  metadata: '/catalog/files/metadata',
  findByGuid: '/catalog/files/by-guid',
  exists: '/catalog/exists',
  access: '/catalog/access',
  getReplicas: '/catalog/replicas',
  addReplicas: '/catalog/replicas/add',
  removeReplicas: '/catalog/replicas/remove',
  listDirectories: '/catalog/directories/list',
  directoryMetadata: '/catalog/directories/metadata',
  createDirectories: '/catalog/directories',
  removeDirectories: '/catalog/directories/remove',
  changePaths: '/catalog/paths/change',
  live: '/health/live',
  ready: '/health/ready',
  openapi: '/openapi.json',
  docs: '/docs',
} as const;

export const restPrefix = '/api/v1';
