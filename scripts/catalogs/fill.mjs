// @ts-check
/** Catalogs with as many files as wanted, written by the database itself: DIRAC's service would need hours. */
import { createRequire } from 'node:module';
import { built } from '../world/world.mjs';
import { sqlOf } from './mariadb.mjs';

/** @typedef {{files: number, filesPerDirectory: number}} Size */

/** Name of the n-th file: `/vo/d0/f0`, … @param {number} at @param {Size} size */
export const nameOf = (at, { filesPerDirectory }) => `/vo/d${Math.floor(at / filesPerDirectory)}/f${at}`;

/**
 * Fills an empty database: directories rwxr-xr-x and files rw-r--r--, all of alice and the group users.
 * @param {import('./mariadb.mjs').Server} server @param {{name: string, layout: import('./mariadb.mjs').LayoutName} & Size} facts
 */
export function fillDatabase(server, { name, layout, files, filesPerDirectory }) {
  const directories = Math.ceil(files / filesPerDirectory);
  const [everyDirectory, everyFile] = [directories, files].map((count) => `seq_0_to_${count - 1}`);
  const place = `seq DIV ${filesPerDirectory} + 10, CONCAT('f', seq), 1, 7, 7, 7`;
  const statements = [
    `USE ${name}`,
    'SET FOREIGN_KEY_CHECKS = 0, UNIQUE_CHECKS = 0',
    "INSERT INTO FC_Users VALUES (7, 'alice')",
    "INSERT INTO FC_Groups VALUES (7, 'users')",
    "INSERT INTO FC_Statuses VALUES (7, 'AprioriGood')",
    ...(layout === 'level'
      ? [
          "INSERT INTO FC_DirectoryLevelTree (DirID, DirName, Parent, Level) VALUES (1, '/', 0, 0), (2, '/vo', 1, 1)",
          `INSERT INTO FC_DirectoryLevelTree (DirID, DirName, Parent, Level) SELECT seq + 10, CONCAT('/vo/d', seq), 2, 2 FROM ${everyDirectory}`,
          'INSERT INTO FC_DirectoryInfo (DirID, UID, GID, Mode) SELECT DirID, 7, 7, 493 FROM FC_DirectoryLevelTree',
          `INSERT INTO FC_Files (FileID, DirID, FileName, Size, UID, GID, Status) SELECT seq + 1, ${place} FROM ${everyFile}`,
          `INSERT INTO FC_FileInfo (FileID, GUID, Mode) SELECT seq + 1, UUID(), 420 FROM ${everyFile}`,
        ]
      : [
          "INSERT INTO FC_DirectoryList (DirID, Name, UID, GID, Mode, Status) VALUES (1, '/', 7, 7, 493, 7), (2, '/vo', 7, 7, 493, 7)",
          `INSERT INTO FC_DirectoryList (DirID, Name, UID, GID, Mode, Status) SELECT seq + 10, CONCAT('/vo/d', seq), 7, 7, 493, 7 FROM ${everyDirectory}`,
          'INSERT INTO FC_DirectoryClosure (ParentID, ChildID, Depth) SELECT DirID, DirID, 0 FROM FC_DirectoryList',
          'INSERT INTO FC_DirectoryClosure (ParentID, ChildID, Depth) SELECT 1, DirID, IF(DirID = 2, 1, 2) FROM FC_DirectoryList WHERE DirID > 1',
          'INSERT INTO FC_DirectoryClosure (ParentID, ChildID, Depth) SELECT 2, DirID, 1 FROM FC_DirectoryList WHERE DirID > 2',
          `INSERT INTO FC_Files (FileID, DirID, FileName, Size, UID, GID, Status, GUID, Mode) SELECT seq + 1, ${place}, UUID(), 420 FROM ${everyFile}`,
        ]),
  ];
  sqlOf(server, `${statements.join(';\n')};`);
}

/** The same in a file of the embedded catalog. @param {string} path @param {Size} size */
export async function fillSqlite(path, { files, filesPerDirectory }) {
  const { seedSqliteFileCatalog } = await import(built('core/dist/adapters/catalog/sqlite/index.js'));
  const owned = { owner: 'alice', group: 'users', mode: 0o755 };
  const directories = Array.from({ length: Math.ceil(files / filesPerDirectory) }, (_, at) => ({ path: `/vo/d${at}`, ...owned }));
  await seedSqliteFileCatalog(path, [{ path: '/vo', ...owned }, ...directories]);
  const Database = createRequire(built('core/package.json'))('libsql');
  const sqlite = new Database(path);
  const place = `'/vo/d' || (at / ${filesPerDirectory})`;
  sqlite.exec(
    `WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at + 1 < ${files})
     INSERT INTO files (lfn, directory, size_bytes, checksum, guid, owner, owner_group, mode, status, created_at, modified_at)
     SELECT ${place} || '/f' || at, ${place}, 0, '00000001', hex(randomblob(16)), 'alice', 'users', 420, 'AprioriGood', 0, 0 FROM n`,
  );
  sqlite.close();
}
