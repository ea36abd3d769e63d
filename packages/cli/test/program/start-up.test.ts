import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runProgram } from '../../../../scripts/world/processes.mjs';
import { commandTable } from '../../src/command-table.js';
import { diracNames, onlyDiracNames } from '../../src/dirac-names.js';
import { program, runCli } from './run-cli.js';

/** Files of `dist` that are loaded with this one whatever is asked; imports at run time are not. */
async function loadedWith(file: string, seen = new Map<string, string>()): Promise<ReadonlyMap<string, string>> {
  if (seen.has(file)) return seen;
  const text = await readFile(file, 'utf8');
  seen.set(file, text);
  for (const [, name = ''] of text.matchAll(/^(?:import|export)\b[^;]*?"([^"]+)";$/gm)) {
    if (name.startsWith('.')) await loadedWith(resolve(dirname(file), name), seen);
    else seen.set(name, '');
  }
  return seen;
}

describe('starting', () => {
  it('loads neither core nor a package before a command runs', async () => {
    const loaded = await loadedWith(program);
    expect([...loaded.keys()].filter((name) => !name.startsWith('/') && !name.startsWith('node:'))).toEqual([]);
    // The bundler puts each module under a comment with its path.
    const modules = [...loaded.values()].flatMap((text) => [...text.matchAll(/^\/\/ (\S+\.m?js)$/gm)].map(([, name = '']) => name));
    expect(modules).toContain('build/command-table.js');
    expect(modules.filter((name) => !name.startsWith('build/'))).toEqual([]);
  });

  it('answers --help with the commands, the common options and the exit codes', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const text of ['dirac-s3 <command>', 'put <LFN>', '--token-file', 'not authenticated, or no gateway', '130'])
      expect(stdout).toContain(text);
  });

  it.each(commandTable.map(({ name }) => [name]))('answers "%s --help" with examples', async (name) => {
    const { code, stdout } = await runCli([...name.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`dirac-s3 ${name}`);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes:');
  });

  it.each([...Object.entries(diracNames), ...Object.entries(onlyDiracNames).map(([diracName, like]) => [like, diracName])])(
    'answers --help with examples where %s is called %s',
    async (name, diracName) => {
      const folder = await mkdtemp(join(tmpdir(), 'dirac-s3-names-'));
      try {
        await symlink(program, join(folder, diracName));
        const { code, stdout } = await runCli(['--help'], { program: join(folder, diracName) });
        expect(code).toBe(0);
        const examples = stdout.slice(stdout.indexOf('Examples:'));
        expect(examples).toContain(`${diracName} `);
        expect(examples).not.toContain(`dirac-s3 ${name}`);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );

  it('says that there is no configuration file, where it looked, and nothing of it with --quiet', async () => {
    const { code, stderr } = await runCli(['se', 'list'], { env: { DIRAC_ROOT_PATH: '/nonexistent' } });
    expect(code).toBe(0);
    expect(stderr).toBe(
      'dirac-s3: warning: no configuration file could be read (looked for /nonexistent/etc/dirac.cfg, /nonexistent/.dirac.cfg); ' +
        'others are named by --cfg, DIRACSYSCONFIG or DIRAC_ROOT_PATH\n',
    );
    expect(await runCli(['se', 'list', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('says that its directory is gone, where it is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dirac-s3-gone-'));
    const line = `cd ${folder} && rmdir ${folder} && exec '${process.execPath}' '${program}' se list`;
    const { code, stderr } = await runProgram('/bin/sh', ['-c', line], { env: { PATH: process.env.PATH, HOME: '/nonexistent' } });
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'dirac-s3: the current directory does not exist any more; go to another one\n' });
  });

  it('tells its version', async () => {
    expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
