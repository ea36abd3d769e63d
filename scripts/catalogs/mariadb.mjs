// @ts-check
/** A MariaDB of this run alone, and databases in it made of the SQL files that come with DIRAC. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireDebian } from '../debian.mjs';

const program = fileURLToPath(new URL('../mariadb-dev', import.meta.url));

/** @typedef {'level' | 'closure'} LayoutName */
/** @typedef {{directory: string, host: string, port: number, socketPath: string, user: string, password: string, caFile: string}} Server */

export function requireMariaDb() {
  requireDebian({
    packages: ['mariadb-server-core', 'mariadb-client-core', 'openssl'],
    needs: ['mariadbd', 'mariadb', 'mariadb-install-db', 'openssl', 'flock'],
    why: 'MariaDB for the tests of catalogs',
  });
}

/**
 * Starts the server of a directory, new or stopped before.
 * @param {string} directory @param {number} port @param {string[]} [variables] `name=value`, of the server @returns {Server}
 */
export function startMariaDb(directory, port, variables = []) {
  const { MARIADB_DEV_PASSWORD: _unused, ...env } = process.env;
  run(['start', '--quiet', '--dir', directory, '--port', String(port), '--tls', ...variables.flatMap((one) => ['--set', one])], { env });
  const account = { user: 'admin', password: 'admin-of-this-run' };
  for (const host of ['localhost', '127.0.0.1']) {
    const grant = `CREATE USER IF NOT EXISTS admin@'${host}' IDENTIFIED BY '${account.password}'; GRANT ALL ON *.* TO admin@'${host}' WITH GRANT OPTION;`;
    sqlOf({ directory }, grant);
  }
  const socketPath = join(directory, 'run', 'db.sock');
  return { directory, host: '127.0.0.1', port, socketPath, ...account, caFile: join(directory, 'tls', 'ca.pem') };
}

/** @param {string} directory */
export function destroyMariaDb(directory) {
  run(['destroy', '--quiet', '--dir', directory]);
}

/** The process id of the running server. @param {string} directory */
export function mariaDbPid(directory) {
  return Number(readFileSync(join(directory, 'run', 'pid'), 'utf8').split(' ')[0]);
}

/**
 * Makes a database as DIRAC's own script for that layout makes it. Throws when there is one of that name: it may be in use by another test.
 * @param {Server} server
 * @param {{name: string, layout: LayoutName, python: string, latin1?: boolean}} database `latin1`: names as databases of DIRAC before version 9 hold them
 */
export function createCatalogDatabase({ directory }, { name, layout, python, latin1 = false }) {
  const file = layout === 'level' ? 'FileCatalogDB.sql' : 'FileCatalogWithFkAndPsDB.sql';
  const script = readFileSync(join(sqlFolder(python), file), 'utf8');
  const tables = script.slice(script.indexOf('USE FileCatalogDB;') + 'USE FileCatalogDB;'.length);
  const written = latin1 ? tables.replaceAll('utf8mb4_bin', 'latin1_bin').replaceAll('utf8mb4', 'latin1') : tables;
  const start = `CREATE DATABASE ${name} CHARACTER SET ${latin1 ? 'latin1' : 'utf8mb4'}; USE ${name};\n`;
  sqlOf({ directory }, start + written);
}

/** Runs statements as the administrator. @param {Pick<Server, 'directory'>} server @param {string} statements */
export function sqlOf({ directory }, statements) {
  run(['sql', '--dir', directory], { input: statements });
}

/**
 * Makes an account that may read these tables of a database and nothing else.
 * @param {Server} server @param {{database: string, user: string, password: string, tables: readonly string[]}} facts
 */
export function createReader(server, { database, user, password, tables }) {
  const statements = ['localhost', '127.0.0.1'].flatMap((host) => [
    `CREATE OR REPLACE USER ${user}@'${host}' IDENTIFIED BY '${password}'`,
    ...tables.map((table) => `GRANT SELECT ON ${database}.${table} TO ${user}@'${host}'`),
  ]);
  sqlOf(server, `${statements.join(';\n')};`);
}

/** Where an environment with DIRAC keeps its SQL files. @param {string} python */
function sqlFolder(python) {
  const library = join(python, '..', '..', 'lib');
  const [version = ''] = readdirSync(library).filter((entry) => entry.startsWith('python3'));
  return join(library, version, 'site-packages', 'DIRAC', 'DataManagementSystem', 'DB');
}

/** @param {string[]} args @param {{input?: string, env?: NodeJS.ProcessEnv}} [options] */
function run(args, { input, env = process.env } = {}) {
  const { status, stdout, stderr } = spawnSync('bash', [program, ...args], { encoding: 'utf8', input, env });
  if (status !== 0) throw new Error(`mariadb-dev ${args.join(' ')} failed:\n${stdout}${stderr}`);
}
