import { maxMode, parseLfn, parseLfnDirectory } from '../../../domain/index.js';
import { DiracS3Error } from '../../../errors/index.js';
import type { Clock } from '../../../ports/index.js';
import { SqliteConnection, type Sql } from './connection.js';
import { NameSpace } from './name-space.js';
import { nobody } from './schema.js';

export interface DirectoryEntry {
  readonly path: string;
  readonly owner: string;
  readonly group: string;
  /** POSIX permission bits, `0o755`. */
  readonly mode: number;
}

/** `ValidFileStatus` of DIRAC's service. */
const fileStates = ['AprioriGood', 'Trash', 'Removing', 'Probing'] as const;
export type FileStatus = (typeof fileStates)[number];

/** What a site does to its catalog itself, with no user and no permission involved. */
export interface CatalogAdministration {
  /**
   * Makes directories with these owners, groups and modes, or gives them to existing ones, `/` included; all or none.
   * Missing directories above belong to nobody, mode 0775: only administrators can add to them. Throws `conflict` where
   * a file is in the way, `invalid-lfn`, `invalid-argument`.
   */
  createDirectories(directories: readonly DirectoryEntry[]): Promise<void>;
  /** Puts a file into one of DIRAC's states; throws `no-such-file`, `invalid-lfn`, `invalid-argument`. */
  setFileStatus(lfn: string, status: FileStatus): Promise<void>;
}

export function administrationOf(connection: SqliteConnection, clock: Clock): CatalogAdministration {
  return {
    createDirectories: (directories) =>
      connection.write((sql) => directories.forEach((directory) => createDirectory(sql, directory, clock.now()))),
    async setFileStatus(text, status) {
      const lfn = parseLfn(text);
      if (!fileStates.includes(status)) throw new DiracS3Error('invalid-argument', `${lfn}: there is no such file status`);
      const changed = await connection.write((sql) =>
        sql.all('UPDATE files SET status = ?, modified_at = ? WHERE lfn = ? RETURNING lfn', status, clock.now().getTime(), lfn),
      );
      if (changed.length === 0) throw new DiracS3Error('no-such-file', `${lfn}: no such file or directory`);
    },
  };
}

/**
 * Sets up the directories of a catalog, new or existing, as {@link CatalogAdministration.createDirectories} does. Without a clock it is not
 * known when they were made.
 */
export async function seedSqliteFileCatalog(path: string, directories: readonly DirectoryEntry[], clock?: Clock): Promise<void> {
  const connection = new SqliteConnection(path);
  try {
    await connection.write((sql) => directories.forEach((directory) => createDirectory(sql, directory, clock?.now())));
  } finally {
    connection.close();
  }
}

function createDirectory(sql: Sql, { path: text, owner, group, mode }: DirectoryEntry, now: Date | undefined): void {
  const path = parseLfnDirectory(text);
  if (owner === '' || group === '') throw new DiracS3Error('invalid-argument', `${path}: owner and group must not be empty`);
  if (!Number.isInteger(mode) || mode < 0 || mode > maxMode) {
    throw new DiracS3Error('invalid-argument', `${path}: mode must be permission bits between 0 and 0o777`);
  }
  const names = new NameSpace(sql, [path]);
  const inTheWay = names.fileInTheWay(path);
  if (inTheWay !== undefined) throw new DiracS3Error('conflict', `${path}: ${inTheWay} is a file`);
  names.planDirectory(path);
  names.makeDirectories(sql, { owner: nobody, group: nobody, mode: 0o775, now });
  const changed = 'UPDATE directories SET owner = ?, owner_group = ?, mode = ?, modified_at = ? WHERE path = ?';
  sql.run(changed, owner, group, mode, now?.getTime() ?? null, path);
}
