import { describe, expect, test } from '@jest/globals';
import {
  bulkMap,
  parseLfn,
  parseLfnDirectory,
  readMethods,
  writeMethods,
  type Access,
  type Lfn,
  type Restriction,
} from '../../src/domain/index.js';
import { narrowCatalogs } from '../../src/permission/index.js';
import type { FileCatalog, FileCatalogs, FileMetadata } from '../../src/ports/index.js';
import { identityOf } from '../../src/testing/index.js';

const lfns = ['/vo/a/x', '/vo/ab/x', '/vo/a', '/vo'].map(parseLfn);
const inside = ['/vo/a/x', '/vo/a'];
const outside = ['/vo/ab/x', '/vo'];

/** A catalog that says yes to everything and remembers the names it was asked about. */
function openCatalog() {
  const asked: { readonly what: string; readonly names: readonly string[] }[] = [];
  const yes =
    <Value>(what: string, value: Value) =>
    <Name extends string>(names: readonly Name[]) => {
      asked.push({ what, names });
      return bulkMap(names, () => value);
    };
  const byLfn = (what: string) => (items: readonly { readonly lfn: Lfn }[]) => yes(what, true as const)(items.map(({ lfn }) => lfn));
  const catalog: FileCatalog = {
    addFiles: byLfn('addFiles'),
    addReplicas: byLfn('addReplicas'),
    removeReplicas: byLfn('removeReplicas'),
    removeFiles: yes('removeFiles', true as const),
    createDirectories: yes('createDirectories', true as const),
    removeDirectories: yes('removeDirectories', true as const),
    getReplicas: yes('getReplicas', new Map()),
    getFileMetadata: yes('getFileMetadata', {} as FileMetadata),
    getDirectoryMetadata: yes('getDirectoryMetadata', { owner: 'a', ownerGroup: 'g', mode: 0 }),
    changePaths: (paths) => yes('changePaths', true as const)(paths),
    exists: yes('exists', true),
    listDirectory: yes('listDirectory', { files: new Map(), directories: [] }),
    hasAccess: (method, names) => yes(`hasAccess ${method}`, true)(names),
    findByGuid: () => Promise.resolve(new Map(lfns.map((lfn, index) => [`guid-${index}`, lfn]))),
  };
  const catalogs: FileCatalogs = { catalogFor: () => catalog };
  return { catalog, catalogs, asked };
}

const may = (...access: Access[]): readonly Restriction[] => [{ access, path: parseLfnDirectory('/vo/a') }];
function narrowedTo(restrictions: readonly Restriction[] | undefined) {
  const { catalog, catalogs, asked } = openCatalog();
  const identity = identityOf('alice', restrictions && { restrictions });
  return { open: catalog, narrow: narrowCatalogs(catalogs).catalogFor(identity), asked };
}

const facts = { storageElement: 'SE', pfn: 's3://x', sizeBytes: 1, checksum: '00000001', guid: 'G' };
const entries = lfns.map((lfn) => ({ lfn, ...facts }));
const calls: readonly [
  keyof FileCatalog,
  Access,
  (
    catalog: FileCatalog,
  ) => ReturnType<
    FileCatalog['exists' | 'removeFiles' | 'getReplicas' | 'getFileMetadata' | 'getDirectoryMetadata' | 'changePaths' | 'listDirectory']
  >,
][] = [
  ['addFiles', 'write', (catalog) => catalog.addFiles(entries)],
  ['addReplicas', 'write', (catalog) => catalog.addReplicas(entries)],
  ['createDirectories', 'write', (catalog) => catalog.createDirectories(lfns)],
  ['removeDirectories', 'remove', (catalog) => catalog.removeDirectories(lfns)],
  ['removeFiles', 'remove', (catalog) => catalog.removeFiles(lfns)],
  ['removeReplicas', 'remove', (catalog) => catalog.removeReplicas(entries)],
  ['getReplicas', 'read', (catalog) => catalog.getReplicas(lfns)],
  ['getFileMetadata', 'read', (catalog) => catalog.getFileMetadata(lfns)],
  ['getDirectoryMetadata', 'read', (catalog) => catalog.getDirectoryMetadata(lfns)],
  ['changePaths', 'remove', (catalog) => catalog.changePaths(lfns, { mode: 0o755 }, { recursive: true })],
  ['exists', 'read', (catalog) => catalog.exists(lfns)],
  ['listDirectory', 'read', (catalog) => catalog.listDirectory(lfns)],
];

describe('a narrowed caller', () => {
  test('is held to his credential in every call of the port', () => {
    const { open } = narrowedTo(undefined);
    expect(new Set([...calls.map(([name]) => name), 'findByGuid', 'hasAccess'])).toEqual(new Set(Object.keys(open)));
  });

  test.each(calls)(
    '%s: the catalog is asked about the names that are left, in order, the others are refused',
    async (name, access, call) => {
      const { narrow, asked } = narrowedTo(may(access));
      const { successful, failed } = await call(narrow);
      expect(asked).toEqual([{ what: name, names: inside }]);
      expect([...successful.keys()]).toEqual(inside);
      expect([...failed]).toEqual(
        outside.map((lfn) => [
          lfn,
          { code: 'permission-denied', message: `${lfn}: the credential of the caller does not extend to ${access} access here` },
        ]),
      );
    },
  );

  test.each(calls)('%s: another access does not help, and then the catalog is not asked at all', async (_name, access, call) => {
    const others = (['read', 'write', 'remove'] as const).filter((other) => other !== access);
    for (const restrictions of [may(...others), []]) {
      const { narrow, asked } = narrowedTo(restrictions);
      const { successful, failed } = await call(narrow);
      expect([asked, successful.size, failed.size]).toEqual([[], 0, lfns.length]);
    }
  });

  test('is told of GUIDs only whose file he may read', async () => {
    expect([...(await narrowedTo(may('read')).narrow.findByGuid([])).values()]).toEqual(inside);
    expect((await narrowedTo(may('write', 'remove')).narrow.findByGuid([])).size).toBe(0);
  });

  test('is told no about what his credential does not leave him, without a question', async () => {
    const { narrow, asked } = narrowedTo(may('read'));
    expect([...(await narrow.hasAccess('getFileMetadata', lfns)).successful]).toEqual([
      ['/vo/a/x', true],
      ['/vo/ab/x', false],
      ['/vo/a', true],
      ['/vo', false],
    ]);
    expect([...(await narrow.hasAccess('removeFile', lfns)).successful.values()]).toEqual([false, false, false, false]);
    expect(asked).toEqual([{ what: 'hasAccess getFileMetadata', names: inside }]);
  });

  test('that may create may add and not change; that may modify may do both', async () => {
    const answered = async (method: string, restrictions: readonly Restriction[]): Promise<boolean | undefined> =>
      (await narrowedTo(restrictions).narrow.hasAccess(method, [lfns[0]!])).successful.get(lfns[0]!);
    const adds = ['addFile', 'addReplica', 'createDirectory', 'addFileAncestors'];
    for (const method of writeMethods) {
      expect([method, await answered(method, may('write'))]).toEqual([method, adds.includes(method)]);
      expect([method, await answered(method, may('write', 'remove'))]).toEqual([method, true]);
      expect([method, await answered(method, may('read'))]).toEqual([method, false]);
    }
    for (const method of readMethods) expect([method, await answered(method, may('write', 'remove'))]).toEqual([method, false]);
    expect(await answered('unheardOf', may('read', 'write'))).toBe(false);
  });
});

test('who is not narrowed gets the catalog as it is', () => {
  const { open, narrow } = narrowedTo(undefined);
  expect(narrow).toBe(open);
});
