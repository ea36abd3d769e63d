import { setTimeout as pause } from 'node:timers/promises';
import Database from 'libsql';
import { DiracS3Error } from '../../../errors/index.js';
import { applicationId, migrations } from './schema.js';

/** Statements inside a transaction. Bulk values go in as one JSON text, read back with `json_each(?)`. */
export interface Sql {
  all(statement: string, ...values: (string | number | null)[]): unknown[];
  run(statement: string, ...values: (string | number | null)[]): void;
}

/** While opening, waiting for another process blocks; later the driver waits this short and the event loop goes on. */
const openTimeoutMs = 10_000;
const busyTimeoutMs = 20;
const busyPauseMs = 20;
const defaultAttempts = 250;

/**
 * One SQLite file, used by any number of processes at a time: WAL, so that readers never wait, and writers take their
 * lock at the start of the transaction, so that what they judged is still true when they write.
 *
 * The driver is held to what it does well: locks are taken by `exec` alone (a prepared statement that failed with BUSY
 * stays open and keeps locks), and rows are always read to the end.
 */
export class SqliteConnection {
  readonly #database: Database.Database;
  readonly #attempts: number;
  readonly #sql: Sql = {
    all: (statement, ...values) => this.#database.prepare(statement).all(...values),
    run: (statement, ...values) => void this.#database.prepare(statement).run(...values),
  };

  /**
   * Opens or creates the file and brings its schema up to date; throws `catalog-unavailable` or `invalid-configuration`.
   * `attempts`: how often a transaction is begun, some 40 ms apart, while other processes write.
   */
  constructor(path: string, options: { readonly attempts?: number } = {}) {
    this.#attempts = options.attempts ?? defaultAttempts;
    this.#database = openDatabase(path);
    try {
      const version = transaction(this.#database, 'BEGIN', () => schemaVersion(this.#database, path));
      this.#database.pragma('journal_mode = WAL');
      this.#database.pragma('foreign_keys = ON');
      // An up-to-date file is opened without waiting for whoever writes to it.
      if (version < migrations.length) migrate(this.#database, path);
      this.#database.pragma(`busy_timeout = ${busyTimeoutMs}`);
    } catch (thrown) {
      this.#database.close();
      throw translated(thrown);
    }
  }

  /** Runs statements that see one state of the catalog. */
  read<Result>(work: (sql: Sql) => Result): Promise<Result> {
    return this.#transaction('BEGIN', work);
  }

  /** Runs statements as the only writer: all of them take effect, or none. */
  write<Result>(work: (sql: Sql) => Result): Promise<Result> {
    return this.#transaction('BEGIN IMMEDIATE', work);
  }

  /** The last process to close leaves everything in the one file. */
  close(): void {
    if (!this.#database.open) return;
    try {
      this.#database.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // Another process is at work; its own checkpoint will do.
    }
    this.#database.close();
  }

  async #transaction<Result>(begin: string, work: (sql: Sql) => Result): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      if (!this.#database.open) throw new DiracS3Error('catalog-unavailable', 'the file catalog is closed');
      try {
        return transaction(this.#database, begin, () => work(this.#sql));
      } catch (thrown) {
        if (!isBusy(thrown) || attempt >= this.#attempts) throw translated(thrown);
      }
      await pause(busyPauseMs);
    }
  }
}

function transaction<Result>(database: Database.Database, begin: string, work: () => Result): Result {
  database.exec(begin);
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (thrown) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw thrown;
  }
}

function openDatabase(path: string): Database.Database {
  try {
    return new Database(path, { timeout: openTimeoutMs });
  } catch {
    throw new DiracS3Error('catalog-unavailable', `the file catalog database ${JSON.stringify(path)} cannot be opened or created`);
  }
}

function migrate(database: Database.Database, path: string): void {
  transaction(database, 'BEGIN IMMEDIATE', () => {
    // Asked again: another process may have been first.
    for (const script of migrations.slice(schemaVersion(database, path))) database.exec(script);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`);
  });
}

/** 0 for an empty file; throws `invalid-configuration` for what is not ours or too new. */
function schemaVersion(database: Database.Database, path: string): number {
  const [{ version, application, entries }] = database
    .prepare(
      `SELECT user_version AS version, application_id AS application, (SELECT count(*) FROM sqlite_schema) AS entries
       FROM pragma_user_version, pragma_application_id`,
    )
    .all() as [{ version: number; application: number; entries: number }];
  const name = JSON.stringify(path);
  if (application !== applicationId && (version !== 0 || entries !== 0)) {
    throw new DiracS3Error('invalid-configuration', `${name} is a database, but not a file catalog of dirac-s3`);
  }
  if (version > migrations.length) {
    const fault = `has schema version ${version}; this program knows ${migrations.length}. Use a newer dirac-s3`;
    throw new DiracS3Error('invalid-configuration', `the file catalog ${name} ${fault}`);
  }
  return version;
}

function sqliteCode(thrown: unknown): string | undefined {
  return thrown instanceof Database.SqliteError ? thrown.code : undefined;
}

function isBusy(thrown: unknown): boolean {
  return sqliteCode(thrown)?.startsWith('SQLITE_BUSY') ?? false;
}

/** The driver's messages quote SQL: only its code goes on. What is not the driver's is a fault of ours and stays as it is. */
function translated(thrown: unknown): unknown {
  const code = sqliteCode(thrown);
  if (code === undefined) return thrown;
  const fault = isBusy(thrown) ? 'is locked by another process' : 'failed';
  return new DiracS3Error('catalog-unavailable', `the file catalog database ${fault} (${code})`);
}
