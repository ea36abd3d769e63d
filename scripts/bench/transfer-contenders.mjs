// @ts-check
import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../world/processes.mjs';

/** @typedef {import('../world/configuration.mjs').Store} Store */
/** @typedef {{ store: Store, action: 'get' | 'put' | 'url-get' | 'url-put', lfn: string, path: string }} Job */
/** @typedef {{ seconds: number, peakKiB: number }} Measured */
/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {'get' | 'put'} action
 * @property {(path: string) => Promise<Measured>} run Sends the file of that name, or writes to it.
 */

const library = fileURLToPath(new URL('transfer-library.mjs', import.meta.url));

/**
 * The library sums on the way, verifies and, when it sends, reads the file twice; curl does none of it.
 *
 * @param {Store} store @param {string} lfn @returns {Contender[]}
 */
export function transferContenders(store, lfn) {
  /** @param {Job['action']} action @param {string} path */
  const work = (action, path) => runLibrary({ store, action, lfn, path });
  return [
    { name: 'get: storage library', action: 'get', run: (path) => work('get', path) },
    { name: 'get: curl', action: 'get', run: async (path) => runCurl(['-o', path, (await work('url-get', '')).url ?? '']) },
    { name: 'put: storage library', action: 'put', run: (path) => work('put', path) },
    {
      name: 'put: curl',
      action: 'put',
      run: async (path) => runCurl(['-o', '/dev/null', '-T', path, (await work('url-put', '')).url ?? '']),
    },
  ];
}

/** @param {Job} job @returns {Promise<Measured & { url?: string }>} */
async function runLibrary(job) {
  const { code, stdout, stderr } = await runProgram(process.execPath, [library], { input: JSON.stringify(job) });
  if (code !== 0) throw new Error(`the library could not ${job.action}:\n${stderr}`);
  return JSON.parse(stdout);
}

/** @param {string[]} args @returns {Promise<Measured>} */
async function runCurl(args) {
  const child = spawn('curl', ['--silent', '--show-error', '--fail', '-w', '%{time_total}', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece) => (text += piece));
  // The peak only grows; the last look before the end is the peak.
  let peakKiB = Number.NaN;
  const timer = setInterval(() => (peakKiB = peakOf(child.pid ?? 0) ?? peakKiB), 5);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`curl ended with ${code}`);
  return { seconds: Number(text), peakKiB };
}

/** @param {number} pid */
function peakOf(pid) {
  try {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return peak === undefined ? undefined : Number(peak);
  } catch {
    return undefined;
  }
}
