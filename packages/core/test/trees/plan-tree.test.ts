import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failure } from '../../src/errors/index.js';
import {
  directoriesAbove,
  filesOfEqualSize,
  foldName,
  localNameFault,
  planTree,
  type PlanRules,
  type Tree,
  type TreeFile,
  type TreePlan,
} from '../../src/trees/index.js';

const everything = { file: () => true, directory: () => true };
const rules = (more: Partial<PlanRules> = {}): PlanRules => ({
  selection: everything,
  skipEqual: true,
  needChecksums: false,
  replace: true,
  delete: false,
  emptyDirectories: true,
  nameFault: (path) => localNameFault(path, 'linux'),
  foldsNames: true,
  ...more,
});

/** `{'a/b': 3}` is a file of three bytes, with the directory it is in. */
function tree(files: Record<string, number | TreeFile>, more: Partial<Tree> = {}): Tree {
  return {
    files: new Map(Object.entries(files).map(([path, file]) => [path, typeof file === 'number' ? { sizeBytes: file } : file])),
    directories: new Set([...Object.keys(files).flatMap(directoriesAbove), ...(more.directories ?? [])]),
    faults: more.faults ?? new Map(),
  };
}
const unreadable = new Map([['dark', failure('local-file', 'dark cannot be read (EACCES)')]]);

describe('the plan for a tree', () => {
  it('sends what is missing or of another size, and leaves alone what is equal', () => {
    const plan = planTree(tree({ 'a/new': 1, 'a/grown': 5, same: 3 }), tree({ 'a/grown': 4, same: 3, extra: 9 }), rules());
    expect(plan).toEqual({
      directories: [],
      transfers: [
        { path: 'a/new', sizeBytes: 1, why: 'new' },
        { path: 'a/grown', sizeBytes: 5, why: 'size' },
      ],
      deletions: [],
      unchanged: ['same'],
      faults: new Map(),
    });
  });

  it('compares checksums where both are known, however they are written', () => {
    const local = tree({ a: { sizeBytes: 1, checksum: '00000001' }, b: { sizeBytes: 1, checksum: '0A' }, c: { sizeBytes: 1 } });
    const catalog = tree({
      a: { sizeBytes: 1, checksum: '2' },
      b: { sizeBytes: 1, checksum: '0000000a' },
      c: { sizeBytes: 1, checksum: '3' },
    });
    const plan = planTree(local, catalog, rules());
    expect(plan.transfers).toEqual([{ path: 'a', sizeBytes: 1, why: 'checksum' }]);
    expect(plan.unchanged).toEqual(['b', 'c']);
    expect(filesOfEqualSize(local, catalog, everything)).toEqual(['a', 'b', 'c']);
  });

  it('refuses to call files equal when contents were to be compared and cannot be', () => {
    const plan = planTree(tree({ c: 1 }), tree({ c: { sizeBytes: 1, checksum: '3' } }), rules({ needChecksums: true }));
    expect(plan.faults.get('c')).toMatchObject({ code: 'conflict', message: expect.stringContaining('no Adler-32') });
  });

  it('replaces only when it may', () => {
    const [source, destination] = [tree({ a: 1, b: 1 }), tree({ a: 1, b: 2 })];
    expect(planTree(source, destination, rules({ replace: false })).faults.get('b')?.code).toBe('file-exists');
    expect(planTree(source, destination, rules({ replace: false, skipEqual: false })).faults.size).toBe(2);
    expect(planTree(source, destination, rules({ skipEqual: false })).transfers.map(({ why }) => why)).toEqual(['asked', 'asked']);
  });

  it('makes the directories that are missing, upper ones first, empty ones when asked', () => {
    const source = tree({ 'a/b/c': 1 }, { directories: new Set(['a', 'a/b', 'empty', 'there']) });
    const destination = tree({}, { directories: new Set(['there']) });
    expect(planTree(source, destination, rules()).directories).toEqual(['a', 'a/b', 'empty']);
    expect(planTree(source, destination, rules({ emptyDirectories: false })).directories).toEqual(['a', 'a/b']);
  });

  it('sees only what is selected, on both sides', () => {
    const selection = { file: (path: string) => !path.endsWith('.tmp'), directory: (path: string) => path !== 'skip' };
    const source = tree({ 'a.tmp': 1, 'skip/a': 1, b: 1 });
    const plan = planTree(source, tree({ 'old.tmp': 1, 'skip/old': 1, old: 1 }), rules({ selection, delete: true }));
    expect(plan).toMatchObject({ transfers: [{ path: 'b' }], deletions: ['old'], directories: [] });
  });

  it.each([
    ['a file above it at the destination', tree({ 'a/b': 1 }), tree({ a: 1 }), 'a/b'],
    ['a directory of its name at the destination', tree({ a: 1 }), tree({ 'a/b': 1 }), 'a'],
    ['a file of the name of its directory in the source', tree({ a: 1, 'a/b': 1 }), tree({}), 'a/b'],
    ['a name of another case in the source', tree({ A: 1, a: 1 }), tree({}), 'a'],
    ['a name of another case at the destination', tree({ a: 1 }), tree({ A: 1 }), 'a'],
    ['a directory of another case', tree({ 'Dir/a': 1, 'dir/b': 1 }), tree({}), 'dir/b'],
    ['a name of another normal form', tree({ 'caf\u00e9': 1, 'cafe\u0301': 1 }), tree({}), 'caf\u00e9'],
    ['a symbolic link above it at the destination', tree({ 'dark/a': 1 }), tree({}, { faults: unreadable }), 'dark/a'],
    ['a name that leads out', tree({ '../a': 1 }), tree({}), '../a'],
  ])('refuses %s', (_, source, destination, path) => {
    const plan = planTree(source, destination, rules());
    expect([...plan.faults.keys()]).toContain(path);
    expect(plan.transfers.map((transfer) => transfer.path)).not.toContain(path);
  });

  it('takes names of different case for different where they are', () => {
    expect(planTree(tree({ A: 1, a: 1 }), tree({}), rules({ foldsNames: false })).transfers).toHaveLength(2);
  });

  it('passes the faults of the source on, and deletes nothing that may be behind one', () => {
    const plan = planTree(tree({}, { faults: unreadable }), tree({ 'dark/a': 1, dark2: 1 }), rules({ delete: true }));
    expect(plan).toMatchObject({ deletions: ['dark2'], faults: unreadable });
  });

  it('deletes no file that may be the same under another spelling', () => {
    expect(planTree(tree({ a: 1 }), tree({ A: 1 }), rules({ delete: true })).deletions).toEqual([]);
    expect(planTree(tree({ a: 1 }), tree({ A: 1 }), rules({ delete: true, foldsNames: false })).deletions).toEqual(['A']);
  });
});

const segment = fc.constantFrom('a', 'b', 'A', 'e\u0301', '\u00e9', 'x');
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
const anyTree = fc
  .tuple(fc.dictionary(path, fc.integer({ min: 1, max: 3 })), fc.array(path, { maxLength: 2 }), fc.array(path, { maxLength: 2 }))
  .map(([files, directories, faulty]) =>
    tree(files, {
      directories: new Set(directories.flatMap((name) => [...directoriesAbove(name), name])),
      faults: new Map(faulty.filter((name) => !(name in files)).map((name) => [name, failure('local-file', `${name} is a FIFO`)])),
    }),
  );
const anyRules = fc
  .record({
    replace: fc.boolean(),
    delete: fc.boolean(),
    skipEqual: fc.boolean(),
    emptyDirectories: fc.boolean(),
    foldsNames: fc.boolean(),
    hidden: segment,
  })
  .map(({ hidden, ...more }) =>
    rules({ ...more, selection: { file: (name) => !name.endsWith(hidden), directory: (name) => !name.endsWith(hidden) } }),
  );

/** The destination after everything of the plan was done. */
function carriedOut({ files, directories, faults }: Tree, source: Tree, plan: TreePlan): Tree {
  const after = new Map(files);
  plan.transfers.forEach((transfer) => after.set(transfer.path, source.files.get(transfer.path)!));
  plan.deletions.forEach((name) => after.delete(name));
  return { files: after, directories: new Set([...directories, ...plan.directories]), faults };
}

describe('any plan', () => {
  it('gives every selected file of the source exactly one place, and invents none', () => {
    fc.assert(
      fc.property(anyTree, anyTree, anyRules, (source, destination, wanted) => {
        const plan = planTree(source, destination, wanted);
        const { file, directory } = wanted.selection;
        const meant = [...source.files.keys()].filter((name) => file(name) && directoriesAbove(name).every(directory));
        const placed = [...plan.transfers.map((transfer) => transfer.path), ...plan.unchanged];
        const faulty = [...plan.faults.keys()].filter(
          (name) => source.files.has(name) && !source.faults.has(name) && !source.directories.has(name),
        );
        expect(new Set(placed).size).toBe(placed.length);
        expect(placed.filter((name) => plan.faults.has(name) && !source.faults.has(name) && !source.directories.has(name))).toEqual([]);
        expect(new Set([...placed, ...faulty, ...meant.filter((name) => source.directories.has(name))])).toEqual(new Set(meant));
      }),
    );
  });

  it('leaves nothing to do once it was carried out', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (source, destination) => {
        const wanted = rules({ delete: true });
        const plan = planTree(source, destination, wanted);
        const again = planTree(source, carriedOut(destination, source, plan), wanted);
        expect(again).toMatchObject({ transfers: [], deletions: [], directories: [] });
        expect(new Set(again.faults.keys())).toEqual(new Set(plan.faults.keys()));
      }),
    );
  });

  it('never has two names do something to what may be one file', () => {
    fc.assert(
      fc.property(anyTree, anyTree, (source, destination) => {
        const plan = planTree(source, destination, rules({ delete: true }));
        const sent = plan.transfers.map((transfer) => foldName(transfer.path));
        expect(new Set(sent).size).toBe(sent.length);
        expect(plan.deletions.filter((name) => sent.includes(foldName(name)))).toEqual([]);
        const directories = new Set(sent.flatMap(directoriesAbove));
        expect(sent.filter((name) => directories.has(name))).toEqual([]);
      }),
    );
  });

  it('deletes only what was asked to be deleted: selected, at the destination, and not in the source', () => {
    fc.assert(
      fc.property(anyTree, anyTree, anyRules, (source, destination, wanted) => {
        const { deletions } = planTree(source, destination, wanted);
        if (!wanted.delete) expect(deletions).toEqual([]);
        for (const name of deletions) {
          expect(destination.files.has(name) && !source.files.has(name) && wanted.selection.file(name)).toBe(true);
          expect([...directoriesAbove(name), name].some((above) => source.faults.has(above))).toBe(false);
        }
      }),
    );
  });
});

describe('local names', () => {
  it.each(['', '/a', '../a', 'a/../b', './a', 'a//b', 'a\\b', 'a\0b', 'x'.repeat(256)])('refuses %j', (name) => {
    expect(localNameFault(name, 'linux')).toBeDefined();
  });

  it.each(['nul', 'COM1.txt', 'a:b', 'dot.', 'space ', 'a/lpt9/b'])('refuses %j on Windows only', (name) => {
    expect(localNameFault(name, 'win32')).toBe('Windows has no such name');
    expect(localNameFault(name, 'linux')).toBeUndefined();
  });

  it('never lets a name that passed leave its directory', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '.', '..', '/', '\\', '\0', '...'), { maxLength: 6 }).map((parts) => parts.join('')),
        (name) => {
          if (localNameFault(name, 'linux') !== undefined) return;
          expect(new URL(encodeURI(name), 'file:///destination/').pathname).toBe(`/destination/${name}`);
        },
      ),
    );
  });
});
