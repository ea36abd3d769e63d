import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileCatalogDb } from '../../src/adapters/catalog/file-catalog-db/index.js';
import type { CatalogMethod, Lfn } from '../../src/domain/index.js';
import {
  fileCatalogReadingContract,
  identityOf,
  permissionCheckerContract,
  replicaLookupContract,
  type CatalogSeed,
} from '../../src/testing/index.js';
import { vectorPaths, vectors } from '../permission/vectors.js';
import { CatalogDatabase } from './database.js';

const seedOf = (database: CatalogDatabase): CatalogSeed => ({
  createDirectory: ({ path, ...entry }) => database.directories(path, entry),
  addFile: async (file, { username: owner, group }) => {
    await database.directories(file.lfn.slice(0, file.lfn.lastIndexOf('/')), await ownerAbove(database, file.lfn, { owner, group }));
    await database.file(file, { owner, group, mode: 0o775 });
  },
});

const kinds = [
  ['level', false],
  ['closure', false],
  ['level', true],
  ['closure', true],
] as const;

describe.each(kinds)('FileCatalogDB, %s layout, names in latin1: %s', (layout, latin1) => {
  let database: CatalogDatabase;
  beforeAll(async () => {
    database = await CatalogDatabase.create('contract', layout, { latin1 });
  });
  afterAll(() => database.close());

  describe.each(['DirectorySecurityManager', 'DirectorySecurityManagerWithDelete', 'VOMSSecurityManager'] as const)(
    '%s',
    (securityManager) => {
      it.each([...permissionCheckerContract, ...replicaLookupContract, ...fileCatalogReadingContract])('$name', async ({ check }) => {
        await database.clear();
        const catalog = database.open({ securityManager });
        try {
          await check({
            ...seedOf(database),
            catalogs: catalog,
            checker: catalog,
            lookup: catalog,
            hideFile: (lfn) => database.setStatus(lfn, 'Trash'),
          });
        } finally {
          await catalog.close();
        }
      });
    },
  );

  it('gives a sample of what is there, the newest first and a hundred at most', async () => {
    await database.clear();
    const catalog = database.open();
    expect(await catalog.sampleNames()).toEqual([]);
    const entry = { owner: 'alice', group: 'users', mode: 0o755 };
    for (let at = 0; at < 60; at += 1) {
      await database.directories(`/vo/d${at}`, entry);
      await database.file({ lfn: `/vo/d${at}/file` as Lfn, guid: `sample-${at}` }, entry);
    }
    const sample = await catalog.sampleNames();
    expect([sample.length, sample[0], sample[49], sample[50]]).toEqual([100, '/vo/d59/file', '/vo/d10/file', '/vo/d59']);
    await catalog.close();
  });

  it('answers every vector recorded from DIRAC', async () => {
    await database.clear();
    for (const [path, { owner, group, mode }] of Object.entries(vectors.directories)) {
      await database.directories(path, { owner, group, mode: Number.parseInt(mode, 8) });
    }
    for (const [at, [lfn, { owner, group, mode, status }]] of Object.entries(vectors.files).entries()) {
      await database.file({ lfn: lfn as Lfn, guid: `guid-${at}` }, { owner, group, mode: Number.parseInt(mode, 8) }, status);
    }
    const nameless = new Set(['anon', 'anonymous']);
    const vomsRoleOf = (group: string): string | undefined => vectors.vomsRoleOfGroup[group] ?? undefined;
    const catalogs = new Map<string, FileCatalogDb>();
    let compared = 0;
    for (const one of vectors.cases.filter(({ user }) => !nameless.has(user))) {
      const key = `${one.manager} ${one.globalReadAccess}`;
      const rules = { securityManager: one.manager, globalReadAccess: one.globalReadAccess };
      const catalog = catalogs.get(key) ?? database.open(rules, { vomsRoleOf });
      catalogs.set(key, catalog);
      const identity = identityOf(one.user, { group: one.group, properties: [...(vectors.actorProperties[one.user] ?? [])] });
      const lfns = vectorPaths as readonly Lfn[];
      const asked = catalog.checkPermission({ identity, method: one.op as CatalogMethod, lfns });
      const title = `${key} ${one.user}/${one.group} ${one.op}`;
      if (one.decisions === undefined) await expect(asked).rejects.toMatchObject({ code: 'unsupported-operation' });
      else {
        const answers = await asked;
        const letters = lfns.map((lfn) => (answers.get(lfn)?.allowed === true ? 'Y' : 'N')).join('');
        expect(`${title} ${letters}`).toBe(`${title} ${one.decisions}`);
      }
      compared += lfns.length;
    }
    for (const catalog of catalogs.values()) await catalog.close();
    expect(compared).toBeGreaterThan(18_000);
    process.stdout.write(
      `FileCatalogDB ${layout}${latin1 ? ' latin1' : ''} and the recorded answers of DIRAC: ${compared} compared, 0 different\n`,
    );
  });
});

/** Missing directories are owned by the caller, existing ones stay as they are. */
async function ownerAbove(database: CatalogDatabase, lfn: Lfn, caller: { owner: string; group: string }) {
  const path = lfn.slice(0, lfn.lastIndexOf('/'));
  const [table, column, info] =
    database.layout === 'level'
      ? ['FC_DirectoryLevelTree', 'DirName', 'FC_DirectoryInfo']
      : ['FC_DirectoryList', 'Name', 'FC_DirectoryList'];
  const rows = await database.sql(
    `SELECT u.UserName AS owner, g.GroupName AS \`group\`, i.Mode AS mode FROM ${table} d JOIN ${info} i ON i.DirID = d.DirID
     JOIN FC_Users u ON u.UID = i.UID JOIN FC_Groups g ON g.GID = i.GID WHERE d.${column} = ?`,
    [path],
  );
  return (rows as { owner: string; group: string; mode: number }[])[0] ?? { ...caller, mode: 0o775 };
}
