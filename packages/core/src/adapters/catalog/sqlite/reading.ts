import {
  answerAccess,
  answerDirectoryMetadata,
  answerExists,
  answerListing,
  answerMetadata,
  answerRegistrations,
  answerReplicas,
  listable,
  planListing,
  type Viewer,
} from '../../../catalog-answers/index.js';
import type { BulkResult, Lfn, LfnDirectory } from '../../../domain/index.js';
import type { DirectoryListing, DirectoryMetadata, FileMetadata, Registration } from '../../../ports/index.js';
import type { Sql } from './connection.js';
import { readDirectories, readDirectoriesIn, readFacts, readFiles, readFilesIn, readReplicas, readSizes } from './queries.js';

export function getReplicas(sql: Sql, viewer: Viewer, lfns: readonly Lfn[]): BulkResult<ReadonlyMap<string, string>, Lfn> {
  return answerReplicas(viewer, lfns, { facts: readFacts(sql, lfns), replicas: readReplicas(sql, lfns) });
}

export function getFileMetadata(sql: Sql, viewer: Viewer, lfns: readonly Lfn[]): BulkResult<FileMetadata, Lfn> {
  return answerMetadata(viewer, lfns, { facts: readFacts(sql, lfns), files: readFiles(sql, lfns) });
}

export function getDirectoryMetadata(
  sql: Sql,
  viewer: Viewer,
  paths: readonly LfnDirectory[],
): BulkResult<DirectoryMetadata, LfnDirectory> {
  return answerDirectoryMetadata(viewer, paths, { facts: readFacts(sql, paths), directories: readDirectories(sql, paths) });
}

export function exists(sql: Sql, viewer: Viewer, lfns: readonly Lfn[]): BulkResult<boolean, Lfn> {
  return answerExists(viewer, lfns, readFacts(sql, lfns));
}

export function listDirectory(sql: Sql, viewer: Viewer, directories: readonly LfnDirectory[]): BulkResult<DirectoryListing, LfnDirectory> {
  const facts = readFacts(sql, directories);
  const names = listable(viewer, directories, facts);
  const sizes = readSizes(sql, names);
  const plan = planListing(names, (path) => sizes.get(path) ?? 0);
  const contents = { files: readFilesIn(sql, plan.listed), directories: readDirectoriesIn(sql, plan.listed) };
  return answerListing(viewer, directories, { facts, plan, contents });
}

export function hasAccess(
  sql: Sql,
  viewer: Viewer,
  asked: { readonly method: string; readonly lfns: readonly Lfn[] },
): BulkResult<boolean, Lfn> {
  return answerAccess(viewer, asked, readFacts(sql, asked.lfns));
}

export function lookUpReplicas(sql: Sql, rules: Viewer['rules'], lfns: readonly Lfn[]): Map<Lfn, Registration> {
  const replicas = readReplicas(sql, lfns);
  return answerRegistrations(rules, lfns, { facts: readFacts(sql, lfns), storageElementsOf: (lfn) => replicas.get(lfn)?.keys() ?? [] });
}
