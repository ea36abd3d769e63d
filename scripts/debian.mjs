// @ts-check
/** Packages of Debian that tests against real servers need; installed when missing, or the run ends with what to install. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const systemPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/**
 * Sees to it that each file or command is there, and installs the packages when one is not.
 * @param {{packages: string[], needs: string[], why: string}} wanted `needs`: commands, or files by absolute path
 */
export function requireDebian({ packages, needs, why }) {
  const missing = needs.filter((need) => !isThere(need));
  if (missing.length > 0) installDebian({ packages, why: `${why} (${missing.join(', ')} not found)` });
}

/** @param {{packages: string[], why: string}} wanted */
export function installDebian({ packages, why }) {
  process.stderr.write(`Installing ${packages.join(' ')}: ${why} …\n`);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const [command = '', ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C', 'apt-get', '-q', ...args];
    const { status, output } = whenUnlocked(() => spawnSync(command, rest, { encoding: 'utf8', maxBuffer: 1 << 26 }));
    if (status === 0) continue;
    process.stderr.write(`${why}: this needs the Debian packages ${packages.join(' ')}.\n`);
    process.stderr.write(`Installing them failed: apt-get ${args.join(' ')}\n${(output ?? []).filter(Boolean).join('')}\n`);
    process.exit(1);
  }
}

/**
 * Again while another program holds a lock of apt, as automatic updates do after a machine has started: apt-get itself waits for some of its locks only.
 * @param {() => import('node:child_process').SpawnSyncReturns<string>} run
 */
function whenUnlocked(run) {
  for (let secondsLeft = 600; ; secondsLeft -= 5) {
    const result = run();
    if (result.status === 0 || secondsLeft <= 0 || !/Could not get lock/.test(result.stderr ?? '')) return result;
    if (secondsLeft === 600) process.stderr.write('Another program is installing packages: waiting for it …\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
  }
}

/** @param {string} need */
function isThere(need) {
  return need.startsWith('/') ? existsSync(need) : systemPath.split(':').some((folder) => existsSync(join(folder, need)));
}
