// @ts-check
/** The environment with DIRAC that `test:dirac` uses too, and beside it the driver of the database, which a service needs and a client does not. */
import { spawnSync } from 'node:child_process';
import { requireDebian } from '../debian.mjs';
import { diracEnvironments } from '../dirac/environments.mjs';

/** The release whose File Catalog service is the judge. */
export const version = '9.0.27';
const driver = 'mysqlclient==2.3.1';

/** @returns {Promise<string>} its Python */
export async function serviceEnvironment() {
  const { python } = (await diracEnvironments([version]))[version];
  if (spawnSync(python, ['-c', 'import MySQLdb'], { stdio: 'ignore' }).status === 0) return python;
  requireDebian({
    packages: ['libmariadb-dev', 'pkg-config', 'gcc', 'libc6-dev', 'python3-dev'],
    needs: ['gcc', 'pkg-config', '/usr/include/mariadb/mysql.h'],
    why: "Tools for DIRAC's driver of MariaDB",
  });
  const { status, stderr } = spawnSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', driver], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`installing ${driver} failed: ${stderr}`);
  return python;
}
