// @ts-check
/**
 * Brings a bare checkout to where work can start, with nothing but Node and npm:
 * installs the pinned pnpm and the dependencies when they are missing or out of date, then runs what was asked for.
 *
 *   node scripts/setup.mjs                 install only
 *   node scripts/setup.mjs build|test|typecheck   …then the turbo task of that name (turbo builds what is stale)
 *   node scripts/setup.mjs exec CMD ARG…   …then a command of node_modules/.bin
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpm = manifest.packageManager.split('+')[0];

/**
 * Runs a command in the repository, output shown (or captured when `quiet`); ends this process when it fails.
 * @param {string} command @param {string[]} args @param {{quiet?: boolean}} [options]
 */
export function run(command, args, { quiet = false } = {}) {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', npm_config_loglevel: process.env['npm_config_loglevel'] ?? 'error' },
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout}${result.stderr}`);
  if (result.error) process.stderr.write(`${command}: ${result.error.message}\n`);
  process.exit(result.status ?? 1);
}

/** Runs a command with the pinned pnpm on PATH (turbo starts the packages' scripts with it). */
export function withPnpm(/** @type {string[]} */ args, /** @type {{quiet?: boolean}} */ options = {}) {
  const present = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (present.status === 0 && `pnpm@${present.stdout.trim()}` === pnpm) run('pnpm', args, options);
  else run('npx', ['--yes', pnpm, ...args], options);
}

/** Installs the dependencies unless exactly this lockfile is installed already. */
export function install() {
  const stamp = join(root, 'node_modules', '.dirac-s3-installed');
  const files = [
    'pnpm-lock.yaml',
    'package.json',
    'pnpm-workspace.yaml',
    ...['core', 'gateway', 'cli'].map((name) => `packages/${name}/package.json`),
  ];
  const wanted = createHash('sha256')
    .update(files.map((file) => readFileSync(join(root, file))).join('\0'))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('Installing the dependencies (once per change of the lockfile) …\n');
  withPnpm(['install', '--frozen-lockfile', '--reporter=append-only'], { quiet: true });
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Runs a turbo task over the three packages. */
export function turbo(/** @type {string} */ task, /** @type {{quiet?: boolean}} */ options = {}) {
  withPnpm(
    [
      'exec',
      'turbo',
      'run',
      task,
      task === 'test' ? '--output-logs=full' : '--output-logs=errors-only',
      ...(task === 'test' ? ['--concurrency=2'] : []),
    ],
    options,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [task, ...rest] = process.argv.slice(2);
  install();
  if (task === 'exec') run(/** @type {string} */ (rest[0]), rest.slice(1));
  else if (task !== undefined) turbo(task);
}
