import { DiracS3Error } from '../../../errors/index.js';
import type { Cell, Sql } from './database.js';

/** How a text column holds its text: what is compared with it must be of the same kind, or its index is of no use. */
export interface TextColumn {
  /** `VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin` */
  readonly type: string;
  /** In characters. */
  readonly length: number;
}

/** DIRAC's two layouts: `DirectoryLevelTree` with `FileManager`, and `DirectoryClosure` with `FileManagerPs`. */
export interface Layout {
  readonly kind: 'level' | 'closure';
  readonly directory: TextColumn;
  readonly fileName: TextColumn;
  readonly guid: TextColumn;
  /** Index of FC_Files that begins with directory and name; undefined where there is none. */
  readonly filesByName: string | undefined;
}

/** The tables that are read, and so exactly those on which the account needs SELECT. */
export const requiredTables = {
  level: [
    'FC_DirectoryInfo',
    'FC_DirectoryLevelTree',
    'FC_FileInfo',
    'FC_Files',
    'FC_Groups',
    'FC_ReplicaInfo',
    'FC_Replicas',
    'FC_Statuses',
    'FC_StorageElements',
    'FC_Users',
  ],
  closure: [
    'FC_DirectoryClosure',
    'FC_DirectoryList',
    'FC_Files',
    'FC_Groups',
    'FC_Replicas',
    'FC_Statuses',
    'FC_StorageElements',
    'FC_Users',
  ],
} as const;

/**
 * Finds out which layout the database has, from what the account may see of it. Throws `catalog-unavailable` and names the tables that
 * are missing or not granted.
 */
export async function detectLayout(sql: Sql): Promise<Layout> {
  const rows = await sql.rows(
    `SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_SET_NAME, COLLATION_NAME
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'FC\\_%'`,
  );
  const tables = new Set(rows.map(([table]) => table));
  const level = tables.has('FC_DirectoryLevelTree');
  const closure = tables.has('FC_DirectoryList');
  if (level === closure) {
    return unusable(
      level
        ? 'shows both FC_DirectoryLevelTree and FC_DirectoryList: grant SELECT on the tables of the layout in use only'
        : 'has neither FC_DirectoryLevelTree nor FC_DirectoryList, or the account may not SELECT from them',
    );
  }
  const kind = level ? 'level' : 'closure';
  const missing = requiredTables[kind].filter((table) => !tables.has(table));
  if (missing.length > 0) return unusable(`lacks ${missing.join(', ')}, or the account may not SELECT from it`);
  return {
    kind,
    directory: level ? textColumn(rows, 'FC_DirectoryLevelTree', 'DirName') : textColumn(rows, 'FC_DirectoryList', 'Name'),
    fileName: textColumn(rows, 'FC_Files', 'FileName'),
    guid: textColumn(rows, level ? 'FC_FileInfo' : 'FC_Files', 'GUID'),
    filesByName: await indexOfNames(sql),
  };
}

/** DIRAC's scripts leave it to the database what the index is called. */
async function indexOfNames(sql: Sql): Promise<string | undefined> {
  const rows = await sql.rows(
    `SELECT one.INDEX_NAME FROM information_schema.STATISTICS AS one JOIN information_schema.STATISTICS AS two
       ON two.TABLE_SCHEMA = one.TABLE_SCHEMA AND two.TABLE_NAME = one.TABLE_NAME AND two.INDEX_NAME = one.INDEX_NAME
     WHERE one.TABLE_SCHEMA = DATABASE() AND one.TABLE_NAME = 'FC_Files' AND one.SEQ_IN_INDEX = 1 AND one.COLUMN_NAME = 'DirID'
       AND two.SEQ_IN_INDEX = 2 AND two.COLUMN_NAME = 'FileName'`,
  );
  return rows.map(([name]) => String(name)).find((name) => /^\w{1,64}$/.test(name));
}

function textColumn(rows: readonly Cell[][], table: string, column: string): TextColumn {
  const found = rows.find(([inTable, name]) => inTable === table && name === column);
  const [, , type, length, characterSet, collation] = found ?? [];
  const [size, words] = [Number(length), [type, characterSet, collation].map(String)];
  // These words become part of statements.
  if (found === undefined || !Number.isInteger(size) || size < 1 || !words.every((word) => /^\w{1,64}$/.test(word))) {
    return unusable(`has no text column ${table}.${column}`);
  }
  return { type: `VARCHAR(${size}) CHARACTER SET ${words[1]} COLLATE ${words[2]}`, length: size };
}

function unusable(fault: string): never {
  throw new DiracS3Error('catalog-unavailable', `the file catalog database ${fault}`);
}
