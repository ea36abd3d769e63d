import { describe, expect, it } from '@jest/globals';
import { failure, parseLfn, parseLfnDirectory, type Failure, type LfnDirectory } from '@dirac-s3/core';
import type { DirectoryListing, FileCatalog, FileMetadata } from '@dirac-s3/core/ports';
import { filesBelow, lookUp } from '../src/catalog-tree.js';

const metadata = { sizeBytes: 1 } as FileMetadata;
/** Directories with what is in them; a name that ends with a slash is a directory. */
class Tree {
  readonly questions: number[] = [];
  readonly forbidden = new Set<string>();
  readonly content: Readonly<Record<string, readonly string[]>>;

  constructor(content: Tree['content']) {
    this.content = content;
  }

  readonly catalog = {
    listDirectory: (paths: readonly LfnDirectory[]) => {
      this.questions.push(paths.length);
      const successful = new Map<LfnDirectory, DirectoryListing>();
      const failed = new Map<LfnDirectory, Failure>();
      for (const path of paths) {
        const names = this.content[path];
        if (this.forbidden.has(path)) failed.set(path, failure('permission-denied', 'no'));
        else if (names === undefined) failed.set(path, failure('no-such-file', 'none'));
        else successful.set(path, this.listing(path, names));
      }
      return Promise.resolve({ successful, failed });
    },
    getFileMetadata: (lfns: readonly string[]) =>
      Promise.resolve({
        successful: new Map(lfns.filter((lfn) => this.isFile(lfn)).map((lfn) => [lfn, metadata])),
        failed: new Map(lfns.filter((lfn) => !this.isFile(lfn)).map((lfn) => [lfn, failure('no-such-file', 'no file')])),
      }),
  } as unknown as FileCatalog;

  private listing(path: string, names: readonly string[]): DirectoryListing {
    const full = (name: string) => parseLfn(`${path === '/' ? '' : path}/${name.replace('/', '')}`);
    return {
      files: new Map(names.filter((name) => !name.endsWith('/')).map((name) => [full(name), metadata])),
      directories: names.filter((name) => name.endsWith('/')).map(full),
    };
  }

  private isFile(lfn: string): boolean {
    const at = lfn.lastIndexOf('/');
    return this.content[lfn.slice(0, at) || '/']?.includes(lfn.slice(at + 1)) === true;
  }
}

const { signal } = new AbortController();
const paths = (...names: string[]): LfnDirectory[] => names.map(parseLfnDirectory);

describe('a look at names', () => {
  it('tells files from directories, and asks about files only what is no directory', async () => {
    const tree = new Tree({ '/': ['vo/'], '/vo': ['a', 'b/'], '/vo/b': [] });
    tree.forbidden.add('/vo/b');
    const { successful, failed } = await lookUp(tree.catalog, paths('/', '/vo/a', '/vo/b', '/vo/none'));
    expect([...successful].map(([path, { kind }]) => [path, kind])).toEqual([
      ['/', 'directory'],
      ['/vo/a', 'file'],
    ]);
    expect([...failed].map(([path, { code, message }]) => [path, code, message])).toEqual([
      ['/vo/b', 'permission-denied', 'no'],
      ['/vo/none', 'no-such-file', 'no file'],
    ]);
  });
});

describe('a walk', () => {
  it('finds everything below, with one question for a hundred directories', async () => {
    const many = Array.from({ length: 250 }, (_, n) => `d${n}/`);
    const tree = new Tree({ '/vo': [...many, 'top'], ...Object.fromEntries(many.map((name) => [`/vo/${name.slice(0, -1)}`, ['f']])) });
    const { files, directories, failed } = await filesBelow(tree.catalog, paths('/vo'), signal);
    expect([files.size, directories.length, failed.size]).toEqual([251, 251, 0]);
    expect(tree.questions).toEqual([1, 100, 100, 50]);
    expect([...files.keys()]).toEqual([...files.keys()].sort());
  });

  it('goes on past what cannot be read, and names it', async () => {
    const tree = new Tree({ '/vo': ['a/', 'b/'], '/vo/a': ['x'], '/vo/b': ['y'] });
    tree.forbidden.add('/vo/b');
    const { files, failed } = await filesBelow(tree.catalog, paths('/vo', '/none', '/vo/a/x'), signal);
    expect([...files.keys()]).toEqual(['/vo/a/x']);
    expect([...failed.keys()]).toEqual(['/none', '/vo/b']);
  });

  it('ends at an interruption', async () => {
    const tree = new Tree({ '/vo': ['a/'], '/vo/a': [] });
    await expect(filesBelow(tree.catalog, paths('/vo'), AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(tree.questions).toEqual([]);
  });
});
