import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { openSqliteFileCatalog, seedSqliteFileCatalog } from '../../src/adapters/catalog/sqlite/index.js';
import type { SecurityManagerName } from '../../src/config/types.js';
import { parentOf, readMethods, writeMethods, type CatalogMethod, type Identity, type Lfn } from '../../src/domain/index.js';
import type { PermissionChecker, Registration } from '../../src/ports/index.js';
import { newFile } from '../../src/testing/index.js';
import { inFolder, optionsFor } from '../adapters/catalog/sqlite/temporary-catalog.js';
import { CatalogDatabase } from './database.js';
import { connectService, startService, userDn } from './service.js';
import { callers, groups, questions, tree, vomsRoleOf } from './tree.js';

const managers: readonly SecurityManagerName[] = [
  'NoSecurityManager',
  'DirectorySecurityManager',
  'DirectorySecurityManagerWithDelete',
  'FullSecurityManager',
  'VOMSSecurityManager',
];
const methods: readonly CatalogMethod[] = [...readMethods, ...writeMethods];
/** Every operation of the vocabulary, and words that are none. */
const asked = [...methods, 'Read', 'Write', 'Execute', 'read', 'Delete', 'nonsense'] as CatalogMethod[];

/** A letter per name: allowed, denied or unanswered; or that the call as a whole is refused. */
async function letters(checker: PermissionChecker, identity: Identity, method: CatalogMethod): Promise<string[]> {
  try {
    const answers = await checker.checkPermission({ identity, method, lfns: questions });
    return questions.map((lfn) => ({ true: 'Y', false: 'N', undefined: '?' })[String(answers.get(lfn)?.allowed)] ?? '?');
  } catch (thrown) {
    if (!['unsupported-operation', 'catalog-unavailable'].includes((thrown as { code: string }).code)) throw thrown;
    return questions.map(() => 'E');
  }
}

/**
 * Where ours is another answer than the service's, on purpose. DIRAC's checks of a parent directory fail, and are keyed by the parent, for names
 * the service has no answer for; silence is a refusal.
 */
function isNamedDeviation(ours: string, theirs: string): boolean {
  return theirs === '?' && ours === 'N';
}

const layouts = ['level', 'closure'] as const;

/** The real service on a database as the judge; our answers of the same database, by that service's client, and of SQLite. */
async function compare(
  database: CatalogDatabase,
  securityManager: SecurityManagerName,
  { globalReadAccess, asking }: { readonly globalReadAccess: boolean; readonly asking: readonly Identity[] },
): Promise<{ compared: number; different: string[] }> {
  const users = callers.map(({ username }) => username);
  const service = await startService(database, {
    securityManager,
    globalReadAccess,
    users,
    groups,
    hostProperties: ['FileCatalogManagement'],
  });
  const rpc = connectService([service.url], { dnOf: userDn });
  const direct = database.open({ securityManager, globalReadAccess }, { vomsRoleOf });
  try {
    return await inFolder(async (folder) => {
      const path = `${folder}/catalog.db`;
      await fillSqlite(path);
      const embedded = openSqliteFileCatalog(
        optionsFor(path, { rules: { securityManager, globalReadAccess }, vomsRoleOf, openRoot: 'as-dirac' }),
      );
      const registered = await compareRegistrations([rpc, direct, embedded].map((lookup) => lookup.lookUpReplicas(questions)));
      const different = [...registered.different];
      let [compared, deviations] = [registered.compared, 0];
      for (const identity of asking) {
        for (const method of asked) {
          const [judge, ...others] = await Promise.all([rpc, direct, embedded].map((checker) => letters(checker, identity, method)));
          for (const [which, answers] of others.entries()) {
            answers.forEach((letter, at) => {
              compared += 1;
              const theirs = judge![at]!;
              if (letter === theirs) return;
              const name = ['database', 'SQLite'][which];
              if (isNamedDeviation(letter, theirs)) deviations += 1;
              else different.push(`${name} ${identity.username}/${identity.group} ${method} ${questions[at]}: ${letter}, not ${theirs}`);
            });
          }
        }
      }
      embedded.close();
      const sum = `${compared} compared, ${deviations} named deviations, ${different.length} different`;
      process.stdout.write(`${securityManager}${globalReadAccess ? ' with GlobalReadAccess' : ''}, ${database.layout}: ${sum}\n`);
      return { compared, different };
    });
  } finally {
    rpc.close();
    await direct.close();
    await service.close();
  }
}

describe("DIRAC's service, its database and SQLite", () => {
  const databases: CatalogDatabase[] = [];
  beforeAll(async () => {
    for (const layout of layouts) {
      const database = await CatalogDatabase.create(`comparison_${layout}`, layout);
      databases.push(database);
      for (const [path, entry] of tree.directories) await database.directory(path, entry);
      for (const [lfn, { status, ...entry }] of tree.files) await database.file(newFile(lfn), entry, status);
    }
  }, 120_000);
  afterAll(async () => {
    for (const database of databases) await database.close();
  });

  it.each(managers)(
    'answer every user about every operation alike, on both layouts: %s',
    async (securityManager) => {
      // Two at a time: the service works on one core.
      const every = { globalReadAccess: false, asking: callers };
      for (const { compared, different } of await Promise.all(databases.map((database) => compare(database, securityManager, every)))) {
        expect(different.slice(0, 20)).toEqual([]);
        expect(compared).toBeGreaterThan(50_000);
      }
    },
    300_000,
  );

  // One owner and one stranger, and each manager on one layout: reading is decided before names are looked at.
  it.each(managers.map((securityManager, at) => ({ securityManager, layout: layouts[at % layouts.length]! })))(
    'answer alike where everybody may read: $securityManager on the $layout layout',
    async ({ securityManager, layout }) => {
      const asking = callers.filter(({ username }) => ['bob', 'frank'].includes(username));
      const database = databases.find((one) => one.layout === layout)!;
      const { compared, different } = await compare(database, securityManager, { globalReadAccess: true, asking });
      expect(different.slice(0, 20)).toEqual([]);
      expect(compared).toBeGreaterThan(20_000);
    },
    120_000,
  );
});

async function compareRegistrations(
  answers: Promise<ReadonlyMap<Lfn, Registration>>[],
): Promise<{ compared: number; different: string[] }> {
  const [judge, ...others] = await Promise.all(answers);
  const different: string[] = [];
  for (const other of others) {
    for (const lfn of questions) {
      const [ours, theirs] = [JSON.stringify(other.get(lfn)), JSON.stringify(judge!.get(lfn))];
      if (ours !== theirs) different.push(`${lfn}: ${ours}, not ${theirs}`);
    }
  }
  return { compared: others.length * questions.length, different };
}

async function fillSqlite(path: string): Promise<void> {
  await seedSqliteFileCatalog(
    path,
    [...tree.directories].map(([name, entry]) => ({ path: name, ...entry })),
  );
  const sqlite = new Database(path);
  const add = sqlite.prepare(
    `INSERT INTO files (lfn, directory, size_bytes, checksum, guid, owner, owner_group, mode, status, created_at, modified_at)
     VALUES (?, ?, 11, '1a0b045d', ?, ?, ?, ?, ?, 0, 0)`,
  );
  const replica = sqlite.prepare('INSERT INTO replicas (lfn, storage_element, pfn) VALUES (?, ?, ?)');
  sqlite.exec('BEGIN');
  for (const [lfn, { owner, group, mode, status }] of tree.files) {
    const { guid, storageElement, pfn } = newFile(lfn);
    add.run(lfn, parentOf(lfn), guid, owner, group, mode, status);
    replica.run(lfn, storageElement, pfn);
  }
  sqlite.exec('COMMIT');
  sqlite.close();
}
