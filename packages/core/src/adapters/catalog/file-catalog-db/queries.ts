import type { DirectoryContents, ReplicasByLfn } from '../../../catalog-answers/index.js';
import { baseNameOf, lfnFault, parentOf, permissionBits, type Lfn, type LfnDirectory } from '../../../domain/index.js';
import { DiracS3Error } from '../../../errors/index.js';
import { factPathsFor, type FileFacts, type Ownership, type PermissionFacts } from '../../../permission/index.js';
import type { DirectoryMetadata, FileMetadata } from '../../../ports/index.js';
import type { Cell, Sql } from './database.js';
import type { Layout } from './layout.js';
import type { Statements } from './statements.js';

/** Statements and what their layout can hold. */
export interface Catalog {
  readonly sql: Sql;
  readonly layout: Layout;
  readonly statements: Statements;
  readonly visibleStates: readonly string[];
  /** Whether a server that calls itself read-only may be asked: a replica can be late. */
  readonly allowReplica: boolean;
}

/**
 * The facts of the permission rules: two statements for any number of paths. Names are compared here once more, byte by byte: the
 * database may hold `Data` for `data` and `x` for `x `, and then what it found is under another name than the one asked for.
 */
export async function readFacts(catalog: Catalog, paths: Iterable<LfnDirectory>): Promise<PermissionFacts> {
  const asked = factPathsFor(paths);
  if (asked.directories.length === 0) return { directories: new Map(), files: new Map() };
  const { sql, statements } = catalog;
  const directories = await sql.rows(statements.directoryFacts, holdable(asked.directories, catalog.layout));
  checkServer(directories, catalog);
  const files = await sql.rows(statements.fileFacts, pairsOf(asked.files, catalog.layout));
  return {
    directories: new Map(
      directories.map(([path, owner, group, mode]): [string, Ownership] => [String(path), ownership(owner, group, mode)]),
    ),
    files: fileFacts(files, catalog.visibleStates),
  };
}

export async function readReplicas({ sql, statements, layout }: Catalog, lfns: readonly Lfn[]): Promise<ReplicaRow[]> {
  const rows = await sql.rows(statements.replicas, pairsOf(lfns, layout));
  return rows.map(([directory, name, storageElement, status, pfn]) => {
    const lfn = lfnOf(directory, name);
    if (typeof storageElement !== 'string') throw incomplete(`a replica of ${lfn} is at a StorageElement that it does not know`);
    return { lfn, storageElement, status: String(status), pfn: String(pfn ?? '') };
  });
}

export interface ReplicaRow {
  readonly lfn: Lfn;
  readonly storageElement: string;
  readonly status: string;
  readonly pfn: string;
}

/** Of replicas in one of those states (DIRAC's `getReplicas` tells of the visible ones), or in any. */
export function replicasByLfn(rows: readonly ReplicaRow[], states?: readonly string[]): ReplicasByLfn {
  const replicas = new Map<Lfn, Map<string, string>>();
  for (const { lfn, storageElement, status, pfn } of rows) {
    if (states?.includes(status) === false) continue;
    replicas.set(lfn, (replicas.get(lfn) ?? new Map<string, string>()).set(storageElement, pfn));
  }
  return replicas;
}

/** Of the visible file where several have the name. */
export async function readMetadata(
  { sql, statements, layout, visibleStates }: Catalog,
  lfns: readonly Lfn[],
): Promise<Map<Lfn, FileMetadata>> {
  const files = new Map<Lfn, FileMetadata>();
  for (const row of await sql.rows(statements.metadata, pairsOf(lfns, layout))) {
    const [lfn, metadata] = metadataOf(row);
    if (!files.has(lfn) || visibleStates.includes(metadata.status)) files.set(lfn, metadata);
  }
  return files;
}

export async function readDirectories(
  { sql, statements, layout }: Catalog,
  paths: readonly LfnDirectory[],
): Promise<Map<LfnDirectory, DirectoryMetadata>> {
  const rows = await sql.rows(statements.directoryMetadata, holdable(paths, layout));
  return new Map(
    rows.map(([path, owner, group, mode, createdAt, modifiedAt]) => [
      path as LfnDirectory,
      {
        owner: String(owner ?? 'unknown'),
        ownerGroup: String(group ?? 'unknown'),
        mode: permissionBits(Number(mode ?? 0)),
        ...(typeof createdAt === 'string' && { createdAt: dateOf(createdAt) }),
        ...(typeof modifiedAt === 'string' && { modifiedAt: dateOf(modifiedAt) }),
      },
    ]),
  );
}

/** How many files, in any state, and directories stand directly in each. */
export async function readSizes({ sql, statements, layout }: Catalog, directories: readonly LfnDirectory[]): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const asked = holdable(directories, layout);
  for (const statement of [statements.fileCounts, statements.directoryCounts])
    for (const [path, count] of await sql.rows(statement, asked)) sizes.set(String(path), (sizes.get(String(path)) ?? 0) + Number(count));
  return sizes;
}

export async function readContents({ sql, statements, layout }: Catalog, directories: readonly LfnDirectory[]): Promise<DirectoryContents> {
  const asked = holdable(directories, layout);
  const files = await sql.rows(statements.filesIn, asked);
  const below = await sql.rows(statements.directoriesIn, asked);
  return {
    files: files.map((row) => [row[0] as LfnDirectory, ...metadataOf(row)]),
    directories: below.map(([parent, path]) => [parent, path] as [LfnDirectory, LfnDirectory]),
  };
}

export async function readGuidOwners({ sql, statements, layout }: Catalog, guids: readonly string[]): Promise<Map<string, Lfn>> {
  const rows = await sql.rows(statements.guidOwners, JSON.stringify(guids.filter((guid) => fits(guid, layout.guid.length))));
  const owners = new Map(rows.map(([guid, directory, name]) => [String(guid), lfnOf(directory, name)]));
  return new Map(guids.flatMap((guid) => (owners.has(guid) ? [[guid, owners.get(guid)!] as const] : [])));
}

/** Names that are there, files and directories, the newest: a hundred at most, whatever the size of the catalog. */
export async function readSample({ sql, statements }: Catalog): Promise<Lfn[]> {
  const files = await sql.rows(statements.newestFiles);
  const directories = await sql.rows(statements.newestDirectories);
  const names = [...files.map(([directory, name]) => lfnOf(directory, name)), ...directories.map(([path]) => String(path))];
  return names.filter((name): name is Lfn => name !== '/' && lfnFault(name) === undefined);
}

/** `/` stands in every catalog that anything was ever written to. One without it grants everybody everything, so it is taken for a fault. */
function checkServer(directories: readonly Cell[][], { allowReplica }: Catalog): void {
  const root = directories.find(([path]) => path === '/');
  if (root === undefined) throw incomplete('has no directory "/": it is empty, or not the one in use');
  if (!allowReplica && !/^(?:0|OFF) (?:0|OFF)$/.test(String(root[4]))) {
    throw incomplete('is read-only: a replica, which may not know yet what was revoked, or a primary that was failed over');
  }
}

/**
 * One entry per name. DIRAC's level layout may hold a name twice: in two states, and then the visible one counts; visible twice, and
 * then nothing is granted on it.
 */
function fileFacts(rows: readonly Cell[][], visibleStates: readonly string[]): Map<string, FileFacts> {
  const files = new Map<string, FileFacts>();
  for (const [directory, name, owner, group, mode, status] of rows) {
    const lfn = lfnOf(directory, name);
    const file = { ...ownership(owner, group, mode), status: String(status) };
    const earlier = files.get(lfn);
    const [isVisible, wasVisible] = [file, earlier].map((one) => one !== undefined && visibleStates.includes(one.status));
    if (isVisible && wasVisible) files.set(lfn, { ...file, owner: null, group: null, mode: null });
    else if (earlier === undefined || isVisible) files.set(lfn, file);
  }
  return files;
}

function ownership(owner: Cell | undefined, group: Cell | undefined, mode: Cell | undefined): Ownership {
  return {
    owner: typeof owner === 'string' ? owner : null,
    group: typeof group === 'string' ? group : null,
    mode: typeof mode === 'number' ? mode : null,
  };
}

function metadataOf(row: Cell[]): [Lfn, FileMetadata] {
  const [directory, name, size, checksum, checksumType, guid, owner, group, mode, status, createdAt, modifiedAt] = row;
  const metadata: FileMetadata = {
    sizeBytes: Number(size),
    checksum: String(checksum ?? ''),
    checksumType: checksumType === 'MD5' ? 'MD5' : 'Adler32',
    guid: String(guid ?? ''),
    owner: String(owner ?? 'unknown'),
    ownerGroup: String(group ?? 'unknown'),
    mode: permissionBits(Number(mode ?? 0)),
    status: String(status),
    createdAt: dateOf(createdAt),
    modifiedAt: dateOf(modifiedAt),
  };
  return [lfnOf(directory, name), metadata];
}

/** DIRAC writes UTC. */
function dateOf(text: Cell | undefined): Date {
  return new Date(typeof text === 'string' ? `${text.replace(' ', 'T')}Z` : 0);
}

/** What the columns cannot hold is not in the catalog, and is not asked for: cut to size it would be another name. */
function holdable(directories: readonly LfnDirectory[], { directory }: Layout): string {
  return JSON.stringify(directories.filter((path) => fits(path, directory.length)));
}

function pairsOf(paths: readonly LfnDirectory[], { directory, fileName }: Layout): string {
  const pairs = paths.filter((path) => path !== '/').map((path) => [parentOf(path), baseNameOf(path as Lfn)] as const);
  return JSON.stringify(pairs.filter(([path, name]) => fits(path, directory.length) && fits(name, fileName.length)));
}

/** A text has at most as many characters as UTF-16 units. */
function fits(text: string, length: number): boolean {
  return text.length <= length || Array.from(text).length <= length;
}

function lfnOf(directory: Cell | undefined, name: Cell | undefined): Lfn {
  return `${directory === '/' ? '' : String(directory)}/${String(name)}` as Lfn;
}

function incomplete(fault: string): DiracS3Error {
  return new DiracS3Error('catalog-unavailable', `the file catalog database ${fault}`);
}
