// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Name, version and licence text of every package that some of these modules come from.
 *
 * @param {readonly string[]} modules paths, as the bundler names them
 * @throws where a package has no licence text: then it may not be bundled
 */
export function thirdPartyNotices(modules) {
  /** @type {Map<string, string>} */
  const notices = new Map();
  for (const directory of new Set(modules.filter((id) => /[\\/]node_modules[\\/]/.test(id)).map(packageDirectory))) {
    const { name, version, license } = manifestOf(directory);
    notices.set(`${name} ${version} (${license})`, licenceText(directory));
  }
  const sorted = [...notices].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    'This program contains code of the packages below, each under its own licence.\n',
    ...sorted.map(([title, text]) => `${'-'.repeat(80)}\n${title}\n\n${text}\n`),
  ].join('\n');
}

/** The next folder above with a manifest that names a package; some have further ones, which only say `"type"`. @param {string} file */
function packageDirectory(file) {
  for (let directory = dirname(file); directory !== dirname(directory); directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json')) && manifestOf(directory).version !== undefined) return directory;
  }
  throw new Error(`${file} is in no package`);
}

/** @param {string} directory @returns {{name?: string, version?: string, license?: string}} */
function manifestOf(directory) {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

/** @param {string} directory */
function licenceText(directory) {
  const files = readdirSync(directory).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  if (!files.some((name) => !/^notice/i.test(name))) throw new Error(`${directory} has no licence text`);
  return files
    .sort()
    .map((name) => readFileSync(join(directory, name), 'utf8').trim())
    .join('\n\n');
}
