import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SecurityManagerName } from '../../src/config/types.js';
import { createIdentity, parseLfn, parseLfnDirectory, readMethods, writeMethods, type LfnDirectory } from '../../src/domain/index.js';
import {
  createPermissionChecker,
  decide,
  factPathsFor,
  type FileFacts,
  type Ownership,
  type PermissionFacts,
  type PermissionRules,
} from '../../src/permission/index.js';

const managers: readonly SecurityManagerName[] = [
  'NoSecurityManager',
  'DirectorySecurityManager',
  'DirectorySecurityManagerWithDelete',
  'FullSecurityManager',
  'VOMSSecurityManager',
];
const users = ['alice', 'bob', 'carol'] as const;
const groups = ['users', 'production', 'guests'] as const;

const segment = fc.constantFrom('a', 'b', 'c');
const path = fc.array(segment, { maxLength: 4 }).map((segments) => parseLfnDirectory(`/${segments.join('/')}`));
const ownership: fc.Arbitrary<Ownership> = fc.record({
  owner: fc.constantFrom(...users, null),
  group: fc.constantFrom(...groups, null),
  mode: fc.option(fc.integer({ min: 0, max: 0o777 }), { freq: 10 }),
});
const file: fc.Arbitrary<FileFacts> = fc
  .record({ entry: ownership, status: fc.constantFrom('AprioriGood', 'Trash') })
  .map(({ entry, status }) => ({ ...entry, status }));
const facts: fc.Arbitrary<PermissionFacts> = fc.record({
  directories: fc.array(fc.tuple(path, ownership), { maxLength: 12 }).map((entries) => new Map<string, Ownership>(entries)),
  files: fc.array(fc.tuple(path, file), { maxLength: 8 }).map((entries) => new Map<string, FileFacts>(entries)),
});
const rules: fc.Arbitrary<PermissionRules> = fc
  .record({
    securityManager: fc.constantFrom(...managers),
    globalReadAccess: fc.boolean(),
    visibleStates: fc.constantFrom(['AprioriGood'], ['AprioriGood', 'Trash']),
    openRoot: fc.constantFrom('never' as const, 'as-dirac' as const),
    roles: fc.dictionary(fc.constantFrom(...groups), fc.constantFrom('prod', 'user', '')),
  })
  .map(({ roles, ...more }) => ({ ...more, vomsRoleOf: (group) => roles[group] }));
const method = fc.constantFrom(
  ...[...readMethods, ...writeMethods].filter((name) => !['setMetadata', '__removeMetadata', 'getSEDump'].includes(name)),
);
const caller = fc.record({
  username: fc.constantFrom(...users),
  group: fc.constantFrom(...groups),
  properties: fc.constantFrom<string[]>([], ['NormalUser']),
});
const situation = fc.record({ rules, facts, method, caller });

/** A catalog that, as a real one, gives only what a question asks for. */
const sourceOf = (known: PermissionFacts) => ({
  fetchFacts: async (paths: readonly LfnDirectory[]): Promise<PermissionFacts> => {
    const asked = factPathsFor(paths);
    const only = <Value>(map: ReadonlyMap<string, Value>, names: readonly string[]) =>
      new Map([...map].filter(([name]) => names.includes(name)));
    return { directories: only(known.directories, asked.directories), files: only(known.files, asked.files) };
  },
});

describe('the permission checker', () => {
  const lfns = fc.array(path.filter((one) => one !== '/').map(parseLfn), { minLength: 1, maxLength: 12 });
  const identityOf = (who: { username: string; group: string; properties: string[] }) =>
    createIdentity({ ...who, vo: 'vo', source: 'local' });

  it('answers every asked name exactly once, in order, whatever the order and batching of the question', async () => {
    await fc.assert(
      fc.asyncProperty(situation, lfns, async (given, names) => {
        const checker = createPermissionChecker(given.rules, sourceOf(given.facts));
        const ask = (batch: readonly (typeof names)[number][]) =>
          checker.checkPermission({ identity: identityOf(given.caller), method: given.method, lfns: batch });
        const together = await ask(names);
        expect([...together.keys()]).toEqual([...new Set(names)]);
        const backwards = await ask([...names].reverse());
        for (const name of names) {
          expect(backwards.get(name)).toEqual(together.get(name));
          expect((await ask([name])).get(name)).toEqual(together.get(name));
        }
      }),
    );
  });

  it('passes on the error of a catalog that cannot answer, even where the rules would let everybody in', async () => {
    const down = { fetchFacts: () => Promise.reject(new Error('down')) };
    const open: PermissionRules = {
      securityManager: 'NoSecurityManager',
      globalReadAccess: true,
      visibleStates: [],
      openRoot: 'as-dirac',
      vomsRoleOf: () => undefined,
    };
    const identity = identityOf({ username: 'alice', group: 'users', properties: ['FileCatalogManagement'] });
    const question = { identity, method: 'exists' as const, lfns: [parseLfn('/a')] };
    await expect(createPermissionChecker(open, down).checkPermission(question)).rejects.toThrow('down');
  });
});

describe('any decision', () => {
  const decideFor = (given: { rules: PermissionRules; facts: PermissionFacts; method: string; caller: object }, at: LfnDirectory) =>
    decide(
      given.rules,
      given.facts,
      { ...(given.caller as { username: string; group: string; properties: string[] }), method: given.method },
      at,
    );

  it('never grants / to an ordinary user under FullSecurityManager with the safe policy', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const safe = { ...given.rules, securityManager: 'FullSecurityManager', openRoot: 'never', globalReadAccess: false } as const;
        expect(decideFor({ ...given, rules: safe }, parseLfnDirectory('/'))).toMatchObject({ allowed: false });
      }),
    );
  });

  it('does not depend on how users and groups are called', () => {
    const renamed = (name: string | null) => (name === null ? null : `${name}-renamed`);
    const entry = <Entry extends Ownership>(one: Entry): Entry => ({ ...one, owner: renamed(one.owner), group: renamed(one.group) });
    fc.assert(
      fc.property(situation, path, (given, at) => {
        const others = {
          rules: { ...given.rules, vomsRoleOf: (group: string) => given.rules.vomsRoleOf(group.replace(/-renamed$/, '')) },
          facts: {
            directories: new Map([...given.facts.directories].map(([name, one]) => [name, entry(one)])),
            files: new Map([...given.facts.files].map(([name, one]) => [name, entry(one)])),
          },
          method: given.method,
          caller: { ...given.caller, username: renamed(given.caller.username), group: renamed(given.caller.group) },
        };
        expect(decideFor(others, at)).toEqual(decideFor(given, at));
      }),
    );
  });

  it('does not look beyond the names the question asks the catalog for', async () => {
    await fc.assert(
      fc.asyncProperty(situation, path, async (given, at) => {
        const fetched = await sourceOf(given.facts).fetchFacts([at]);
        expect(decideFor({ ...given, facts: fetched }, at)).toEqual(decideFor(given, at));
      }),
    );
  });

  it('grants an administrator everything, and a reader everything that reads under GlobalReadAccess', () => {
    fc.assert(
      fc.property(situation, path, (given, at) => {
        const admin = { ...given.caller, properties: ['NormalUser', 'FileCatalogManagement'] };
        expect(decideFor({ ...given, caller: admin }, at)).toEqual({ allowed: true });
        const open = { ...given, rules: { ...given.rules, globalReadAccess: true }, method: 'getFileMetadata' };
        expect(decideFor(open, at)).toEqual({ allowed: true });
      }),
    );
  });

  it('is refused to a stranger where the deciding directory has no bit for others', () => {
    const closed = new Map([['/', { owner: 'alice', group: 'users', mode: 0o770 }]]);
    fc.assert(
      fc.property(situation, path, (given, at) => {
        const stranger = { username: 'mallory', group: 'nowhere', properties: [] };
        const strict = { ...given.rules, securityManager: 'DirectorySecurityManager', globalReadAccess: false } as const;
        const asked = { rules: strict, facts: { directories: closed, files: given.facts.files }, method: given.method, caller: stranger };
        expect(decideFor(asked, at)).toMatchObject({ allowed: false });
      }),
    );
  });
});
