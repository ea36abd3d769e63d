// @ts-check
/** Other people's S3 clients: where they are, or that they are absent. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const s5cmd = { module: 'github.com/peak/s5cmd/v2', version: 'v2.3.0' };

/** @typedef {{ name: string, command: string, version: string }} Client */

/** @returns {{ present: Client[], absent: string[] }} */
export function otherClients() {
  const wanted = [
    { name: 'aws', command: onPath('aws'), flag: '--version' },
    { name: 's5cmd', command: onPath('s5cmd') ?? builtS5cmd(), flag: 'version' },
    { name: 'rclone', command: onPath('rclone'), flag: 'version' },
    { name: 'curl', command: onPath('curl'), flag: '--version' },
  ];
  /** @type {Client[]} */
  const present = [];
  for (const { name, command, flag } of wanted) {
    if (command === undefined) continue;
    const { status, stdout, stderr } = spawnSync(command, [flag], { encoding: 'utf8' });
    if (status === 0) present.push({ name, command, version: (stdout || stderr).split('\n')[0] ?? '' });
  }
  return { present, absent: wanted.map(({ name }) => name).filter((name) => !present.some((one) => one.name === name)) };
}

/** The program itself, not a shim that starts it: its memory would be another process's. @param {string} name */
function onPath(name) {
  const places = (process.env['PATH'] ?? '').split(':').filter((place) => !place.includes('/shims'));
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

/** Built with Go, where there is one, as a dependency of an empty module: `go install …@version` would ask for lists a proxy may not have. */
function builtS5cmd() {
  if (onPath('go') === undefined) return undefined;
  const place = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'dirac-s3', `s5cmd-${s5cmd.version}`);
  const program = join(place, 's5cmd');
  if (existsSync(program)) return program;
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'go.mod'), `module bench\n\ngo 1.19\n\nrequire ${s5cmd.module} ${s5cmd.version}\n`);
  const env = { ...process.env, GOFLAGS: '-mod=mod', GONOSUMDB: '', GOTOOLCHAIN: 'local' };
  const { status } = spawnSync('go', ['build', '-o', program, s5cmd.module], { cwd: place, env, stdio: 'ignore' });
  return status === 0 && existsSync(program) ? program : undefined;
}
