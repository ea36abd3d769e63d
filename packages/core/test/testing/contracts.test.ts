import { describe, expect, it } from '@jest/globals';
import type { SqliteFileCatalog } from '../../src/adapters/catalog/sqlite/index.js';
import { BulkResultBuilder, parseLfn, type Lfn } from '../../src/domain/index.js';
import type { FileCatalog, PermissionChecker, ReplicaLookup } from '../../src/ports/index.js';
import {
  fileCatalogContract,
  fixedClock,
  identityOf,
  memoryAuditSink,
  newFile,
  permissionCheckerContract,
  replicaLookupContract,
  type CatalogSeed,
  type ContractCheck,
  type ReplicaLookupSubject,
} from '../../src/testing/index.js';
import { withCatalog } from '../adapters/catalog/sqlite/temporary-catalog.js';

/** Sentences of a contract that an adapter with one fault does not hold to. */
async function brokenSentences<Subject>(
  contract: readonly ContractCheck<Subject>[],
  subjectOf: (catalog: SqliteFileCatalog) => Subject,
): Promise<string[]> {
  const broken: string[] = [];
  for (const { name, check } of contract) {
    await withCatalog((catalog) => check(subjectOf(catalog))).catch(() => broken.push(name));
  }
  return broken;
}

const seedOf = (catalog: SqliteFileCatalog): CatalogSeed & Pick<ReplicaLookupSubject, 'hideFile'> => ({
  createDirectory: (directory) => catalog.administration.createDirectories([directory]),
  addFile: async (file, owner) => {
    await catalog.catalogFor(owner).addFiles([file]);
  },
  hideFile: (lfn) => catalog.administration.setFileStatus(lfn, 'Trash'),
});

describe('the contract of permission checkers', () => {
  const faults: Record<string, (good: PermissionChecker) => PermissionChecker['checkPermission']> = {
    'grants everything':
      () =>
      async ({ lfns }) =>
        new Map(lfns.map((lfn) => [lfn, { allowed: true }])),
    'grants nothing':
      () =>
      async ({ lfns }) =>
        new Map(lfns.map((lfn) => [lfn, { allowed: false, reason: 'no' }])),
    'loses a name of a long question': (good) => (question) =>
      good.checkPermission({ ...question, lfns: question.lfns.slice(0, Math.max(1, question.lfns.length - 1)) }),
    'ignores case': (good) => async (question) => {
      const lower = (lfn: Lfn) => parseLfn(lfn.toLowerCase());
      const answers = await good.checkPermission({ ...question, lfns: question.lfns.map(lower) });
      return new Map(question.lfns.map((lfn) => [lfn, answers.get(lower(lfn))!]));
    },
    'takes a group name for an administrator': (good) => (question) => {
      const { identity } = question;
      const properties = identity.group === 'admins' ? ['FileCatalogManagement'] : [];
      return good.checkPermission({ ...question, identity: identityOf(identity.username, { group: identity.group, properties }) });
    },
    'gives no reason': (good) => async (question) =>
      new Map(
        [...(await good.checkPermission(question))].map(([lfn, { allowed }]) => [lfn, allowed ? { allowed } : { allowed, reason: '' }]),
      ),
  };

  it.each(Object.entries(faults))('is broken by one that %s', async (_name, fault) => {
    const broken = await brokenSentences(permissionCheckerContract, (catalog) => ({
      ...seedOf(catalog),
      checker: { checkPermission: fault(catalog) },
    }));
    expect(broken).not.toEqual([]);
  });
});

describe('the contract of replica lookups', () => {
  const faults: Record<string, (good: ReplicaLookup) => ReplicaLookup['lookUpReplicas']> = {
    'knows nothing': () => async (lfns) => new Map(lfns.map((lfn) => [lfn, { registered: false }])),
    'does not name the StorageElements': (good) => async (lfns) =>
      new Map([...(await good.lookUpReplicas(lfns))].map(([lfn, one]) => [lfn, one.registered ? { ...one, storageElements: [] } : one])),
    'takes everything for a file that is seen': (good) => async (lfns) =>
      new Map([...(await good.lookUpReplicas(lfns))].map(([lfn, one]) => [lfn, one.registered ? { ...one, what: 'file' } : one])),
    'takes a directory for nothing': (good) => async (lfns) =>
      new Map(
        [...(await good.lookUpReplicas(lfns))].map(([lfn, one]) => [
          lfn,
          one.registered && one.storageElements.length === 0 ? { registered: false } : one,
        ]),
      ),
  };

  it.each(Object.entries(faults))('is broken by one that %s', async (_name, fault) => {
    const broken = await brokenSentences(replicaLookupContract, (catalog) => ({
      ...seedOf(catalog),
      lookup: { lookUpReplicas: fault(catalog) },
    }));
    expect(broken).not.toEqual([]);
  });
});

describe('the contract of file catalogs', () => {
  const always = async (names: readonly { lfn: Lfn }[]) => {
    const answer = new BulkResultBuilder<true, Lfn>(names.map(({ lfn }) => lfn));
    for (const lfn of answer.pending()) answer.succeed(lfn, true);
    return answer.build();
  };
  const faults: Record<string, (good: FileCatalog) => Partial<FileCatalog>> = {
    'registers nothing and says it did': () => ({ addFiles: always }),
    'adds no replica and says it did': () => ({ addReplicas: always }),
    'removes no replica and says it did': () => ({ removeReplicas: always }),
    'removes nothing and says it did': () => ({ removeFiles: (lfns) => always(lfns.map((lfn) => ({ lfn }))) }),
    'makes no directory and says it did': () => ({ createDirectories: (lfns) => always(lfns.map((lfn) => ({ lfn }))) }),
    'changes nothing and says it did': () => ({ changePaths: (paths) => always(paths.map((path) => ({ lfn: path as Lfn }))) }),
    'leaves alone what is below': (good) => ({ changePaths: (paths, change) => good.changePaths(paths, change) }),
    'answers in another order': (good) => ({ getFileMetadata: (lfns) => good.getFileMetadata([...lfns].reverse()) }),
    'takes every name for a directory of its own': () => ({
      getDirectoryMetadata: async (paths) => ({
        successful: new Map(paths.map((path) => [path, { owner: 'alice', ownerGroup: 'users', mode: 0o755 }])),
        failed: new Map(),
      }),
    }),
    'says that nothing exists': (good) => ({ exists: async (lfns) => ({ ...(await good.exists(lfns)), successful: new Map() }) }),
    'grants access to whatever is asked': () => ({
      hasAccess: async (_method, lfns) => ({ successful: new Map(lfns.map((lfn) => [lfn, true])), failed: new Map() }),
    }),
  };

  it.each(Object.entries(faults))('is broken by one that %s', async (_name, fault) => {
    const broken = await brokenSentences(fileCatalogContract, (catalog) => ({
      ...seedOf(catalog),
      catalogs: {
        catalogFor: (identity) => {
          const good = catalog.catalogFor(identity);
          return { ...good, ...fault(good) };
        },
      },
    }));
    expect(broken).not.toEqual([]);
  });
});

describe('the builders', () => {
  it('give a clock that moves only when told', () => {
    const clock = fixedClock('2026-03-01T12:00:00Z');
    clock.now().setFullYear(1970);
    expect(clock.now().toISOString()).toBe('2026-03-01T12:00:00.000Z');
    clock.advanceSeconds(90);
    expect(clock.now().toISOString()).toBe('2026-03-01T12:01:30.000Z');
    clock.set(new Date(0));
    expect(clock.now().getTime()).toBe(0);
  });

  it('give a file whose GUID belongs to its name alone', () => {
    const [one, two] = ['/vo/one', '/vo/two'].map((lfn) => newFile(parseLfn(lfn)));
    expect(one?.guid).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    expect(one?.guid).toBe(newFile(parseLfn('/vo/one')).guid);
    expect(one?.guid).not.toBe(two?.guid);
  });

  it('give an audit sink that keeps its records in order', async () => {
    const sink = memoryAuditSink();
    const record = {
      at: new Date(0),
      identity: identityOf('alice'),
      storageElement: 'SE',
      method: 'get_object',
      purpose: 'transfer',
      lfn: '/vo/f',
      outcome: { granted: true, expiresAt: new Date(1) },
    } as const;
    await sink.record([{ ...record, requestId: '1' }]);
    await sink.record([
      { ...record, requestId: '2' },
      { ...record, requestId: '3' },
    ]);
    expect(sink.records.map(({ requestId }) => requestId)).toEqual(['1', '2', '3']);
  });
});
