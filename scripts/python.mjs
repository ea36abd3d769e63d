// @ts-check
/** A Python with boto3 and requests of its own under `.cache/`, for the tests and benchmarks that compare with them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const environment = join(root, '.cache', 'python');
/** The releases the recorded vectors were made with. */
const wanted = ['boto3==1.44.5', 'requests==2.34.2'].join(' ');

/**
 * Path of the interpreter. Made once; needs `python3` with `venv` (Debian: python3-venv, installed here when this is root on such a machine).
 * @returns {string}
 * @throws {Error} that says what is missing
 */
export function pythonWithBoto3() {
  const python = join(environment, 'bin', 'python');
  const stamp = join(environment, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  try {
    makeEnvironment();
  } catch {
    execFileSync('apt-get', ['update'], { stdio: 'pipe' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'python3', 'python3-venv'], { stdio: 'pipe' });
    makeEnvironment();
  }
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...wanted.split(' ')], { stdio: 'pipe' });
  writeFileSync(stamp, wanted);
  return python;
}

function makeEnvironment() {
  execFileSync('python3', ['-m', 'venv', '--clear', environment], { stdio: 'pipe' });
}
