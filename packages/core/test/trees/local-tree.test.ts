import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { adler32 } from '../../src/domain/index.js';
import { readLocalTree, withChecksums } from '../../src/trees/index.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dirac-s3-tree-'));
  await mkdir(join(root, 'a/b'), { recursive: true });
  await mkdir(join(root, 'empty'));
  await writeFile(join(root, 'a/b/file'), 'abc');
  await writeFile(join(root, 'top'), 'x');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a local tree', () => {
  it('holds files with their sizes and directories, by relative path', async () => {
    expect(await readLocalTree(root)).toMatchObject({
      files: new Map([
        ['a/b/file', { sizeBytes: 3 }],
        ['top', { sizeBytes: 1 }],
      ]),
      directories: new Set(['a', 'empty', 'a/b']),
      faults: new Map(),
    });
  });

  it('names what is no regular file, and why', async () => {
    await symlink('top', join(root, 'link'));
    await symlink('/etc', join(root, 'a/etc'));
    expect(spawnSync('mkfifo', [join(root, 'fifo')]).status).toBe(0);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
    const { faults, files } = await readLocalTree(root);
    await new Promise((resolve) => server.close(resolve));
    expect(new Map([...faults].map(([path, { message }]) => [path, message]))).toEqual(
      new Map([
        ['link', 'link is a symbolic link'],
        ['fifo', 'fifo is a FIFO'],
        ['socket', 'socket is a socket'],
        ['a/etc', 'a/etc is a symbolic link'],
      ]),
    );
    expect([...files.keys()].some((path) => path.startsWith('a/etc'))).toBe(false);
  });

  it('names devices', async () => {
    const { faults } = await readLocalTree('/dev', { enters: () => false });
    expect(faults.get('null')).toEqual({ code: 'local-file', message: 'null is a device' });
  });

  it('follows symbolic links when asked, and ends where one leads back', async () => {
    await symlink('top', join(root, 'link'));
    await symlink('..', join(root, 'a/up'));
    await symlink('none', join(root, 'dangling'));
    const { files, faults } = await readLocalTree(root, { followLinks: true });
    expect(files.get('link')).toEqual({ sizeBytes: 1 });
    expect(faults.get('a/up')?.message).toBe('a/up leads back to a directory it is in');
    expect(faults.get('dangling')?.message).toContain('ENOENT');
  });

  it('refuses a name that is not UTF-8', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff])]), 'x');
    const { faults } = await readLocalTree(root);
    expect([...faults.values()].map(({ message }) => message)).toEqual([expect.stringContaining('not UTF-8')]);
  });

  it('leaves out files of this program, and directories that are not to be entered', async () => {
    await writeFile(join(root, '.dirac-s3-1234.part'), 'half');
    await writeFile(join(root, '.top.dirac-s3-upload'), 'journal');
    const { files, directories } = await readLocalTree(root, { enters: (path) => path !== 'a' });
    expect([...files.keys()]).toEqual(['top']);
    expect(directories).toEqual(new Set(['a', 'empty']));
  });

  it('throws about a root that is missing or a file, unless it may be missing', async () => {
    await expect(readLocalTree(join(root, 'none'))).rejects.toThrow(/none does not exist/);
    await expect(readLocalTree(join(root, 'top'), { mayBeMissing: true })).rejects.toThrow(/top is not a directory/);
    expect((await readLocalTree(join(root, 'none'), { mayBeMissing: true })).files.size).toBe(0);
  });

  it('makes an unreadable directory a fault', async () => {
    await chmod(join(root, 'a'), 0o000);
    const tree = await readLocalTree(root);
    await chmod(join(root, 'a'), 0o755);
    // The administrator can read everything.
    if (process.geteuid?.() !== 0) expect(tree.faults.get('a')).toEqual({ code: 'local-file', message: 'a cannot be read (EACCES)' });
    else expect(tree.files.has('a/b/file')).toBe(true);
  });

  it('ends when it is told to', async () => {
    await expect(readLocalTree(root, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  });
});

describe('the checksums of a local tree', () => {
  it('are added to the files asked about', async () => {
    const tree = await withChecksums(await readLocalTree(root), root, { paths: ['a/b/file'] });
    expect(tree.files).toEqual(
      new Map([
        ['a/b/file', { sizeBytes: 3, checksum: adler32(Buffer.from('abc')) }],
        ['top', { sizeBytes: 1 }],
      ]),
    );
  });

  it('are faults for what cannot be read', async () => {
    const before = await readLocalTree(root);
    await rm(join(root, 'top'));
    const { files, faults } = await withChecksums(before, root, { paths: ['top', 'a/b/file'] });
    expect(files.has('top')).toBe(false);
    expect(faults.get('top')).toMatchObject({ code: 'local-file', message: expect.stringContaining('ENOENT') });
    expect(files.get('a/b/file')?.checksum).toBe(adler32(Buffer.from('abc')));
  });
});
