// @ts-check
/** Child processes that are ended by their own pid, whatever happens to this one. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * Starts a program (of Node unless `command` names another interpreter) and waits until it prints a line that `ready` accepts.
 * @template Ready
 * @param {string[]} args program and arguments
 * @param {{command?: string, cwd?: string, env?: NodeJS.ProcessEnv, name: string, ready: (line: string) => Ready | undefined}} options
 * @returns {Promise<{child: ChildProcess, ready: Ready, log: () => string}>}
 */
export async function startProgram(args, { command = process.execPath, cwd, env, name, ready }) {
  const child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'], env: env ?? process.env });
  running.add(child);
  child.once('exit', () => running.delete(child));
  /** @type {string[]} */
  const lines = [];
  const value = await new Promise((resolve, reject) => {
    /** @param {string} line */
    const read = (line) => {
      lines.push(line);
      const found = ready(line);
      if (found !== undefined) resolve(found);
    };
    if (child.stdout) createInterface({ input: child.stdout }).on('line', read);
    if (child.stderr) createInterface({ input: child.stderr }).on('line', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it was ready:\n${lines.join('\n')}`)));
  });
  return { child, ready: value, log: () => lines.join('\n') };
}

/**
 * Asks a child to end and waits for it; kills it when it does not within ten seconds.
 * @param {ChildProcess} child @param {NodeJS.Signals} [signal]
 */
export async function stopProgram(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

/**
 * Runs a program to its end.
 * @param {string} command @param {string[]} args @param {{cwd?: string, env?: NodeJS.ProcessEnv, input?: string | Buffer}} [options]
 * @returns {Promise<{code: number, stdout: string, stderr: string}>}
 */
export async function runProgram(command, args, { cwd, env, input } = {}) {
  const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? (signal === null ? 1 : 128)));
  });
  running.delete(child);
  return { code: Number(code), stdout, stderr };
}
