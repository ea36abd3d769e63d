import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandTable } from '../../src/command-table.js';
import { program, runCli } from './run-cli.js';

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'dirac-s3-completion-'));
  await writeFile(
    join(home, '.dirac.cfg'),
    'Resources\n{\n  StorageElements\n  {\n    CERN-S3\n    {\n    }\n    CERN-OLD\n    {\n    }\n    DESY-S3\n    {\n    }\n  }\n  StorageElementGroups\n  {\n    DISKS = CERN-S3, DESY-S3\n  }\n}\n',
  );
});
afterAll(() => rm(home, { recursive: true }));

/** What the program offers for the last word. */
const offered = async (...words: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await runCli(['__complete', ...words], { cwd: home });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').slice(0, -1);
};

describe('completion', () => {
  it('offers commands, groups and their commands', async () => {
    expect(await offered('dirac-s3', '')).toEqual([...new Set(commandTable.map(({ name }) => name.split(' ')[0])), 'help']);
    expect(await offered('dirac-s3', 'reg')).toEqual(['register']);
    expect(await offered('dirac-s3', 'se', 'st')).toEqual(['stat', 'status']);
    expect(await offered('dirac-s3', '--json', 'help', 'who')).toEqual(['whoami']);
    expect(await offered('dirac-s3', 'completion', '')).toEqual(['bash', 'zsh']);
  });

  it('offers the options of the command, and what they take', async () => {
    expect(await offered('dirac-s3', 'ls', '--list')).toEqual(['--list-replicas']);
    expect(await offered('dirac-s3', '--ver')).toEqual(['--verbose']);
    expect(await offered('dirac-s3', 'ls', '--output', '')).toEqual(['text', 'json']);
    expect(await offered('dirac-s3', 'get', '--output-dir', '')).toEqual([]);
    expect(await offered('dirac-dms-lfn-replicas', '--A')).toEqual(['--All']);
    expect(await offered('dls', '--dirac')).toEqual(['--dirac-exit-codes']);
  });

  it('offers the StorageElements of the configuration where one belongs', async () => {
    expect(await offered('dirac-s3', 'url', '/vo/x', 'CERN')).toEqual(['CERN-S3', 'CERN-OLD']);
    expect(await offered('dirac-s3', 'put', '-f', '/vo/x', '--parallel', '3', 'file', '')).toEqual([
      'CERN-S3',
      'CERN-OLD',
      'DESY-S3',
      'DISKS',
    ]);
    expect(await offered('dirac-s3', 'find', '/vo', '--se', 'D')).toEqual(['DESY-S3', 'DISKS']);
    expect(await offered('dput', '-D', 'D')).toEqual(['DESY-S3', 'DISKS']);
    expect(await offered('dirac-s3', 'replicate', '/vo/x', '--to', 'DE')).toEqual(['DESY-S3']);
    expect(await offered('dirac-dms-replicate-lfn', '/vo/x', 'DI')).toEqual(['DISKS']);
    expect(await offered('dirac-s3', 'put', '/vo/x', '')).toEqual([]);
    expect(await offered('dirac-s3', 'nosuch', '')).toEqual([]);
    expect(await offered('dirac-s3', 'se', 'status', '')).toEqual([]);
  });

  it('offers nothing, and complains about nothing, where the configuration is damaged', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'dirac-s3-completion-'));
    await writeFile(join(broken, '.dirac.cfg'), 'Resources\n{\n');
    expect(await runCli(['__complete', 'dirac-s3', 'url', '/vo/x', ''], { cwd: broken })).toMatchObject({ code: 0, stderr: '' });
    await rm(broken, { recursive: true });
  });

  it('works in bash, as the script sets it up', async () => {
    const { stdout: script } = await runCli(['completion', 'bash']);
    await writeFile(join(home, 'script'), script);
    await chmod(program, 0o755);
    await symlink(program, join(home, 'dirac-s3'));
    const typed = `source ${join(home, 'script')}
      complete -p dirac-s3 dirac-dms-add-file dls >/dev/null || exit 9
      COMP_WORDS=(/usr/bin/dirac-s3 url /vo/x CERN); COMP_CWORD=3; _dirac_s3; printf '%s,' "\${COMPREPLY[@]}"
      COMP_WORDS=(dirac-s3 se ''); COMP_CWORD=2; _dirac_s3; printf '%s,' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', typed], {
      encoding: 'utf8',
      env: { HOME: home, PATH: [home, join(process.execPath, '..'), process.env.PATH].join(delimiter) },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe('CERN-S3,CERN-OLD,stat,status,matrix,list,');
  });

  it('has a script for zsh, and none for other shells', async () => {
    expect((await runCli(['completion', 'zsh'])).stdout).toMatch(/^#compdef dirac-s3 dirac-dms-add-file .*dfind\n/);
    expect(await runCli(['completion', 'fish'])).toMatchObject({ code: 2, stdout: '' });
  });
});
