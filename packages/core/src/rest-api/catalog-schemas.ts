import { z } from 'zod';
import { maxMode } from '../domain/index.js';
import { bulkAnswer, checksumSchema, instant, lfnSchema, sizeBytes, storageElementName, text } from './common-schemas.js';

/** The bodies of the operations on the file catalog. */

/** The longest LFN behind the longest host and bucket fits. */
const maxPfn = 2048;
const mode = z.int().min(0).max(maxMode);

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
    mode,
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
        z.strictObject({ mode: mode.meta({ description: 'POSIX permission bits, 493 for rwxr-xr-x' }) }),
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
    mode,
    createdAt: instant.optional(),
    modifiedAt: instant.optional(),
  })
  .meta({ id: 'DirectoryMetadata', description: 'Instants are left out where the catalog does not know them' });
export const directoryMetadataAnswerSchema = bulkAnswer(directoryMetadataSchema, 'DirectoryMetadataAnswer');
export const listingAnswerSchema = bulkAnswer(
  z.strictObject({ lfn: lfnSchema, files: z.array(fileMetadataSchema), directories: z.array(z.string()) }),
  'ListingAnswer',
);
