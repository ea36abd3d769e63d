import { describe, expect, it } from '@jest/globals';
import { BulkResultBuilder, parentOf, parseLfn, type Lfn, type LfnDirectory } from '../../src/domain/index.js';
import { failure } from '../../src/errors/index.js';
import type { DirectoryListing, FileCatalog, FileMetadata } from '../../src/ports/index.js';
import { readCatalogTree } from '../../src/trees/index.js';

const facts = (sizeBytes: number): FileMetadata => ({
  sizeBytes,
  checksum: '0000000a',
  checksumType: 'Adler32',
  guid: 'C0191E52-67D5-044C-1F1A-69407BDDAE02',
  owner: 'alice',
  ownerGroup: 'vo_user',
  mode: 0o644,
  status: 'AprioriGood',
  createdAt: new Date(0),
  modifiedAt: new Date(0),
});

/** A catalog that lists these names, and remembers what it was asked. */
function catalogOf(lfns: readonly string[], { closed = [] as readonly string[], stray = '' } = {}) {
  const asked: LfnDirectory[][] = [];
  const directories = new Set<string>(['/vo']);
  for (const lfn of lfns) for (let at = parentOf(parseLfn(lfn)); at !== '/'; at = parentOf(at)) directories.add(at);
  const catalog: Pick<FileCatalog, 'listDirectory'> = {
    listDirectory: (questions) => {
      asked.push([...questions]);
      const answer = new BulkResultBuilder<DirectoryListing, LfnDirectory>(questions);
      for (const directory of questions) {
        const inIt = (path: string): boolean => parentOf(path as Lfn) === directory;
        if (closed.includes(directory)) answer.fail(directory, failure('permission-denied', `${directory}: no`));
        else if (!directories.has(directory)) answer.fail(directory, failure('no-such-file', `${directory}: none`));
        else
          answer.succeed(directory, {
            files: new Map([...lfns.filter(inIt), ...(stray === '' ? [] : [stray])].map((lfn, n) => [lfn as Lfn, facts(n + 1)])),
            directories: [...directories].filter((path) => path !== directory && inIt(path)) as LfnDirectory[],
          });
      }
      return Promise.resolve(answer.build());
    },
  };
  return { catalog, asked };
}
const root = parseLfn('/vo/d');

describe('a tree of the File Catalog', () => {
  it('is read level by level, many directories in a question', async () => {
    const lfns = Array.from({ length: 250 }, (_, n) => `/vo/d/${n}/file`);
    const { catalog, asked } = catalogOf([...lfns, '/vo/d/top']);
    const tree = await readCatalogTree(catalog, root);
    expect(tree.files.size).toBe(251);
    expect(tree.files.get('17/file')).toEqual({ sizeBytes: 1, checksum: '0000000a' });
    expect(tree.directories.size).toBe(250);
    expect(asked.map(({ length }) => length)).toEqual([1, 100, 100, 50]);
  });

  it('looks only where it is told to', async () => {
    const { catalog, asked } = catalogOf(['/vo/d/a/file', '/vo/d/b/file']);
    const tree = await readCatalogTree(catalog, root, { enters: (path) => path === 'b' });
    expect([...tree.files.keys()]).toEqual(['b/file']);
    expect(tree.directories).toEqual(new Set(['a', 'b']));
    expect(asked).toEqual([['/vo/d'], ['/vo/d/b']]);
  });

  it('has a fault for a directory that may not be read, and throws the one of the root', async () => {
    const { catalog } = catalogOf(['/vo/d/a/file'], { closed: ['/vo/d/a'] });
    expect((await readCatalogTree(catalog, root)).faults.get('a')?.code).toBe('permission-denied');
    await expect(readCatalogTree(catalog, parseLfn('/vo/d/a'))).rejects.toMatchObject({ code: 'permission-denied' });
  });

  it('is empty without its root only where that may be', async () => {
    const { catalog } = catalogOf([]);
    await expect(readCatalogTree(catalog, root)).rejects.toMatchObject({ code: 'no-such-file' });
    expect((await readCatalogTree(catalog, root, { mayBeMissing: true })).files.size).toBe(0);
    const { catalog: closed } = catalogOf([], { closed: ['/vo/d'] });
    await expect(readCatalogTree(closed, root, { mayBeMissing: true })).rejects.toMatchObject({ code: 'permission-denied' });
  });

  it('trusts no entry that is not in the directory that was asked for', async () => {
    const { catalog } = catalogOf(['/vo/d/a/file'], { stray: '/vo/elsewhere/file' });
    await expect(readCatalogTree(catalog, root)).rejects.toMatchObject({ code: 'catalog-unavailable' });
  });

  it('reads from the root of the name space', async () => {
    const { catalog } = catalogOf(['/vo/d/a']);
    catalog.listDirectory = wrapRoot(catalog.listDirectory);
    expect([...(await readCatalogTree(catalog, '/' as LfnDirectory)).files.keys()]).toEqual(['vo/d/a']);
  });
});

/** `/` is there, too. */
function wrapRoot(listDirectory: FileCatalog['listDirectory']): FileCatalog['listDirectory'] {
  return (directories) =>
    directories[0] === '/'
      ? Promise.resolve({
          successful: new Map([['/' as LfnDirectory, { files: new Map(), directories: ['/vo' as LfnDirectory] }]]),
          failed: new Map(),
        })
      : listDirectory(directories);
}
