import { z } from 'zod';
import { errorTable, type ErrorCode } from '../errors/index.js';
import { s3MethodNames } from '../domain/index.js';

/**
 * The bodies of the gateway's REST API, in one place for its server, its client and its OpenAPI description.
 * Bulk answers are lists, not objects keyed by name: order is kept, and a name like `__proto__` is only text.
 */

const text = (max: number): z.ZodString => z.string().min(1).max(max);

/** Checked by `parseLfn` inside the use case, so that one bad name fails alone, however long; the limit of the body bounds them all. */
export const lfnSchema = z.string().meta({ id: 'Lfn', description: 'Logical file name', example: '/vo/user/a/alice/data.bin' });
/** The longest LFN behind the longest host and bucket fits. */
const maxPfn = 2048;
const storageElementName = text(255).meta({ description: 'Name of the StorageElement', example: 'CERN-S3' });
export const checksumSchema = z
  .string()
  .regex(/^[0-9a-f]{8}$/)
  .meta({ description: 'Adler-32: eight lower-case hexadecimal digits', example: '0a1b2c3d' });
const sizeBytes = z.int().min(0).meta({ description: 'Size in bytes' });
const instant = z.iso.datetime().meta({ description: 'Instant in UTC (ISO 8601)', example: '2026-11-24T12:00:00.000Z' });

export const failureSchema = z
  .strictObject({
    lfn: lfnSchema,
    code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]).meta({ description: 'Stable error code' }),
    errno: z.int().meta({ description: 'The errno DIRAC uses for it' }),
    message: z.string(),
  })
  .meta({ id: 'Failure', description: 'Why one LFN failed' });

/** The answer to a question about many LFNs: each is in exactly one of the lists, in the order asked. */
const bulkAnswer = <Entry extends z.ZodType>(entry: Entry, id: string) =>
  z.strictObject({ successful: z.array(entry), failed: z.array(failureSchema) }).meta({ id });

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

export const presignAnswerSchema = bulkAnswer(z.discriminatedUnion('kind', [presignedUrlSchema, presignedPostSchema]), 'PresignAnswer');

export const lfnsRequestSchema = z.strictObject({ lfns: z.array(lfnSchema).min(1) }).meta({ id: 'LfnsRequest' });
export const directoriesRequestSchema = z.strictObject({ directories: z.array(lfnSchema).min(1) }).meta({ id: 'DirectoriesRequest' });
export const accessRequestSchema = z
  .strictObject({
    method: text(64).meta({ description: "DIRAC's name of a catalog method", example: 'addFile' }),
    lfns: z.array(lfnSchema).min(1),
  })
  .meta({ id: 'AccessRequest' });

const guidSchema = z
  .string()
  .regex(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/)
  .meta({ description: 'GUID, upper case', example: '0CC175B9-C0F1-B6A8-31C3-99E269772661' });
export const guidsRequestSchema = z.strictObject({ guids: z.array(guidSchema).min(1) }).meta({ id: 'GuidsRequest' });
export const guidsAnswerSchema = z
  .strictObject({ files: z.array(z.strictObject({ guid: guidSchema, lfn: lfnSchema })) })
  .meta({ id: 'GuidsAnswer', description: 'Files that have one of the GUIDs; a GUID nobody has is left out' });

export const newFileSchema = z
  .strictObject({
    lfn: lfnSchema,
    sizeBytes,
    checksum: checksumSchema,
    guid: guidSchema,
    storageElement: storageElementName,
    pfn: text(maxPfn).meta({ description: 'Storage URL of the first replica' }),
  })
  .meta({ id: 'NewFile' });
export const addFilesRequestSchema = z.strictObject({ files: z.array(newFileSchema).min(1) }).meta({ id: 'AddFilesRequest' });

export const replicaSchema = z
  .strictObject({ lfn: lfnSchema, storageElement: storageElementName, pfn: z.string().max(maxPfn) })
  .meta({ id: 'Replica' });
export const replicasRequestSchema = z.strictObject({ replicas: z.array(replicaSchema).min(1) }).meta({ id: 'ReplicasRequest' });

const doneEntry = z.strictObject({ lfn: lfnSchema }).meta({ id: 'Done' });
export const doneAnswerSchema = bulkAnswer(doneEntry, 'DoneAnswer');
export const truthAnswerSchema = bulkAnswer(z.strictObject({ lfn: lfnSchema, value: z.boolean() }), 'TruthAnswer');
export const replicasAnswerSchema = bulkAnswer(
  z.strictObject({ lfn: lfnSchema, replicas: z.array(z.strictObject({ storageElement: z.string(), pfn: z.string() })) }),
  'ReplicasAnswer',
);

export const fileMetadataSchema = z
  .strictObject({
    lfn: lfnSchema,
    sizeBytes,
    checksum: z.string(),
    checksumType: z.enum(['Adler32', 'MD5']),
    guid: z.string(),
    owner: z.string(),
    ownerGroup: z.string(),
    mode: z.int().min(0).max(0o777),
    status: z.string(),
    createdAt: instant,
    modifiedAt: instant,
  })
  .meta({ id: 'FileMetadata' });
export const metadataAnswerSchema = bulkAnswer(fileMetadataSchema, 'MetadataAnswer');
export const changePathsRequestSchema = z
  .strictObject({
    paths: z.array(lfnSchema).min(1),
    change: z
      .union([
        z.strictObject({ mode: z.int().min(0).max(0o777).meta({ description: 'POSIX permission bits, 493 for rwxr-xr-x' }) }),
        z.strictObject({ owner: text(255) }),
        z.strictObject({ ownerGroup: text(255) }),
      ])
      .meta({ description: 'One of the three' }),
    recursive: z.boolean().optional().meta({ description: 'What stands below directories too' }),
  })
  .meta({ id: 'ChangePathsRequest' });

export const directoryMetadataSchema = z
  .strictObject({
    lfn: lfnSchema,
    owner: z.string(),
    ownerGroup: z.string(),
    mode: z.int().min(0).max(0o777),
    createdAt: instant.optional(),
    modifiedAt: instant.optional(),
  })
  .meta({ id: 'DirectoryMetadata', description: 'Instants are left out where the catalog does not know them' });
export const directoryMetadataAnswerSchema = bulkAnswer(directoryMetadataSchema, 'DirectoryMetadataAnswer');
export const listingAnswerSchema = bulkAnswer(
  z.strictObject({ lfn: lfnSchema, files: z.array(fileMetadataSchema), directories: z.array(z.string()) }),
  'ListingAnswer',
);

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
