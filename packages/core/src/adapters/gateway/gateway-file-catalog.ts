import { refusedChange } from '../../catalog-answers/index.js';
import { parseLfn, parseLfnDirectory, type BulkResult, type Lfn } from '../../domain/index.js';
import type { DirectoryMetadata, FileCatalog, FileMetadata, ReplicaOf } from '../../ports/index.js';
import {
  directoryMetadataAnswerSchema,
  doneAnswerSchema,
  guidsAnswerSchema,
  listingAnswerSchema,
  metadataAnswerSchema,
  newFileSchema,
  replicasAnswerSchema,
  replicaSchema,
  restPaths,
  truthAnswerSchema,
  type directoryMetadataSchema,
  type fileMetadataSchema,
} from '../../rest-api/index.js';
import type { z } from 'zod';
import { askInChunks, chunksOf } from './bulk-questions.js';
import { changeEntries } from './change-entries.js';
import type { RestClient } from './rest-client.js';

/** The catalog behind a gateway, as the owner of the token sees it. */
export function createGatewayFileCatalog(client: RestClient): FileCatalog {
  const isLfn = (lfn: Lfn): Lfn => lfn;
  /**
   * Changes may be repeated when an answer was lost: adding the same entry again succeeds, and so does removing a replica that is gone. Only a
   * removed file would be reported as missing, so that one is not repeated.
   */
  const change = <Item>(
    items: readonly Item[],
    { path, field, nameOf, repeatable }: { path: string; field: string; nameOf: (item: Item) => Lfn; repeatable: boolean },
  ): Promise<BulkResult<true, Lfn>> =>
    askInChunks(items, {
      nameOf,
      ask: (chunk) => client.post(path, { [field]: chunk }, { answer: doneAnswerSchema, repeatable }),
      valueOf: () => true as const,
    });
  const changeReplicas = (path: string, replicas: readonly ReplicaOf[]): Promise<BulkResult<true, Lfn>> =>
    changeEntries(replicas, replicaSchema, (some) => change(some, { path, field: 'replicas', nameOf: ({ lfn }) => lfn, repeatable: true }));
  const truth = (path: string, lfns: readonly Lfn[], more: Readonly<Record<string, string>> = {}): Promise<BulkResult<boolean, Lfn>> =>
    askInChunks(lfns, {
      nameOf: isLfn,
      ask: (chunk) => client.post(path, { ...more, lfns: chunk }, { answer: truthAnswerSchema, repeatable: true }),
      valueOf: ({ value }) => value,
    });

  return {
    addFiles: (files) =>
      changeEntries(files, newFileSchema, (some) =>
        change(some, { path: restPaths.addFiles, field: 'files', nameOf: ({ lfn }) => lfn, repeatable: true }),
      ),
    removeFiles: (lfns) => change(lfns, { path: restPaths.removeFiles, field: 'lfns', nameOf: isLfn, repeatable: false }),
    addReplicas: (replicas) => changeReplicas(restPaths.addReplicas, replicas),
    removeReplicas: (replicas) => changeReplicas(restPaths.removeReplicas, replicas),
    createDirectories: (directories) =>
      change(directories, { path: restPaths.createDirectories, field: 'directories', nameOf: isLfn, repeatable: true }),
    removeDirectories: (directories) =>
      change(directories, { path: restPaths.removeDirectories, field: 'directories', nameOf: isLfn, repeatable: false }),
    changePaths: async (paths, change, { recursive = false } = {}) =>
      refusedChange(paths, change) ??
      askInChunks(paths, {
        nameOf: (path) => path,
        // Not repeatable: what was given away, or closed, cannot be changed again.
        ask: (chunk) =>
          client.post(restPaths.changePaths, { paths: chunk, change, recursive }, { answer: doneAnswerSchema, repeatable: false }),
        valueOf: () => true as const,
      }),
    exists: (lfns) => truth(restPaths.exists, lfns),
    hasAccess: (method, lfns) => truth(restPaths.access, lfns, { method }),
    getReplicas: (lfns) =>
      askInChunks(lfns, {
        nameOf: isLfn,
        ask: (chunk) => client.post(restPaths.getReplicas, { lfns: chunk }, { answer: replicasAnswerSchema, repeatable: true }),
        valueOf: ({ replicas }) => new Map(replicas.map(({ storageElement, pfn }) => [storageElement, pfn])),
      }),
    findByGuid: async (guids) => {
      const found = new Map<string, Lfn>();
      for (const chunk of chunksOf([...new Set(guids)])) {
        const { files } = await client.post(restPaths.findByGuid, { guids: chunk }, { answer: guidsAnswerSchema, repeatable: true });
        for (const { guid, lfn } of files) if (chunk.includes(guid)) found.set(guid, parseLfn(lfn));
      }
      return found;
    },
    getFileMetadata: (lfns) =>
      askInChunks(lfns, {
        nameOf: isLfn,
        ask: (chunk) => client.post(restPaths.metadata, { lfns: chunk }, { answer: metadataAnswerSchema, repeatable: true }),
        valueOf: fileMetadataOf,
      }),
    getDirectoryMetadata: (directories) =>
      askInChunks(directories, {
        nameOf: (directory) => directory,
        ask: (chunk) =>
          client.post(restPaths.directoryMetadata, { directories: chunk }, { answer: directoryMetadataAnswerSchema, repeatable: true }),
        valueOf: directoryMetadataOf,
      }),
    listDirectory: (directories) =>
      askInChunks(directories, {
        nameOf: (directory) => directory,
        ask: (chunk) => client.post(restPaths.listDirectories, { directories: chunk }, { answer: listingAnswerSchema, repeatable: true }),
        valueOf: ({ files, directories: below }) => ({
          files: new Map(files.map((file) => [parseLfn(file.lfn), fileMetadataOf(file)])),
          directories: below.map(parseLfnDirectory),
        }),
      }),
  };
}

function fileMetadataOf({ lfn: _, createdAt, modifiedAt, ...facts }: z.infer<typeof fileMetadataSchema>): FileMetadata {
  return { ...facts, createdAt: new Date(createdAt), modifiedAt: new Date(modifiedAt) };
}

function directoryMetadataOf({ lfn: _, createdAt, modifiedAt, ...facts }: z.infer<typeof directoryMetadataSchema>): DirectoryMetadata {
  return {
    ...facts,
    ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
    ...(modifiedAt !== undefined && { modifiedAt: new Date(modifiedAt) }),
  };
}
