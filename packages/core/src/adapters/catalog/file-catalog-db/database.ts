import { readFileSync } from 'node:fs';
import { createPool, type Pool, type PoolConnection, type PoolOptions } from 'mysql2/promise';
import type { FileCatalogDatabase } from '../../../config/types.js';
import { DiracS3Error } from '../../../errors/index.js';
import { isLostConnection, translated } from './database-faults.js';

export type Cell = string | number | null;

/** Prepared statements that see one state of the database. */
export interface Sql {
  rows(statement: string, ...values: string[]): Promise<Cell[][]>;
}

/** How many questions may wait for a connection; more are refused at once. */
const queueLimit = 1000;

/**
 * A pool of connections to MySQL or MariaDB that can do nothing but read. Every question has one deadline for all it does: waiting
 * for a connection, connecting, and its statements. A connection that did not end its question in order is never used again.
 */
export class ReadOnlyDatabase {
  readonly #pool: Pool;
  readonly #timeoutMs: number;
  readonly #ready = new WeakSet<PoolConnection>();
  #closed = false;

  constructor(settings: FileCatalogDatabase) {
    this.#timeoutMs = settings.timeoutSeconds * 1000;
    this.#pool = createPool(poolOptions(settings));
  }

  /** Runs statements in one read-only snapshot. Throws `catalog-unavailable` or `timeout`. */
  async read<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> {
    const question: Question = { expired: false };
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        question.expired = true;
        // Told before the connection is cut, or the cut would be what is told.
        reject(new DiracS3Error('timeout', `the file catalog database did not answer within ${this.#timeoutMs / 1000} s`));
        question.connection?.destroy();
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([this.#ask(work, question), deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  /** A connection that turns out to be dead says nothing about the server: a second one is tried. */
  async #ask<Result>(work: (sql: Sql) => Promise<Result>, question: Question): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#closed) throw new DiracS3Error('catalog-unavailable', 'the file catalog is closed');
      try {
        return await this.#snapshot(work, question);
      } catch (thrown) {
        question.connection?.destroy();
        if (question.expired || attempt === 2 || !isLostConnection(thrown)) throw translated(thrown);
      }
    }
  }

  async #snapshot<Result>(work: (sql: Sql) => Promise<Result>, question: Question): Promise<Result> {
    delete question.connection;
    const connection = await this.#pool.getConnection();
    if (question.expired) {
      connection.release();
      throw new DiracS3Error('timeout', 'the file catalog database was too late');
    }
    question.connection = connection;
    await this.#prepare(connection);
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    const result = await work({
      rows: async (sql, ...values) => (await connection.execute({ sql, values, rowsAsArray: true }))[0] as unknown as Cell[][],
    });
    await connection.query('COMMIT');
    connection.release();
    return result;
  }

  /** A new connection only reads, sees one state per transaction, and its statements end on the server too when nobody waits any more. */
  async #prepare(connection: PoolConnection): Promise<void> {
    if (this.#ready.has(connection)) return;
    const [rows] = await connection.query({ sql: 'SELECT VERSION()', rowsAsArray: true });
    const mariaDb = String((rows as unknown as Cell[][])[0]?.[0]).includes('MariaDB');
    const limit = mariaDb ? `max_statement_time = ${this.#timeoutMs / 1000}` : `max_execution_time = ${this.#timeoutMs}`;
    await connection.query(`SET SESSION ${limit}`);
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    this.#ready.add(connection);
  }
}

interface Question {
  expired: boolean;
  connection?: PoolConnection;
}

function poolOptions(settings: FileCatalogDatabase): PoolOptions {
  const { host, port, socketPath, database, user, password, caFile, connections, timeoutSeconds } = settings;
  return {
    ...(socketPath === undefined ? { host, port } : { socketPath }),
    ...(caFile === undefined ? {} : { ssl: { ca: readCa(caFile), verifyIdentity: true, minVersion: 'TLSv1.2' } }),
    database,
    user,
    password: password.reveal(),
    charset: 'utf8mb4_bin',
    // DATETIME as written, in UTC as DIRAC writes it; numbers beyond 2^53 as text.
    dateStrings: true,
    supportBigNumbers: true,
    connectTimeout: timeoutSeconds * 1000,
    connectionLimit: connections,
    maxIdle: connections,
    queueLimit,
    enableKeepAlive: true,
  };
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new DiracS3Error('invalid-configuration', `the CA file ${JSON.stringify(file)} of the file catalog database cannot be read`);
  }
}
