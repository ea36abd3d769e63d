import { chmod, lstat, readlink, realpath, stat, symlink, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DiracS3Error } from '@dirac-s3/core';

/** Where this program lies, however it was installed; also that of an earlier installation whose links are ours. */
const ownProgram = fileURLToPath(new URL('./main.js', import.meta.url));
const anyOwnProgram = /[\\/]@dirac-s3[\\/]cli[\\/]dist[\\/]main\.js$/;

/**
 * Makes links with these names to this program; gives their paths. Looks at all of them first: when one name is taken by something else,
 * nothing is changed.
 *
 * @throws local-file
 */
export async function installAliases(directory: string, names: readonly string[]): Promise<string[]> {
  if (!(await stat(directory).catch(() => undefined))?.isDirectory())
    throw new DiracS3Error('local-file', `${directory} is not a directory`);
  const target = await realpath(ownProgram);
  const links = await Promise.all(
    names.map(async (name) => {
      const path = join(resolve(directory), name);
      return { path, state: await stateOf(path, target) };
    }),
  );
  const taken = links.filter(({ state }) => state === 'foreign').map(({ path }) => path);
  if (taken.length > 0) throw new DiracS3Error('local-file', `not of this program, and so not replaced: ${taken.join(', ')}`);
  await makeExecutable(target);
  for (const { path, state } of links) {
    if (state === 'ours') await unlink(path);
    await symlink(target, path);
  }
  return links.map(({ path }) => path);
}

/** npm makes a program executable when it installs it; a build does not. */
async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program);
  if ((mode & 0o111) === 0) await chmod(program, mode | 0o755);
}

async function stateOf(path: string, target: string): Promise<'free' | 'ours' | 'foreign'> {
  const facts = await lstat(path).catch((error: unknown) => {
    const { code = 'unknown fault' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new DiracS3Error('local-file', `${path} cannot be looked at (${code})`, { cause: error });
  });
  if (facts === undefined) return 'free';
  if (!facts.isSymbolicLink()) return 'foreign';
  const link = await readlink(path);
  return link === target || anyOwnProgram.test(link) ? 'ours' : 'foreign';
}
