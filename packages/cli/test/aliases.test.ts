import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { diracCommands } from '../src/dirac-names.js';
import { runCli, program } from './program/run-cli.js';

let directory: string;
const names = diracCommands()
  .map(({ diracName }) => diracName)
  .sort();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dirac-s3-aliases-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe("links with DIRAC's names", () => {
  it('are made, made again, and answer as the command they are called like', async () => {
    expect(await runCli(['aliases', 'install', directory])).toMatchObject({ code: 0, stderr: '' });
    expect((await readdir(directory)).sort()).toEqual(names);
    const again = await runCli(['aliases', 'install', directory, '--json']);
    expect((JSON.parse(again.stdout) as { installed: string[] }).installed).toHaveLength(names.length);
    const help = await runCli(['-h'], { program: join(directory, 'dirac-dms-lfn-replicas') });
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^dirac-dms-lfn-replicas <LFN\.\.>/);
    expect(help.stdout).toContain('--All');
    expect(help.stdout).not.toContain('--json');
  });

  it('replace those of an earlier installation', async () => {
    await symlink('/gone/node_modules/@dirac-s3/cli/dist/main.js', join(directory, names[0]!));
    expect(await runCli(['aliases', 'install', directory])).toMatchObject({ code: 0 });
    expect(await readlink(join(directory, names[0]!))).toBe(program);
  });

  it.each(['a file', 'a link elsewhere', 'a directory'])('never replace what is not of this program: %s', async (what) => {
    const path = join(directory, names[3]!);
    if (what === 'a file') await writeFile(path, '#!/bin/sh\n');
    else if (what === 'a directory') await mkdir(path);
    else await symlink('/bin/true', path);
    const result = await runCli(['aliases', 'install', directory]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(path);
    expect(await readdir(directory)).toEqual([names[3]]);
  });

  it('need a directory', async () => {
    const result = await runCli(['aliases', 'install', join(directory, 'none')]);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('is not a directory');
  });

  it('are listed beside what they do here', async () => {
    const { stdout } = await runCli(['aliases', 'list']);
    for (const name of names) expect(stdout).toContain(name);
    expect(JSON.parse((await runCli(['aliases', 'list', '--json'])).stdout)).toMatchObject({
      aliases: expect.arrayContaining([{ diracName: 'dirac-dms-remove-files', command: 'dirac-s3 rm' }]),
    });
  });
});
