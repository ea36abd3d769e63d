import type { Lfn, LfnDirectory } from '../../../domain/index.js';
import { factPathsFor, type FileFacts, type Ownership, type PermissionFacts } from '../../../permission/index.js';
import type { FileMetadata } from '../../../ports/index.js';
import type { Sql } from './connection.js';

/** The facts of the permission rules: two statements for any number of paths. */
export function readFacts(sql: Sql, paths: Iterable<LfnDirectory>): PermissionFacts {
  const asked = factPathsFor(paths);
  const directories = sql.all(
    'SELECT path, owner, owner_group AS "group", mode FROM directories WHERE path IN (SELECT value FROM json_each(?))',
    JSON.stringify(asked.directories),
  ) as (Ownership & { path: string })[];
  const files = sql.all(
    'SELECT lfn, owner, owner_group AS "group", mode, status FROM files WHERE lfn IN (SELECT value FROM json_each(?))',
    JSON.stringify(asked.files),
  ) as (FileFacts & { lfn: string })[];
  return {
    directories: new Map(directories.map((row) => [row.path, row])),
    files: new Map(files.map((row) => [row.lfn, row])),
  };
}

interface FileRow {
  readonly lfn: Lfn;
  readonly directory: LfnDirectory;
  readonly size_bytes: number;
  readonly checksum: string;
  readonly guid: string;
  readonly owner: string;
  readonly owner_group: string;
  readonly mode: number;
  readonly status: string;
  readonly created_at: number;
  readonly modified_at: number;
}

/** Files of those names in any state. */
export function readFiles(sql: Sql, lfns: readonly Lfn[]): Map<Lfn, FileMetadata> {
  const rows = sql.all('SELECT * FROM files WHERE lfn IN (SELECT value FROM json_each(?))', JSON.stringify(lfns)) as FileRow[];
  return new Map(rows.map((row) => [row.lfn, metadataOf(row)]));
}

/** Files standing directly in those directories, in any state, by name. */
export function readFilesIn(
  sql: Sql,
  directories: readonly LfnDirectory[],
): { directory: LfnDirectory; lfn: Lfn; metadata: FileMetadata }[] {
  const rows = sql.all(
    'SELECT * FROM files WHERE directory IN (SELECT value FROM json_each(?)) ORDER BY lfn',
    JSON.stringify(directories),
  ) as FileRow[];
  return rows.map((row) => ({ directory: row.directory, lfn: row.lfn, metadata: metadataOf(row) }));
}

/** Directories standing directly in those directories, by name. */
export function readDirectoriesIn(sql: Sql, directories: readonly LfnDirectory[]): { path: LfnDirectory; parent: LfnDirectory }[] {
  return sql.all(
    'SELECT path, parent FROM directories WHERE parent IN (SELECT value FROM json_each(?)) ORDER BY path',
    JSON.stringify(directories),
  ) as { path: LfnDirectory; parent: LfnDirectory }[];
}

/** Storage URL by StorageElement for each file that has a replica. */
export function readReplicas(sql: Sql, lfns: readonly Lfn[]): Map<Lfn, Map<string, string>> {
  const rows = sql.all(
    'SELECT lfn, storage_element, pfn FROM replicas WHERE lfn IN (SELECT value FROM json_each(?)) ORDER BY lfn, storage_element',
    JSON.stringify(lfns),
  ) as { lfn: Lfn; storage_element: string; pfn: string }[];
  const replicas = new Map<Lfn, Map<string, string>>();
  for (const { lfn, storage_element, pfn } of rows) {
    const ofFile = replicas.get(lfn) ?? new Map<string, string>();
    replicas.set(lfn, ofFile.set(storage_element, pfn));
  }
  return replicas;
}

/** The LFN each of those GUIDs belongs to. */
export function readGuidOwners(sql: Sql, guids: readonly string[]): Map<string, Lfn> {
  const rows = sql.all('SELECT guid, lfn FROM files WHERE guid IN (SELECT value FROM json_each(?))', JSON.stringify(guids));
  return new Map((rows as { guid: string; lfn: Lfn }[]).map(({ guid, lfn }) => [guid, lfn]));
}

function metadataOf(row: FileRow): FileMetadata {
  return {
    sizeBytes: row.size_bytes,
    checksum: row.checksum,
    checksumType: 'Adler32',
    guid: row.guid,
    owner: row.owner,
    ownerGroup: row.owner_group,
    mode: row.mode,
    status: row.status,
    createdAt: new Date(row.created_at),
    modifiedAt: new Date(row.modified_at),
  };
}
