// @ts-check
/**
 * Writes the reference and manual pages that are made from the code (`--check`: only compares them, exit 1 when one is stale).
 * A page is never edited by hand: change the schema, the table or the command it comes from.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, root, turbo } from './setup.mjs';

install();
turbo('build', { quiet: true });

/** @type {(module: string) => Promise<Record<string, () => string | Promise<string>>>} */
const load = (module) => import(join(root, 'packages', module));
const pages = {
  'configuration.md': (await load('core/dist/config/index.js'))['renderConfigurationReference'],
  'rest.md': (await load('gateway/dist/rest/reference.js'))['renderRestReference'],
  'cli.md': (await load('cli/build/reference.js'))['renderCliReference'],
  'errors.md': await errorsReference(),
};

const check = process.argv.includes('--check');
const { format, resolveConfig } = await import('prettier');
let stale = 0;
for (const [name, render] of Object.entries(pages)) {
  const file = join(root, 'docs', 'reference', name);
  const text = await format(await /** @type {() => string | Promise<string>} */ (render)(), {
    ...(await resolveConfig(file)),
    parser: 'markdown',
  });
  if (!check) writeFileSync(file, text);
  else if (readIfThere(file) !== text) {
    stale += 1;
    process.stderr.write(`docs/reference/${name} is not what the code says; run: npm run docs:generate\n`);
  }
}
const manDirectory = join(root, 'packages', 'cli', 'man');
const { renderManPages } = /** @type {typeof import('../packages/cli/build/man-pages.js')} */ (
  await import(join(root, 'packages/cli/build/man-pages.js'))
);
const manPages = await renderManPages();
mkdirSync(manDirectory, { recursive: true });
const isStale = (/** @type {string} */ name) => readIfThere(join(manDirectory, name)) !== manPages.get(name);
for (const name of new Set([...manPages.keys(), ...readdirSync(manDirectory)].filter(isStale))) {
  const page = manPages.get(name);
  if (check) {
    stale += 1;
    process.stderr.write(`packages/cli/man/${name} is not what the code says; run: npm run docs:generate\n`);
  } else if (page === undefined) rmSync(join(manDirectory, name));
  else writeFileSync(join(manDirectory, name), page);
}
if (stale > 0) process.exit(1);
process.stdout.write(
  check
    ? `${Object.keys(pages).length + manPages.size} generated pages are current\n`
    : `wrote ${Object.keys(pages).length + manPages.size} pages\n`,
);

async function errorsReference() {
  const { errorTable } = /** @type {typeof import('../packages/core/dist/errors/index.js')} */ (
    await import(join(root, 'packages/core/dist/errors/index.js'))
  );
  return () =>
    [
      '# Errors',
      '',
      '<!-- Generated from packages/core/src/errors/table.ts by `npm run docs:generate`. -->',
      '',
      'Every refusal has a stable code. REST answers carry it in `code` (RFC 9457 problems, whose `type` ends with it, and entries of `failed`), the',
      'command line prints it in brackets. *Retry* tells whether the identical request can succeed later.',
      '',
      ...Object.entries(errorTable).flatMap(([code, kind]) => [
        `## ${code}`,
        '',
        `**${kind.title}** · HTTP ${kind.httpStatus} · errno ${kind.errno} · retry: ${kind.retryable ? 'yes' : 'no'}`,
        '',
        kind.remedy,
        '',
      ]),
    ].join('\n');
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
