import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseLfn, parseLfnDirectory } from '@dirac-s3/core';
import type { Environment } from '../../src/environment.js';
import { createShellState } from '../../src/shell/shell-state.js';

let home: string;
const stateOf = (parentPid: number, more: Partial<Environment> = {}) =>
  createShellState({ home, shellDirectory: undefined, parentPid, userId: process.geteuid?.(), ...more } as Environment);
const sessions = async (): Promise<string[]> => (await readdir(join(home, '.dirac'))).filter((name) => name.startsWith('dsession.'));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'dirac-s3-shell-'));
});
afterEach(() => rm(home, { recursive: true }));

describe('what the short commands remember', () => {
  it('is nothing at first', async () => {
    const state = stateOf(process.pid);
    expect(await state.configuration()).toEqual(new Map());
    expect(await state.currentDirectory()).toBeUndefined();
    expect(await readdir(home)).toEqual([]);
  });

  it('is a current directory for each shell, and a configuration for all', async () => {
    await stateOf(process.pid).changeDirectory(parseLfn('/vo/a'));
    await stateOf(process.ppid).changeDirectory(parseLfnDirectory('/'));
    expect(await stateOf(process.pid).currentDirectory()).toBe('/vo/a');
    expect(await stateOf(process.ppid).currentDirectory()).toBe('/');
    const configuration = new Map([['demo', new Map([['default_se', 'X']])]]);
    await stateOf(process.pid).writeConfiguration(configuration);
    expect(await stateOf(process.ppid).configuration()).toEqual(configuration);
  });

  it('is for its owner alone', async () => {
    await mkdir(join(home, '.dirac'), { mode: 0o777 });
    await chmod(join(home, '.dirac'), 0o777);
    await stateOf(process.pid).changeDirectory(parseLfn('/vo/a'));
    expect((await stat(join(home, '.dirac'))).mode & 0o777).toBe(0o700);
    for (const name of await sessions()) expect((await stat(join(home, '.dirac', name))).mode & 0o777).toBe(0o600);
  });

  it('goes when the shell has ended', async () => {
    const child = spawn(process.execPath, ['-e', '0']);
    const pid = child.pid!;
    await stateOf(pid).changeDirectory(parseLfn('/vo/a'));
    await once(child, 'exit');
    await stateOf(process.pid).changeDirectory(parseLfn('/vo/b'));
    expect((await sessions()).map((name) => name.split('.').at(-1))).toEqual([String(process.pid)]);
  });

  it('is kept where DCOMMANDS_CONFIG_DIR says', async () => {
    const shellDirectory = join(home, 'elsewhere');
    await stateOf(process.pid, { shellDirectory }).changeDirectory(parseLfn('/vo/a'));
    expect(await readdir(home)).toEqual(['elsewhere']);
  });

  it('is refused when it is of somebody else, or no file, or no name of a directory', async () => {
    await stateOf(process.pid).changeDirectory(parseLfn('/vo/a'));
    const other = (process.geteuid?.() ?? 0) + 1;
    await expect(stateOf(process.pid, { userId: other }).currentDirectory()).rejects.toThrow(/belongs to another user/);
    await expect(stateOf(process.pid, { userId: other }).changeDirectory(parseLfn('/vo/b'))).rejects.toThrow(/belongs to another user/);
    const [name = ''] = await sessions();
    await writeFile(join(home, '.dirac', name), '[session:environment]\ncwd = ../x\n');
    await expect(stateOf(process.pid).currentDirectory()).rejects.toThrow(/must start with "\/"/);
    await mkdir(join(home, '.dirac', 'dcommands.conf'));
    await expect(stateOf(process.pid).configuration()).rejects.toThrow(/no configuration file/);
  });
});
