import { maxMode } from '../../../domain/index.js';

/** Who owns what nobody made, `/` first of all. No identity can have this name, as user or as group. */
export const nobody = 'nobody';

/** Mark of our files (`PRAGMA application_id`), so that another program's database is never taken for a catalog. */
export const applicationId = 0x44_46_43_33;

/**
 * One script per schema version, never edited once released: version n is reached by the first n of them. Names are
 * compared byte by byte (SQLite's own collation). That a file cannot hold files and that no name is both file and
 * directory is the schema's business, so that no process can break it.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE directories (
    path TEXT NOT NULL PRIMARY KEY,
    parent TEXT REFERENCES directories (path),
    owner TEXT NOT NULL,
    owner_group TEXT NOT NULL,
    mode INTEGER NOT NULL CHECK (mode BETWEEN 0 AND ${maxMode}),
    CHECK ((path = '/') = (parent IS NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX directories_by_parent ON directories (parent);

  CREATE TABLE files (
    lfn TEXT NOT NULL PRIMARY KEY,
    directory TEXT NOT NULL REFERENCES directories (path),
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    checksum TEXT NOT NULL,
    guid TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    owner_group TEXT NOT NULL,
    mode INTEGER NOT NULL CHECK (mode BETWEEN 0 AND ${maxMode}),
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX files_by_directory ON files (directory);

  CREATE TABLE replicas (
    lfn TEXT NOT NULL REFERENCES files (lfn) ON DELETE CASCADE,
    storage_element TEXT NOT NULL,
    pfn TEXT NOT NULL,
    PRIMARY KEY (lfn, storage_element)
  ) STRICT, WITHOUT ROWID;

  CREATE TRIGGER file_is_no_directory BEFORE INSERT ON files
    WHEN EXISTS (SELECT 1 FROM directories WHERE path = NEW.lfn)
    BEGIN SELECT RAISE(ABORT, 'the name is a directory'); END;
  CREATE TRIGGER directory_is_no_file BEFORE INSERT ON directories
    WHEN EXISTS (SELECT 1 FROM files WHERE lfn = NEW.path)
    BEGIN SELECT RAISE(ABORT, 'the name is a file'); END;

  INSERT INTO directories (path, parent, owner, owner_group, mode) VALUES ('/', NULL, '${nobody}', '${nobody}', 509);
  `,
  // NULL where nobody knows: of directories that are older than this version, and of "/".
  `
  ALTER TABLE directories ADD COLUMN created_at INTEGER;
  ALTER TABLE directories ADD COLUMN modified_at INTEGER;
  `,
];
