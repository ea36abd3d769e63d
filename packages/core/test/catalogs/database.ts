import { createConnection, type Connection } from 'mysql2/promise';
import { given } from '../../../../scripts/catalogs/facts.mjs';
import { createCatalogDatabase } from '../../../../scripts/catalogs/mariadb.mjs';
import { openFileCatalogDb, requiredTables, type FileCatalogDb } from '../../src/adapters/catalog/file-catalog-db/index.js';
import type { CatalogRules, FileCatalogDatabase } from '../../src/config/types.js';
import { baseNameOf, parentOf, parseLfn, parseLfnDirectory, Secret, type LfnDirectory } from '../../src/domain/index.js';
import type { NewFile } from '../../src/ports/index.js';

export type LayoutName = 'level' | 'closure';
export interface Entry {
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
}

const readerPassword = 'reader-of-this-run';

/** A database of DIRAC's own making in the one server, filled by SQL as DIRAC's service fills it. */
export class CatalogDatabase {
  readonly name: string;
  readonly layout: LayoutName;
  readonly #admin: Connection;

  private constructor(name: string, layout: LayoutName, admin: Connection) {
    this.name = name;
    this.layout = layout;
    this.#admin = admin;
  }

  /** An account of this database alone. */
  get #reader(): string {
    return `reader_${this.name}`;
  }

  /** With an account that may read what the documentation says, and `/` of nobody. */
  static async create(name: string, layout: LayoutName, options: { latin1?: boolean } = {}): Promise<CatalogDatabase> {
    const { server, python } = given();
    createCatalogDatabase(server, { name, layout, python, ...options });
    const { host, port, user, password } = server;
    const admin = await createConnection({ host, port, user, password, database: name, charset: 'utf8mb4_bin', multipleStatements: true });
    const database = new CatalogDatabase(name, layout, admin);
    await database.grant(requiredTables[layout]);
    await database.clear();
    return database;
  }

  async close(): Promise<void> {
    await this.#admin.query(`DROP DATABASE IF EXISTS ${this.name}`);
    await this.#admin.end();
  }

  /** Lets go of the server, which is about to be killed. */
  abandon(): void {
    this.#admin.on('error', () => undefined);
    this.#admin.destroy();
  }

  async sql(statement: string, values: readonly unknown[] = []): Promise<unknown[]> {
    const [rows] = await this.#admin.query(statement, [...values]);
    return rows as unknown[];
  }

  /** Leaves the account of the reader SELECT on these tables alone. */
  async grant(tables: readonly string[]): Promise<void> {
    for (const host of ['localhost', '127.0.0.1']) {
      const account = `${this.#reader}@'${host}'`;
      await this.#admin.query(`DROP USER IF EXISTS ${account}; CREATE USER ${account} IDENTIFIED BY '${readerPassword}'`);
      for (const table of tables) await this.#admin.query(`GRANT SELECT ON ${this.name}.${table} TO ${account}`);
    }
  }

  settings(more: Partial<FileCatalogDatabase> = {}): FileCatalogDatabase {
    const { host, port } = given().server;
    return {
      host,
      port,
      socketPath: undefined,
      database: this.name,
      user: this.#reader,
      password: new Secret(readerPassword),
      caFile: undefined,
      timeoutSeconds: 10,
      connections: 4,
      allowReplica: false,
      ...more,
    };
  }

  open(
    rules: Partial<CatalogRules> = {},
    more: Partial<FileCatalogDatabase> & { vomsRoleOf?: (group: string) => string | undefined } = {},
  ): FileCatalogDb {
    const { vomsRoleOf = () => undefined, ...settings } = more;
    return openFileCatalogDb({
      database: this.settings(settings),
      rules: {
        securityManager: 'VOMSSecurityManager',
        globalReadAccess: false,
        defaultMode: 0o775,
        visibleStates: ['AprioriGood'],
        ...rules,
      },
      vomsRoleOf,
      openRoot: 'as-dirac',
    });
  }

  /** Empty but for `/`. */
  async clear(): Promise<void> {
    const tables = [
      'FC_Replicas',
      'FC_Files',
      ...(this.layout === 'level'
        ? ['FC_ReplicaInfo', 'FC_FileInfo', 'FC_DirectoryInfo', 'FC_DirectoryLevelTree']
        : ['FC_DirectoryClosure', 'FC_DirectoryList']),
    ];
    await this.#admin.query(
      ['SET FOREIGN_KEY_CHECKS = 0', ...tables.map((table) => `DELETE FROM ${table}`), 'SET FOREIGN_KEY_CHECKS = 1'].join('; '),
    );
    await this.directory('/', { owner: 'nobody', group: 'nobody', mode: 0o775 });
  }

  /** Makes a directory or changes it; the one above it must be there. */
  async directory(path: string, { owner, group, mode }: Entry): Promise<void> {
    const [uid, gid] = await this.#ids(owner, group);
    const name = parseLfnDirectory(path);
    const found = await this.directoryId(name);
    const parent = name === '/' ? 0 : await this.directoryId(parentOf(name));
    if (parent === undefined) throw new Error(`${path} has no parent`);
    if (this.layout === 'level') {
      const id =
        found ??
        (await this.#insert('FC_DirectoryLevelTree', {
          DirName: name,
          Parent: parent,
          Level: name === '/' ? 0 : name.split('/').length - 1,
        }));
      const dates = { CreationDate: '2026-01-01 00:00:00', ModificationDate: '2026-01-01 00:00:00' };
      await this.#admin.query('REPLACE INTO FC_DirectoryInfo SET ?', { DirID: id, UID: uid, GID: gid, Mode: mode, Status: 0, ...dates });
      return;
    }
    if (found !== undefined) {
      await this.#admin.query('UPDATE FC_DirectoryList SET UID = ?, GID = ?, Mode = ? WHERE DirID = ?', [uid, gid, mode, found]);
      return;
    }
    const id = await this.#insert('FC_DirectoryList', {
      Name: name,
      UID: uid,
      GID: gid,
      Mode: mode,
      Status: await this.#status('AprioriGood'),
    });
    await this.#admin.query(
      'INSERT INTO FC_DirectoryClosure (ParentID, ChildID, Depth) SELECT ParentID, ?, Depth + 1 FROM FC_DirectoryClosure WHERE ChildID = ? UNION ALL SELECT ?, ?, 0',
      [id, parent, id, id],
    );
  }

  /** Makes the directories above it too, owned by the same. */
  async directories(path: string, entry: Entry): Promise<void> {
    const name = parseLfnDirectory(path);
    if (name !== '/' && (await this.directoryId(parentOf(name))) === undefined) await this.directories(parentOf(name), entry);
    await this.directory(path, entry);
  }

  async file(
    file: Pick<NewFile, 'lfn' | 'guid'> & Partial<NewFile>,
    { owner, group, mode }: Entry,
    status = 'AprioriGood',
  ): Promise<number> {
    const [uid, gid] = await this.#ids(owner, group);
    const directory = await this.directoryId(parentOf(file.lfn));
    if (directory === undefined) throw new Error(`${file.lfn} has no directory`);
    const base = {
      DirID: directory,
      FileName: baseNameOf(file.lfn),
      Size: file.sizeBytes ?? 0,
      UID: uid,
      GID: gid,
      Status: await this.#status(status),
    };
    const dates = { CreationDate: '2026-01-01 00:00:00', ModificationDate: '2026-01-01 00:00:00' };
    const info = { GUID: file.guid, Checksum: file.checksum ?? '', ChecksumType: 'Adler32', Type: 'File', Mode: mode, ...dates };
    const level = this.layout === 'level';
    const id = await this.#insert('FC_Files', level ? base : { ...base, ...info });
    if (level) await this.#insert('FC_FileInfo', { FileID: id, ...info });
    if (file.storageElement !== undefined) await this.replica(id, file.storageElement, file.pfn ?? '');
    return id;
  }

  async replica(fileId: number, storageElement: string, pfn: string): Promise<void> {
    const seId = await this.#named('FC_StorageElements', 'SEID', 'SEName', storageElement);
    const base = { FileID: fileId, SEID: seId, Status: await this.#status('AprioriGood') };
    const info = { RepType: 'Master', PFN: pfn };
    const id = await this.#insert('FC_Replicas', this.layout === 'level' ? base : { ...base, ...info });
    if (this.layout === 'level') await this.#insert('FC_ReplicaInfo', { RepID: id, ...info });
  }

  async setStatus(lfn: string, status: string): Promise<void> {
    const name = parseLfn(lfn);
    const values = [await this.#status(status), await this.directoryId(parentOf(name)), baseNameOf(name)];
    await this.#admin.query('UPDATE FC_Files SET Status = ? WHERE DirID = ? AND FileName = ?', values);
  }

  async directoryId(path: LfnDirectory): Promise<number | undefined> {
    const [table, column] = this.layout === 'level' ? ['FC_DirectoryLevelTree', 'DirName'] : ['FC_DirectoryList', 'Name'];
    const rows = await this.sql(`SELECT DirID AS id FROM ${table} WHERE ${column} = ?`, [path]);
    return (rows as { id: number }[])[0]?.id;
  }

  async #ids(owner: string, group: string): Promise<[number, number]> {
    return [await this.#named('FC_Users', 'UID', 'UserName', owner), await this.#named('FC_Groups', 'GID', 'GroupName', group)];
  }

  #status(status: string): Promise<number> {
    return this.#named('FC_Statuses', 'StatusID', 'Status', status);
  }

  /** Asked first: an INSERT IGNORE uses up a number each time, and a file of the level layout can be owned by 255 groups at most. */
  async #named(table: string, id: string, column: string, value: string): Promise<number> {
    const rows = (await this.sql(`SELECT ${id} AS id FROM ${table} WHERE ${column} = ?`, [value])) as { id: number }[];
    return rows[0]?.id ?? this.#insert(table, { [column]: value });
  }

  async #insert(table: string, values: Readonly<Record<string, string | number>>): Promise<number> {
    const [result] = await this.#admin.query(`INSERT INTO ${table} SET ?`, values);
    return (result as { insertId: number }).insertId;
  }
}
