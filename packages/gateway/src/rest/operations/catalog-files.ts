import { parseLfn } from '@dirac-s3/core';
import type { FileMetadata } from '@dirac-s3/core/ports';
import type { fileMetadataSchema } from '@dirac-s3/core/rest-api';
import {
  addFilesRequestSchema,
  doneAnswerSchema,
  guidsAnswerSchema,
  guidsRequestSchema,
  lfnsRequestSchema,
  metadataAnswerSchema,
  restPaths,
} from '@dirac-s3/core/rest-api';
import type { z } from 'zod';
import { askByEntry, askByName, bulkAnswer } from '../bulk.js';
import { authenticatedOperation } from '../operation.js';

export const addFiles = authenticatedOperation({
  id: 'addFiles',
  method: 'post',
  path: restPaths.addFiles,
  tag: 'catalog',
  summary: 'Register files with their first replica',
  description: 'Missing directories are made. Registering the same file again succeeds; another file under that name is a conflict.',
  body: addFilesRequestSchema,
  answer: doneAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    return bulkAnswer(await askByEntry('files', body.files, { parse: parseLfn, ask: (files) => catalog.addFiles(files) }), done);
  },
});

export const removeFiles = authenticatedOperation({
  id: 'removeFiles',
  method: 'post',
  path: restPaths.removeFiles,
  tag: 'catalog',
  summary: 'Remove entries and their replicas from the catalog',
  description: 'Touches the catalog only: remove the objects first.',
  body: lfnsRequestSchema,
  answer: doneAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    return bulkAnswer(await askByName(body.lfns, parseLfn, (lfns) => catalog.removeFiles(lfns)), done);
  },
});

export const metadata = authenticatedOperation({
  id: 'getFileMetadata',
  method: 'post',
  path: restPaths.metadata,
  tag: 'catalog',
  summary: 'Size, checksum, owner and mode of files',
  description: 'As registered in the catalog; the store is not asked.',
  body: lfnsRequestSchema,
  answer: metadataAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    return bulkAnswer(await askByName(body.lfns, parseLfn, (lfns) => catalog.getFileMetadata(lfns)), encodeMetadata);
  },
});

export const findByGuid = authenticatedOperation({
  id: 'findByGuid',
  method: 'post',
  path: restPaths.findByGuid,
  tag: 'catalog',
  summary: 'Which files have these GUIDs?',
  description: 'A GUID belongs to one file: to be asked before an upload whose GUID may be taken.',
  body: guidsRequestSchema,
  answer: guidsAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const found = await catalogs.catalogFor(identity).findByGuid(body.guids);
    return { files: [...found].map(([guid, lfn]) => ({ guid, lfn })) };
  },
});

export function done(_value: true, lfn: string): { lfn: string } {
  return { lfn };
}

export function encodeMetadata(metadataOf: FileMetadata, lfn: string): z.input<typeof fileMetadataSchema> {
  const { sizeBytes, checksum, checksumType, guid, owner, ownerGroup, mode, status, createdAt, modifiedAt } = metadataOf;
  const instants = { createdAt: createdAt.toISOString(), modifiedAt: modifiedAt.toISOString() };
  return { lfn, sizeBytes, checksum, checksumType, guid, owner, ownerGroup, mode, status, ...instants };
}
