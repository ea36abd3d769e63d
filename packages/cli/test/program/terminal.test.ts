import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runProgram } from '../../../../scripts/world/processes.mjs';
import { cliProgram, startWorld } from '../../../../scripts/world/world.mjs';

const remote = '/demo/user/a/alice/shown';
/** util-linux has it; the program of that name on other systems takes other words. */
const onLinux = process.platform === 'linux' ? it : it.skip;

describe('the progress of a transfer', () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  beforeAll(async () => {
    world = await startWorld();
    await mkdir(join(world.homes.alice.home, 'shown'));
    for (const name of ['one', 'two', 'three']) await writeFile(join(world.homes.alice.home, 'shown', name), randomBytes(400_000));
    expect(await world.cli('alice', ['put', '-r', remote, 'shown', 'DEMO-S3'])).toMatchObject({ code: 0, stderr: '' });
  }, 60_000);
  afterAll(() => world.close());

  /** Runs the program on a terminal of its own, as `script` (util-linux) makes one; gives all that it showed there. */
  const onTerminal = async (...words: string[]): Promise<string> => {
    const { home, tokenFile } = world.homes.alice;
    const typed = `stty cols 160 rows 40; exec '${process.execPath}' '${cliProgram}' ${words.map((word) => `'${word}'`).join(' ')}`;
    const env = { PATH: process.env.PATH, HOME: home, TERM: 'xterm', LANG: 'C.UTF-8', BEARER_TOKEN_FILE: tokenFile };
    const { code, stdout } = await runProgram('script', ['--quiet', '--return', '--command', typed, '/dev/null'], { cwd: home, env });
    expect(code).toBe(0);
    return stdout;
  };
  const bar = /[█░]/;

  onLinux('is a bar with bytes, rate and name for one file', async () => {
    const shown = await onTerminal('get', `${remote}/one`, '--force');
    expect(shown).toMatch(bar);
    expect(shown).toMatch(/100% +0\.4 MiB +[\d.]+ MiB\/s .*\/shown\/one/);
    expect(shown).toMatch(/\/shown\/one -> .*: 400000 bytes/);
  });

  onLinux('is a line for each file that is done, and one bar for all, for many', async () => {
    const shown = await onTerminal('get', '-r', remote, '--output-dir', 'back');
    expect(shown).toMatch(bar);
    expect(shown).toMatch(/\d+% +1\.1 MiB .*3\/3 files/);
    for (const name of ['one', 'two', 'three']) expect(shown).toMatch(new RegExp(`${remote}/${name} +0\\.4 MiB +[\\d.]+ MiB/s\\r\\n`));
  });

  onLinux.each([['--quiet'], ['--json']])('is not shown with %s', async (option) => {
    expect(await onTerminal('get', `${remote}/two`, '--force', option)).not.toMatch(bar);
  });

  it('is not shown where there is no terminal', async () => {
    for (const words of [
      ['get', `${remote}/three`, '--force'],
      ['get', '-r', remote, '--output-dir', 'quiet'],
    ])
      expect(await world.cli('alice', words)).toMatchObject({ code: 0, stderr: '', stdout: expect.not.stringMatching(bar) });
  });
});
