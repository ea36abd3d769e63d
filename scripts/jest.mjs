// @ts-check
/** Runs jest with one of the configurations of the repository, for suites that need servers started around them. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** @type {(signal: NodeJS.Signals) => void} */
let stop = () => process.exit(1);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => stop(signal));

/**
 * @param {string} configuration file in the root
 * @param {{args: string[], variables: Record<string, string>}} options
 * @returns {Promise<number>} exit code
 */
export function runJest(configuration, { args, variables }) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--experimental-vm-modules', '--no-warnings', jest, '--config', configuration, ...args];
  const child = spawn(process.execPath, options, { cwd: root, stdio: 'inherit', env: { ...process.env, ...variables } });
  stop = (signal) => void child.kill(signal);
  return new Promise((resolve, reject) => child.once('error', reject).once('exit', (code) => resolve(code ?? 1)));
}
