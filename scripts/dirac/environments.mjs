// @ts-check
/**
 * The unmodified DIRAC of several releases, each from the package index in a virtual environment of its own below `.cache/dirac`, with the
 * pinned list of packages in `requirements/`. Made once; what has to be compiled (M2Crypto) needs Debian packages, installed when missing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDebian, requireDebian } from '../debian.mjs';
import { root } from '../setup.mjs';

/** Releases the suite runs with. */
export const versions = /** @type {const} */ (['9.0.27', '9.1.22', '8.0.86']);
/** @typedef {typeof versions[number]} Version */
/** @typedef {{python: string, packages: string[]}} Environment */

/** @param {Version} version */
const requirements = (version) => fileURLToPath(new URL(`./requirements/${version}.txt`, import.meta.url));

/**
 * Makes what is missing and tells each interpreter and what is installed beside it.
 * @param {readonly Version[]} [chosen]
 * @returns {Promise<Record<Version, Environment>>}
 */
export async function diracEnvironments(chosen = versions) {
  const stale = chosen.filter((version) => stampOf(version) !== wanted(version));
  if (stale.length > 0) {
    requireDebian({
      packages: ['swig', 'libssl-dev', 'pkg-config', 'gcc', 'libc6-dev', 'python3-dev', 'python3-venv', 'openssl', 'git'],
      needs: ['swig', 'gcc', 'pkg-config', 'openssl', 'git', '/usr/include/openssl/ssl.h', '/usr/include/stdio.h', '/usr/bin/python3'],
      why: 'Tools for the tests with the real DIRAC',
    });
    const python = findPython();
    process.stderr.write(`Making environments for DIRAC ${stale.join(', ')} (once) …\n`);
    await Promise.all(stale.map((version) => makeEnvironment(version, python)));
  }
  const entries = chosen.map((version) => [version, { python: pythonOf(version), packages: installed(version) }]);
  return Object.fromEntries(entries);
}

/** @param {Version} version */
function folderOf(version) {
  return join(root, '.cache', 'dirac', version);
}
/** @param {Version} version */
function pythonOf(version) {
  return join(folderOf(version), 'bin', 'python');
}
/** @param {Version} version */
function wanted(version) {
  return readFileSync(requirements(version), 'utf8');
}
/** @param {Version} version */
function stampOf(version) {
  const file = join(folderOf(version), 'installed');
  return existsSync(file) && existsSync(pythonOf(version)) ? readFileSync(file, 'utf8') : undefined;
}

/** A Python that DIRAC and its pinned packages can be built for: 3.11 to 3.13, with `venv` and its headers. */
function findPython() {
  const check =
    'import ensurepip, os, sys, sysconfig, venv; ' +
    'sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) and os.path.exists(sysconfig.get_path("include") + "/Python.h") else 1)';
  const fits = (/** @type {string} */ python) => spawnSync(python, ['-c', check], { stdio: 'ignore' }).status === 0;
  const candidates = ['python3.11', '/usr/bin/python3', 'python3', 'python3.12', 'python3.13'];
  const found = candidates.find(fits);
  if (found !== undefined) return found;
  installDebian({ packages: ['python3', 'python3-dev', 'python3-venv'], why: 'Python for the tests with the real DIRAC' });
  if (fits('/usr/bin/python3')) return '/usr/bin/python3';
  throw new Error('The tests with the real DIRAC need Python 3.11 to 3.13 with venv and headers (Debian: python3-venv python3-dev)');
}

/** @param {Version} version @param {string} python */
async function makeEnvironment(version, python) {
  const folder = folderOf(version);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await runOrThrow(python, ['-m', 'venv', folder]);
  // --no-deps: of DIRAC's dependencies, gfal2, rucio, fts3 and cwltool are not imported by anything here, and cannot all be built.
  await runOrThrow(pythonOf(version), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '-r',
    requirements(version),
  ]);
  writeFileSync(join(folder, 'installed'), wanted(version));
}

/** @param {Version} version */
function installed(version) {
  const { status, stdout, stderr } = spawnSync(pythonOf(version), ['-m', 'pip', 'list', '--format=freeze', '--disable-pip-version-check'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`pip list of DIRAC ${version} failed: ${stderr}`);
  return stdout.split('\n').filter((line) => line !== '');
}

/** @param {string} command @param {string[]} args @returns {Promise<void>} */
function runOrThrow(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) =>
    child
      .once('error', reject)
      .once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} failed:\n${output}`)))),
  );
}
