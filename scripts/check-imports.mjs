// @ts-check
/**
 * `npm run check:imports`: the import rules of .dependency-cruiser.cjs over the packages, after each rule has shown on a small house of its own
 * that it finds what it forbids. A rule that never fires looks like one that is kept.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { install, root, run } from './setup.mjs';

install();
const { cruise } = await import('dependency-cruiser');
/** @type {import('dependency-cruiser').IConfiguration} */
const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

/**
 * Imports that break a rule, by the name of the rule: the file, what it imports, and the file that is.
 * @type {Record<string, [from: string, specifier: string, target: string][]>}
 */
const forbidden = {
  'no-cycles': [['core/src/presign/a.ts', '../domain/b.js', 'core/src/domain/b.ts']],
  'errors-import-nothing': [['core/src/errors/a.ts', '../domain/b.js', 'core/src/domain/b.ts']],
  'domain-imports-errors-only': [
    ['core/src/domain/a.ts', '../ports/b.js', 'core/src/ports/b.ts'],
    ['core/src/domain/a.ts', 'node:fs', ''],
  ],
  'ports-import-words-only': [['core/src/ports/a.ts', '../http/b.js', 'core/src/http/b.ts']],
  'use-cases-know-no-adapter': [['core/src/presign/a.ts', '../adapters/s3/b.js', 'core/src/adapters/s3/b.ts']],
  'x509-is-pure': [
    ['core/src/x509/a.ts', 'node:fs', ''],
    ['core/src/x509/a.ts', '../http/b.js', 'core/src/http/b.ts'],
  ],
  'adapters-do-not-meet': [['core/src/adapters/gateway/a.ts', '../s3/b.js', 'core/src/adapters/s3/b.ts']],
  'testing-is-for-tests': [
    ['core/src/storage/a.ts', '../testing/b.js', 'core/src/testing/b.ts'],
    ['cli/src/a.ts', '../../gateway/dist/testing/development-issuer.js', 'gateway/dist/testing/development-issuer.js'],
  ],
  'development-store-is-independent': [['core/src/testing/development-store/a.ts', '../../domain/b.js', 'core/src/domain/b.ts']],
  'store-suite-is-independent': [['core/test/store-conformance/a.ts', '../../src/adapters/s3/b.js', 'core/src/adapters/s3/b.ts']],
  'shells-do-not-meet': [
    ['cli/src/a.ts', '../../gateway/dist/index.js', 'gateway/dist/index.js'],
    ['gateway/test/a.ts', '../../cli/src/b.js', 'cli/src/b.ts'],
  ],
  'through-the-front-door': [
    ['cli/src/a.ts', '../../core/dist/presign/authorized-target.js', 'core/dist/presign/authorized-target.js'],
    ['cli/test/a.ts', '../../core/dist/index.js', 'core/dist/index.js'],
    ['gateway/src/a.ts', '../../core/src/b.js', 'core/src/b.ts'],
    ['core/test/a.ts', '../dist/b.js', 'core/dist/b.js'],
  ],
  'core-stands-alone': [['core/test/a.ts', '../../gateway/dist/index.js', 'gateway/dist/index.js']],
  'one-composition-root': [['cli/src/commands/a.ts', '../../../core/dist/adapters/s3/index.js', 'core/dist/adapters/s3/index.js']],
  'drivers-stay-in-their-adapter': [['core/src/storage/a.ts', 'libsql', 'node_modules/libsql/index.js']],
  'no-undeclared-packages': [['core/src/storage/a.ts', 'undeclared', 'node_modules/undeclared/index.js']],
  'no-undeclared-packages-in-bundle': [['cli/src/a.ts', 'undeclared', 'node_modules/undeclared/index.js']],
  resolvable: [['core/src/storage/a.ts', './nowhere.js', '']],
};

/** Imports that break none. @type {[from: string, specifier: string, target: string][]} */
const permitted = [
  ['core/src/presign/a.ts', '../domain/b.js', 'core/src/domain/b.ts'],
  ['core/test/a.ts', '../src/b.js', 'core/src/b.ts'],
  ['cli/test/e2e/a.ts', '../../../gateway/dist/testing/development-issuer.js', 'gateway/dist/testing/development-issuer.js'],
];

/**
 * Names of the rules that one import breaks, in a house of these two files.
 * @param {[from: string, specifier: string, target: string]} edge @param {{back?: string}} [options] `back`: what the other file imports
 */
async function brokenBy([from, specifier, target], { back = '' } = {}) {
  const house = mkdtempSync(join(tmpdir(), 'dirac-s3-imports-'));
  const write = (/** @type {string} */ file, /** @type {string} */ content) => {
    const path = join(house, file.startsWith('node_modules/') ? file : join('packages', file));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  try {
    write(from, `import ${JSON.stringify(specifier)};\n`);
    if (target !== '') write(target, back === '' ? 'export {};\n' : `import ${JSON.stringify(back)};\n`);
    if (target.startsWith('node_modules/'))
      write(join(dirname(target), 'package.json'), JSON.stringify({ name: specifier, main: 'index.js' }));
    writeFileSync(join(house, 'package.json'), JSON.stringify({ name: 'house', private: true }));
    const { tsConfig: _, ...options } = rules.options ?? {};
    const { output } = await cruise(['packages'], {
      ...options,
      baseDir: house,
      validate: true,
      ruleSet: { forbidden: rules.forbidden ?? [] },
    });
    if (typeof output === 'string') throw new Error(output);
    return new Set(output.summary.violations.map(({ rule }) => rule.name));
  } finally {
    rmSync(house, { recursive: true, force: true });
  }
}

/** @type {string[]} */
const faults = [];
for (const { name } of rules.forbidden ?? [])
  if (!Object.hasOwn(forbidden, name ?? '')) faults.push(`the rule ${name} has no example here`);
for (const [name, edges] of Object.entries(forbidden)) {
  for (const edge of edges) {
    const found = await brokenBy(edge, name === 'no-cycles' ? { back: '../presign/a.js' } : {});
    if (!found.has(name))
      faults.push(`${name} does not find that ${edge[0]} imports ${edge[1]} (found: ${[...found].join(', ') || 'nothing'})`);
  }
}
for (const edge of permitted) {
  const found = await brokenBy(edge);
  if (found.size > 0) faults.push(`${[...found].join(', ')}: ${edge[0]} may import ${edge[1]}`);
}
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`);
  process.exit(1);
}
process.stdout.write(`${Object.keys(forbidden).length} rules, each finds what it forbids\n`);
run(join(root, 'node_modules', '.bin', 'depcruise'), ['packages', '--config', '.dependency-cruiser.cjs']);
