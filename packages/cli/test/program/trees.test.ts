import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cliProgram, startWorld } from '../../../../scripts/world/world.mjs';

interface Answer {
  dryRun: boolean;
  unchanged: number;
  successful: { lfn: string; path: string; action: string; why?: string }[];
  failed: { lfn: string; code: string; message: string }[];
}

const base = '/demo/user/a/alice';
let world: Awaited<ReturnType<typeof startWorld>>;
let home: string;
beforeAll(async () => {
  world = await startWorld({});
  home = world.homes.alice.home;
}, 60_000);
afterAll(() => world.close());

const cli = (words: readonly string[], program = cliProgram) => world.cli('alice', [...words], { program });
const json = async (words: readonly string[]): Promise<Answer & { code: number | null }> => {
  const { stdout, code } = await cli([...words, '--json']);
  return { ...(JSON.parse(stdout) as Answer), code };
};
const paths = ({ successful }: Answer, action: string): string[] =>
  successful.filter((item) => item.action === action).map(({ path }) => path);
/** Makes a local directory of these files. */
const make = async (name: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(home, name, path, '..'), { recursive: true });
    await writeFile(join(home, name, path), content);
  }
};
const contents = async (name: string): Promise<Record<string, string>> => {
  const entries = await readdir(join(home, name), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = new Map<string, string>();
  for (const path of files) found.set(path.slice(join(home, name).length + 1), await readFile(path, 'utf8'));
  return Object.fromEntries(found);
};

describe('put -r and get -r', () => {
  const files = { 'a.root': 'one', 'sub/b.root': 'two', 'sub/deep/c.txt': 'three', '.hidden': 'four', 'skip/x.tmp': 'five' };

  it('move a whole tree there and back, patterns decide what of it', async () => {
    await make('tree', files);
    const up = await cli(['put', '-r', `${base}/put/`, 'tree', 'DEMO-S3', '--exclude', '*.tmp']);
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(up.stdout).toContain(`tree/a.root -> ${base}/put/a.root at DEMO-S3: 3 bytes, Adler-32 `);
    expect(up.stdout).toContain('Done: 4 files sent (15 bytes), 0 deleted, 0 equal\n');
    const down = await json(['get', '-r', `lfn:${base}/put`, '--output-dir', 'back', '--include', '*.root', '--include', '/.hidden']);
    expect(down).toMatchObject({ code: 0, failed: [], dryRun: false });
    expect(await contents('back/put')).toEqual({ 'a.root': 'one', 'sub/b.root': 'two', '.hidden': 'four' });
  });

  it('say what they would do, and do nothing, in a dry run', async () => {
    const answer = await json(['put', '-r', `${base}/dry`, 'tree', 'DEMO-S3', '-n']);
    expect(answer).toMatchObject({ code: 0, dryRun: true });
    expect(paths(answer, 'upload')).toHaveLength(5);
    expect(answer.successful.at(-1)).toMatchObject({ why: 'new' });
    expect((await cli(['get', '-r', `${base}/dry`])).stderr).toContain('No such file');
    expect((await cli(['get', '-r', `${base}/put`, '-n'])).stdout).toContain(`${base}/put/a.root -> put/a.root: 3 bytes, new\n`);
    expect(await readdir(home)).not.toContain('put');
  });

  it('replace nothing unless told to, and go on with the rest', async () => {
    await make('tree', { 'new.root': 'six' });
    const again = await json(['put', '-r', `${base}/put`, 'tree', 'DEMO-S3', '--include', '*.root']);
    expect(again.code).toBe(1);
    expect(paths(again, 'upload')).toEqual(['tree/new.root']);
    expect(again.failed.map(({ lfn, code }) => [lfn, code])).toEqual([
      [`${base}/put/a.root`, 'file-exists'],
      [`${base}/put/sub/b.root`, 'file-exists'],
    ]);
    await writeFile(join(home, 'back/put/a.root'), 'mine');
    expect((await cli(['get', '-r', `${base}/put`, '--output-dir', 'back'])).code).toBe(1);
    expect(await readFile(join(home, 'back/put/a.root'), 'utf8')).toBe('mine');
    expect((await cli(['get', '-r', `${base}/put`, '--output-dir', 'back', '--force'])).code).toBe(0);
    expect(await readFile(join(home, 'back/put/a.root'), 'utf8')).toBe('one');
  });

  it('refuse what is no regular file, and empty files, by name and with the reason', async () => {
    await make('odd', { ok: 'odd content', empty: '' });
    await symlink('/etc/hostname', join(home, 'odd/link'));
    spawnSync('mkfifo', [join(home, 'odd/fifo')]);
    const { code, stderr } = await cli(['put', '-r', `${base}/odd`, 'odd', 'DEMO-S3']);
    expect(code).toBe(1);
    expect(stderr).toContain('dirac-s3: odd/link: Local file: link is a symbolic link (local-file)\n');
    expect(stderr).toContain('fifo is a FIFO');
    expect(stderr).toContain('empty is empty; DIRAC does not register empty files');
    expect((await json(['get', '-r', `${base}/odd`, '-n', '--output-dir', 'back'])).successful.map(({ lfn }) => lfn)).toEqual([
      `${base}/odd/ok`,
    ]);
  });

  it('refuse names that a file system may take for one', async () => {
    await make('case', { Name: 'upper', name: 'lower', other: 'other' });
    expect((await cli(['put', '-r', `${base}/case`, 'case', 'DEMO-S3'])).code).toBe(0);
    const down = await json(['get', '-r', `${base}/case`, '--output-dir', 'back']);
    expect(down.failed.map(({ lfn, code }) => [lfn, code])).toEqual([
      [`${base}/case/Name`, 'conflict'],
      [`${base}/case/name`, 'conflict'],
    ]);
    expect(await contents('back/case')).toEqual({ other: 'other' });
  });

  it('write nothing through a symbolic link in the destination', async () => {
    await mkdir(join(home, 'outside'));
    await mkdir(join(home, 'linked/put'), { recursive: true });
    await symlink('../../outside', join(home, 'linked/put/sub'));
    const { code, stderr } = await cli(['get', '-r', `${base}/put`, '--output-dir', 'linked']);
    expect(code).toBe(1);
    expect(stderr).toContain('at the destination, sub is a symbolic link');
    expect(await readdir(join(home, 'outside'))).toEqual([]);
  });

  it('give files of the same content names of their own when asked', async () => {
    await make('twins', { a: 'twin', b: 'twin' });
    expect((await json(['put', '-r', `${base}/twins`, 'twins', 'DEMO-S3'])).failed).toMatchObject([{ code: 'conflict' }]);
    expect((await cli(['put', '-r', `${base}/twins2`, 'twins', 'DEMO-S3', '--new-guids'])).code).toBe(0);
  });

  it.each([
    [['put', '-r', base, 'tree'], '--recursive needs: LFN PATH SE'],
    [['put', `${base}/x`, 'tree', 'DEMO-S3', '--dry-run'], '--dry-run goes with --recursive'],
    [['get', base, '--include', 'x'], '--include goes with --recursive'],
    [['get', '-r', base, '--exclude', '/'], '"/" is no pattern'],
    [['get', '-r', base, '--limit-rate', 'fast'], '--limit-rate must be'],
    [['sync', 'a', 'b'], 'written lfn:/vo/directory'],
    [['sync', 'tree', `lfn:${base}/sync`], 'needs the StorageElement'],
    [['sync', `lfn:${base}/sync`, 'tree', 'DEMO-S3'], 'takes no StorageElement'],
  ])('refuse %j', async (words, message) => {
    const { code, stderr } = await cli(words);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('sync', () => {
  const remote = `lfn:${base}/sync`;

  it('uploads what differs and nothing else', async () => {
    await make('work', { 'a/one': '1-one', two: '2-two', three: '3-three' });
    expect(await json(['sync', 'work', remote, 'DEMO-S3'])).toMatchObject({ code: 0, unchanged: 0 });
    await writeFile(join(home, 'work/two'), '2-longer');
    const again = await json(['sync', 'work', remote, 'DEMO-S3']);
    expect(again).toMatchObject({ code: 0, unchanged: 2, successful: [{ lfn: `${base}/sync/two`, action: 'upload', sizeBytes: 8 }] });
  });

  it('sees a change of contents alone only with --checksum', async () => {
    await writeFile(join(home, 'work/two'), '2-LONGER');
    expect(await json(['sync', 'work', remote, 'DEMO-S3', '-n'])).toMatchObject({ unchanged: 3, successful: [] });
    const dry = await json(['sync', 'work', remote, 'DEMO-S3', '-n', '--checksum']);
    expect(dry.successful).toMatchObject([{ path: 'work/two', why: 'checksum' }]);
    expect((await cli(['sync', 'work', remote, 'DEMO-S3', '--checksum'])).code).toBe(0);
  });

  it('downloads the same, and deletes only when asked', async () => {
    await make('copy', { extra: 'e', 'old/gone': 'g' });
    expect(await json(['sync', remote, 'copy'])).toMatchObject({ code: 0, failed: [] });
    expect(await contents('copy')).toEqual({ 'a/one': '1-one', two: '2-LONGER', three: '3-three', extra: 'e', 'old/gone': 'g' });
    const dry = await cli(['sync', remote, 'copy', '--delete', '-n']);
    expect(dry.stdout).toContain('copy/extra would be deleted\n');
    expect(Object.keys(await contents('copy'))).toContain('extra');
    expect(await json(['sync', remote, 'copy', '--delete'])).toMatchObject({ code: 0, unchanged: 3 });
    expect(await contents('copy')).toEqual({ 'a/one': '1-one', two: '2-LONGER', three: '3-three' });
    expect(await readdir(join(home, 'copy'))).not.toContain('old');
  });

  it('deletes from storage and catalog what is gone here, but nothing that is not meant', async () => {
    await rm(join(home, 'work/three'));
    await rm(join(home, 'work/a/one'));
    const answer = await json(['sync', 'work', remote, 'DEMO-S3', '--delete', '--exclude', 'a']);
    expect(answer.successful.map(({ lfn, action }) => [lfn, action])).toEqual([[`${base}/sync/three`, 'delete']]);
    expect((await json(['get', '-r', `${base}/sync`, '-n'])).successful.map(({ lfn }) => lfn)).not.toContain(`${base}/sync/three`);
  });

  it("refuses another user's directory", async () => {
    const { code, stderr } = await world.cli('bob', ['sync', remote, 'stolen']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/permission denied/i);
  });
});

describe('dirac-dms-directory-sync', () => {
  const remote = `${base}/dsync`;
  const directorySync = async (...words: string[]) => cli(words, join(home, 'dirac-dms-directory-sync'));
  beforeAll(async () => {
    await symlink(cliProgram, join(home, 'dirac-dms-directory-sync'));
    await make('dirac', { 'd/a': 'da', b: 'db', empty: '' });
  });

  it('wants its target to be there, as DIRAC does', async () => {
    const { code, stderr } = await directorySync('dirac', remote, 'DEMO-S3');
    expect(code).toBe(1);
    expect(stderr).toMatch(/no such file/i);
  });

  it("uploads with DIRAC's lines, and passes over empty files", async () => {
    expect((await cli(['mkdir', remote])).code).toBe(0);
    const { code, stdout } = await directorySync('dirac', remote, 'DEMO-S3', '-j', '2');
    expect(code).toBe(0);
    expect(stdout.split('\n').sort()).toEqual(
      ['', 'Creating d -> [DONE]', 'Uploading b -> [DONE]', 'Uploading d/a -> [DONE]', `Successfully mirrored dirac into ${remote}`].sort(),
    );
  });

  it('tells the truth in its exit code: what is there is replaced only with --sync', async () => {
    await writeFile(join(home, 'dirac/b'), 'longer b');
    const { code, stdout } = await directorySync('dirac', remote, 'DEMO-S3');
    expect(code).toBe(1);
    expect(stdout).toBe('Uploading b -X- [FAILED] b: is there already\n');
    await rm(join(home, 'dirac/d/a'));
    const identical = await directorySync('--sync', '--parallel=2', 'dirac', remote, 'DEMO-S3');
    expect(identical.code).toBe(0);
    expect(identical.stdout).toContain('Uploading b -> [DONE]\n');
    expect(identical.stdout).toContain('Deleting d/a -> [DONE]\n');
  });

  it('downloads with two arguments', async () => {
    await make('dcopy', { extra: '1' });
    const { code, stdout } = await directorySync('-D', remote, 'dcopy');
    expect(code).toBe(0);
    expect(stdout).toContain('Downloading b -> [DONE]\n');
    expect(await contents('dcopy')).toEqual({ b: 'longer b' });
  });
});
