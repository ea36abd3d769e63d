// @ts-check
/** A program beside others: how long it took, what it cost, and how large it grew. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** @typedef {{ seconds: number, cpuSeconds: number, peakKiB: number }} Measured */
/** @typedef {{ command: string, args: string[], cwd?: string, env?: NodeJS.ProcessEnv }} Program */

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

/**
 * Time from start to end, as a user waits. CPU time (user and system, all threads) and peak (VmHWM) are those of the process itself at the last
 * look before its end; they are looked at every 5 ms. Programs that only start others must be started without that shell or shim.
 *
 * @param {Program} program @returns {Promise<Measured & { stdout: string }>}
 */
export async function runMeasured({ command, args, cwd, env = process.env }) {
  const start = process.hrtime.bigint();
  const child = spawn(command, args, { ...(cwd && { cwd }), env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (piece) => (stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece) => (stderr += piece));
  const last = { cpuSeconds: Number.NaN, peakKiB: Number.NaN };
  const timer = setInterval(() => Object.assign(last, lookAt(child.pid ?? 0)), 5);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearInterval(timer);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${stderr.slice(0, 1000).replaceAll(/\?X-Amz\S*/g, '?…')}`);
  return { seconds, ...last, stdout };
}

/** @param {number} pid @returns {{ cpuSeconds?: number, peakKiB?: number }} */
function lookAt(pid) {
  try {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // Behind the name, which may hold anything: fields 14 and 15 of proc(5).
    const [, fields = ''] = /\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const [user = '', system = ''] = fields.split(' ').slice(11, 13);
    const cpuSeconds = (Number(user) + Number(system)) / ticksPerSecond;
    // A process that has ended, and was not waited for yet, has no memory any more.
    return peak === undefined ? { cpuSeconds } : { cpuSeconds, peakKiB: Number(peak) };
  } catch {
    return {};
  }
}
