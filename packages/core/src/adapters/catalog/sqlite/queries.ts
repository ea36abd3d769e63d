import type { Lfn, LfnDirectory } from '../../../domain/index.js';
import { factPathsFor, type FileFacts, type Ownership, type PermissionFacts } from '../../../permission/index.js';
import type { DirectoryMetadata, FileMetadata } from '../../../ports/index.js';
import type { Sql } from './connection.js';

/** The facts of the permission rules: two statements for any number of paths. */
export function readFacts(sql: Sql, paths: Iterable<LfnDirectory>): PermissionFacts {
  const asked = factPathsFor(paths);
  const directories = rowsFor(sql, directoryFacts, asked.directories) as [string, string, string, number][];
  const files = rowsFor(sql, fileFacts, asked.files) as [string, string, string, number, string][];
  return {
    directories: new Map(directories.map(([path, owner, group, mode]): [string, Ownership] => [path, { owner, group, mode }])),
    files: new Map(files.map(([lfn, owner, group, mode, status]): [string, FileFacts] => [lfn, { owner, group, mode, status }])),
  };
}

/** Files of those names in any state. */
export function readFiles(sql: Sql, lfns: readonly Lfn[]): Map<Lfn, FileMetadata> {
  const rows = rowsFor(sql, fileMetadata, lfns) as [Lfn, ...MetadataRow][];
  return new Map(rows.map(([lfn, ...row]) => [lfn, metadataOf(row)]));
}

export function readDirectories(sql: Sql, paths: readonly LfnDirectory[]): Map<LfnDirectory, DirectoryMetadata> {
  const rows = rowsFor(sql, directoryMetadata, paths) as [LfnDirectory, string, string, number, number | null, number | null][];
  return new Map(
    rows.map(([path, owner, ownerGroup, mode, created, modified]) => [
      path,
      {
        owner,
        ownerGroup,
        mode,
        ...(created !== null && { createdAt: new Date(created) }),
        ...(modified !== null && { modifiedAt: new Date(modified) }),
      },
    ]),
  );
}

/** How many files, in any state, and directories stand directly in each of those directories. */
export function readSizes(sql: Sql, directories: readonly LfnDirectory[]): Map<string, number> {
  const rows = sql.all(
    `SELECT asked.value AS path,
       (SELECT count(*) FROM files WHERE directory = asked.value) + (SELECT count(*) FROM directories WHERE parent = asked.value) AS entries
     FROM json_each(?) AS asked`,
    JSON.stringify([...new Set(directories)]),
  ) as { path: string; entries: number }[];
  return new Map(rows.map(({ path, entries }) => [path, entries]));
}

/** Files standing directly in those directories, in any state, with their directory. */
export function readFilesIn(sql: Sql, directories: readonly LfnDirectory[]): [LfnDirectory, Lfn, FileMetadata][] {
  const rows = rowsFor(sql, filesByDirectory, directories) as [LfnDirectory, Lfn, ...MetadataRow][];
  return rows.map(([directory, lfn, ...row]) => [directory, lfn, metadataOf(row)]);
}

/** Directories standing directly in those directories, with the one they stand in. */
export function readDirectoriesIn(sql: Sql, directories: readonly LfnDirectory[]): [parent: LfnDirectory, path: LfnDirectory][] {
  return rowsFor(sql, directoriesByParent, directories) as [LfnDirectory, LfnDirectory][];
}

/** Storage URL by StorageElement for each file that has a replica. */
export function readReplicas(sql: Sql, lfns: readonly Lfn[]): Map<Lfn, Map<string, string>> {
  const replicas = new Map<Lfn, Map<string, string>>();
  for (const [lfn, storageElement, pfn] of rowsFor(sql, replicaRows, lfns) as [Lfn, string, string][]) {
    const ofFile = replicas.get(lfn) ?? new Map<string, string>();
    replicas.set(lfn, ofFile.set(storageElement, pfn));
  }
  return replicas;
}

/** The LFN each of those GUIDs belongs to. */
export function readGuidOwners(sql: Sql, guids: readonly string[]): Map<string, Lfn> {
  return new Map(rowsFor(sql, guidOwners, guids) as [string, Lfn][]);
}

interface Lookup {
  readonly table: 'directories' | 'files' | 'replicas';
  /** Columns of the answer; the first is the one that is looked up. */
  readonly columns: readonly string[];
}

const metadataColumns = ['size_bytes', 'checksum', 'guid', 'owner', 'owner_group', 'mode', 'status', 'created_at', 'modified_at'];
type MetadataRow = [number, string, string, string, string, number, string, number, number];

const directoryFacts: Lookup = { table: 'directories', columns: ['path', 'owner', 'owner_group', 'mode'] };
const directoryMetadata: Lookup = {
  table: 'directories',
  columns: ['path', 'owner', 'owner_group', 'mode', 'created_at', 'modified_at'],
};
const directoriesByParent: Lookup = { table: 'directories', columns: ['parent', 'path'] };
const fileFacts: Lookup = { table: 'files', columns: ['lfn', 'owner', 'owner_group', 'mode', 'status'] };
const fileMetadata: Lookup = { table: 'files', columns: ['lfn', ...metadataColumns] };
const filesByDirectory: Lookup = { table: 'files', columns: ['directory', 'lfn', ...metadataColumns] };
const guidOwners: Lookup = { table: 'files', columns: ['guid', 'lfn'] };
const replicaRows: Lookup = { table: 'replicas', columns: ['lfn', 'storage_element', 'pfn'] };

/**
 * Every row whose first column is one of the keys, in the order of the keys. The rows come back as one JSON text: the
 * driver makes objects far slower than SQLite finds them. The cross join keeps SQLite from sorting the keys first.
 */
function rowsFor(sql: Sql, { table, columns }: Lookup, keys: Iterable<string>): unknown[] {
  const values = columns.map((column) => `found.${column}`);
  const [answer] = sql.all(
    `SELECT json_group_array(json_array(${values.join(', ')})) AS rows
     FROM json_each(?) AS asked CROSS JOIN ${table} AS found ON ${values[0]!} = asked.value`,
    JSON.stringify([...new Set(keys)]),
  ) as [{ rows: string }];
  return JSON.parse(answer.rows) as unknown[];
}

function metadataOf([sizeBytes, checksum, guid, owner, ownerGroup, mode, status, createdAt, modifiedAt]: MetadataRow): FileMetadata {
  return {
    sizeBytes,
    checksum,
    checksumType: 'Adler32',
    guid,
    owner,
    ownerGroup,
    mode,
    status,
    createdAt: new Date(createdAt),
    modifiedAt: new Date(modifiedAt),
  };
}
