// @ts-check
/**
 * `npm run bench`: speed beside others, in one run on one machine. Benchmarks, not tests: what counts are the ratios and their spread.
 *
 *   npm run bench                              presigning, transfers, catalogs, start-up
 *   npm run bench presign                      URLs per second beside boto3 and the SDK
 *   npm run bench catalogs                     permission by DIRAC's database and by its service
 *   npm run bench startup [--rounds N]         the command line with little or nothing to do beside a bare Node
 *   npm run bench transfer [--size MiB] [--files N] [--rounds N] [--jobs LIST]   the command line beside aws, s5cmd, rclone and curl, on Ceph
 *   npm run bench memory [--size MiB] [--node PROGRAM …]  peak of the memory for one file of 10 GiB; not part of a run without a name
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, root, turbo } from '../setup.mjs';

const benchmarks = ['presign', 'transfer', 'catalogs', 'startup'];
/** Takes minutes and 30 GB: only when asked for. */
const onRequest = ['memory'];
const [first = '', ...rest] = process.argv.slice(2);
if (first !== '' && ![...benchmarks, ...onRequest].includes(first)) {
  const usage =
    readFileSync(new URL(import.meta.url), 'utf8')
      .split('/**')[1]
      ?.split('*/')[0] ?? '';
  process.stdout.write(`${usage.replaceAll(/^ \* ?/gm, '').trim()}\n`);
  process.exit(['--help', '-h'].includes(first) ? 0 : 2);
}

install();
turbo('build', { quiet: true });
for (const name of first === '' ? benchmarks : [first]) {
  process.stdout.write(`\n${name}\n`);
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'bench', `${name}.mjs`), ...rest], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
