import Database from 'libsql';
import { describe, expect, it } from '@jest/globals';
import { mostListed, planListing } from '../../../../src/catalog-answers/index.js';
import { parseLfnDirectory } from '../../../../src/domain/index.js';
import { identityOf } from '../../../../src/testing/index.js';
import { seedSqliteFileCatalog } from '../../../../src/adapters/catalog/sqlite/index.js';
import { withCatalog } from './temporary-catalog.js';

const [first, second, third] = ['/vo/first', '/vo/second', '/vo/third'].map(parseLfnDirectory);

describe('what one listing gives', () => {
  const plan = (sizes: readonly number[]) =>
    planListing([first!, second!, third!], (path) => sizes[[first, second, third].indexOf(path)] ?? 0);

  it('is everything, as long as it is no more than it may be', () => {
    expect(plan([mostListed, 0, 0])).toEqual({ listed: [first, second, third], refused: new Map() });
  });

  it('is without a directory that holds more, and says how many are in it', () => {
    const { listed, refused } = plan([mostListed + 1, 5, 7]);
    expect(listed).toEqual([second, third]);
    expect([...refused]).toEqual([
      [
        first,
        { code: 'too-many-items', message: `/vo/first: 100001 files and directories are in it, and one listing gives 100000 at most` },
      ],
    ]);
  });

  it('is without what is too much beside the others, which can be asked for by itself', () => {
    const { listed, refused } = plan([60_000, 60_000, 40_000]);
    expect(listed).toEqual([first, third]);
    expect(refused.get(second!)).toMatchObject({ code: 'too-many-items', message: expect.stringContaining('ask for it by itself') });
  });
});

describe('the embedded catalog', () => {
  it('lists a large directory up to that number, and refuses a larger one only to those who may list it', async () => {
    await withCatalog(async (catalog, path) => {
      await seedSqliteFileCatalog(path, [
        { path: '/vo', owner: 'alice', group: 'users', mode: 0o755 },
        { path: '/vo/large', owner: 'alice', group: 'users', mode: 0o700 },
      ]);
      const large = parseLfnDirectory('/vo/large');
      const sqlite = new Database(path);
      const add = sqlite.prepare(
        `WITH RECURSIVE n (at) AS (SELECT ? UNION ALL SELECT at + 1 FROM n WHERE at < ?)
         INSERT INTO files (lfn, directory, size_bytes, checksum, guid, owner, owner_group, mode, status, created_at, modified_at)
         SELECT '/vo/large/f' || at, '/vo/large', 1, '00620062', 'guid-' || at, 'alice', 'users', 420, 'AprioriGood', 0, 0 FROM n`,
      );
      add.run(1, mostListed);
      const [alice, bob] = [identityOf('alice'), identityOf('bob', { group: 'guests' })];
      const list = async (who: typeof alice) => catalog.catalogFor(who).listDirectory([large]);
      expect((await list(alice)).successful.get(large)?.files.size).toBe(mostListed);
      add.run(mostListed + 1, mostListed + 1);
      expect((await list(alice)).failed.get(large)?.code).toBe('too-many-items');
      expect((await list(bob)).failed.get(large)?.code).toBe('permission-denied');
      sqlite.close();
    });
  });
});
