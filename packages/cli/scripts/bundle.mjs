// @ts-check
/**
 * Makes `dist/` of what tsc made in `build/`: main.js and the chunks it loads when they are needed, with core, yargs and the other pure
 * JavaScript inside (docs/adr/018). Fails where a chunk would not run at a user's: an import that is no dependency, a cycle.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { thirdPartyNotices } from './third-party-notices.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
/** Not bundled: one is native, the other large and loaded for few requests. */
const dependencies = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies);
const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

const own = /[\\/]cli[\\/]build[\\/](?!main\.js$|compose|commands[\\/])/;
const words = /[\\/]core[\\/]dist[\\/](domain|errors)[\\/]/;

const build = await rolldown({
  input: join(root, 'build', 'main.js'),
  platform: 'node',
  external: (id) => builtins.has(id) || packageOf(id, dependencies) !== undefined,
  // The ES modules of a package where it has both: of CommonJS nothing can be left out.
  resolve: { mainFields: ['module', 'main'], conditionNames: ['node', 'module', 'import'] },
  plugins: [yargsWithoutHelp()],
  onLog: (level, log, report) => {
    // Loaded early by some commands and late by others: it then lies where both find it.
    if (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT') return;
    if (level === 'warn') throw new Error(log.message);
    report(level, log);
  },
});
const { output } = await build.write({
  dir: dist,
  cleanDir: true,
  format: 'esm',
  // All in one folder: what is found beside main.js is found from every chunk.
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  // Not minified, and each module under a comment with its path: a stack trace names functions and lines that can be read.
  comments: { legal: true, annotation: false, jsdoc: false },
  codeSplitting: {
    groups: [
      // What `--help` needs, what the commands' own help needs, what running a command needs: one file each.
      { name: 'base', tags: ['$initial'], test: (id) => !/[\\/]build[\\/]main\.js$/.test(id), priority: 3 },
      { name: 'shared', test: (id) => own.test(id) || words.test(id), minShareCount: 3, priority: 2 },
      { name: 'session', test: /[\\/]cli[\\/]build[\\/](compose|run-command)\.js$/, priority: 1 },
    ],
  },
});
await build.close();

const chunks = output.flatMap((file) => (file.type === 'chunk' ? [file] : []));
refuseUnknownImports();
refuseCycles();
writeFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(chunks.flatMap(({ moduleIds }) => moduleIds)));

/**
 * yargs only reads words here: help texts are the program's own. What yargs lays its help out with makes an `Intl.Segmenter` when it is
 * loaded, which takes as long as all other modules of yargs.
 * @returns {import('rolldown').Plugin}
 */
function yargsWithoutHelp() {
  const absent = '\0absent-layout';
  return {
    name: 'yargs-without-help',
    resolveId: (source, importer) =>
      ['cliui', 'string-width'].includes(source) && /[\\/]yargs[\\/]lib[\\/]/.test(importer ?? '') ? absent : undefined,
    load: (id) =>
      id === absent ? "export default () => { throw new Error('help of yargs, which this program never shows'); };" : undefined,
  };
}

/** @param {string} id @param {string[]} names */
function packageOf(id, names) {
  return names.find((name) => id === name || id.startsWith(`${name}/`));
}

/** Whatever a chunk imports is in `dist`, in Node, or installed with the program; and nothing is installed in vain. */
function refuseUnknownImports() {
  const files = new Set(chunks.map(({ fileName }) => fileName));
  const outside = new Set(
    chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]).filter((name) => !files.has(name)),
  );
  const unknown = [...outside].filter((name) => !builtins.has(name) && packageOf(name, dependencies) === undefined);
  if (unknown.length > 0) throw new Error(`imported, but no dependency of the program: ${unknown.join(', ')}`);
  const idle = dependencies.filter((name) => ![...outside].some((id) => packageOf(id, [name]) !== undefined));
  if (idle.length > 0) throw new Error(`a dependency of the program that it never imports: ${idle.join(', ')}`);
}

/** Chunks that import each other run in an order no module asked for: a class may then extend one that is not there yet. */
function refuseCycles() {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  /** @type {Set<string>} */
  const done = new Set();
  /** @param {string} name @param {string[]} path */
  const visit = (name, path) => {
    if (path.includes(name)) throw new Error(`chunks import each other: ${[...path, name].join(' -> ')}`);
    if (done.has(name)) return;
    for (const next of byName.get(name)?.imports ?? []) visit(next, [...path, name]);
    done.add(name);
  };
  for (const { fileName } of chunks) visit(fileName, []);
}
