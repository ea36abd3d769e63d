import { parseLfn, parseLfnDirectory } from '@dirac-s3/core';
import {
  accessRequestSchema,
  changePathsRequestSchema,
  directoriesRequestSchema,
  directoryMetadataAnswerSchema,
  doneAnswerSchema,
  lfnsRequestSchema,
  listingAnswerSchema,
  restPaths,
  truthAnswerSchema,
} from '@dirac-s3/core/rest-api';
import { askByName, bulkAnswer } from '../bulk.js';
import { authenticatedOperation } from '../operation.js';
import { done, encodeMetadata } from './catalog-files.js';

export const exists = authenticatedOperation({
  id: 'exists',
  method: 'post',
  path: restPaths.exists,
  tag: 'catalog',
  summary: 'Are these names in the catalog?',
  description: 'True for a file or a directory of that name.',
  body: lfnsRequestSchema,
  answer: truthAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    return bulkAnswer(await askByName(body.lfns, parseLfn, (lfns) => catalog.exists(lfns)), truth);
  },
});

export const access = authenticatedOperation({
  id: 'hasAccess',
  method: 'post',
  path: restPaths.access,
  tag: 'catalog',
  summary: 'May the caller do this?',
  description: 'The answer the gateway itself would get before signing.',
  body: accessRequestSchema,
  answer: truthAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    return bulkAnswer(await askByName(body.lfns, parseLfn, (lfns) => catalog.hasAccess(body.method, lfns)), truth);
  },
});

export const listDirectories = authenticatedOperation({
  id: 'listDirectories',
  method: 'post',
  path: restPaths.listDirectories,
  tag: 'catalog',
  summary: 'Files and directories in directories',
  description: 'One level, with the metadata of each file.',
  body: directoriesRequestSchema,
  answer: listingAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    const result = await askByName(body.directories, parseLfnDirectory, (directories) => catalog.listDirectory(directories));
    return bulkAnswer(result, ({ files, directories }, lfn) => ({
      lfn,
      files: [...files].map(([name, facts]) => encodeMetadata(facts, name)),
      directories: [...directories],
    }));
  },
});

export const directoryMetadata = authenticatedOperation({
  id: 'getDirectoryMetadata',
  method: 'post',
  path: restPaths.directoryMetadata,
  tag: 'catalog',
  summary: 'Owner and mode of directories',
  description: 'As registered in the catalog. A file of that name is no directory, and fails.',
  body: directoriesRequestSchema,
  answer: directoryMetadataAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    const result = await askByName(body.directories, parseLfnDirectory, (directories) => catalog.getDirectoryMetadata(directories));
    return bulkAnswer(result, ({ owner, ownerGroup, mode, createdAt, modifiedAt }, lfn) => ({
      lfn,
      owner,
      ownerGroup,
      mode,
      ...(createdAt && { createdAt: createdAt.toISOString() }),
      ...(modifiedAt && { modifiedAt: modifiedAt.toISOString() }),
    }));
  },
});

export const createDirectories = authenticatedOperation({
  id: 'createDirectories',
  method: 'post',
  path: restPaths.createDirectories,
  tag: 'catalog',
  summary: 'Make directories',
  description: 'Missing parents are made too, all owned by the caller.',
  body: directoriesRequestSchema,
  answer: doneAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    return bulkAnswer(await askByName(body.directories, parseLfn, (directories) => catalog.createDirectories(directories)), done);
  },
});

export const removeDirectories = authenticatedOperation({
  id: 'removeDirectories',
  method: 'post',
  path: restPaths.removeDirectories,
  tag: 'catalog',
  summary: 'Remove empty directories',
  description: 'From the catalog alone: nothing stored is touched. One that holds anything is refused.',
  body: directoriesRequestSchema,
  answer: doneAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    return bulkAnswer(await askByName(body.directories, parseLfn, (directories) => catalog.removeDirectories(directories)), done);
  },
});

export const changePaths = authenticatedOperation({
  id: 'changePaths',
  method: 'post',
  path: restPaths.changePaths,
  tag: 'catalog',
  summary: 'Change mode, owner or group of files and directories',
  description: 'Any proper name is taken for an owner or a group. Of a directory, with "recursive", what stands below it is changed too.',
  body: changePathsRequestSchema,
  answer: doneAnswerSchema,
  handle: async ({ body: { paths, change, recursive = false }, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    return bulkAnswer(await askByName(paths, parseLfnDirectory, (names) => catalog.changePaths(names, change, { recursive })), done);
  },
});

function truth(value: boolean, lfn: string): { lfn: string; value: boolean } {
  return { lfn, value };
}
