// @ts-check
/** The same transfers by different programs: ours through a gateway and with the keys of the store, and other people's. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { presignUrls } from './presigned-urls.mjs';

/** @typedef {import('../world/configuration.mjs').Store} Store */
/** @typedef {import('./measured-program.mjs').Program} Program */
/** @typedef {import('./other-clients.mjs').ClientName} ClientName */
/** @typedef {Awaited<ReturnType<typeof import('../world/world.mjs').startWorld>>} World */

/** What is to be moved: from `local` to below `remote`, or back. @typedef {'get one' | 'put one' | 'get many' | 'put many'} Job */
/**
 * @typedef {object} Task
 * @property {Job} job
 * @property {string} local File or directory to send; of a download, an empty directory.
 * @property {string} remote LFN of the file or directory to fetch; of an upload, of nothing that is there yet.
 * @property {number} sizeBytes of one file
 */
/** @typedef {(task: Task) => Promise<Program>} Contender Says what to run; nothing of it is measured. */

/** Ranges that curl fetches at a time, each into a file of its own. */
const curlRanges = 4;

/** @param {World} world @param {string} storageElement @param {{ direct: boolean }} options @returns {Contender} */
export function ours(world, storageElement, options) {
  return async ({ job, local, remote }) => {
    /** @type {Record<Job, string[]>} */
    const words = {
      'get one': ['get', remote, '--output-dir', local],
      // The same bytes were registered before: DIRAC's GUID of the content would be taken.
      'put one': ['put', remote, local, storageElement, 'new'],
      'get many': ['get', '-r', remote, '--output-dir', local],
      'put many': ['put', '-r', '--new-guids', remote, local, storageElement],
    };
    return world.cliCommand('alice', words[job], options);
  };
}

/** Each with its checksums off, where they can be. @param {Store} store @param {ReadonlyMap<ClientName, { command: string }>} clients @returns {Map<string, Contender>} */
export function others(store, clients) {
  /** @type {Record<ClientName, (command: string) => Contender>} */
  const contenders = {
    aws: (command) => aws(store, command),
    s5cmd: (command) => s5cmd(store, command),
    rclone: (command) => rclone(store, command),
    curl: (command) => curl(store, command),
  };
  return new Map([...clients].map(([name, { command }]) => [name === 'curl' ? 'curl, parallel' : name, contenders[name](command)]));
}

/** @param {Store} store */
function awsEnvironment({ credentials: { accessKeyId, secretAccessKey }, region }) {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
    AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
  };
}

/** @param {Store} store @param {string} lfn */
const s3Url = ({ bucket }, lfn) => `s3://${bucket}${lfn}`;

/** @param {Store} store @param {string} command @returns {Contender} */
function aws(store, command) {
  return async ({ job, local, remote }) => {
    const [here, there] = [job === 'get one' ? `${local}/` : local, s3Url(store, remote)];
    const many = job.endsWith('many') ? ['--recursive'] : [];
    const places = job.startsWith('get') ? [there, here] : [here, there];
    const args = ['--endpoint-url', store.origin, 's3', 'cp', '--only-show-errors', ...many, ...places];
    return { command, args, env: awsEnvironment(store) };
  };
}

/** @param {Store} store @param {string} command @returns {Contender} */
function s5cmd(store, command) {
  return async ({ job, local, remote }) => {
    const there = s3Url(store, remote);
    /** @type {Record<Job, string[]>} */
    const places = {
      'get one': [there, `${local}/`],
      'put one': [local, there],
      'get many': [`${there}/*`, `${local}/`],
      'put many': [`${local}/`, `${there}/`],
    };
    return { command, args: ['--endpoint-url', store.origin, '--log', 'error', 'cp', ...places[job]], env: awsEnvironment(store) };
  };
}

/** @param {Store} store @param {string} command @returns {Contender} */
function rclone(store, command) {
  const { accessKeyId, secretAccessKey } = store.credentials;
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    RCLONE_CONFIG_BENCH_TYPE: 's3',
    RCLONE_CONFIG_BENCH_PROVIDER: 'Ceph',
    RCLONE_CONFIG_BENCH_ENDPOINT: store.origin,
    RCLONE_CONFIG_BENCH_REGION: store.region,
    RCLONE_CONFIG_BENCH_ACCESS_KEY_ID: accessKeyId,
    RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const plain = ['--ignore-checksum', '--s3-disable-checksum', '--no-check-dest', '--s3-no-check-bucket', '--s3-no-head', '--quiet'];
  return async ({ job, local, remote }) => {
    const there = `bench:${store.bucket}${remote}`;
    const places = job === 'put one' ? ['copyto', local, there] : ['copy', ...(job.startsWith('get') ? [there, local] : [local, there])];
    return { command, args: [...places, ...plain], env };
  };
}

/** One process with many connections. A large file goes up by one of them: curl sends no parts. @param {Store} store @param {string} command @returns {Contender} */
function curl(store, command) {
  return async ({ job, local, remote, sizeBytes }) => {
    const config = `${local}.curl`;
    writeFileSync(config, (await curlTransfers(store, { job, local, remote, sizeBytes })).join('\nnext\n'));
    return { command, args: ['--parallel', '--config', config] };
  };
}

/** @param {Store} store @param {Task} task */
async function curlTransfers(store, { job, local, remote, sizeBytes }) {
  const common = 'silent\nshow-error\nfail\n';
  if (job === 'put one') {
    const [url] = await presignUrls(store, 'put_object', [remote]);
    return [`${common}upload-file = "${local}"\noutput = "/dev/null"\nurl = "${url}"`];
  }
  if (job === 'get one') {
    const [url] = await presignUrls(store, 'get_object', [remote]);
    const step = Math.ceil(sizeBytes / curlRanges);
    const ranges = Array.from({ length: curlRanges }, (_, n) => `${n * step}-${Math.min(sizeBytes, (n + 1) * step) - 1}`);
    return ranges.map((range, n) => `${common}range = "${range}"\noutput = "${join(local, `part${n}`)}"\nurl = "${url}"`);
  }
  const names = job === 'put many' ? readdirSync(local) : Array.from({ length: 1000 }, (_, n) => fileName(n));
  const lfns = names.map((name) => `${remote}/${name}`);
  const urls = await presignUrls(store, job === 'put many' ? 'put_object' : 'get_object', lfns);
  return names.map((name, n) =>
    job === 'put many'
      ? `${common}upload-file = "${join(local, name)}"\noutput = "/dev/null"\nurl = "${urls[n]}"`
      : `${common}output = "${join(local, name)}"\nurl = "${urls[n]}"`,
  );
}

/** @param {number} n */
export const fileName = (n) => `file${String(n).padStart(4, '0')}.bin`;

/** @param {string} path */
export function emptyDirectory(path) {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
}
