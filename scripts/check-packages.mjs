// @ts-check
/**
 * The three packages as a stranger gets them: packed, linted (publint, are-the-types-wrong), the tarballs installed by npm
 * into an empty folder, a small program type-checked and run against core, and both bins started.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { install, root, run, turbo, withPnpm } from './setup.mjs';

install();
turbo('build', { quiet: true });
const work = mkdtempSync(join(tmpdir(), 'dirac-s3-packages-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
let passed = 0;

/** @param {string} what @param {() => void} check */
function step(what, check) {
  check();
  passed += 1;
  process.stdout.write(`  ok  ${what}\n`);
}

/** @param {string} command @param {string[]} args @param {string} [cwd] */
function capture(command, args, cwd = root) {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, PATH: path, npm_config_loglevel: 'error' } });
  if (result.status !== 0) fail(`${command} ${args.join(' ')}\n${result.stdout}${result.stderr}${result.error?.message ?? ''}`);
  return result.stdout;
}

/** @param {string} why @returns {never} */
function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

/** @type {Record<string, string>} */
const tarballs = {};
for (const name of ['core', 'gateway', 'cli']) {
  step(`${name}: packs`, () => {
    withPnpm(['--filter', `@dirac-s3/${name}`, 'pack', '--pack-destination', work], { quiet: true });
    const file = readdirSync(work).find((entry) => entry.startsWith(`dirac-s3-${name}-`));
    tarballs[name] = join(work, file ?? fail(`no tarball of ${name}`));
  });
  const entries = capture('tar', ['-tzf', tarballs[name] ?? '']).split('\n');
  step(`${name}: the tarball holds what it should and nothing else`, () => {
    const stray = entries.filter(
      (entry) => entry !== '' && !/^package\/(dist\/|man\/|package\.json$|LICENSE$|README\.md$|CHANGELOG\.md$)/.test(entry),
    );
    if (stray.length > 0) fail(`unexpected in ${name}: ${stray.join(', ')}`);
    if (entries.some((entry) => entry.includes('development-store'))) fail('the development store must not be published');
    if (!entries.includes('package/LICENSE')) fail('no LICENSE in the tarball');
  });
  step(`${name}: publint`, () => run('publint', ['--strict', tarballs[name] ?? ''], { quiet: true }));
  // The profile: every package is ESM for Node 20 and newer; CommonJS callers use import().
  step(`${name}: are the types wrong?`, () => {
    run('attw', [tarballs[name] ?? '', '--profile', 'esm-only', ...(name === 'core' ? [] : ['--exclude-entrypoints', './package.json'])], {
      quiet: true,
    });
  });
}

const home = join(work, 'stranger');
mkdirSync(home);
step('npm installs the tarballs into an empty folder', () => {
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  capture('npm', ['install', '--no-audit', '--no-fund', ...Object.values(tarballs), 'typescript@6.0.3', '@types/node@20'], home);
});

step('a ten-line program and the one in README type-check against core, the first runs', () => {
  const example = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
  writeFileSync(join(home, 'readme.ts'), example ?? fail('README has no example in TypeScript'));
  writeFileSync(
    join(home, 'program.ts'),
    `import { parseLfn, objectKeyOf, Secret, DiracS3Error } from '@dirac-s3/core';
import { parseCfg } from '@dirac-s3/core/config';
import type { PermissionChecker, Verdict } from '@dirac-s3/core/ports';

const lfn = parseLfn('/vo/user/a/alice/data.bin');
const checker: PermissionChecker = { checkPermission: ({ lfns }) => Promise.resolve(new Map(lfns.map((name): [typeof name, Verdict] => [name, { allowed: true }]))) };
const verdicts = await checker.checkPermission({ identity: undefined as never, method: 'getFileMetadata', lfns: [lfn] });
if (!(new DiracS3Error('internal', 'x') instanceof Error) || typeof parseCfg !== 'function') throw new Error('core is not itself');
console.log(objectKeyOf(lfn), verdicts.size, String(new Secret('hidden')));
`,
  );
  writeFileSync(
    join(home, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { module: 'nodenext', target: 'es2023', strict: true, types: ['node'], outDir: 'out' },
      files: ['program.ts', 'readme.ts'],
    }),
  );
  capture(join(home, 'node_modules', '.bin', 'tsc'), ['-p', home], home);
  const output = capture(process.execPath, [join(home, 'out', 'program.js')], home);
  if (!output.startsWith('vo/user/a/alice/data.bin 1 ') || output.includes('hidden')) fail(`the program printed: ${output}`);
});

for (const [bin, expected] of /** @type {const} */ ([
  ['dirac-s3', 'dirac-s3 <command>'],
  ['dirac-s3-gateway', 'dirac-s3-gateway'],
])) {
  step(`${bin} --help and --version run`, () => {
    const file = join(home, 'node_modules', '.bin', bin);
    if (!capture(file, ['--help'], home).includes(expected)) fail(`${bin} --help does not say "${expected}"`);
    if (!/^\d+\.\d+\.\d+/.test(capture(file, ['--version'], home))) fail(`${bin} --version prints no version`);
  });
}
step('dirac-s3 runs where nothing else is installed, core neither', () => {
  const alone = join(work, 'alone');
  mkdirSync(alone);
  writeFileSync(join(alone, 'package.json'), JSON.stringify({ name: 'alone', private: true }));
  capture('npm', ['install', '--no-audit', '--no-fund', tarballs['cli'] ?? ''], alone);
  if (existsSync(join(alone, 'node_modules', '@dirac-s3', 'core'))) fail('the command line brings core with it although it is bundled');
  writeFileSync(join(alone, 'alone.cfg'), catalogOfOneUser(join(alone, 'catalog.sqlite')));
  const dirac = (/** @type {string[]} */ ...words) =>
    capture(join(alone, 'node_modules', '.bin', 'dirac-s3'), [...words, '--cfg', 'alone.cfg', '--as', 'carol:keepers'], alone);
  dirac('mkdir', '/demo');
  if (!dirac('ls', '/').includes('demo')) fail('what was made in the SQLite catalog is not listed');
});

/** An SQLite catalog and its keeper. @param {string} path */
function catalogOfOneUser(path) {
  return `Resources
{
  FileCatalogs
  {
    Own
    {
      CatalogType = Sqlite
      Path = ${path}
    }
  }
}
Registry
{
  Users
  {
    carol
    {
      DN = /DC=org/DC=example/CN=carol
    }
  }
  Groups
  {
    keepers
    {
      Users = carol
      Properties = NormalUser, FileCatalogManagement
      VO = demo
    }
  }
}
`;
}

process.stdout.write(`packages: ${passed} passed, 0 failed\n`);
