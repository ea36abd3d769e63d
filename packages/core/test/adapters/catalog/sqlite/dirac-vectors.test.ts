import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { openSqliteFileCatalog, type SqliteFileCatalog } from '../../../../src/adapters/catalog/sqlite/index.js';
import { parentOf, type CatalogMethod, type Lfn } from '../../../../src/domain/index.js';
import { identityOf } from '../../../../src/testing/index.js';
import { vectorPaths, vectors, type VectorCase } from '../../../permission/vectors.js';
import { inFolder, optionsFor } from './temporary-catalog.js';

/** Callers DIRAC itself gave a shared name; the product refuses to make an identity of them. */
const nameless = new Set(['anon', 'anonymous']);

describe('the SQLite file catalog, filled with the tree of the vectors', () => {
  const catalogs = new Map<string, SqliteFileCatalog>();
  let release = (): void => undefined;
  let folderGone: Promise<unknown> = Promise.resolve();

  beforeAll(async () => {
    await new Promise<void>((ready, failed) => {
      folderGone = inFolder(async (folder) => {
        const path = `${folder}/catalog.db`;
        for (const { manager, globalReadAccess } of vectors.cases) {
          const key = `${manager} ${globalReadAccess}`;
          if (catalogs.has(key)) continue;
          const rules = { securityManager: manager, globalReadAccess };
          const vomsRoleOf = (group: string) => vectors.vomsRoleOfGroup[group] ?? undefined;
          catalogs.set(key, openSqliteFileCatalog(optionsFor(path, { rules, openRoot: 'as-dirac', vomsRoleOf })));
        }
        await fill(path, catalogs.values().next().value!);
        await new Promise<void>((done) => {
          release = done;
          ready();
        });
      }).catch(failed);
    });
  });

  afterAll(async () => {
    for (const catalog of catalogs.values()) catalog.close();
    release();
    await folderGone;
  });

  const cases = vectors.cases.filter(({ user }) => !nameless.has(user));
  const titled = (one: VectorCase): [string, VectorCase] => [
    `${one.manager}${one.globalReadAccess ? ' with GlobalReadAccess' : ''}: ${one.user}/${one.group} ${one.op}`,
    one,
  ];

  it.each(cases.map(titled))('answers as DIRAC, by checkPermission and hasAccess alike: %s', async (_title, one) => {
    const catalog = catalogs.get(`${one.manager} ${one.globalReadAccess}`)!;
    const properties = vectors.actorProperties[one.user] ?? [];
    const identity = identityOf(one.user, { group: one.group, properties: [...properties] });
    // The root is no LFN, but the vectors ask about it.
    const lfns = vectorPaths as readonly Lfn[];
    const checked = catalog.checkPermission({ identity, method: one.op as CatalogMethod, lfns });
    const access = catalog.catalogFor(identity).hasAccess(one.op, lfns);
    if (one.decisions === undefined) {
      await expect(checked).rejects.toMatchObject({ code: 'unsupported-operation' });
      await expect(access).rejects.toMatchObject({ code: 'unsupported-operation' });
      return;
    }
    const answers = await checked;
    expect(lfns.map((lfn) => (answers.get(lfn)?.allowed === true ? 'Y' : 'N')).join('')).toBe(one.decisions);
    const { successful } = await access;
    expect(lfns.map((lfn) => (successful.get(lfn) === true ? 'Y' : 'N')).join('')).toBe(one.decisions);
  });
});

async function fill(path: string, catalog: SqliteFileCatalog): Promise<void> {
  await catalog.administration.createDirectories(
    Object.entries(vectors.directories).map(([name, { owner, group, mode }]) => ({
      path: name,
      owner,
      group,
      mode: Number.parseInt(mode, 8),
    })),
  );
  const database = new Database(path);
  const add = database.prepare(
    `INSERT INTO files (lfn, directory, size_bytes, checksum, guid, owner, owner_group, mode, status, created_at, modified_at)
     VALUES (?, ?, 0, '00000001', ?, ?, ?, ?, ?, 0, 0)`,
  );
  Object.entries(vectors.files).forEach(([lfn, { owner, group, mode, status }], at) => {
    add.run(lfn, parentOf(lfn as Lfn), `guid-${at}`, owner, group, Number.parseInt(mode, 8), status);
  });
  database.close();
}
