// @ts-check
/**
 * `npm run demo`: the main job, done with real files in front of your eyes. Starts a development store, a catalog and a gateway on free
 * loopback ports in a temporary folder, walks through it with the real command line, and leaves nothing behind.
 * Ends with 0 only when every step came out as it must.
 */
import { createHash, randomFillSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { install, turbo } from './setup.mjs';

install();
turbo('build', { quiet: true });
const { startWorld } = await import('./world/world.mjs');
const { stopProgram } = await import('./world/processes.mjs');
const { adler32 } = await import('../packages/core/dist/index.js');

const started = performance.now();
const colour =
  process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined
    ? (/** @type {number} */ code, /** @type {string} */ text) => `\u001b[${code}m${text}\u001b[0m`
    : (/** @type {number} */ _, /** @type {string} */ text) => text;
const megabytes = 32;
const lfn = '/demo/user/a/alice/run42/events.bin';
let failed = 0;

const world = await startWorld();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
  process.once(signal, () => void world.close().then(() => process.exit(130)));
try {
  await tour();
} finally {
  await world.close();
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
say(
  failed === 0
    ? `\n${colour(32, 'The tour went as it should')} (${seconds} s). Nothing is left running or lying about.`
    : `\n${colour(31, `${failed} step(s) went wrong`)}`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function tour() {
  const { alice } = world.homes;
  const [gateway] = world.gateways;
  say(`store    ${world.store.origin}   (checks every signature)`);
  say(`catalog  SQLite, VOMSSecurityManager`);
  say(`gateway  ${gateway?.url}   (the only one that holds the keys of the store)`);

  title('Alice has a token and no key of any store');
  const content = randomFillSync(Buffer.allocUnsafe(megabytes * 1024 * 1024));
  await writeFile(join(alice.home, 'events.bin'), content);
  for (const name of ['copies', 'more-copies']) await mkdir(join(alice.home, name));
  const sum = { adler: adler32(content), sha256: sha256(content) };
  await cli('alice', ['put', lfn, 'events.bin', 'DEMO-S3'], {
    outcome: `${megabytes} MiB stored, its Adler-32 ${sum.adler} bound by the signature, read back, then registered`,
    expect: ({ code }) => code === 0,
  });
  await cli('alice', ['replicas', lfn], {
    outcome: 'the catalog knows where it is',
    expect: ({ stdout }) => stdout.includes(`s3://`) && stdout.includes(lfn),
  });
  await cli('alice', ['meta', lfn], { outcome: 'owner, mode, size and checksum', expect: ({ stdout }) => stdout.includes(sum.adler) });
  await cli('alice', ['get', lfn, '--output-dir', 'copies'], {
    outcome: 'the same bytes, compared with SHA-256 and Adler-32',
    expect: async ({ code }) => {
      const copy = await readFile(join(alice.home, 'copies', 'events.bin'));
      return code === 0 && sha256(copy) === sum.sha256 && adler32(copy) === sum.adler;
    },
  });

  title('A URL for an application that knows nothing of DIRAC');
  const { stdout: url } = await cli('alice', ['url', lfn, 'DEMO-S3'], {
    outcome: 'a presigned URL, valid for a day',
    expect: ({ stdout }) => /^http.*X-Amz-Signature=[0-9a-f]{64}/.test(stdout),
  });
  await fetchAndSum(url, { outcome: 'plain HTTP, the same bytes', expect: ({ stdout }) => stdout.startsWith(sum.sha256) });

  title('Bob is another user');
  await cli('bob', ['get', lfn], {
    outcome: 'refused: the catalog says no, so nothing was signed',
    expect: ({ code, stderr, stdout }) => code !== 0 && /Permission denied/i.test(stderr + stdout),
  });

  title('Removed is removed');
  await cli('alice', ['rm', lfn], { outcome: 'object first, then the entry', expect: ({ code }) => code === 0 });
  await cli('alice', ['get', lfn], {
    outcome: 'looked up first: there is no such file',
    expect: ({ code, stderr, stdout }) => code !== 0 && /No such file/i.test(stderr + stdout),
  });
  await show(
    `curl -s -o /dev/null -w '%{http_code}' "$URL"`,
    async () => {
      const response = await fetch(url.trim());
      await response.arrayBuffer();
      return { code: 0, stdout: `${response.status}\n`, stderr: '' };
    },
    { outcome: 'the URL is still valid, the object is gone', expect: ({ stdout }) => stdout.trim() === '404' },
  );

  title('Both ways meet in the same object');
  const second = lfn.replace('events', 'summary');
  const part = content.subarray(0, 1_000_000);
  await writeFile(join(alice.home, 'summary.bin'), part);
  await cli('alice', ['put', second, 'summary.bin', 'DEMO-S3'], {
    outcome: 'written through the gateway',
    expect: ({ code }) => code === 0,
  });
  await cli('alice', ['put', lfn, 'events.bin', 'DEMO-S3'], {
    direct: true,
    outcome: 'written with the keys of the store, which are in direct.cfg',
    expect: ({ code }) => code === 0,
  });
  await cli('alice', ['get', lfn, '--output-dir', 'more-copies'], {
    outcome: 'and read through the gateway: the same bytes',
    expect: async ({ code }) => code === 0 && (await readFile(join(alice.home, 'more-copies', 'events.bin'))).equals(content),
  });
  if (gateway) await stopProgram(gateway.child);
  await withoutGateway({ second, part });
}

/** What was done through the gateway, with the keys and no gateway running. */
async function withoutGateway(/** @type {{second: string, part: Buffer}} */ { second, part }) {
  const { alice } = world.homes;
  const third = lfn.replace('events', 'report');
  title('The gateway is stopped; with the keys all of it goes on');
  await cli('alice', ['get', second, '--output-dir', 'copies'], {
    direct: true,
    outcome: 'written through the gateway, read with the keys: the same bytes',
    expect: async ({ code }) => code === 0 && (await readFile(join(alice.home, 'copies', 'summary.bin'))).equals(part),
  });
  await cli('alice', ['put', third, 'summary.bin', 'DEMO-S3', 'new'], {
    direct: true,
    outcome: 'stored and registered under a GUID of its own: the content has one already',
    expect: ({ code }) => code === 0,
  });
  await cli('alice', ['replicas', third], {
    direct: true,
    outcome: 'the catalog knows where it is',
    expect: ({ stdout }) => stdout.includes('s3://') && stdout.includes(third),
  });
  await cli('alice', ['meta', third], {
    direct: true,
    outcome: 'owner, mode, size and checksum',
    expect: ({ stdout }) => stdout.includes(adler32(part)) && stdout.includes('alice'),
  });
  const { stdout: url } = await cli('alice', ['url', third, 'DEMO-S3'], {
    direct: true,
    outcome: 'a presigned URL, signed right here',
    expect: ({ stdout }) => /^http.*X-Amz-Signature=[0-9a-f]{64}/.test(stdout),
  });
  await fetchAndSum(url, { outcome: 'the same bytes', expect: ({ stdout }) => stdout.startsWith(sha256(part)) });
  await cli('bob', ['get', third], {
    direct: true,
    outcome: 'refused: the catalog judges here too',
    expect: ({ code, stderr, stdout }) => code !== 0 && /Permission denied/i.test(stderr + stdout),
  });
  await cli('alice', ['rm', lfn, second, third], { direct: true, outcome: 'tidied up', expect: ({ code }) => code === 0 });
  await cli('alice', ['get', third], {
    direct: true,
    outcome: 'there is no such file any more',
    expect: ({ code, stderr, stdout }) => code !== 0 && /No such file/i.test(stderr + stdout),
  });
}

/** @param {string} url @param {Step} step */
function fetchAndSum(url, step) {
  const run = async () => {
    const response = await fetch(url.trim());
    const body = Buffer.from(await response.arrayBuffer());
    return { code: response.status === 200 ? 0 : 1, stdout: `${sha256(body)}  -\n`, stderr: '' };
  };
  return show(`curl -s "$URL" | sha256sum`, run, step);
}

/** @typedef {{code: number, stdout: string, stderr: string}} Result */
/** @typedef {{outcome: string, expect: (result: Result) => boolean | Promise<boolean>}} Step */

/**
 * One command of one user: as one could type it, what came back, one line of outcome.
 * @param {'alice' | 'bob'} person @param {string[]} args @param {Step & {direct?: boolean}} step
 */
function cli(person, args, { direct = false, ...step }) {
  const typed = ['dirac-s3', ...args, ...(direct ? ['--cfg', 'direct.cfg'] : [])].join(' ');
  return show(`${person}$ ${typed}`, () => world.cli(person, args, { direct }), step);
}

/** @param {string} typed @param {() => Promise<Result>} run @param {Step} step */
async function show(typed, run, { outcome, expect }) {
  say(`\n  ${colour(1, typed)}`);
  const result = await run();
  const shown = `${result.stdout}${result.stderr}`
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '');
  for (const line of shown) say(`    ${line.length > 150 ? `${line.slice(0, 147)}…` : line}`);
  let good = false;
  try {
    good = await expect(result);
  } catch (error) {
    say(`    ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!good) failed += 1;
  say(`  ${good ? colour(32, '✓') : colour(31, `✗ (exit code ${result.code}), expected:`)} ${outcome}`);
  return result;
}

function title(/** @type {string} */ text) {
  say(`\n${colour(36, text)}`);
}

function say(/** @type {string} */ text) {
  process.stdout.write(`${text}\n`);
}

function sha256(/** @type {Buffer} */ bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
