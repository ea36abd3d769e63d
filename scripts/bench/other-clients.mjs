// @ts-check
/** Other people's S3 clients: where they are, built or installed below the project where they are not, or that they are absent. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonEnvironment } from '../python.mjs';
import { root } from '../setup.mjs';

const s5cmd = { module: 'github.com/peak/s5cmd/v2', version: 'v2.3.0' };

/** @typedef {'aws' | 's5cmd' | 'rclone' | 'curl'} ClientName */

/** @returns {{ present: Map<ClientName, { command: string, version: string }>, absent: Map<ClientName, string> }} with the reason why one is absent */
export function otherClients() {
  /** @type {[ClientName, string, () => string][]} */
  const wanted = [
    ['aws', '--version', installedAws],
    ['s5cmd', 'version', () => onPath('s5cmd') ?? builtS5cmd()],
    ['rclone', 'version', () => onPath('rclone') ?? missing('not on the PATH (Debian: rclone)')],
    ['curl', '--version', () => onPath('curl') ?? missing('not on the PATH (Debian: curl)')],
  ];
  /** @type {Map<ClientName, { command: string, version: string }>} */
  const present = new Map();
  /** @type {Map<ClientName, string>} */
  const absent = new Map();
  for (const [name, flag, find] of wanted) {
    try {
      const command = find();
      const { status, stdout, stderr } = spawnSync(command, [flag], { encoding: 'utf8' });
      if (status !== 0) missing(`${command} ${flag} ended with ${status}`);
      present.set(name, { command, version: (stdout || stderr).split('\n')[0] ?? '' });
    } catch (thrown) {
      absent.set(name, (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? '');
    }
  }
  return { present, absent };
}

/** @param {string} why @returns {never} */
function missing(why) {
  throw new Error(why);
}

/** The program itself, not a shim that starts it: its memory would be another process's. @param {string} name */
function onPath(name) {
  const places = (process.env['PATH'] ?? '').split(':').filter((place) => !place.includes('/shims'));
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

function installedAws() {
  return join(pythonEnvironment({ name: 'awscli', packages: ['awscli==1.45.11'] }), 'bin', 'aws');
}

/** Built with Go, where there is one, as a dependency of an empty module: `go install …@version` would ask for lists a proxy may not have. */
function builtS5cmd() {
  const place = join(root, '.cache', `s5cmd-${s5cmd.version}`);
  const program = join(place, 's5cmd');
  if (existsSync(program)) return program;
  const go = onPath('go') ?? missing('not on the PATH, and no Go to build it');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'go.mod'), `module bench\n\ngo 1.19\n\nrequire ${s5cmd.module} ${s5cmd.version}\n`);
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
  execFileSync(go, ['build', '-o', program, s5cmd.module], { cwd: place, env, stdio: 'pipe' });
  return program;
}
