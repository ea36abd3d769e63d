// @ts-check
/** Programs of Python in environments of their own under `.cache/`, for the tests and benchmarks that compare with them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** The releases the recorded vectors were made with. */
const forTests = { name: 'python', packages: ['boto3==1.44.5', 'requests==2.34.2'] };

/** An environment of Python: a directory below `.cache/` and what is installed there. @typedef {{ name: string, packages: string[] }} Environment */

/** Path of the interpreter for tests and benchmarks. @throws {Error} that says what is missing */
export function pythonWithBoto3() {
  return join(pythonEnvironment(forTests), 'bin', 'python');
}

/**
 * The directory of an environment. Made once; needs `python3` with `venv` (Debian: python3-venv, installed here when this is root on such a machine).
 * @param {Environment} wanted
 * @throws {Error} that says what is missing
 */
export function pythonEnvironment({ name, packages }) {
  const directory = join(root, '.cache', name);
  const stamp = join(directory, 'installed');
  const wanted = packages.join(' ');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return directory;
  const make = () => execFileSync('python3', ['-m', 'venv', '--clear', directory], { stdio: 'pipe' });
  try {
    make();
  } catch {
    execFileSync('apt-get', ['update'], { stdio: 'pipe' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'python3', 'python3-venv'], { stdio: 'pipe' });
    make();
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  execFileSync(join(directory, 'bin', 'python'), pip, { stdio: 'pipe' });
  writeFileSync(stamp, wanted);
  return directory;
}
