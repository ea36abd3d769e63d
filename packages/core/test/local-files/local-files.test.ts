import { constants, mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalFile, linkFile, linkStatOf, renameFile, statOf, unlinkFile } from '../../src/local-files/index.js';
import { allowWaitingForFiles } from '../../src/storage/index.js';

describe.each(['by threads', 'waiting'])('local files, %s', (how) => {
  let folder: string;
  beforeAll(() => {
    // There is no way back: the order of the two matters.
    if (how === 'waiting') allowWaitingForFiles(() => performance.now());
    folder = mkdtempSync(join(tmpdir(), 'local-files-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);

  test('are written and read at places', async () => {
    const file = await LocalFile.open(path('places'), constants.O_RDWR | constants.O_CREAT, 0o600);
    await file.write(Buffer.from('world'), 6);
    await file.write(Buffer.from('hello '), 0);
    const buffer = Buffer.alloc(8, '.');
    expect(await file.read({ buffer, offset: 1, length: 7, position: 4 })).toBe(7);
    expect(buffer.toString()).toBe('.o world');
    expect(await file.read({ buffer, offset: 0, length: 1, position: 11 })).toBe(0);
    expect((await file.stat()).size).toBe(11);
    await file.close();
    expect(readFileSync(path('places'), 'utf8')).toBe('hello world');
  });

  test('are closed once, after what is under way, and then take nothing any more', async () => {
    const file = await LocalFile.open(path('closed'), constants.O_WRONLY | constants.O_CREAT, 0o600);
    const writing = file.write(Buffer.alloc(1_000_000, 'x'), 0);
    const closing = file.close();
    await expect(file.write(Buffer.from('y'), 0)).rejects.toMatchObject({ code: 'EBADF' });
    await writing;
    await closing;
    expect((await statOf(path('closed'))).size).toBe(1_000_000);
    // The number of the descriptor is somebody else's by now: closing again must not close his file.
    const other = openSync(path('other'), 'w');
    await file.close();
    closeSync(other);
  });

  test('say what the system says where something fails', async () => {
    await expect(LocalFile.open(path('missing'), constants.O_RDONLY)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(statOf(path('missing'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(linkStatOf(path('places/below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await linkStatOf(path('missing'))).toBeUndefined();
    await expect(unlinkFile(path('missing'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(renameFile(path('missing'), path('new'))).rejects.toMatchObject({ code: 'ENOENT' });
    writeFileSync(path('there'), '');
    await expect(linkFile(path('places'), path('there'))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test('get names and lose them', async () => {
    writeFileSync(path('one'), '1');
    await linkFile(path('one'), path('two'));
    expect((await statOf(path('two'))).nlink).toBe(2);
    await unlinkFile(path('one'));
    await renameFile(path('two'), path('three'));
    expect(readFileSync(path('three'), 'utf8')).toBe('1');
  });
});
